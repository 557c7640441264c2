;; What others got wrong.
;; run: nearest(2.5) = 2
;; run: nearest(4.5) = 4
;; run: min(bits:7fc00000, 1) = nan:7fc00000
;; trap: load(-4) = out of bounds memory access / at load
;; run: rem_s(-2147483648, -1) = 0
;; trap: trunc(4294967296) = integer overflow / at trunc
;; run: size() = 1
;; run: grow(3) = -1
;; run: grow(2) = 1
;; run: size() = 3
;; trap: copy(1, 0, -1) = out of bounds memory access / at copy
;; fuel: effects(0) = 8
;; trap: effects(0) = integer divide by zero / at effects
;; run: effect() = 1
;; run: table(100) = 1
(module
  (memory 1 3)
  (global $effect (mut i32) (i32.const 0))
  (func (export "nearest") (param f32) (result f32) (f32.nearest (local.get 0)))
  (func (export "min") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func (export "rem_s") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "trunc") (param f32) (result i32) (i32.trunc_f32_u (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  ;; A trap between two effects: the first happened, and was paid for with the whole region.
  (func (export "effects") (param $n i32)
    (global.set $effect (i32.const 1))
    (drop (i32.div_u (i32.const 1) (local.get $n)))
    (global.set $effect (i32.const 2)))
  (func (export "effect") (result i32) (global.get $effect))
  (func (export "table") (param $i i32) (result i32)
    (block $b (block $a (br_table $a $b $a $b $a $b $a $b (local.get $i))) (return (i32.const 0)))
    (i32.const 1)))

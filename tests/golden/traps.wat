;; Each trap by its name.
;; trap: unreachable() = unreachable / at unreachable
;; trap: div_s(1, 0) = integer divide by zero / at div_s
;; trap: div_s(-2147483648, -1) = integer overflow / at div_s
;; run: rem_s(-2147483648, -1) = 0
;; trap: rem_s(1, 0) = integer divide by zero / at rem_s
;; trap: trunc(bits:7fc00000) = invalid conversion to integer / at trunc
;; trap: trunc(2147483648) = integer overflow / at trunc
;; run: trunc(-2147483648) = -2147483648
;; run: trunc_sat(2147483648) = 2147483647
;; run: trunc_sat(bits:7fc00000) = 0
;; trap: load(65533) = out of bounds memory access / at load
;; run: load(65532) = 0
;; trap: dropped(0) = integer divide by zero / at dropped
;; trap: between(0) = integer divide by zero / at between
;; global: seen = 1
(module
  (memory 1)
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (func (export "unreachable") (unreachable))
  (func (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem_s") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "trunc") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
  (func (export "trunc_sat") (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  ;; What is dropped may trap all the same.
  (func (export "dropped") (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))
  ;; What came before the trap stays, what comes after does not happen.
  (func (export "between") (param $n i32)
    (global.set $seen (i32.const 1))
    (global.set $seen (i32.div_u (i32.const 1) (local.get $n)))
    (global.set $seen (i32.const 3))))

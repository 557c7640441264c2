;; Several results, parameters of blocks and loops.
;; run: divmod(17, 5) = 3, 2
;; run: swap(1, 2) = 2, 1
;; run: block(4) = 9
;; run: fib(10) = 55
;; run: choose(0) = 1, 2
;; run: choose(1) = 2, 1
;; trap: divmod(1, 0) = integer divide by zero / at divmod
(module
  (func $divmod (export "divmod") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))
  (func $swap (export "swap") (param i32 i32) (result i32 i32)
    (local.get 1)
    (local.get 0))
  (func (export "block") (param $n i32) (result i32)
    (local.get $n)
    (i32.const 5)
    (block (param i32 i32) (result i32) (i32.add)))
  (func (export "fib") (param $n i32) (result i64) (local $a i64) (local $b i64)
    (i64.const 0)
    (i64.const 1)
    (loop $again (param i64 i64) (result i64)
      (local.set $b)
      (local.set $a)
      (local.get $b)
      (i64.add (local.get $a) (local.get $b))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      (drop)))
  (func (export "choose") (param $c i32) (result i32 i32)
    (i32.const 1)
    (i32.const 2)
    (if (param i32 i32) (result i32 i32) (local.get $c) (then (call $swap)))))

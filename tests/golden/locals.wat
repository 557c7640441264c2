;; A local is declared where it is first set, and is `mut` only if it is set again.
;; run: once(4) = 17
;; run: zero() = 0
;; run: tee(3) = 12
;; run: maybe(0) = 0
;; run: maybe(1) = 9
(module
  (func (export "once") (param $n i32) (result i32) (local $square i32)
    (local.set $square (i32.mul (local.get $n) (local.get $n)))
    (i32.add (local.get $square) (i32.const 1)))
  (func (export "zero") (result i64) (local $never i64)
    (local.get $never))
  (func (export "tee") (param $n i32) (result i32) (local $twice i32)
    (i32.add (local.tee $twice (i32.add (local.get $n) (local.get $n))) (local.get $twice)))
  (func (export "maybe") (param $set i32) (result i32) (local $x i32)
    (if (local.get $set) (then (local.set $x (i32.const 9))))
    (local.get $x)))

;; run: next()
;; run: sort(24)
;; run: next()
(module
  (memory 1)
  (global $seed (mut i64) (i64.const 42))
  (start $start)
  (func $start (local $i i32)
    (loop $l
      (i32.store8 (local.get $i) (i32.wrap_i64 (call $next)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64)))))
  (func $next (export "next") (result i64)
    (global.set $seed (i64.add (i64.mul (global.get $seed) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
    (i64.shr_u (global.get $seed) (i64.const 33)))
  (func (export "sort") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $x i32)
    (block $done
      (loop $outer
        (br_if $done (i32.ge_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
        (local.set $x (i32.load8_u (local.get $i)))
        (local.set $j (local.get $i))
        (block $placed
          (loop $inner
            (br_if $placed (i32.eqz (local.get $j)))
            (br_if $placed (i32.le_u (i32.load8_u (i32.sub (local.get $j) (i32.const 1))) (local.get $x)))
            (i32.store8 (local.get $j) (i32.load8_u (i32.sub (local.get $j) (i32.const 1))))
            (local.set $j (i32.sub (local.get $j) (i32.const 1)))
            (br $inner)))
        (i32.store8 (local.get $j) (local.get $x))
        (br $outer)))
    (i32.load8_u (i32.const 0))))

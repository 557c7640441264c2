;; Verification: what is looked at where the guest starts and stops running, and at check points.
;; options: verification=on
;; run: next(2) = 44
;; run: next(1) = 45
(module
  (memory 1 2)
  (table 2 funcref)
  (global $count (mut i32) (i32.const 42))
  (func (export "next") (param $n i32) (result i32)
    (loop $again
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $count)))

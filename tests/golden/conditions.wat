;; A comparison stays a condition; it becomes a number only where a number is wanted.
;; run: both(1, 2) = 1
;; run: sign(-8) = -1
;; run: sign(0) = 0
;; run: sign(8) = 1
;; run: not(0) = 1
;; run: nested(5) = 50
;; run: nested(50) = 7
(module
  (func (export "both") (param $a i32) (param $b i32) (result i32)
    (i32.and (i32.lt_s (local.get $a) (local.get $b)) (i32.ne (local.get $a) (i32.const 0))))
  (func (export "sign") (param $n i32) (result i32)
    (i32.sub (i32.gt_s (local.get $n) (i32.const 0)) (i32.lt_s (local.get $n) (i32.const 0))))
  (func (export "not") (param $n i32) (result i32)
    (if (i32.eqz (i32.eqz (local.get $n))) (then (return (i32.const 0))))
    (i32.eqz (local.get $n)))
  (func (export "nested") (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 10))
      (then
        (if (result i32) (i64.eq (i64.extend_i32_s (local.get $n)) (i64.const 5))
          (then (i32.const 50))
          (else (i32.const 6))))
      (else (i32.const 7)))))

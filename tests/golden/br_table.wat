;; `br_table`: equal arms joined, arms of the default dropped; with a value; to a loop.
;; run: days(1) = 28
;; run: days(3) = 30
;; run: days(7) = 31
;; run: days(-1) = 31
;; run: value(0) = 11
;; run: value(1) = 102
;; run: value(9) = 110
;; run: machine(5) = 15
(module
  (func (export "days") (param $month i32) (result i32)
    (block $long
      (block $thirty
        (block $feb
          (br_table $long $feb $long $thirty $long $thirty $long $long $thirty $long $thirty $long (local.get $month)))
        (return (i32.const 28)))
      (return (i32.const 30)))
    (i32.const 31))
  (func (export "value") (param $i i32) (result i32)
    (block $outer (result i32)
      (i32.add
        (block $inner (result i32)
          (br_table $outer $inner (i32.add (local.get $i) (i32.const 11)) (local.get $i)))
        (i32.const 90))))
  (func (export "machine") (param $n i32) (result i32) (local $state i32) (local $sum i32)
    (loop $next
      (block $done
        (block $add
          (br_table $add $next $done (local.get $state)))
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $state (i32.mul (i32.eqz (local.get $n)) (i32.const 2)))
        (br $next)))
    (local.get $sum))
  ;; A loop without a way out, whose last statement is a `match` that goes round again in every arm.
  (func (export "forever") (param i32) (result i32)
    (loop $outer (result i32)
      (loop $inner (result i32)
        (br_table $inner $outer $inner (local.get 0))))))

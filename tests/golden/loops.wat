;; Loops, their fuel at the head, and ways out of them.
;; run: sum(10) = 55
;; run: collatz(27) = 111
;; run: grid(4) = 10
;; fuel: sum(3) = 49
(module
  (func (export "sum") (param $n i32) (result i32) (local $total i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $total (i32.add (local.get $total) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $total))
  (func (export "collatz") (param $n i64) (result i32) (local $steps i32)
    (loop $again
      (if (i64.ne (local.get $n) (i64.const 1))
        (then
          (local.set $n
            (select
              (i64.add (i64.mul (local.get $n) (i64.const 3)) (i64.const 1))
              (i64.shr_u (local.get $n) (i64.const 1))
              (i32.wrap_i64 (i64.and (local.get $n) (i64.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $again))))
    (local.get $steps))
  (func (export "grid") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (if (i32.le_u (local.get $j) (local.get $i))
          (then (local.set $count (i32.add (local.get $count) (i32.const 1)))))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $count)))

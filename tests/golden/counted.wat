;; A loop that counts from a constant to a constant is charged once, for all its rounds; any other at each round.
;; run: up(3) = 30
;; run: down(3) = 24
;; run: strides(1) = 4
;; run: first(0) = 0
;; run: first(99) = 8
;; run: rows(2) = 32
;; fuel: up(3) = 113
;; fuel: down(3) = 75
;; fuel: strides(1) = 47
;; fuel: first(99) = 91
;; fuel: rows(2) = 243
(module
  (memory 1)
  (func (export "up") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 0))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again
        (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (local.get $sum))
  (func (export "down") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 32))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 4)))))
    (local.get $sum))
  (func (export "strides") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 1))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 3))) (i32.const 11))))
    (local.get $sum))
  ;; It may leave early, so that the number of rounds is not known.
  (func (export "first") (param $n i32) (result i32) (local $i i32)
    (local.set $i (i32.const 0))
    (block $found
      (loop $again
        (br_if $found (i32.eq (local.get $n) (local.get $i)))
        (br_if $again
          (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8)))))
    (local.get $i))
  ;; The outer loop counts to what it is given; the inner one is charged in each of its rounds.
  (func (export "rows") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (loop $row
      (local.set $j (i32.const 0))
      (loop $column
        (i32.store8 (local.get $j) (local.get $i))
        (local.set $sum (i32.add (local.get $sum) (i32.const 2)))
        (br_if $column
          (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 8))))
      (br_if $row (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))

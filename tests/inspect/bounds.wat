;; Functions whose bounds are known, and functions that have none.
;;
;; exact: N takes the fuel of its bound and needs all of its stack slots
;; below: N takes no more than its bound
;; never: N has no bound, for this reason
(module
  (type $unary (func (param i32) (result i32)))
  (memory 1 2)
  (table 3 funcref)
  (elem (i32.const 0) $double $square $slow)

  ;; exact: leaf(3)
  (func $leaf (export "leaf") (param $x i32) (result i32)
    (i32.mul (local.get $x) (i32.const 3)))

  ;; Counted loops are charged at once, and others round by round.
  ;; exact: counted()
  (func $counted (export "counted") (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
    (local.get $sum))

  ;; exact: top()
  (func $top (export "top") (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 9))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $i)))
        (local.set $sum (i32.add (local.get $sum) (local.get $i)))
        (local.set $i (i32.sub (local.get $i) (i32.const 3)))
        (br $again)))
    (local.get $sum))

  ;; exact: nested()
  (func $nested (export "nested") (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (if (i32.ne (local.get $j) (i32.const 20))
          (then
            (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $columns))))
      (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
    (local.get $sum))

  ;; Rows that get longer: the bound takes all as long as the last.
  ;; below: triangle()
  (func $triangle (export "triangle") (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (loop $rows
      (local.set $j (local.get $i))
      (loop $columns
        (if (i32.gt_s (local.get $j) (i32.const 0))
          (then
            (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
            (local.set $j (i32.sub (local.get $j) (i32.const 1)))
            (br $columns))))
      (br_if $rows (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
    (local.get $sum))

  ;; exact: long()
  (func $long (export "long") (result i64) (local $i i64) (local $sum i64)
    (loop $again
      (local.set $sum (i64.mul (i64.add (local.get $sum) (local.get $i)) (i64.const 3)))
      (br_if $again (i64.lt_s (local.tee $i (i64.add (local.get $i) (i64.const 7))) (i64.const 70000))))
    (local.get $sum))

  ;; Another way out only shortens it.
  ;; below: find(5)
  ;; exact: find(-1)
  (func $find (export "find") (param $x i32) (result i32) (local $i i32)
    (loop $again
      (if (i32.eq (local.get $i) (local.get $x))
        (then (return (local.get $i))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
    (i32.const -1))

  ;; What is known of a parameter bounds what it bounds.
  ;; below: clamped(3)
  ;; exact: clamped(40)
  ;; exact: clamped(-1)
  (func $clamped (export "clamped") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $n (select (local.get $n) (i32.const 40) (i32.lt_u (local.get $n) (i32.const 40))))
    (loop $again
      (if (i32.lt_u (local.get $i) (local.get $n))
        (then
          (local.set $sum (i32.add (local.get $sum) (local.get $i)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $again))))
    (local.get $sum))

  ;; below: guarded(3)
  ;; below: guarded(1000)
  ;; exact: guarded(64)
  (func $guarded (export "guarded") (param $n i32) (result i32) (local $i i32)
    (if (i32.gt_u (local.get $n) (i32.const 64))
      (then (return (i32.const 0))))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.get $i))

  ;; A number has only so many digits.
  ;; below: digits(1234)
  ;; below: digits(-1)
  (func $digits (export "digits") (param $n i32) (result i32) (local $count i32)
    (loop $again
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $again (local.tee $n (i32.div_u (local.get $n) (i32.const 10)))))
    (local.get $count))

  ;; below: bits(1)
  ;; below: bits(-1)
  (func $bits (export "bits") (param $n i32) (result i32) (local $count i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $count (i32.add (local.get $count) (i32.and (local.get $n) (i32.const 1))))
        (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $count))

  ;; exact: chain(1)
  (func $chain (export "chain") (param $x i32) (result i32)
    (i32.add (call $middle (local.get $x)) (call $leaf (local.get $x))))
  (func $middle (param $x i32) (result i32)
    (call $bottom (call $leaf (local.get $x))))
  (func $bottom (param $x i32) (result i32)
    (i32.add (call $counted) (local.get $x)))

  ;; The dearer arm is the bound.
  ;; below: either(0)
  ;; exact: either(1)
  (func $either (export "either") (param $x i32) (result i32)
    (if (result i32) (local.get $x)
      (then (call $nested))
      (else (call $leaf (local.get $x)))))

  ;; below: choice(0)
  ;; below: choice(1)
  ;; exact: choice(2)
  (func $choice (export "choice") (param $x i32) (result i32)
    (block $c (block $b (block $a
      (br_table $a $b $c (local.get $x)))
      (return (call $leaf (local.get $x))))
      (return (call $top)))
    (call $long) (i32.wrap_i64))

  ;; below: indirect(0)
  ;; below: indirect(1)
  ;; exact: indirect(2)
  (func $indirect (export "indirect") (param $x i32) (result i32)
    (call_indirect (type $unary) (i32.const 7) (local.get $x)))
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func $slow (type $unary) (i32.add (call $counted) (call $double (local.get 0))))

  ;; Bulk operations are charged by their length, which the memory bounds.
  ;; exact: fill(1)
  (func $fill (export "fill") (param $x i32)
    (memory.fill (i32.const 0) (local.get $x) (i32.const 6400)))
  ;; below: copy(640)
  ;; below: copy(65536)
  (func $copy (export "copy") (param $n i32)
    (memory.copy (i32.const 0) (i32.const 0) (local.get $n)))
  ;; below: grow(0)
  ;; exact: grow(1)
  (func $grow (export "grow") (param $n i32) (result i32)
    (memory.grow (local.get $n)))

  ;; never: wait(5) = the loop at
  (func $wait (export "wait") (param $n i32)
    (loop $again
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  ;; never: halves(5) = its counter may step over what ends it
  (func $halves (export "halves") (param $n i32) (local $i i32)
    (local.set $n (i32.and (local.get $n) (i32.const 15)))
    (loop $again
      (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $n)))))
  ;; never: uneven(5) = no condition with a constant ends it
  (func $uneven (export "uneven") (param $n i32) (local $i i32)
    (loop $again
      (if (local.get $n) (then (local.set $i (i32.sub (local.get $i) (i32.const 1)))))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5)))))
  ;; never: fib(9) = recursion of fib
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  ;; never: even(6) = recursion of even, odd
  (func $even (export "even") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else (call $odd (i32.sub (local.get $n) (i32.const 1))))))
  (func $odd (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (call $even (i32.sub (local.get $n) (i32.const 1)))))))

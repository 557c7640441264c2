;; Blocks and branches as a C compiler writes them come back as `match` with bodies and as `else`.
;; run: score(0) = 10
;; run: score(1) = 121
;; run: score(2) = 21
;; run: score(3) = 7
;; run: score(9) = -1
;; run: clamp(-5) = 0
;; run: clamp(50) = 50
;; run: clamp(500) = 99
;; run: sign(7) = 1
;; run: sign(-7) = -1
;; run: until(5) = 15
;; run: until(0) = 0
(module
  ;; A switch: case 0 returns, case 1 falls through to case 2, cases 2 and 3 share an end.
  (func (export "score") (param $n i32) (result i32) (local $r i32)
    (block $end
      (block $default
        (block $three
          (block $two
            (block $one
              (block $zero
                (br_table $zero $one $two $three $default (local.get $n)))
              (return (i32.const 10)))
            (local.set $r (i32.const 100)))
          (local.set $r (i32.add (local.get $r) (i32.const 20)))
          (br $end))
        (local.set $r (i32.const 6))
        (br $end))
      (return (i32.const -1)))
    (i32.add (local.get $r) (i32.const 1)))

  ;; if and else if.
  (func (export "clamp") (param $n i32) (result i32)
    (block $small
      (block $big
        (br_if $small (i32.lt_s (local.get $n) (i32.const 0)))
        (br_if $big (i32.ge_s (local.get $n) (i32.const 100)))
        (return (local.get $n)))
      (return (i32.const 99)))
    (i32.const 0))

  ;; Both ways meet behind.
  (func (export "sign") (param $n i32) (result i32) (local $r i32)
    (block $end
      (block $else
        (br_if $else (i32.lt_s (local.get $n) (i32.const 0)))
        (local.set $r (i32.const 1))
        (br $end))
      (local.set $r (i32.const -1)))
    (local.get $r))

  ;; A branch out of a loop stays one.
  (func (export "until") (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $sum)))

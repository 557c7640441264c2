;; Functions that are worth compiling: scripts, which are interpreted, call them.
(module
  ;; `base` to the power of `exponent`.
  (func (export "power") (param $base i64) (param $exponent i32) (result i64)
    (local $power i64)
    (local.set $power (i64.const 1))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $exponent)))
        (local.set $power (i64.mul (local.get $power) (local.get $base)))
        (local.set $exponent (i32.sub (local.get $exponent) (i32.const 1)))
        (br $next)))
    (local.get $power))

  ;; The mean of `sum` over `count` things. Traps if there are none.
  (func (export "mean") (param $sum i64) (param $count i64) (result i64)
    (i64.div_s (local.get $sum) (local.get $count)))

  ;; The moves that Hanoi's tower of `n` discs takes, counted as they are made.
  (func $hanoi (export "hanoi") (param $n i32) (result i64)
    (if (result i64) (local.get $n)
      (then
        (i64.add
          (i64.add
            (call $hanoi (i32.sub (local.get $n) (i32.const 1)))
            (call $hanoi (i32.sub (local.get $n) (i32.const 1))))
          (i64.const 1)))
      (else (i64.const 0)))))

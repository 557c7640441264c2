;; A script: interpreted, it calls what is compiled.
(module
  (import "math" "power" (func $power (param i64 i32) (result i64)))
  (import "math" "mean" (func $mean (param i64 i64) (result i64)))
  (import "math" "hanoi" (func $hanoi (param i32) (result i64)))

  ;; The mean of the first `n` powers of `base`. Traps, in compiled code, if `n` is 0.
  (func (export "mean_power") (param $base i64) (param $n i32) (result i64)
    (local $sum i64)
    (local $exponent i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $exponent) (local.get $n)))
        (local.set $sum
          (i64.add (local.get $sum) (call $power (local.get $base) (local.get $exponent))))
        (local.set $exponent (i32.add (local.get $exponent) (i32.const 1)))
        (br $next)))
    (call $mean (local.get $sum) (i64.extend_i32_u (local.get $n))))

  ;; Calls `hanoi` from `n` calls further down.
  (func $hanoi_below (export "hanoi_below") (param $n i32) (param $discs i32) (result i64)
    (if (result i64) (local.get $n)
      (then (call $hanoi_below (i32.sub (local.get $n) (i32.const 1)) (local.get $discs)))
      (else (call $hanoi (local.get $discs))))))

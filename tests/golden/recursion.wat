;; Infinite recursion is a trap: direct, mutual and through a table.
;; options: max_call_depth=200 backtrace=none
;; run: fac(10) = 3628800
;; trap: direct() = call stack exhausted
;; trap: mutual() = call stack exhausted
;; trap: indirect() = call stack exhausted
;; run: fac(5) = 120
(module
  (table funcref (elem $indirect))
  (func $fac (export "fac") (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
  (func $direct (export "direct") (call $direct))
  (func $mutual (export "mutual") (call $other))
  (func $other (call $mutual))
  (func $indirect (export "indirect") (call_indirect (i32.const 0))))

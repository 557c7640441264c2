;; Backtraces: The cause alone.
;; options: backtrace=none
;; trap: outer(0) = unreachable
;; trap: outer(1) = integer divide by zero
(module
  (func $inner (unreachable))
  (func $middle (call $inner))
  (func $div (param $n i32) (result i32) (i32.div_u (i32.const 1) (local.get $n)))
  (func (export "outer") (param $how i32)
    (if (local.get $how)
      (then (drop (call $div (i32.const 0))))
      (else (call $middle)))))

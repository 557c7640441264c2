;; Backtraces: The functions, and where in the file.
;; options: backtrace=offsets
;; trap: outer(0) = unreachable / at inner (+0x2e) / at middle (+0x32) / at outer (+0x49)
;; trap: outer(1) = integer divide by zero / at div (+0x3b) / at outer (+0x45)
(module
  (func $inner (unreachable))
  (func $middle (call $inner))
  (func $div (param $n i32) (result i32) (i32.div_u (i32.const 1) (local.get $n)))
  (func (export "outer") (param $how i32)
    (if (local.get $how)
      (then (drop (call $div (i32.const 0))))
      (else (call $middle)))))

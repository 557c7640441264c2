;; Infinite recursion through the host is a trap too, and so is recursion that eats the depth within it.
;; options: backtrace=none
;; trap: ping(1) = host and guest call each other too deeply
;; run: ping(0) = 7
;; trap: deep() = call stack exhausted
(module
  (import "env" "pong" (func $pong (param i32) (result i32)))
  (func (export "ping") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (call $pong (local.get $n)))
      (else (i32.const 7))))
  (func $deep (export "deep") (drop (call $pong (i32.const 0))) (call $deep)))

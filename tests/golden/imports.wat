;; What is imported: a trait for each module. The host reads memory, calls back, and traps.
;; run: hello() = 5
;; run: twice(21) = 42
;; run: many(1, 2) = 2, 1
;; trap: refuse(7) = the host refuses / at refuse
(module
  (import "env" "log" (func $log (param $ptr i32) (param $len i32) (result i32)))
  (import "env" "call-back" (func $back (param i32) (result i32)))
  (import "env" "refuse" (func $refuse (param i32)))
  (import "more.math" "swap" (func $swap (param i32 i64) (result i64 i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "hello")
  (func (export "hello") (result i32) (call $log (i32.const 32) (i32.const 5)))
  (func (export "twice") (param $n i32) (result i32) (call $back (local.get $n)))
  (func (export "double") (param $n i32) (result i32) (i32.shl (local.get $n) (i32.const 1)))
  (func (export "many") (param $a i32) (param $b i64) (result i64 i32) (call $swap (local.get $a) (local.get $b)))
  (func (export "refuse") (param $code i32) (call $refuse (local.get $code))))

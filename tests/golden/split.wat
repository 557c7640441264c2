;; Functions in several parts, by the size that an option gives.
;; options: split_bytes=16
;; run: a(1) = 8
(module
  (func $a (export "a") (param $n i32) (result i32) (call $b (i32.add (local.get $n) (i32.const 1))))
  (func $b (param $n i32) (result i32) (call $c (i32.mul (local.get $n) (i32.const 2))))
  (func $c (param $n i32) (result i32) (call $d (i32.xor (local.get $n) (i32.const 0))))
  (func $d (param $n i32) (result i32) (i32.shl (local.get $n) (i32.const 1))))

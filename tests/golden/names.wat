;; Names: keywords, clashes, names of our own, and what is no identifier at all.
;; run: fn(1) = 11
;; run: a-b(1) = 2
;; run: a_b(1) = 3
;; run: new(1) = 4
;; run: l0(5, 6) = 56
;; run: f(1) = 21
;; run: "; } pub fn injected() { //() = 7
(module
  (memory (export "memory") 1)
  (func $match (export "fn") (param $loop i32) (result i32) (i32.add (local.get $loop) (i32.const 10)))
  (func $st (export "a-b") (param $depth i32) (result i32) (i32.add (local.get $depth) (i32.const 1)))
  (func $cx (export "a_b") (param $m i32) (result i32) (i32.add (local.get $m) (i32.const 2)))
  (func $self (export "new") (param $self i32) (result i32) (i32.add (local.get $self) (i32.const 3)))
  (func $l0 (export "l0") (param $l1 i32) (param $l0 i32) (result i32)
    (i32.add (i32.mul (local.get $l1) (i32.const 10)) (local.get $l0)))
  (func $f (export "f") (param $check i32) (result i32) (call $e (local.get $check)))
  (func $e (param $e i32) (result i32) (i32.add (local.get $e) (i32.const 20)))
  (func (export "\22; } pub fn injected() { //") (result i32) (i32.const 7)))

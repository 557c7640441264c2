;; Arguments are evaluated in wasm's order, whatever they do.
;; run: calls() = 123
;; run: stores() = 7
;; trap: first(0) = integer divide by zero / at first
;; trap: second() = out of bounds memory access / at second
(module
  (memory 1)
  (global $log (mut i32) (i32.const 0))
  (func $say (param $n i32) (result i32)
    (global.set $log (i32.add (i32.mul (global.get $log) (i32.const 10)) (local.get $n)))
    (global.get $log))
  (func (export "calls") (result i32)
    (drop (i32.add (call $say (i32.const 1)) (i32.add (call $say (i32.const 2)) (call $say (i32.const 3)))))
    (global.get $log))
  (func (export "stores") (result i32)
    (i32.store (i32.const 0) (i32.const 3))
    (i32.load (i32.const 0))
    (i32.store (i32.const 0) (i32.const 4))
    (i32.load (i32.const 0))
    (i32.add))
  ;; Two operands that trap: the first is the one that does.
  (func (export "first") (param $n i32) (result i32)
    (i32.add (i32.div_u (i32.const 1) (local.get $n)) (i32.load (i32.const -1))))
  (func (export "second") (result i32)
    (i32.add (i32.load (i32.const -1)) (i32.div_u (i32.const 1) (i32.const 0)))))

;; A guest that does what it should not.
(module
  (memory (export "memory") 1)
  (global $calls (export "calls") (mut i32) (i32.const 0))
  ;; Never returns.
  (func (export "spin")
    (loop $again (br $again)))
  ;; Fills memory, and goes on behind it.
  (func (export "wild")
    (local $at i32)
    (loop $next
      (i64.store (local.get $at) (i64.const -1))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next)))
  ;; Looks at the processor's own registers.
  (func (export "peek") (result i32)
    (i32.load (i32.const 0xE000E000)))
  ;; Calls itself until there is no stack.
  (func $recurse (export "recurse")
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $recurse))
  (func (export "divide") (param $by i32) (result i32)
    (i32.div_s (i32.const 1) (local.get $by))))

;; Adds, reads memory, and traps.
(module
  (memory (export "memory") 1 2)
  (data (i32.const 8) "\2a\00\00\00")
  (global (export "calls") (mut i32) (i32.const 0))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "answer") (result i32)
    (i32.load (i32.const 8)))
  (func (export "fail") unreachable))

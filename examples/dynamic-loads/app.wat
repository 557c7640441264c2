;; A program that edits a text by means of plugins that it has never seen. It is compiled; they are interpreted.
(module
  ;; Loads the module in a range of the memory, and gives it a number.
  (import "plugins" "load" (func $load (param $at i32) (param $len i32) (result i32)))
  ;; Lets a plugin work on a range of the memory.
  (import "plugins" "run" (func $run (param $plugin i32) (param $at i32) (param $len i32) (result i32)))

  (memory (export "memory") 1 4)
  ;; Where the host puts modules and texts.
  (global $input (export "input") i32 (i32.const 1024))
  ;; How many edits were made.
  (global $edits (export "edits") (mut i32) (i32.const 0))

  ;; Loads the module of `len` bytes that the host put there.
  (func (export "load") (param $len i32) (result i32)
    (call $load (global.get $input) (local.get $len)))

  ;; Lets a plugin edit a text of `len` bytes. Gives its new length.
  (func $edit (export "edit") (param $plugin i32) (param $len i32) (result i32)
    (local.set $len (call $run (local.get $plugin) (global.get $input) (local.get $len)))
    (global.set $edits (i32.add (global.get $edits) (i32.const 1)))
    (local.get $len))

  ;; The same, `n` calls further down.
  (func $edit_below (export "edit_below") (param $n i32) (param $plugin i32) (param $len i32) (result i32)
    (if (result i32) (local.get $n)
      (then
        (call $edit_below
          (i32.sub (local.get $n) (i32.const 1))
          (local.get $plugin)
          (local.get $len)))
      (else (call $edit (local.get $plugin) (local.get $len))))))

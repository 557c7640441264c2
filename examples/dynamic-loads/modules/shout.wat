;; A plugin: letters become capitals. It works in the memory of the program that calls it.
(module
  (import "app" "memory" (memory 1))
  (import "app" "changed" (func $changed (param $count i32)))

  (func (export "run") (param $at i32) (param $len i32) (result i32)
    (local $end i32)
    (local $byte i32)
    (local $count i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 32)))
            (local.set $count (i32.add (local.get $count) (i32.const 1)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (call $changed (local.get $count))
    (local.get $len)))

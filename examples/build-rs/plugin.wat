;; A plugin that numbers the lines of a text. The host puts the text into the memory at `text` and calls `number`.
(module
  ;; Takes one line, as a range of the memory.
  (import "host" "line" (func $line (param $number i32) (param $start i32) (param $len i32)))
  ;; Whether a line is wanted.
  (import "host" "wanted" (func $wanted (param $start i32) (param $len i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "text") i32 (i32.const 1024))
  (global $lines (export "lines") (mut i32) (i32.const 0))

  ;; How often `byte` occurs in a range: the host calls back here while it decides.
  (func (export "count") (param $start i32) (param $len i32) (param $byte i32) (result i32)
    (local $end i32)
    (local $found i32)
    (local.set $end (i32.add (local.get $start) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $start) (local.get $end)))
        (local.set $found
          (i32.add (local.get $found) (i32.eq (i32.load8_u (local.get $start)) (local.get $byte))))
        (local.set $start (i32.add (local.get $start) (i32.const 1)))
        (br $next)))
    (local.get $found))

  ;; Hands every line of `len` bytes of text to the host, except those that it does not want.
  (func (export "number") (param $len i32)
    (local $at i32)
    (local $end i32)
    (local $start i32)
    (local.set $at (global.get 0))
    (local.set $start (local.get $at))
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))
          (then
            (if (call $wanted (local.get $start) (i32.sub (local.get $at) (local.get $start)))
              (then
                (global.set $lines (i32.add (global.get $lines) (i32.const 1)))
                (call $line
                  (global.get $lines)
                  (local.get $start)
                  (i32.sub (local.get $at) (local.get $start)))))
            (local.set $start (i32.add (local.get $at) (i32.const 1)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))

  ;; The mean length of a line of `len` bytes of text. Traps if no line was counted.
  (func (export "mean") (param $len i32) (result i32)
    (i32.div_u (local.get $len) (global.get $lines)))

  ;; Never ends.
  (func (export "spin")
    (loop $again
      (br $again))))

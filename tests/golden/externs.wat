;; A memory, a table and globals that the host brings.
;; run: read(0) = 42
;; run: base() = 1000
;; run: count() = 8
;; run: length() = 4
;; run: read(0) = 42
(module
  (import "env" "memory" (memory 1 2))
  (import "env" "table" (table 2 funcref))
  (import "env" "base" (global $base i32))
  (import "env" "count" (global $count (mut i64)))
  (data (global.get $base) "data")
  (func (export "read") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func (export "base") (result i32) (global.get $base))
  (func (export "count") (result i64)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (global.get $count))
  (func (export "length") (result i32) (table.size 0)))

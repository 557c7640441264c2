;; The state of an instance, saved and restored.
;; options: snapshots=on
;; run: next() = 43
;; run: next() = 44
(module
  (memory 1 2)
  (table 2 funcref)
  (global $count (mut i32) (i32.const 42))
  (data $late "abc")
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  (func (export "late")
    (memory.init $late (i32.const 0) (i32.const 0) (i32.const 3))
    (data.drop $late)))

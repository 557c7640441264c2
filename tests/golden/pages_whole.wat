;; A memory of pages of one byte that cannot grow, in place: an array of 10 bytes.
;; options: storage=fixed verification=on
;; run: size() = 10
;; run: load(2) = 7302252
;; trap: load(3) = out of bounds memory access / at load
;; run: byte(9) = 0
;; trap: byte(10) = out of bounds memory access / at byte
;; trap: beyond() = out of bounds memory access / at beyond
;; run: grow(1) = -1
;; run: grow(0) = 10
;; run: sum() = 532
(module
  (memory (export "memory") 10 10 (pagesize 1))
  (data (i32.const 0) "hello")
  (func (export "load") (param $at i32) (result i64) (i64.load (local.get $at)))
  (func (export "byte") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func (export "beyond") (result i64) (i64.load (i32.const 3)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "sum") (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (memory.size))))
    (local.get $sum)))

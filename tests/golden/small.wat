;; A part of a page: what lies behind it traps, and the module sees one page that does not grow.
;; options: storage=fixed memory_bytes=4096
;; run: store(4092, 7) = 
;; run: load(4092) = 7
;; trap: store(4093, 7) = out of bounds memory access / at store
;; trap: load(65532) = out of bounds memory access / at load
;; trap: load(-4) = out of bounds memory access / at load
;; run: first() = 104
;; run: size() = 1
;; run: grow(0) = 1
;; run: grow(1) = -1
;; trap: fill(4000, 97) = out of bounds memory access / at fill
;; run: fill(4000, 96) = 
(module
  (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 4096))
  (data (i32.const 2048) "hello")
  (func (export "store") (param $at i32) (param $v i32) (i32.store (local.get $at) (local.get $v)))
  (func (export "load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "first") (result i32) (i32.load8_u (i32.const 2048)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fill") (param $at i32) (param $n i32)
    (memory.fill (local.get $at) (i32.const 1) (local.get $n))))

;; Memory in a buffer that the host lends, without an allocator: as many pages as it has room for.
;; options: storage=lent
;; run: store(65532, 7) = 
;; run: load(65532) = 7
;; trap: store(65533, 7) = out of bounds memory access / at store
;; run: grow(2) = -1
;; run: grow(1) = 1
;; run: load(65532) = 7
;; run: load(131068) = 0
;; reset
;; run: size() = 1
;; run: load(65532) = 0
;; run: first() = 104
;; run: length() = 2
(module
  (memory (export "memory") 1 2)
  (table $t 2 10 funcref)
  (data (i32.const 2048) "hello")
  (func (export "store") (param $at i32) (param $v i32) (i32.store (local.get $at) (local.get $v)))
  (func (export "load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "first") (result i32) (i32.load8_u (i32.const 2048)))
  (func (export "size") (result i32) (memory.size))
  (func (export "length") (result i32) (table.size $t))
  (func (export "grow") (param $n i32) (result i32) (memory.grow (local.get $n))))

;; Storage in place, without an allocator.
;; options: storage=fixed max_memory_pages=2 max_table_elements=4
;; run: store(65536, 7) = 
;; run: size() = 2
;; run: grow(1) = -1
;; run: length() = 2
;; run: lengthen(2) = 2
;; run: lengthen(1) = -1
;; trap: store(131072, 7) = out of bounds memory access / at store
(module
  (memory (export "memory") 2)
  (table $t 2 10 funcref)
  (func (export "store") (param $at i32) (param $v i32) (i32.store8 (local.get $at) (local.get $v)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "length") (result i32) (table.size $t))
  (func (export "lengthen") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))

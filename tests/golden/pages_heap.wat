;; A memory of pages of one byte, on the heap.
;; options: snapshots=on stats=on
;; run: push(7) = 301
;; run: push(8) = 302
;; run: byte(300) = 7
;; trap: byte(302) = out of bounds memory access / at byte
(module
  (memory 300 (pagesize 1))
  (func (export "push") (param $v i32) (result i32)
    (i32.store8 (memory.grow (i32.const 1)) (local.get $v))
    (memory.size))
  (func (export "byte") (param $at i32) (result i32) (i32.load8_u (local.get $at))))

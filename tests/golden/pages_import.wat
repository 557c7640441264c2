;; A memory of pages of one byte that the host brings.
;; run: size() = 10
;; run: byte(9) = 42
;; trap: byte(10) = out of bounds memory access / at byte
;; run: grow(10) = 10
;; run: grow(1) = -1
;; run: byte(19) = 0
(module
  (import "env" "bytes" (memory 8 20 (pagesize 1)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "byte") (param $at i32) (result i32) (i32.load8_u (local.get $at))))

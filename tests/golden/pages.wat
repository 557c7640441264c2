;; A memory of pages of one byte, in place: as many bytes as its type says, and no more.
;; options: storage=fixed
;; run: size() = 300
;; run: first() = 104
;; run: store(296, 7) = 
;; run: load(296) = 7
;; trap: store(297, 7) = out of bounds memory access / at store
;; trap: load(297) = out of bounds memory access / at load
;; trap: load(-4) = out of bounds memory access / at load
;; run: byte(299) = 0
;; trap: byte(300) = out of bounds memory access / at byte
;; run: last() = 7
;; run: grow(0) = 300
;; run: grow(1) = 300
;; run: size() = 301
;; run: byte(300) = 0
;; trap: byte(301) = out of bounds memory access / at byte
;; run: grow(100) = -1
;; run: grow(-1) = -1
;; run: grow(99) = 301
;; run: grow(1) = -1
;; run: fill(301, 99) = 
;; trap: fill(302, 99) = out of bounds memory access / at fill
;; run: byte(399) = 1
;; reset
;; fuel: grow(0) = 2
;; fuel: grow(63) = 2
;; reset
;; fuel: grow(64) = 3
;; reset
;; run: size() = 300
;; run: copy(3) = 104
(module
  (memory (export "memory") 300 400 (pagesize 1))
  (data (i32.const 100) "hello")
  (func (export "store") (param $at i32) (param $v i32) (i32.store (local.get $at) (local.get $v)))
  (func (export "load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "byte") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func (export "first") (result i32) (i32.load8_u (i32.const 100)))
  (func (export "last") (result i32)
    (i32.add
      (i32.load8_u (i32.const 299))
      (i32.add (i32.load (i32.const 296)) (i32.load16_u offset=2 (i32.const 296)))))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fill") (param $at i32) (param $n i32)
    (memory.fill (local.get $at) (i32.const 1) (local.get $n)))
  (func (export "copy") (param $n i32) (result i32)
    (memory.copy (i32.const 0) (i32.const 100) (local.get $n))
    (i32.load8_u (i32.const 0))))

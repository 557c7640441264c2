;; Loads and stores are named as their instructions; sizes are in pages.
;; run: swap(0, 8) = 
;; run: read(0) = 2
;; run: read(8) = 1
;; run: narrow(256, -1) = 255, -1, 65535, 4294967295
;; run: size() = 1
;; run: grow(2) = 1
;; run: grow(1) = -1
;; run: size() = 3
;; run: read(131072) = 0
;; trap: read(-4) = out of bounds memory access / at read
;; trap: beyond(-4) = out of bounds memory access / at beyond
;; reset
;; run: size() = 1
;; run: read(0) = 1
(module
  (memory (export "memory") 1 3)
  (data (i32.const 0) "\01\00\00\00\00\00\00\00\02\00\00\00")
  (func (export "swap") (param $a i32) (param $b i32) (local $t i32)
    (local.set $t (i32.load (local.get $a)))
    (i32.store (local.get $a) (i32.load (local.get $b)))
    (i32.store (local.get $b) (local.get $t)))
  (func (export "read") (param $at i32) (result i32)
    (i32.load (local.get $at)))
  ;; The address is 33 bits wide: -4 with the offset 8 is no address.
  (func (export "beyond") (param $at i32) (result i32)
    (i32.load offset=8 (local.get $at)))
  (func (export "narrow") (param $at i32) (param $v i64) (result i32 i32 i64 i64)
    (i64.store offset=4 align=1 (local.get $at) (local.get $v))
    (i32.load8_u offset=4 (local.get $at))
    (i32.load16_s offset=5 (local.get $at))
    (i64.load16_u offset=6 (local.get $at))
    (i64.load32_u offset=8 (local.get $at)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages))))

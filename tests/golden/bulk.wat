;; Bulk operations on memory: bounds first, then all of it or nothing.
;; run: fill(4, 300, 4) = 
;; run: read(4) = 741092396
;; run: copy(6, 4, 4) = 
;; run: read(8) = 11308
;; trap: copy(0, 65535, 2) = out of bounds memory access / at copy
;; trap: copy(1, 0, -1) = out of bounds memory access / at copy
;; trap: fill(65535, 1, 2) = out of bounds memory access / at fill
;; run: read(65532) = 0
;; run: fill(65536, 1, 0) = 
(module
  (memory 1)
  (func (export "fill") (param $to i32) (param $v i32) (param $len i32)
    (memory.fill (local.get $to) (local.get $v) (local.get $len)))
  (func (export "copy") (param $to i32) (param $from i32) (param $len i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $len)))
  (func (export "read") (param $at i32) (result i32) (i32.load (local.get $at))))

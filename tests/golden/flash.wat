;; Constants stay in flash: they can be read, and what is above them written.
;; options: storage=fixed memory_bytes=2048 flash_data=on
;; run: load(1024) = 1819043176
;; run: load(0) = 0
;; run: load(1036) = 7
;; trap: load(1035) = out of bounds memory access / at load
;; trap: load(2045) = out of bounds memory access / at load
;; run: load(2044) = 0
;; trap: load(-4) = out of bounds memory access / at load
;; trap: store(1024, 1) = out of bounds memory access / at store
;; trap: store(1035, 1) = out of bounds memory access / at store
;; run: store(1036, 1) = 
;; run: load(1036) = 1
;; run: store(2044, 5) = 
;; run: load(2044) = 5
;; trap: store(2045, 5) = out of bounds memory access / at store
;; run: copy(1100, 1024, 8) = 
;; run: load(1100) = 1819043176
;; run: copy(1101, 1100, 8) = 
;; run: load(1101) = 1819043176
;; trap: copy(1024, 1100, 8) = out of bounds memory access / at copy
;; trap: copy(1100, 1032, 8) = out of bounds memory access / at copy
;; run: copy(1024, 1100, 0) = 
;; run: fill(1200, 65, 4) = 
;; run: load(1200) = 1094795585
;; trap: fill(1024, 65, 4) = out of bounds memory access / at fill
;; run: sum() = 532
;; reset
;; run: load(1036) = 7
;; run: load(2044) = 0
;; run: size() = 1
(module
  (memory (export "memory") 1)
  (global $__stack_pointer (mut i32) (i32.const 2048))
  (data $.rodata (i32.const 1024) "hello, world")
  (data $.data (i32.const 1036) "\07")
  (func (export "store") (param $at i32) (param $v i32) (i32.store (local.get $at) (local.get $v)))
  (func (export "load") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "copy") (param $d i32) (param $s i32) (param $n i32)
    (memory.copy (local.get $d) (local.get $s) (local.get $n)))
  (func (export "fill") (param $d i32) (param $v i32) (param $n i32)
    (memory.fill (local.get $d) (local.get $v) (local.get $n)))
  (func (export "sum") (result i32) (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u offset=1024 (local.get $i))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (local.get $sum))
  (func (export "size") (result i32) (memory.size)))

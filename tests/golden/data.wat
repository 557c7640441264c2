;; Data segments: adjacent ones are one; a passive one is copied, then dropped.
;; options: data=side
;; run: byte(8) = 97
;; run: byte(13) = 102
;; run: init(100, 1, 2) = 
;; run: byte(100) = 50
;; run: drop() = 
;; trap: init(100, 0, 1) = out of bounds memory access / at init
;; run: init(100, 0, 0) = 
;; trap: init(65536, 0, 1) = out of bounds memory access / at init
;; new
;; run: init(65533, 0, 3) = 
;; run: byte(65535) = 51
(module
  (memory 1)
  (data (i32.const 8) "abc")
  (data (i32.const 11) "def")
  (data (i32.const 32) "\00\ff\"\\\n")
  (data $passive "123")
  (func (export "byte") (param $at i32) (result i32) (i32.load8_u (local.get $at)))
  (func (export "init") (param $to i32) (param $from i32) (param $len i32)
    (memory.init $passive (local.get $to) (local.get $from) (local.get $len)))
  (func (export "drop") (data.drop $passive)))

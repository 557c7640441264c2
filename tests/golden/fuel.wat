;; Fuel: one unit an instruction on the longest path, at the head of each region; callers pay for leaves.
;; fuel: leaf(1) = 3
;; fuel: caller(1) = 11
;; fuel: arms(0) = 5
;; fuel: copy(0) = 4
;; fuel: copy(6400) = 104
(module
  (memory 1)
  (func $leaf (export "leaf") (param $n i32) (result i32) (i32.add (local.get $n) (i32.const 1)))
  (func (export "caller") (param $n i32) (result i32) (i32.add (call $leaf (local.get $n)) (call $leaf (i32.const 2))))
  (func (export "arms") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.const 1))
      (else (i32.mul (i32.const 2) (local.get $n)))))
  (func (export "copy") (param $n i32) (memory.copy (i32.const 0) (i32.const 0) (local.get $n))))

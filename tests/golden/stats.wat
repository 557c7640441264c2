;; Statistics are counted where the option is on.
;; options: stats=on
;; run: twice(4) = 6
(module
  (memory 1)
  (func $once (param $n i32) (result i32)
    (i32.store (i32.const 0) (local.get $n))
    (i32.add (i32.load (i32.const 0)) (i32.const 1)))
  (func (export "twice") (param $n i32) (result i32) (call $once (call $once (local.get $n)))))

;; `select` is no branch; what can trap is evaluated in wasm's order.
;; run: max(3, -7) = 3
;; run: max(-9, -7) = -7
;; run: typed(1) = null
;; trap: order(0, 0) = integer divide by zero / at order
;; trap: order(0, 1) = integer divide by zero / at order
(module
  (memory 1)
  (func (export "max") (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b))))
  (func (export "typed") (param $c i32) (result externref)
    (select (result externref) (ref.null extern) (ref.null extern) (local.get $c)))
  ;; The division traps first, whatever the load of the condition does.
  (func (export "order") (param $d i32) (param $c i32) (result i32)
    (select
      (i32.div_s (i32.const 1) (local.get $d))
      (i32.const 2)
      (i32.load (i32.sub (i32.const 0) (local.get $c))))))

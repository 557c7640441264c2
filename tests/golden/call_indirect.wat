;; Indirect calls: one `match` for each type and table; the traps of an index that is wrong.
;; run: apply(0, 7, 3) = 10
;; run: apply(1, 7, 3) = 4
;; run: apply(4, 7, 3) = 10
;; trap: apply(2, 7, 3) = indirect call type mismatch / at apply
;; trap: apply(3, 7, 3) = uninitialized element / at apply
;; trap: apply(5, 7, 3) = undefined element / at apply
;; trap: apply(-1, 7, 3) = undefined element / at apply
;; run: other(0) = -1
(module
  (type $binary (func (param i32 i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (table $ops 5 funcref)
  (table $more 1 funcref)
  (elem (table $ops) (i32.const 0) func $add $sub $not)
  (elem (table $ops) (i32.const 4) func $add)
  (elem (table $more) (i32.const 0) func $not)
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $not (type $unary) (i32.xor (local.get 0) (i32.const -1)))
  (func (export "apply") (param $op i32) (param $a i32) (param $b i32) (result i32)
    (call_indirect $ops (type $binary) (local.get $a) (local.get $b) (local.get $op)))
  (func (export "other") (param $a i32) (result i32)
    (call_indirect $more (type $unary) (local.get $a) (i32.const 0))))

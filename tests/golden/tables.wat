;; Tables and references.
;; run: is_null(0) = 0
;; run: is_null(1) = 1
;; run: set(1) = 
;; run: is_null(1) = 0
;; run: size() = 3
;; run: grow(2) = 3
;; run: fill(0, 5) = 
;; run: is_null(4) = 1
;; run: init(1, 0, 2) = 
;; run: is_null(2) = 0
;; run: copy(3, 1, 2) = 
;; run: is_null(4) = 0
;; run: drop() = 
;; trap: init(0, 0, 1) = out of bounds table access / at init
;; trap: is_null(5) = out of bounds table access / at is_null
(module
  (table $t (export "table") 3 8 funcref)
  (elem (table $t) (i32.const 0) func $f)
  (elem $e func $f $f)
  (func $f)
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
  (func (export "set") (param i32) (table.set $t (local.get 0) (ref.func $f)))
  (func (export "size") (result i32) (table.size $t))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
  (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
  (func (export "init") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (elem.drop $e)))

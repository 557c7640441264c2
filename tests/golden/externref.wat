;; References of the host's go through and come back.
;; run: id(7) = extern 7
;; run: id(null) = null
;; run: is_null(null) = 1
;; run: keep(3) = 
;; run: kept() = extern 3
(module
  (table 1 externref)
  (global $kept (mut externref) (ref.null extern))
  (func (export "id") (param externref) (result externref) (local.get 0))
  (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "keep") (param externref)
    (global.set $kept (local.get 0))
    (table.set 0 (i32.const 0) (local.get 0)))
  (func (export "kept") (result externref) (table.get 0 (i32.const 0))))

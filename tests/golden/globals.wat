;; Globals: a constant is nothing but its value; what changes is a field; what is computed is set at the start.
;; run: next() = 1
;; run: next() = 2
;; global: counter = 2
;; global: limit = 10
;; run: float() = -0.5
;; run: sum() = 112
;; reset
;; global: counter = 0
(module
  (global $limit (export "limit") i32 (i32.const 10))
  (global $counter (export "counter") (mut i32) (i32.const 0))
  (global $half (mut f64) (f64.const -0.5))
  (global $sum i32 (i32.add (i32.mul (i32.const 10) (i32.const 10)) (i32.const 12)))
  (global $func (export "func") funcref (ref.func $next))
  (func $next (export "next") (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.get $counter))
  (func (export "float") (result f64) (global.get $half))
  (func (export "sum") (result i32) (global.get $sum)))

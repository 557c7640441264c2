;; One mark, where a variable is set, for all results that are made of it. The step is zero in disguise: without the
;; mark rustc would find that out and leave a signalling NaN as it is.
;; run: step(bits:7ff4000000000000) = 0
;; run: both(0) = nan:7ffc000000000000
;; run: both(8) = nan:7ffc000000000000
;; run: step(2.5) = 0
;; run: both(0) = 2.5
;; run: both(8) = 2.5
(module
  (memory 1)
  ;; Stores x - step and x * (step + 1), which are x.
  (func (export "step") (param $x f64) (result i32)
    (local $one f64) (local $step f64)
    (local.set $one (f64.const 1))
    (local.set $step (f64.sub (local.get $one) (local.get $one)))
    (f64.store (i32.const 0) (f64.sub (local.get $x) (local.get $step)))
    (f64.store (i32.const 8) (f64.mul (local.get $x) (f64.add (local.get $step) (f64.const 1))))
    (i32.const 0))
  (func (export "both") (param i32) (result f64) (f64.load (local.get 0))))

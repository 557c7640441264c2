;; One mark, where a variable is set, for the results behind it that are made of it. The step is zero in disguise:
;; without a mark rustc would find that out and leave a signalling NaN as it is. Set anew, it needs another.
;; run: step(bits:7ff4000000000000) = 0
;; run: at(0) = nan:7ffc000000000000
;; run: at(8) = nan:7ffc000000000000
;; run: at(16) = nan:7ffc000000000000
;; run: at(24) = nan:7ffc000000000000
;; run: step(2.5) = 0
;; run: at(0) = 2.5
;; run: at(8) = 2.5
;; run: at(16) = 2.5
;; run: at(24) = 2.5
(module
  (memory 1)
  ;; Stores x - step, x * (step + 1), and x - step twice more, which are x.
  (func (export "step") (param $x f64) (result i32)
    (local $one f64) (local $step f64) (local $yes i32)
    (local.set $one (f64.const 1))
    (local.set $step (f64.sub (local.get $one) (local.get $one)))
    (f64.store (i32.const 0) (f64.sub (local.get $x) (local.get $step)))
    (f64.store (i32.const 8) (f64.mul (local.get $x) (f64.add (local.get $step) (f64.const 1))))
    (local.set $yes (i32.const 1))
    (if (local.get $yes) (then (local.set $step (f64.const 0))))
    (f64.store (i32.const 16) (f64.sub (local.get $x) (local.get $step)))
    (local.set $step (f64.const 0))
    (f64.store (i32.const 24) (f64.sub (local.get $x) (local.get $step)))
    (i32.const 0))
  (func (export "at") (param i32) (result f64) (f64.load (local.get 0))))

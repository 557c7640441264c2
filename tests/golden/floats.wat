;; Floats where Rust and wasm differ; a NaN is made quiet where its bits can be seen.
;; run: nearest(2.5) = 2
;; run: nearest(-0.5) = -0
;; run: min(bits:7fc00000, 1) = nan:7fc00000
;; run: min(0.0, -0.0) = -0
;; run: quiet(bits:7fa00000) = nan:7fe00000
;; run: bits(bits:7fa00000) = 2145386496
;; run: kept(bits:7fa00000) = nan:7fa00000
;; run: polynomial(2.0) = 17
;; run: round_trip(bits:7ff4000000000000) = nan:7ffc000000000000
;; run: sqrt(2.0) = 1.4142135623730951
(module
  (func (export "nearest") (param f32) (result f32) (f32.nearest (local.get 0)))
  (func (export "min") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1)))
  (func (export "quiet") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 1)))
  (func (export "bits") (param f32) (result i32) (i32.reinterpret_f32 (f32.sub (local.get 0) (f32.const 0))))
  ;; Sign and bits only: nothing is made quiet.
  (func (export "kept") (param f32) (result f32) (f32.neg (f32.neg (local.get 0))))
  (func (export "polynomial") (param $x f64) (result f64)
    (f64.add (f64.mul (f64.add (f64.mul (local.get $x) (f64.const 3)) (f64.const 2)) (local.get $x)) (f64.const 1)))
  (func (export "round_trip") (param f64) (result f64) (f64.promote_f32 (f32.demote_f64 (local.get 0))))
  (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0))))

;; Conversions between numbers.
;; run: wrap(4294967297) = 1
;; run: extend(-1) = 4294967295
;; run: extend8(255) = -1
;; run: unsigned(-1) = 4294967300
;; run: signed(-3) = -3
;; run: saturate(1e30) = 9223372036854775807
;; run: bits(1.0) = 4607182418800017408
(module
  (func (export "wrap") (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
  (func (export "extend") (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
  (func (export "extend8") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "unsigned") (param i32) (result f32) (f32.convert_i32_u (local.get 0)))
  (func (export "signed") (param i64) (result f64) (f64.convert_i64_s (local.get 0)))
  (func (export "saturate") (param f64) (result i64) (i64.trunc_sat_f64_s (local.get 0)))
  (func (export "bits") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0))))

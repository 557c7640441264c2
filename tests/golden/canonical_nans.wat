;; Every NaN that arithmetic makes is the same one.
;; options: canonical_nans=on
;; run: add(bits:7fa12345, 1.0) = nan:7fc00000
;; run: neg(bits:ffc00001) = nan:7fc00001
(module
  (func (export "add") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1)))
  (func (export "neg") (param f32) (result f32) (f32.neg (local.get 0))))

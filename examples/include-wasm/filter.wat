;; A moving average over the last 16 samples, as a vendor might deliver it for a device: no imports, one page.
(module
  (memory 1 1)
  (global $next (mut i32) (i32.const 0))
  (global $sum (mut i32) (i32.const 0))
  (global (export "window") i32 (i32.const 16))

  ;; Takes a sample and gives the average of the last 16, those before the first being 0.
  (func (export "sample") (param $value i32) (result i32)
    (local $slot i32)
    (local.set $slot (i32.shl (global.get $next) (i32.const 2)))
    (global.set $sum
      (i32.sub
        (i32.add (global.get $sum) (local.get $value))
        (i32.load (local.get $slot))))
    (i32.store (local.get $slot) (local.get $value))
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 1)) (i32.const 15)))
    (i32.div_s (global.get $sum) (global.get 2))))

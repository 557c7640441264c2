;; Loops that walk through memory in strides run without checks where all their rounds lie within memory and apart.
;; run: scale(0, 0) = 5
;; run: scale(5, 8) = 10
;; trap: scale(8, 65528) = out of bounds memory access / at scale
;; run: series(8) = 34
;; trap: series(16389) = out of bounds memory access / at series
;; fuel: scale(5, 8) = 128
;; fuel: scale(8, 65528) = 53
;; fuel: series(8) = 133
(module
  (memory (export "memory") 1)
  ;; A round is two equal parts.
  (func $scale (export "scale") (param $n i32) (param $p i32) (result i32) (local $i i32)
    (loop $again
      (f32.store (local.get $p) (f32.mul (f32.load (local.get $p)) (f32.load (i32.const 1024))))
      (f32.store offset=4 (local.get $p) (f32.mul (f32.load offset=4 (local.get $p)) (f32.load (i32.const 1024))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.add (local.get $n) (i32.const 5)))
  ;; Its window slides: each round reads what the last two wrote.
  (func $series (export "series") (param $n i32) (result i32) (local $p i32)
    (i32.store (i32.const 4) (i32.const 1))
    (loop $again
      (i32.store offset=8 (local.get $p)
        (i32.add (i32.load (local.get $p)) (i32.load offset=4 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load offset=4 (local.get $p))))

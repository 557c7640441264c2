;; Operands fold into their consumer; one becomes a temporary only where an effect that it does not commute with
;; comes between.
;; run: hypot2(3, 4) = 25
;; run: deep(1, 2, 3) = -2
;; run: kept(16) = 4660
;; run: swapped(7, 2) = 27
;; run: negative(5) = -5
(module
  (memory 1)
  (data (i32.const 16) "\34\12\00\00")
  (func (export "hypot2") (param $x i32) (param $y i32) (result i32)
    (i32.add (i32.mul (local.get $x) (local.get $x)) (i32.mul (local.get $y) (local.get $y))))
  (func (export "deep") (param $a i32) (param $b i32) (param $c i32) (result i32)
    (i32.xor
      (i32.sub (i32.shl (local.get $a) (i32.const 3)) (i32.rotl (local.get $b) (i32.const 1)))
      (i32.or (i32.and (local.get $c) (i32.const -2)) (i32.shr_s (i32.const -64) (local.get $c)))))
  ;; The load goes first: the store may write what it reads.
  (func (export "kept") (param $at i32) (result i32)
    (i32.load (local.get $at))
    (i32.store (local.get $at) (i32.const 0))
    (i32.add (i32.load (local.get $at))))
  ;; The local is read before it is set.
  (func (export "swapped") (param $a i32) (param $b i32) (result i32)
    (local.get $a)
    (local.set $a (local.get $b))
    (local.set $b)
    (i32.add (i32.mul (local.get $a) (i32.const 10)) (local.get $b)))
  (func (export "negative") (param $n i32) (result i32)
    (i32.mul (i32.const -1) (local.get $n))))

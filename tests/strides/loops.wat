;; Loops that walk through memory. A constant with a plus is a step: the runner also builds the module with each step
;; read from a global, where nothing can be known of it. Both must do the same, at the same cost.
(module
  (memory (export "memory") 2)
  (global $s1 (mut i32) (i32.const 1))
  (global $s3 (mut i32) (i32.const 3))
  (global $s4 (mut i32) (i32.const 4))
  (global $s8 (mut i32) (i32.const 8))
  (global $s12 (mut i32) (i32.const 12))
  ;; n bytes at p.
  (func (export "fill") (param $p i32) (param $q i32) (param $n i32) (result i32)
    (local.set $n (i32.add (local.get $p) (local.get $n)))
    (loop $again
      (i32.store8 (local.get $p) (local.get $q))
      (local.set $p (i32.add (local.get $p) (i32.const +1)))
      (br_if $again (i32.ne (local.get $p) (local.get $n))))
    (local.get $p))
  ;; Up to an end that may be below: then one round.
  (func (export "fill_to") (param $p i32) (param $q i32) (param $n i32) (result i32)
    (loop $again
      (i32.store8 offset=3 (local.get $p) (local.get $q))
      (local.set $p (i32.add (local.get $p) (i32.const +3)))
      (br_if $again (i32.gt_u (local.get $n) (local.get $p))))
    (local.get $p))
  ;; n words from q to p, two a round: a round in two parts. They may overlap.
  (func (export "copy") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $i i32) (local $to i32)
    (loop $again
      (i32.store (local.tee $to (i32.add (local.get $p) (local.get $i)))
        (i32.load (i32.add (local.get $q) (local.get $i))))
      (i32.store offset=4 (local.get $to) (i32.load offset=4 (i32.add (local.get $q) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const +8)))
      (br_if $again (i32.lt_s (local.get $i) (i32.shl (local.get $n) (i32.const 2)))))
    (i32.xor (local.get $to) (local.get $i)))
  ;; p += x q, in three parts; the address has a constant that wraps.
  (func (export "axpy") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $x f32)
    (local.set $x (f32.convert_i32_s (local.get $n)))
    (local.set $p (i32.sub (local.get $p) (i32.const 65536)))
    (loop $again
      (f32.store (i32.add (local.get $p) (i32.const 65536))
        (f32.add (f32.mul (local.get $x) (f32.load (local.get $q)))
          (f32.load (i32.add (local.get $p) (i32.const 65536)))))
      (f32.store (i32.add (local.get $p) (i32.const 65540))
        (f32.add (f32.mul (local.get $x) (f32.load offset=4 (local.get $q)))
          (f32.load (i32.add (local.get $p) (i32.const 65540)))))
      (f32.store (i32.add (local.get $p) (i32.const 65544))
        (f32.add (f32.mul (local.get $x) (f32.load offset=8 (local.get $q)))
          (f32.load (i32.add (local.get $p) (i32.const 65544)))))
      (local.set $p (i32.add (local.get $p) (i32.const +12)))
      (local.set $q (i32.add (local.get $q) (i32.const +12)))
      (local.set $n (i32.sub (local.get $n) (i32.const +3)))
      (br_if $again (i32.ge_s (local.get $n) (i32.const 0))))
    (i32.add (local.get $p) (local.get $q)))
  ;; Each word from two before it: a window that slides.
  (func (export "series") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $last i32)
    (loop $again
      (i32.store offset=16 (local.get $p)
        (local.tee $last (i32.add (i32.load (local.get $p)) (i32.load offset=12 (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const +4)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const +1)))))
    (local.get $last))
  ;; Two windows that are written, one that is read at another pace.
  (func (export "spread") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $from i32)
    (loop $again
      (i32.store (local.get $p) (i32.load8_s offset=100 (local.get $from)))
      (i32.store16 offset=2 (local.get $q) (local.get $n))
      (local.set $p (i32.add (local.get $p) (i32.const +4)))
      (local.set $q (i32.add (local.get $q) (i32.const +8)))
      (local.set $from (i32.add (local.get $from) (i32.const +1)))
      (br_if $again (i32.ne (i32.const 0) (local.tee $n (i32.sub (local.get $n) (i32.const +1))))))
    (local.get $from))
  ;; A sum kept in memory, which a store may reach through p.
  (func (export "sum") (param $p i32) (param $q i32) (param $n i32) (result i32)
    (loop $again
      (if (i32.and (i32.load8_u (local.get $p)) (i32.const 1))
        (then
          (i32.store (local.get $q)
            (i32.add (i32.load (local.get $q)) (i32.load16_s offset=2 (local.get $p))))))
      (local.set $p (i32.add (local.get $p) (i32.const +4)))
      (br_if $again (i32.le_u (i32.const 1) (local.tee $n (i32.sub (local.get $n) (i32.const +1))))))
    (i32.load (i32.const 40)))
  ;; Two ways to say the next word but one, of which below 0 only the first wraps.
  (func (export "ahead") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum
        (i32.add (i32.rotl (local.get $sum) (i32.const 5))
          (i32.xor (i32.load (i32.add (local.get $p) (i32.const 8))) (i32.load offset=12 (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const +4)))
      (br_if $again (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const +1))) (i32.const 0))))
    (local.get $sum))
  ;; A counter that may wrap before it gets there.
  (func (export "wraps") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $hash i64)
    (local.set $q (i32.mul (local.get $q) (i32.const 1000003)))
    (local.set $n (i32.add (local.get $q) (i32.mul (local.get $n) (i32.const 3))))
    (loop $again
      (local.set $hash (i64.mul (i64.xor (local.get $hash) (i64.load32_u (local.get $p))) (i64.const 0x100000001b3)))
      (local.set $p (i32.add (local.get $p) (i32.const +8)))
      (local.set $q (i32.add (local.get $q) (i32.const +3)))
      (br_if $again (i32.lt_s (local.get $q) (local.get $n))))
    (i32.wrap_i64 (i64.shr_u (local.get $hash) (i64.const 32)))))

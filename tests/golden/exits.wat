;; Ways out: returns from the middle, branches past several blocks, code that nothing reaches.
;; run: find(3) = 30
;; run: find(9) = -1
;; run: past(0) = 1
;; run: past(5) = 2
;; run: dead() = 4
(module
  (func (export "find") (param $n i32) (result i32) (local $i i32)
    (loop $again
      (if (i32.eq (local.get $i) (local.get $n))
        (then (return (i32.mul (local.get $i) (i32.const 10)))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (i32.const -1))
  (func (export "past") (param $n i32) (result i32)
    (block $outer (result i32)
      (block $middle
        (block $inner
          (br_if $middle (i32.eqz (local.get $n)))
          (br $outer (i32.const 2))))
      (i32.const 1)))
  (func (export "dead") (result i32)
    (return (i32.const 4))
    (block (br 0) (unreachable))
    (drop (i32.div_s (i32.const 1) (i32.const 0)))
    (i32.const 5)))

;; Without fuel nothing is charged.
;; options: fuel=off
;; run: sum(10) = 55
;; fuel: sum(10) = 0
(module
  (func (export "sum") (param $n i32) (result i32) (local $total i32)
    (loop $again
      (local.set $total (i32.add (local.get $total) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $total)))

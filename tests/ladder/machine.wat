;; run: run(60)
(module
  (memory 1)
  (global $steps (mut i32) (i32.const 0))
  (data (i32.const 0) "\03\01\04\01\05\00\02\06\05\03\05\04\02\01\00\03")
  (func (export "run") (param $n i32) (result i32) (local $pc i32) (local $acc i32)
    (loop $next
      (global.set $steps (i32.add (global.get $steps) (i32.const 1)))
      (if (i32.ge_u (global.get $steps) (local.get $n)) (then (return (local.get $acc))))
      (block $out
        (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
          (br_table $0 $1 $2 $3 $4 $5 $out (i32.load8_u (i32.and (local.get $pc) (i32.const 15)))))
          (local.set $acc (i32.mul (local.get $acc) (i32.const 3))) (br $out))
          (local.set $acc (i32.add (local.get $acc) (i32.const 17))) (br $out))
          (i32.store offset=64 (i32.and (local.get $acc) (i32.const 1020)) (local.get $pc)) (br $out))
          (local.set $acc (i32.xor (local.get $acc) (i32.load offset=64 (i32.and (local.get $acc) (i32.const 1020)))))
          (loop $spin
            (br_if $spin (i32.gt_s (local.tee $acc (i32.sub (local.get $acc) (i32.const 1000))) (i32.const 5000))))
          (br $out))
          (if (i32.and (local.get $acc) (i32.const 1))
            (then (local.set $pc (i32.add (local.get $pc) (i32.const 2))) (br $next))
            (else (local.set $acc (i32.rotl (local.get $acc) (i32.const 3)))))
          (br $out))
        (i32.store8 (i32.and (local.get $pc) (i32.const 15)) (i32.rem_u (local.get $acc) (i32.const 6))))
      (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
      (br $next))
    (i32.const -1)))

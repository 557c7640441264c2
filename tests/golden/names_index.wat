;; The same whatever the module's names say.
;; options: names=index
;; run: greet(3) = 12
(module
  (func $four_times (param $times i32) (result i32) (i32.shl (local.get $times) (i32.const 2)))
  (func $greet (export "greet") (param $times i32) (result i32) (call $four_times (local.get $times))))

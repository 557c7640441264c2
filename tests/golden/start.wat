;; The start function runs when the instance is made, and again when it is reset.
;; global: starts = 1
;; run: bump() = 
;; global: starts = 2
;; reset
;; global: starts = 1
(module
  (global $starts (export "starts") (mut i32) (i32.const 0))
  (func $bump (export "bump")
    (global.set $starts (i32.add (global.get $starts) (i32.const 1))))
  (start $bump))

//! The bytes make a module by wasm-smith: the interpreter against wasmi.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wrt_tests::interp::Interp;
use wrt_tests::smith;

fuzz_target!(|bytes: &[u8]| {
    let Some(subject) = smith::subject(bytes) else {
        return;
    };
    let interp = Interp::new(&subject.module.bytes, &smith::options(), false).expect("valid");
    if let Err(e) = smith::against_wasmi(&subject, &interp) {
        panic!("{e}");
    }
});

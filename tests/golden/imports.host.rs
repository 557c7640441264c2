use golden::imports::*;

pub struct Host;

impl Env for Host {
    fn log(&mut self, caller: &mut Caller<'_>, ptr: i32, len: i32) -> Result<i32, Trapped> {
        let bytes = caller.memory().get(ptr as u32, len as u32).expect("in bounds");
        assert_eq!(bytes, b"hello");
        Ok(bytes.len() as i32)
    }

    fn call_back(&mut self, caller: &mut Caller<'_>, n: i32) -> Result<i32, Trapped> {
        caller.double(self, n)
    }

    fn refuse(&mut self, caller: &mut Caller<'_>, code: i32) -> Result<(), Trapped> {
        Err(caller.trap(code, "the host refuses"))
    }
}

impl MoreMath for Host {
    fn swap(&mut self, _: &mut Caller<'_>, a: i32, b: i64) -> Result<(i64, i32), Trapped> {
        Ok((b, a))
    }
}

pub fn make() -> Result<Instance<Host>, Trap> {
    Instance::new(Host)
}

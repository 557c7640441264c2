use golden::recursion_host::*;

pub struct Host;

impl Env for Host {
    fn pong(&mut self, caller: &mut Caller<'_>, n: i32) -> Result<i32, Trapped> {
        caller.ping(self, n)
    }
}

pub fn make() -> Result<Instance<Host>, Trap> {
    Instance::new(Host)
}

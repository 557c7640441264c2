//! Looking whether an instance is what it should be. No guest can make it otherwise; faults of the machine and of what
//! surrounds it can.
//! What is looked at, and when, `wrt_rt::verify` says; here it is
//! each instance of a store that has a level.

use crate::context::AsContextMut;
use crate::core::{Core, FuncDef, HOST, InstanceEntity, UNTRANSLATED};
use crate::error::Error;
use crate::exec::WINDOW;
use crate::instance::Instance;
use crate::machine::Machine;
pub use wrt_rt::verify::Verification;
use wrt_rt::verify::{Sum, Verifier, funcs_are_sound, memory_is_sound};
use wrt_rt::{Cause, ValType};

impl Instance {
    /// Sets how it is verified from now on. Functions that are active already are sampled as before. Fails with
    /// [`Error::WrongStore`].
    pub fn set_verification(
        self,
        mut store: impl AsContextMut,
        level: Verification,
    ) -> Result<(), Error> {
        let inner = store.as_context_mut().0;
        inner.check(self.store)?;
        inner.core.set_verification(self.index, level);
        Ok(())
    }
}

impl Core {
    fn set_verification(&mut self, instance: u32, level: Verification) {
        let sampled = self.samples(instance);
        let mut verifier = Verifier::new();
        verifier.set(level);
        match level {
            Verification::Off => self.verify.remove(&instance),
            _ => self.verify.insert(instance, verifier),
        };
        if sampled == self.samples(instance) {
            return;
        }
        // The code of active functions stays as it is; what is called from now on is made again.
        for (head, func) in self.heads.iter_mut().zip(&self.funcs) {
            if matches!(func.def, FuncDef::Body { instance: of, .. } if of == instance) {
                head.entry = UNTRANSLATED;
            }
        }
    }

    /// Whether the check points of an instance count.
    pub(crate) fn samples(&self, instance: u32) -> bool {
        self.verify.get(&instance).is_some_and(Verifier::samples)
    }

    /// The guest is about to run in `machine`. Traps with `StateCorrupted`.
    pub(crate) fn guard(&mut self, machine: &Machine) -> Result<(), Cause> {
        self.each_verified(|core, instance, verifier| {
            let sound = || core.sound(instance, machine);
            verifier.guard(sound, || core.sum(instance))
        })
    }

    /// The guest stopped, or the host wrote: what there is now is right.
    pub(crate) fn seal(&mut self) {
        let _ = self.each_verified(|core, instance, verifier| {
            verifier.seal(|| core.sum(instance));
            Ok(())
        });
    }

    /// The host is about to write.
    pub(crate) fn open(&mut self) {
        let _ = self.each_verified(|core, instance, verifier| {
            verifier.open(|| core.sum(instance));
            Ok(())
        });
    }

    /// A run in `machine` stopped to be looked at. Traps with `StateCorrupted`.
    pub(crate) fn look(&mut self, machine: &Machine) -> Result<(), Cause> {
        self.each_verified(|core, instance, _| match core.sound(instance, machine) {
            true => Ok(()),
            false => Err(Cause::StateCorrupted),
        })
    }

    /// Does something about each instance that is verified, until it fails.
    #[inline]
    fn each_verified(
        &mut self,
        mut act: impl FnMut(&Core, u32, &mut Verifier) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        if self.verify.is_empty() {
            return Ok(());
        }
        let mut verify = core::mem::take(&mut self.verify);
        let mut all = verify.iter_mut();
        let done = all.try_for_each(|(instance, verifier)| act(self, *instance, verifier));
        self.verify = verify;
        done
    }

    /// A sum over memories, tables and globals that an instance reaches.
    fn sum(&self, instance: u32) -> u64 {
        let mut sum = Sum::new();
        let Some(this) = self.instances.get(instance as usize) else {
            return 0;
        };
        let memories = this.memories.iter();
        for memory in memories.filter_map(|m| self.memories.get(*m as usize)) {
            sum.memory(memory.bytes());
        }
        let tables = this.tables.iter();
        for table in tables.filter_map(|t| self.tables.get(*t as usize)) {
            sum.refs(table.table.elems());
        }
        let globals = this.globals.iter();
        for global in globals.filter_map(|g| self.globals.get(*g as usize)) {
            sum.add(*global);
        }
        sum.finish()
    }

    /// Whether the structures of the engine are sound, as far as they are about an instance, or a run.
    fn sound(&self, instance: u32, machine: &Machine) -> bool {
        let this = self.instances.get(instance as usize);
        this.is_some_and(|this| self.instance_is_sound(this)) && self.frames_are_sound(machine)
    }

    fn instance_is_sound(&self, this: &InstanceEntity) -> bool {
        let funcs = self.heads.len() as u32;
        let func = |raw: u32| raw == u32::MAX || raw < funcs;
        let memories = this.memories.iter().all(|m| {
            let memory = self.memories.get(*m as usize);
            memory.is_some_and(memory_is_sound)
        });
        let tables = this.tables.iter().all(|t| {
            let table = self.tables.get(*t as usize);
            table.is_some_and(|t| {
                let elems = t.table.elems();
                let fits = t.max.is_none_or(|max| elems.len() <= max as usize);
                fits && (t.element != ValType::FuncRef || funcs_are_sound(elems, funcs))
            })
        });
        let globals = this.globals.iter().all(|g| {
            let ty = self.global_types.get(*g as usize);
            match (ty.map(|ty| ty.ty), self.globals.get(*g as usize)) {
                (Some(ValType::I64 | ValType::F64), Some(_)) => true,
                (Some(ValType::FuncRef), Some(v)) => *v >> 32 == 0 && func(*v as u32),
                (Some(_), Some(v)) => *v >> 32 == 0,
                _ => false,
            }
        });
        memories && tables && globals
    }

    /// Frames follow each other up the stack and down the budget, and stand in code.
    fn frames_are_sound(&self, machine: &Machine) -> bool {
        let (mut base, mut depth) = (0, machine.budget());
        let sound = machine.frames().iter().all(|frame| {
            let head = self.heads.get(frame.func as usize);
            let left = head.and_then(|head| match head.framed {
                true => depth.checked_sub(head.weight),
                false => Some(depth),
            });
            let code = head.is_some_and(|head| head.entry != HOST);
            let next = code && (frame.pc as usize) < self.code.len();
            let ok = next && left == Some(frame.depth) && frame.base >= base;
            (base, depth) = (frame.base, frame.depth);
            ok
        });
        let running = machine.frames().last();
        sound && running.is_none_or(|f| f.base as usize + WINDOW <= machine.stack.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AsContext, Caller, Engine, Extern, Linker, Module, Store, Val};
    use alloc::string::ToString;
    use core::num::NonZeroU32;

    /// What the host function does to the store behind its back, and how the run ends.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        None,
        /// Through the functions for writing.
        Write,
        Memory,
        Global,
        Table,
        /// A function that the store has not.
        Func,
        /// Bits that an i32 has not.
        Bits,
        /// Half a page.
        Size,
        Frames,
        /// A stray write first, a legitimate one behind it.
        MemoryThenWrite,
    }

    const PROGRAM: &str = r#"(module
        (import "env" "host" (func $host))
        (memory (export "m") 1)
        (table (export "t") 2 funcref)
        (global $g (export "g") (mut i32) (i32.const 3))
        (elem (i32.const 0) func $f)
        (func $f (export "f") (param $n i32) (result i32)
            (i32.store (i32.const 8) (local.get $n))
            (call $host)
            (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.load (i32.const 8))))"#;

    fn inject(mut caller: Caller<'_, Fault>) {
        let fault = *caller.data();
        let core = &mut caller.inner.core;
        match fault {
            Fault::None => {}
            Fault::Memory | Fault::MemoryThenWrite => core.memories[0].bytes_mut()[5000] ^= 4,
            Fault::Global => core.globals[0] ^= 1,
            Fault::Table => core.tables[0].table.elems_mut()[1] = wrt_rt::FuncRef::new(0),
            Fault::Func => core.tables[0].table.elems_mut()[1] = wrt_rt::FuncRef::new(99),
            Fault::Bits => core.globals[0] |= 1 << 40,
            Fault::Size => core.memories[0] = wrt_rt::Memory::new(0, Some(0)),
            Fault::Frames | Fault::Write => {}
        }
        if matches!(fault, Fault::Write | Fault::MemoryThenWrite) {
            let get = |caller: &Caller<'_, Fault>, name| caller.get_export(name).expect("exported");
            let memory = get(&caller, "m").into_memory().expect("a memory");
            let global = get(&caller, "g").into_global().expect("a global");
            memory.write(&mut caller, 100, b"abc").expect("fits");
            memory.data_mut(&mut caller)[200] = 1;
            global.set(&mut caller, Val::I32(9)).expect("an i32");
        }
    }

    fn run(level: Verification, fault: Fault) -> Result<(), Cause> {
        let engine = Engine::default();
        let module = wat::parse_str(PROGRAM).expect("a module");
        let module = Module::new(&engine, module).expect("a module");
        let mut store = Store::new(&engine, fault);
        let mut linker = Linker::new();
        linker.func_wrap("env", "host", inject).expect("one name");
        let instance = linker.instantiate(&mut store, &module).expect("links");
        instance
            .set_verification(&mut store, level)
            .expect("its store");
        if fault == Fault::Frames {
            // Between two slices of a run.
            store.set_fuel(12);
            let f = instance.get_func(&store, "f").expect("exported");
            let outcome = f
                .call_resumable(&mut store, &[Val::I32(50)])
                .expect("no trap");
            let crate::Outcome::Paused(mut paused) = outcome else {
                panic!("it is done")
            };
            paused.machine_mut().frames[0].depth += 1;
            store.set_fuel(10_000);
            return match paused.resume(&mut store) {
                Ok(_) => Ok(()),
                Err(e) => Err(e.as_trap().expect("a trap").cause()),
            };
        }
        let mut call = || match instance.execute(&mut store, "f", &[Val::I32(50)]) {
            Ok(_) => Ok(()),
            Err(e) => Err(e.as_trap().expect("a trap").cause()),
        };
        let first = call();
        if first == Err(Cause::StateCorrupted) {
            assert_eq!(call(), first, "once corrupted, it stays so");
        }
        first
    }

    #[test]
    fn each_level_finds_what_it_says() {
        const WRONG: Result<(), Cause> = Err(Cause::StateCorrupted);
        let sampling = Verification::Sampling(NonZeroU32::new(10).expect("not 0"));
        let content = [
            Fault::Memory,
            Fault::Global,
            Fault::Table,
            Fault::MemoryThenWrite,
        ];
        let structure = [Fault::Func, Fault::Bits, Fault::Frames];
        for level in [
            Verification::Off,
            sampling,
            Verification::Standard,
            Verification::Full,
        ] {
            assert_eq!(run(level, Fault::None), Ok(()), "{level:?}");
            assert_eq!(run(level, Fault::Write), Ok(()), "{level:?}");
            for fault in content {
                let found = level == Verification::Full;
                let expected = if found { WRONG } else { Ok(()) };
                assert_eq!(run(level, fault), expected, "{level:?} {fault:?}");
            }
            for fault in structure {
                let found = level != Verification::Off;
                let expected = if found { WRONG } else { Ok(()) };
                assert_eq!(run(level, fault), expected, "{level:?} {fault:?}");
            }
        }
        assert_eq!(run(Verification::Full, Fault::Size), WRONG);
    }

    #[test]
    fn between_calls_too() {
        let engine = Engine::default();
        let module = wat::parse_str(PROGRAM).expect("a module");
        let module = Module::new(&engine, module).expect("a module");
        let mut store = Store::new(&engine, Fault::None);
        let mut linker = Linker::new();
        linker.func_wrap("env", "host", inject).expect("one name");
        let instance = linker.instantiate(&mut store, &module).expect("links");
        let full = Verification::Full;
        instance
            .set_verification(&mut store, full)
            .expect("its store");
        let call = |store: &mut Store<Fault>| {
            instance
                .execute(store, "f", &[Val::I32(2)])
                .map_err(|e| e.to_string())
        };
        call(&mut store).expect("sound");
        let memory = instance
            .get_export(&store, "m")
            .and_then(Extern::into_memory);
        let memory = memory.expect("a memory");
        memory.write(&mut store, 70, &[7]).expect("fits");
        call(&mut store).expect("a legitimate write");
        assert_eq!(memory.data(store.as_context())[70], 7);
        store.inner.core.memories[0].bytes_mut()[71] = 7;
        let error = call(&mut store).expect_err("a stray write");
        assert!(
            error.starts_with("the state of an instance was changed from outside"),
            "{error}"
        );
    }
}

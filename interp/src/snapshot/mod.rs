//! Snapshots: an instance, at rest or in the middle of a run, as bytes; and back, in another process, on another
//! machine.
//!
//! One form for each state, versioned, little-endian: what tells format, cost model, options and module; fuel; the
//! state that the instance owns (`state`); the frames of the run, at offsets in the file (`frames`). A snapshot is
//! untrusted: everything is checked before it is used, and what is refused leaves the store as it was.

mod frames;
mod state;

use crate::context::{AsContext, AsContextMut};
use crate::core::{Core, FuncDef, InstanceEntity};
use crate::error::Error;
use crate::instance::Instance;
use crate::instantiate::Failure;
use crate::linker::Linker;
use crate::machine::Machine;
use crate::module::Module;
use crate::pause::Paused;
use crate::slot::Slot;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use wrt_rt::snapshot::{Reader, Refused, Subject, Writer};
use wrt_rt::{Cause, ValType};

/// What a snapshot brings back.
#[derive(Debug)]
pub struct Restored {
    /// The instance.
    pub instance: Instance,
    /// The run, if it was saved in the middle of one.
    pub paused: Option<Paused>,
}

/// How the run of a snapshot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A charge was refused.
    Refused(Cause),
    /// A host function of the store was called, and its results are waited for in the slots from `base` on.
    Host { func: u32, base: u32 },
}

impl Instance {
    /// The state of an instance at rest: memories, tables, globals, dropped segments, and the store's fuel.
    ///
    /// Fails with [`Error::Snapshot`] if it imports a memory, a table or a mutable global, which are not its own to
    /// save, or holds a reference to a function of another instance; and with [`Error::WrongStore`].
    pub fn save(self, store: impl AsContext) -> Result<Vec<u8>, Error> {
        let inner = store.as_context().0;
        inner.check(self.store)?;
        save(&inner.core, self.index, None)
    }
}

impl Paused {
    /// The run and the instance in which it runs. See [`Instance::save`].
    ///
    /// Fails with [`Error::Snapshot`] also if functions of another instance are active.
    pub fn save(&self, store: impl AsContext) -> Result<Vec<u8>, Error> {
        let inner = store.as_context().0;
        inner.check(self.store)?;
        let Some((machine, standing)) = self.standing() else {
            return Err(refused("no function of a module is active"));
        };
        let FuncDef::Body { instance, .. } = inner.core.funcs[self.func().index as usize].def
        else {
            return Err(refused("no function of a module is active"));
        };
        save(&inner.core, instance, Some((machine, standing)))
    }
}

impl<T> Linker<T> {
    /// The instance that was saved as `snapshot`, with imports from here; its start function does not run again. The
    /// store's fuel becomes the snapshot's.
    ///
    /// Fails with [`Error::Snapshot`] if the bytes are no snapshot, or one of another version, cost model, module or
    /// set of options, or do not fit together, or need more than the store's limits allow. Then the store is as it
    /// was.
    pub fn restore<C: AsContextMut<Data = T>>(
        &self,
        mut store: C,
        module: &Module,
        snapshot: &[u8],
    ) -> Result<Restored, Error> {
        let inner = store.as_context_mut().0;
        let imports = self.imports(inner, module)?;
        let mark = inner.core.mark();
        let restored = restore(&mut inner.core, module, &imports, snapshot);
        let (index, run) = match restored {
            Ok(restored) => restored,
            Err(e) => {
                inner.core.truncate(mark);
                return Err(e);
            }
        };
        let store = inner.id;
        Ok(Restored {
            instance: Instance { store, index },
            paused: run.map(|(machine, standing)| Paused::standing_at(store, machine, standing)),
        })
    }
}

/// An error that says why.
fn refused(why: impl Into<String>) -> Error {
    Error::Snapshot(why.into())
}

impl From<Refused> for Error {
    fn from(e: Refused) -> Error {
        refused(e.to_string())
    }
}

/// What snapshots of instances of `module` are of.
fn subject(module: &Module) -> Subject {
    wrt_compiler::snapshot_subject(module.bytes(), module.engine().options())
}

fn save(core: &Core, instance: u32, run: Option<(&Machine, Standing)>) -> Result<Vec<u8>, Error> {
    let Some(this) = core.instances.get(instance as usize) else {
        return Err(refused("there is no such instance"));
    };
    owned(&this.module)?;
    let mut w = Writer::new();
    w.header(&subject(&this.module), &core.run);
    let refs = Refs::new(this);
    state::save(core, this, &refs, &mut w)?;
    match run {
        None => w.flag(false),
        Some((machine, standing)) => {
            w.flag(true);
            frames::save(core, instance, &refs, machine, standing, &mut w)?;
        }
    }
    Ok(w.finish())
}

fn restore(
    core: &mut Core,
    module: &Module,
    imports: &[crate::instantiate::Item],
    snapshot: &[u8],
) -> Result<(u32, Option<(Machine, Standing)>), Error> {
    owned(module)?;
    let mut r = Reader::new(snapshot)?;
    let (remaining, consumed) = r.header(&subject(module))?;
    let index = core
        .instantiate(module, String::new(), imports)
        .map_err(|e| match e {
            Failure::Link(text) => Error::Link(text),
            Failure::Trap(cause) => cause.into(),
        })?;
    state::restore(core, index, &mut r)?;
    let run = match r.flag()? {
        false => None,
        true => Some(frames::restore(core, index, &mut r)?),
    };
    r.end()?;
    core.run.restore_fuel(remaining, consumed);
    Ok((index, run))
}

/// Fails if the module imports state.
fn owned(module: &Module) -> Result<(), Error> {
    use wrt_compiler::module::ExternType as Ty;
    for import in &module.decoded().imports {
        let what = match &import.ty {
            Ty::Memory(_) => "memory",
            Ty::Table(_) => "table",
            Ty::Global(ty) if ty.mutable => "mutable global",
            _ => continue,
        };
        return Err(refused(format!(
            "the {what} {:?} {:?} is imported, and not the instance's own to save",
            import.module, import.name
        )));
    }
    Ok(())
}

/// References to functions, by their index in the module and by their number in the store.
struct Refs {
    funcs: Vec<u32>,
    indices: BTreeMap<u32, u32>,
}

impl Refs {
    fn new(this: &InstanceEntity) -> Refs {
        let indices = this.funcs.iter().enumerate();
        Refs {
            funcs: this.funcs.clone(),
            indices: indices.map(|(n, func)| (*func, n as u32)).collect(),
        }
    }

    /// The index of a function of the store; null stays null.
    fn index(&self, func: u32) -> Result<u32, Error> {
        match self.indices.get(&func) {
            Some(index) => Ok(*index),
            None if func == u32::MAX => Ok(func),
            None => Err(refused(
                "it holds a reference to a function of another instance",
            )),
        }
    }

    /// The function of an index.
    fn func(&self, index: u32) -> Option<u32> {
        match index {
            u32::MAX => Some(index),
            _ => self.funcs.get(index as usize).copied(),
        }
    }

    /// Writes a value, with its type.
    fn save(&self, w: &mut Writer, ty: ValType, slot: u64) -> Result<(), Error> {
        let bits = match ty {
            ValType::FuncRef => u64::from(self.index(slot as u32)?),
            _ => slot,
        };
        w.value(ty, bits);
        Ok(())
    }

    /// Reads a value of type `ty`.
    fn restore(&self, r: &mut Reader<'_>, ty: ValType) -> Result<u64, Error> {
        let bits = r.value(ty)?;
        match ty {
            ValType::FuncRef => {
                let func = self.func(bits as u32);
                let func = func.ok_or(r.fail("a function that the module has not"))?;
                Ok(wrt_rt::FuncRef::new(func).put())
            }
            _ => Ok(bits),
        }
    }
}

//! wasmi as a side. It has no fuel in our sense, no backtraces, and no numbers of functions.

use crate::side::{Host, REFUSED, Side, Sums};
use wasmi::{
    Config, Engine, Error, Extern, Func, FuncType, Global, Instance, Linker, Memory, Module,
    Nullable, Store, Table, TrapCode, Val,
};
use wrt_rt::{Cause, ExternRef, FuncRef};

/// A module that can be instantiated.
pub struct Reference {
    module: Module,
    store: Store<Host>,
    instance: Option<Instance>,
    globals: Vec<Global>,
    tables: Vec<Table>,
    memories: Vec<Memory>,
}

impl Reference {
    /// Reads the module; `fuel` units of wasmi's are for everything that it does.
    pub fn new(bytes: &[u8], fuel: u64) -> Result<Reference, String> {
        let mut config = Config::default();
        config.consume_fuel(true);
        config.wasm_custom_page_sizes(true);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, bytes).map_err(|e| e.to_string())?;
        let mut store = Store::new(&engine, Host::default());
        store.set_fuel(fuel).map_err(|e| e.to_string())?;
        Ok(Reference {
            module,
            store,
            instance: None,
            globals: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
        })
    }
}

/// What a line of ours says that wasmi can say too.
pub fn common(line: &str) -> String {
    let (text, _) = line.split_once(" /").unwrap_or((line, ""));
    let text = text.replace(
        Cause::UndefinedElement.message(),
        Cause::TableOutOfBounds.message(),
    );
    let words = text
        .split(' ')
        .map(|word| match word.strip_prefix("func:") {
            Some(n) if n != "null" => "func:some",
            _ => word,
        });
    let words: Vec<&str> = words.collect();
    let mut out = words.join(" ");
    if let Some(rest) = out.strip_prefix("fuel ") {
        out = rest
            .split_once(' ')
            .map_or("", |(_, rest)| rest)
            .to_string();
    }
    // In the line for the state, globals and tables are known by a sum, in which references have numbers; each has a
    // line of its own.
    match (out.find(", globals "), out.find(", memories ")) {
        (Some(from), Some(to)) => [&out[..from], &out[to..]].concat(),
        _ => out,
    }
}

/// The text of a trap, as ours have it.
fn text(e: &Error) -> String {
    let Some(code) = e.as_trap_code() else {
        // A segment that does not fit is no trap here, but a text that begins as the trap's.
        let text = e.to_string();
        let causes = [Cause::TableOutOfBounds, Cause::MemoryOutOfBounds];
        let cause = causes
            .iter()
            .find(|cause| text.starts_with(cause.message()));
        return cause.map_or(text.clone(), |cause| cause.message().to_string());
    };
    let cause = match code {
        TrapCode::UnreachableCodeReached => Cause::Unreachable,
        TrapCode::MemoryOutOfBounds => Cause::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => Cause::TableOutOfBounds,
        TrapCode::IndirectCallToNull => Cause::UninitializedElement,
        TrapCode::IntegerDivisionByZero => Cause::IntegerDivideByZero,
        TrapCode::IntegerOverflow => Cause::IntegerOverflow,
        TrapCode::BadConversionToInteger => Cause::InvalidConversionToInteger,
        TrapCode::StackOverflow => Cause::CallStackExhausted,
        TrapCode::BadSignature => Cause::IndirectCallTypeMismatch,
        other => return format!("wasmi: {other:?}"),
    };
    cause.message().to_string()
}

fn to_wasmi(store: &mut Store<Host>, v: wrt_rt::Val) -> Val {
    match v {
        wrt_rt::Val::I32(v) => Val::I32(v),
        wrt_rt::Val::I64(v) => Val::I64(v),
        wrt_rt::Val::F32(v) => Val::F32(wasmi::F32::from_bits(v.to_bits())),
        wrt_rt::Val::F64(v) => Val::F64(wasmi::F64::from_bits(v.to_bits())),
        wrt_rt::Val::ExternRef(e) => Val::ExternRef(match e.index() {
            Some(n) => Nullable::Val(wasmi::ExternRef::new(store, n)),
            None => Nullable::Null,
        }),
        wrt_rt::Val::FuncRef(f) if f.is_null() => Val::FuncRef(Nullable::Null),
        other => panic!("no argument: {other:?}"),
    }
}

fn from_wasmi(store: &Store<Host>, v: &Val) -> wrt_rt::Val {
    match v {
        Val::I32(v) => wrt_rt::Val::I32(*v),
        Val::I64(v) => wrt_rt::Val::I64(*v),
        Val::F32(v) => wrt_rt::Val::F32(f32::from_bits(v.to_bits())),
        Val::F64(v) => wrt_rt::Val::F64(f64::from_bits(v.to_bits())),
        Val::FuncRef(Nullable::Null) => wrt_rt::Val::FuncRef(FuncRef::NULL),
        Val::FuncRef(Nullable::Val(_)) => wrt_rt::Val::FuncRef(FuncRef::new(0)),
        Val::ExternRef(Nullable::Null) => wrt_rt::Val::ExternRef(ExternRef::NULL),
        Val::ExternRef(Nullable::Val(e)) => {
            let n = e.data(store).downcast_ref::<u32>();
            wrt_rt::Val::ExternRef(ExternRef::new(*n.expect("one of ours")))
        }
        other => panic!("no value: {other:?}"),
    }
}

/// The function `name` of module `env`.
fn host(store: &mut Store<Host>, name: &str, ty: &FuncType) -> Func {
    let name = name.to_string();
    Func::new(store, ty.clone(), move |mut caller, args, results| {
        let args: Vec<wrt_rt::Val> = args.iter().map(number).collect();
        let answer = caller.data_mut().call(&name, &args);
        let answer = answer.map_err(|_| Error::new(REFUSED))?;
        for (to, value) in results.iter_mut().zip(answer) {
            *to = match value {
                wrt_rt::Val::I32(v) => Val::I32(v),
                wrt_rt::Val::I64(v) => Val::I64(v),
                wrt_rt::Val::F32(v) => Val::from(v),
                wrt_rt::Val::F64(v) => Val::from(v),
                other => panic!("no result of env: {other:?}"),
            };
        }
        Ok(())
    })
}

fn number(v: &Val) -> wrt_rt::Val {
    match v {
        Val::I32(v) => wrt_rt::Val::I32(*v),
        Val::I64(v) => wrt_rt::Val::I64(*v),
        Val::F32(v) => wrt_rt::Val::F32(f32::from_bits(v.to_bits())),
        Val::F64(v) => wrt_rt::Val::F64(f64::from_bits(v.to_bits())),
        other => panic!("no argument of env: {other:?}"),
    }
}

impl Side for Reference {
    fn start(&mut self) -> Result<(), String> {
        let mut linker = Linker::new(self.module.engine());
        for import in self.module.imports() {
            let ty = import.ty().func().expect("functions alone are imported");
            let func = host(&mut self.store, import.name(), ty);
            // A name that is imported twice is defined already.
            let _ = linker.define(import.module(), import.name(), func);
        }
        let made = linker.instantiate_and_start(&mut self.store, &self.module);
        let instance = made.map_err(|e| text(&e))?;
        self.instance = Some(instance);
        let store = &self.store;
        let all = |prefix: &str| {
            let named = |n: usize| instance.get_export(store, &format!("{prefix}{n}"));
            (0..).map_while(named).collect::<Vec<Extern>>()
        };
        self.globals = all("zz_g")
            .into_iter()
            .filter_map(Extern::into_global)
            .collect();
        self.tables = all("zz_t")
            .into_iter()
            .filter_map(Extern::into_table)
            .collect();
        self.memories = all("zz_m")
            .into_iter()
            .filter_map(Extern::into_memory)
            .collect();
        Ok(())
    }

    fn call(&mut self, name: &str, args: &[wrt_rt::Val]) -> Result<Vec<wrt_rt::Val>, String> {
        let instance = self.instance.expect("started");
        let func = instance
            .get_func(&self.store, name)
            .expect("an exported function");
        let args = args.iter().map(|v| to_wasmi(&mut self.store, *v));
        let args: Vec<Val> = args.collect();
        let ty = func.ty(&self.store);
        let mut results: Vec<Val> = ty
            .results()
            .iter()
            .map(|ty| Val::default_for_ty(*ty))
            .collect();
        let done = func.call(&mut self.store, &args, &mut results);
        done.map_err(|e| text(&e))?;
        Ok(results.iter().map(|v| from_wasmi(&self.store, v)).collect())
    }

    fn set_fuel(&mut self, _: u64) {}

    fn fuel(&self) -> u64 {
        0
    }

    fn host(&self) -> u64 {
        self.store.data().0
    }

    fn globals(&self) -> Vec<wrt_rt::Val> {
        let value = |global: &Global| from_wasmi(&self.store, &global.get(&self.store));
        self.globals.iter().map(value).collect()
    }

    fn tables(&self) -> Vec<Vec<wrt_rt::Val>> {
        let elem = |table: &Table, n| {
            let elem = table.get(&self.store, n).expect("in bounds");
            from_wasmi(&self.store, &Val::from(elem))
        };
        let elems = |table: &Table| {
            (0..table.size(&self.store))
                .map(|n| elem(table, n))
                .collect()
        };
        self.tables.iter().map(elems).collect()
    }

    fn memories(&self, sums: &mut Sums) {
        for memory in &self.memories {
            sums.add(memory.data(&self.store));
        }
    }
}

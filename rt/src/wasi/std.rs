//! A context on the host's operating system, through `std` alone.

use ::std::fs::File;
use ::std::io::{self, IsTerminal, Read, Write};
use ::std::time::{Instant, SystemTime, UNIX_EPOCH};
use alloc::vec::Vec;
use core::time::Duration;

use super::buffers::Buffers;
use super::descriptors::Slot;
use super::{
    Clock, ClockId, Ctx, Denied, Descriptors, Entropy, Env, Errno, Filesystem, Limits, Provider,
    SeededEntropy, Stdio, StepClock, Stream, StreamKind,
};
use input::Input;

mod input;

/// A context that grants what it was told to, and at first nothing. Files are
/// those of `F`.
///
/// ```
/// use wrt_rt::wasi::{Env, std::StdCtx};
/// let ctx = StdCtx::new().arg("prog").arg("-v").env("LANG", "C").inherit_stdio().clocks();
/// assert_eq!(ctx.var(0), Some(&b"LANG=C"[..]));
/// ```
#[derive(Debug, Default)]
pub struct StdCtx<F = Denied> {
    args: Vec<Vec<u8>>,
    vars: Vec<Vec<u8>>,
    streams: Streams,
    /// Standard input of the process, once it was waited for.
    input: Option<Input>,
    clocks: Option<Time>,
    entropy: Option<Source>,
    filesystem: F,
    descriptors: Descriptors<Vec<Slot>>,
    limits: Limits,
}

/// What time it is.
#[derive(Debug)]
enum Time {
    /// The system's, monotonic time beginning here.
    System(Instant),
    Steps(StepClock),
}

/// Where the standard streams lead.
#[derive(Debug)]
enum Streams {
    /// To those of the process, each if it is granted.
    Process([bool; 3]),
    Buffers(Buffers),
}

impl Default for Streams {
    fn default() -> Self {
        Self::Process([false; 3])
    }
}

/// Where random bytes come from.
#[derive(Debug)]
enum Source {
    /// The system's own generator.
    #[cfg_attr(not(unix), allow(dead_code))]
    Device(File),
    /// The keys of `RandomState`, which the system seeds: see
    /// [`StdCtx::entropy`].
    #[cfg_attr(unix, allow(dead_code))]
    HashKeys,
    /// A seed.
    Seeded(SeededEntropy),
}

impl StdCtx {
    /// Grants nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grants the process's arguments, environment, streams, clocks and random
    /// bytes: all that there is.
    pub fn inherit() -> Self {
        Self::new()
            .inherit_args()
            .inherit_env()
            .inherit_stdio()
            .clocks()
            .entropy()
    }
}

impl<F> StdCtx<F> {
    /// Grants files, in place of those there were.
    pub fn filesystem<G: Filesystem>(self, filesystem: G) -> StdCtx<G> {
        StdCtx {
            args: self.args,
            vars: self.vars,
            streams: self.streams,
            input: self.input,
            clocks: self.clocks,
            entropy: self.entropy,
            filesystem,
            descriptors: self.descriptors,
            limits: self.limits,
        }
    }

    /// The files.
    pub fn filesystem_mut(&mut self) -> &mut F {
        &mut self.filesystem
    }

    /// Sets the most descriptors that may be open at a time, which is
    /// [`MAX_OPEN`](super::descriptors::MAX_OPEN) at first.
    pub fn max_open(mut self, limit: u32) -> Self {
        self.descriptors.set_limit(limit);
        self
    }

    /// Sets how much one call may ask for.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Grants a clock of steps in place of the system's.
    pub fn clock(mut self, clock: StepClock) -> Self {
        self.clocks = Some(Time::Steps(clock));
        self
    }

    /// The clock of steps, if there is one.
    pub fn step_clock(&self) -> Option<StepClock> {
        match self.clocks {
            Some(Time::Steps(clock)) => Some(clock),
            _ => None,
        }
    }

    /// Grants random bytes that a seed decides, which are not fit for keys.
    pub fn seed(mut self, entropy: SeededEntropy) -> Self {
        self.entropy = Some(Source::Seeded(entropy));
        self
    }

    /// What a seed decides, if one does.
    pub fn seeded(&self) -> Option<SeededEntropy> {
        match self.entropy {
            Some(Source::Seeded(entropy)) => Some(entropy),
            _ => None,
        }
    }

    /// Adds an argument; the first is the program's name. Anything after a
    /// zero byte is left out.
    pub fn arg(mut self, arg: impl AsRef<[u8]>) -> Self {
        self.args.push(until_zero(arg.as_ref()));
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<[u8]>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Adds the process's arguments, its name included.
    pub fn inherit_args(self) -> Self {
        self.args(::std::env::args_os().map(|arg| arg.into_encoded_bytes()))
    }

    /// Adds an environment variable. Anything after a zero byte is left out.
    pub fn env(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        let var = [name.as_ref(), value.as_ref()].join(&b'=');
        self.vars.push(until_zero(&var));
        self
    }

    /// Adds the process's environment.
    pub fn inherit_env(self) -> Self {
        ::std::env::vars_os().fold(self, |ctx, (name, value)| {
            ctx.env(name.into_encoded_bytes(), value.into_encoded_bytes())
        })
    }

    /// Grants the process's three streams.
    pub fn inherit_stdio(self) -> Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Grants the process's standard input.
    pub fn inherit_stdin(self) -> Self {
        self.inherit_stream(Stream::In)
    }

    /// Grants the process's standard output.
    pub fn inherit_stdout(self) -> Self {
        self.inherit_stream(Stream::Out)
    }

    /// Grants the process's standard error.
    pub fn inherit_stderr(self) -> Self {
        self.inherit_stream(Stream::Err)
    }

    fn inherit_stream(mut self, stream: Stream) -> Self {
        if let Streams::Buffers(_) = self.streams {
            self.streams = Streams::default();
        }
        if let Streams::Process(granted) = &mut self.streams {
            granted[stream as usize] = true;
        }
        self
    }

    /// Grants streams in memory in place of the process's.
    pub fn buffers(mut self, buffers: Buffers) -> Self {
        self.streams = Streams::Buffers(buffers);
        self
    }

    /// The streams in memory, if there are any.
    pub fn buffers_mut(&mut self) -> Option<&mut Buffers> {
        match &mut self.streams {
            Streams::Buffers(buffers) => Some(buffers),
            Streams::Process(_) => None,
        }
    }

    /// Grants the real-time and the monotonic clock (from now on), and waiting.
    pub fn clocks(mut self) -> Self {
        self.clocks = Some(Time::System(Instant::now()));
        self
    }

    /// Grants random bytes: from `/dev/urandom` on Unix, where nothing is
    /// granted if it cannot be opened. Elsewhere from hashes under the keys of
    /// `RandomState`, which `std` takes from the system once per thread: hard
    /// to predict, but no generator for keys.
    pub fn entropy(mut self) -> Self {
        #[cfg(unix)]
        {
            self.entropy = File::open("/dev/urandom").ok().map(Source::Device);
        }
        #[cfg(not(unix))]
        {
            self.entropy = Some(Source::HashKeys);
        }
        self
    }

    fn granted(&self, stream: Stream) -> bool {
        match &self.streams {
            Streams::Process(granted) => granted[stream as usize],
            Streams::Buffers(_) => false,
        }
    }
}

fn until_zero(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take_while(|b| *b != 0).collect()
}

/// The guest's number for an error of `std`.
fn errno(error: io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::WouldBlock => Errno::AGAIN,
        io::ErrorKind::BrokenPipe => Errno::PIPE,
        io::ErrorKind::StorageFull => Errno::NOSPC,
        _ => Errno::IO,
    }
}

/// Does it again as long as a signal interrupts it.
fn retry<T>(mut f: impl FnMut() -> io::Result<T>) -> Result<T, Errno> {
    loop {
        match f() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(errno),
        }
    }
}

impl<F> Env for StdCtx<F> {
    fn arg(&self, index: usize) -> Option<&[u8]> {
        self.args.get(index).map(Vec::as_slice)
    }

    fn var(&self, index: usize) -> Option<&[u8]> {
        self.vars.get(index).map(Vec::as_slice)
    }
}

impl<F> Clock for StdCtx<F> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let start = match &mut self.clocks {
            None => return Err(Errno::NOTCAPABLE),
            Some(Time::System(start)) => *start,
            Some(Time::Steps(steps)) => return steps.now(clock),
        };
        let time = match clock {
            ClockId::Realtime => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_err(|_| Errno::OVERFLOW)?,
            ClockId::Monotonic => start.elapsed(),
            ClockId::ProcessCpu | ClockId::ThreadCpu => return Err(Errno::NOTSUP),
        };
        u64::try_from(time.as_nanos()).map_err(|_| Errno::OVERFLOW)
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        if let Some(Time::Steps(steps)) = &mut self.clocks {
            return steps.resolution(clock);
        }
        self.now(clock)?;
        Ok(if cfg!(unix) { 1 } else { 100 })
    }

    fn sleep(&mut self, nanoseconds: u64) -> Result<(), Errno> {
        match &mut self.clocks {
            None => Err(Errno::NOTCAPABLE),
            Some(Time::System(_)) => {
                ::std::thread::sleep(Duration::from_nanos(nanoseconds));
                Ok(())
            }
            Some(Time::Steps(steps)) => steps.sleep(nanoseconds),
        }
    }
}

impl<F> Entropy for StdCtx<F> {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Errno> {
        match &mut self.entropy {
            None => Err(Errno::NOTCAPABLE),
            Some(Source::Device(file)) => file.read_exact(buf).map_err(errno),
            Some(Source::HashKeys) => {
                hash_keys(buf);
                Ok(())
            }
            Some(Source::Seeded(entropy)) => entropy.fill(buf),
        }
    }
}

/// Fills the buffer from the hasher under fresh keys for each call.
fn hash_keys(buf: &mut [u8]) {
    use core::hash::BuildHasher;
    let state = ::std::hash::RandomState::new();
    for (counter, chunk) in buf.chunks_mut(8).enumerate() {
        let bytes = state.hash_one(counter).to_ne_bytes();
        chunk
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = from);
    }
}

impl<F> Stdio for StdCtx<F> {
    fn kind(&mut self, stream: Stream) -> StreamKind {
        if let Streams::Buffers(buffers) = &mut self.streams {
            return buffers.kind(stream);
        }
        let terminal = match stream {
            _ if !self.granted(stream) => return StreamKind::Closed,
            Stream::In => io::stdin().is_terminal(),
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        };
        if terminal {
            StreamKind::Terminal
        } else {
            StreamKind::Other
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Errno> {
        match &mut self.streams {
            Streams::Buffers(buffers) => buffers.read(buf),
            Streams::Process([true, ..]) => match &mut self.input {
                Some(input) => input.read(buf).map_err(errno),
                None => retry(|| io::stdin().lock().read(buf)),
            },
            Streams::Process(_) => Err(Errno::BADF),
        }
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<usize, Errno> {
        match (&mut self.streams, stream) {
            (Streams::Buffers(buffers), _) => buffers.write(stream, bytes),
            (Streams::Process([_, true, _]), Stream::Out) => {
                retry(|| io::stdout().lock().write(bytes))
            }
            (Streams::Process([.., true]), Stream::Err) => {
                retry(|| io::stderr().lock().write(bytes))
            }
            _ => Err(Errno::BADF),
        }
    }

    fn flush(&mut self, stream: Stream) -> Result<(), Errno> {
        match stream {
            Stream::Out if self.granted(stream) => retry(|| io::stdout().lock().flush()),
            _ => Ok(()),
        }
    }

    fn ready(&mut self, stream: Stream, nanoseconds: u64) -> Result<bool, Errno> {
        match (&self.streams, stream) {
            (Streams::Process([true, ..]), Stream::In) => {
                let input = self.input.get_or_insert_with(Input::start);
                Ok(input.ready(Duration::from_nanos(nanoseconds)))
            }
            _ => Ok(true),
        }
    }

    fn close(&mut self, stream: Stream) -> Result<(), Errno> {
        match &mut self.streams {
            Streams::Buffers(buffers) => buffers.close(stream),
            Streams::Process(granted) => {
                granted[stream as usize] = false;
                Ok(())
            }
        }
    }
}

impl<F: Filesystem> Ctx for StdCtx<F> {
    type Filesystem = F;
    type Slots = Vec<Slot>;

    fn filesystem(&mut self) -> &mut F {
        &mut self.filesystem
    }

    fn descriptors(&mut self) -> &mut Descriptors<Vec<Slot>> {
        &mut self.descriptors
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

impl<F: Filesystem> Provider for StdCtx<F> {
    type Ctx = Self;

    fn wasi(&mut self) -> &mut Self {
        self
    }
}

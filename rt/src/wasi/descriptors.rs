//! The descriptors of a guest: what its numbers stand for. The lowest free
//! number is given out first, as POSIX has it.

use super::filesystem::{Filesystem, Node};
use super::{Ctx, Errno, Stream, StreamKind};

/// What a descriptor is open on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A standard stream.
    Stream(Stream),
    /// A file.
    File(Node),
    /// A directory; `preopen` is its index if the host opened it.
    Directory {
        /// The directory.
        node: Node,
        /// Its index among the folders that the host opened.
        preopen: Option<u32>,
    },
}

/// A descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    pub(super) target: Target,
    /// Where the next read or write of a file begins, in bytes.
    pub(super) position: u64,
    /// It was opened to read.
    pub(super) read: bool,
    /// It was opened to write.
    pub(super) write: bool,
    /// Writes go to the end.
    pub(super) append: bool,
    /// The guest asked not to be blocked.
    pub(super) nonblock: bool,
}

impl Descriptor {
    pub(super) const fn new(target: Target) -> Self {
        Self {
            target,
            position: 0,
            read: true,
            write: true,
            append: false,
            nonblock: false,
        }
    }

    /// What it is open on.
    pub const fn target(&self) -> Target {
        self.target
    }
}

/// A place for a descriptor.
pub type Slot = Option<Descriptor>;

/// Where descriptors are kept: an array, or a vector that grows.
pub trait Slots {
    /// All places.
    fn slots(&mut self) -> &mut [Slot];

    /// Makes at least one more place, or gives `false`.
    fn grow(&mut self) -> bool;
}

impl<const N: usize> Slots for [Slot; N] {
    fn slots(&mut self) -> &mut [Slot] {
        self
    }

    fn grow(&mut self) -> bool {
        false
    }
}

#[cfg(feature = "alloc")]
impl Slots for alloc::vec::Vec<Slot> {
    fn slots(&mut self) -> &mut [Slot] {
        self
    }

    fn grow(&mut self) -> bool {
        let room = self.try_reserve(1).is_ok();
        if room {
            self.push(None);
        }
        room
    }
}

/// The descriptors of one guest.
#[derive(Clone, Debug)]
pub struct Descriptors<S> {
    slots: S,
    /// No number below is free.
    lowest: u32,
    /// The most that may be open at a time.
    limit: u32,
    /// The streams and the host's folders are in.
    started: bool,
    /// Which streams there were then.
    streams: [bool; 3],
}

/// The most descriptors that may be open at a time, unless the host says
/// otherwise.
pub const MAX_OPEN: u32 = 1024;

impl<const N: usize> Descriptors<[Slot; N]> {
    /// Room for `N` descriptors, without an allocator.
    pub const fn fixed() -> Self {
        Self {
            slots: [None; N],
            lowest: 0,
            limit: u32::MAX,
            started: false,
            streams: [false; 3],
        }
    }
}

#[cfg(feature = "alloc")]
impl Descriptors<alloc::vec::Vec<Slot>> {
    /// At most `limit` descriptors.
    pub const fn new(limit: u32) -> Self {
        Self {
            slots: alloc::vec::Vec::new(),
            lowest: 0,
            limit,
            started: false,
            streams: [false; 3],
        }
    }

    /// Sets the most that may be open at a time.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit;
    }
}

#[cfg(feature = "alloc")]
impl Default for Descriptors<alloc::vec::Vec<Slot>> {
    /// At most [`MAX_OPEN`].
    fn default() -> Self {
        Self::new(MAX_OPEN)
    }
}

impl<S: Slots> Descriptors<S> {
    /// The descriptor of a number.
    pub fn get(&mut self, fd: i32) -> Option<&mut Descriptor> {
        let slot = self.slots.slots().get_mut(fd as u32 as usize)?;
        slot.as_mut()
    }

    /// All that are open, with their numbers.
    pub fn open(&mut self) -> impl Iterator<Item = (u32, Descriptor)> + '_ {
        let slots = self.slots.slots().iter();
        (0..)
            .zip(slots)
            .filter_map(|(fd, slot)| Some((fd, (*slot)?)))
    }

    /// Whether one more can be opened.
    pub(super) fn room(&mut self) -> Result<(), Errno> {
        self.free().map(drop)
    }

    /// The lowest free number, for which there is a place then.
    fn free(&mut self) -> Result<u32, Errno> {
        let slots = self.slots.slots().iter().skip(self.lowest as usize);
        let taken = slots.take_while(|slot| slot.is_some()).count();
        let taken = u32::try_from(taken).map_err(|_| Errno::MFILE)?;
        self.lowest = self.lowest.checked_add(taken).ok_or(Errno::MFILE)?;
        if self.lowest >= self.limit {
            return Err(Errno::MFILE);
        }
        let places = self.slots.slots().len();
        if self.lowest as usize >= places && !self.slots.grow() {
            return Err(Errno::MFILE);
        }
        Ok(self.lowest)
    }

    /// Gives it the lowest free number.
    pub(super) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let fd = self.free()?;
        self.put(fd, Some(descriptor));
        Ok(fd)
    }

    /// Makes a number stand for something else, and gives what it stood for.
    pub(super) fn put(&mut self, fd: u32, new: Slot) -> Slot {
        if new.is_none() {
            self.lowest = self.lowest.min(fd);
        }
        let slot = self.slots.slots().get_mut(fd as usize)?;
        core::mem::replace(slot, new)
    }

    /// Puts a free place after those there are.
    fn skip(&mut self) -> bool {
        self.slots.slots().len() >= 3 || self.slots.grow()
    }
}

/// By their numbers.
const STREAMS: [Stream; 3] = [Stream::In, Stream::Out, Stream::Err];

/// The first number that does not stand for what the host opened for it, with
/// what it stands for now. If there is none, a guest that goes on with a new
/// context of the same grants has all that it had.
pub fn changed<C: Ctx>(ctx: &mut C) -> Option<(u32, Option<Target>)> {
    if !ctx.descriptors().started {
        return None;
    }
    let streams = ctx.descriptors().streams.into_iter().zip(STREAMS);
    let mut streams = streams.map(|(open, stream)| open.then_some(Target::Stream(stream)));
    for fd in 0.. {
        let given = match streams.next() {
            Some(stream) => stream,
            None => {
                let index = u32::checked_sub(fd, 3)?;
                let preopen = ctx.filesystem().preopen(index);
                preopen.map(|(node, _)| Target::Directory {
                    node,
                    preopen: Some(index),
                })
            }
        };
        let slots = ctx.descriptors().slots.slots();
        if given.is_none() && fd as usize >= slots.len() {
            return None;
        }
        let now = slots.get(fd as usize).copied().flatten();
        if now != given.map(Descriptor::new) {
            return Some((fd, now.map(|descriptor| descriptor.target)));
        }
    }
    None
}

/// The descriptors, with the streams and the host's folders in them: 0, 1 and 2
/// are the streams that there are, the folders come from 3 on.
pub(super) fn of<C: Ctx>(ctx: &mut C) -> Result<&mut Descriptors<C::Slots>, Errno> {
    if !ctx.descriptors().started {
        ctx.descriptors().started = true;
        while ctx.descriptors().slots.slots().len() < 3 {
            if !ctx.descriptors().skip() {
                return Err(Errno::MFILE);
            }
        }
        let streams = STREAMS.map(|stream| ctx.kind(stream) != StreamKind::Closed);
        ctx.descriptors().streams = streams;
        for ((fd, stream), open) in (0..).zip(STREAMS).zip(streams) {
            if open {
                let descriptor = Descriptor::new(Target::Stream(stream));
                ctx.descriptors().put(fd, Some(descriptor));
            }
        }
        let mut index = 0;
        while let Some((node, _)) = ctx.filesystem().preopen(index) {
            let target = Target::Directory {
                node,
                preopen: Some(index),
            };
            let table = ctx.descriptors();
            // What is below 3 is for streams alone.
            let fd = 3_u32.saturating_add(index);
            while (table.slots.slots().len() as u64) <= u64::from(fd) {
                if !table.slots.grow() {
                    return Err(Errno::MFILE);
                }
            }
            table.put(fd, Some(Descriptor::new(target)));
            index = index.saturating_add(1);
        }
    }
    Ok(ctx.descriptors())
}

/// The descriptor of a number.
pub(super) fn get<C: Ctx>(ctx: &mut C, fd: i32) -> Result<Descriptor, Errno> {
    of(ctx)?.get(fd).copied().ok_or(Errno::BADF)
}

/// The open file of a number.
pub(super) fn file<C: Ctx>(ctx: &mut C, fd: i32) -> Result<(Node, Descriptor), Errno> {
    let descriptor = get(ctx, fd)?;
    match descriptor.target {
        Target::File(node) => Ok((node, descriptor)),
        _ => Err(Errno::BADF),
    }
}

/// The open directory of a number.
pub(super) fn directory<C: Ctx>(ctx: &mut C, fd: i32) -> Result<Node, Errno> {
    match get(ctx, fd)?.target {
        Target::Directory { node, .. } => Ok(node),
        _ => Err(Errno::BADF),
    }
}

/// The open file or directory of a number.
pub(super) fn node<C: Ctx>(ctx: &mut C, fd: i32) -> Result<Node, Errno> {
    match get(ctx, fd)?.target {
        Target::File(node) | Target::Directory { node, .. } => Ok(node),
        Target::Stream(_) => Err(Errno::BADF),
    }
}

/// Closes what a number stood for.
pub(super) fn close<C: Ctx>(ctx: &mut C, descriptor: Descriptor) -> Result<(), Errno> {
    match descriptor.target {
        Target::Stream(stream) => ctx.close(stream),
        Target::File(node) | Target::Directory { node, .. } => ctx.filesystem().close(node),
    }
}

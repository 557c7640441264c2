//! Content in chains of blocks.

use super::pool::{BLOCK, Block, Kinds, Place};
use super::{MemFs, NONE};
use crate::wasi::Errno;

impl<K: Kinds> MemFs<K> {
    /// Copies the beginning of a chain.
    pub(super) fn copy_out(&self, first: u32, to: &mut [u8]) {
        let mut block = first;
        for part in to.chunks_mut(BLOCK) {
            let Some(found) = self.blocks.get(block) else {
                return;
            };
            part.iter_mut()
                .zip(found.bytes)
                .for_each(|(to, byte)| *to = byte);
            block = found.next;
        }
    }

    /// A chain of these bytes.
    pub(super) fn chain(&mut self, bytes: &[u8]) -> Result<u32, Errno> {
        let (mut first, mut last) = (NONE, NONE);
        for part in bytes.chunks(BLOCK) {
            let mut block = Block::EMPTY;
            block
                .bytes
                .iter_mut()
                .zip(part)
                .for_each(|(to, byte)| *to = *byte);
            match self.blocks.take(block, Errno::NOSPC) {
                Ok(n) => {
                    match self.blocks.get_mut(last) {
                        Some(last) => last.next = n,
                        None => first = n,
                    }
                    last = n;
                }
                Err(errno) => {
                    self.free_chain(first);
                    return Err(errno);
                }
            }
        }
        Ok(first)
    }

    /// Gives a chain back.
    pub(super) fn free_chain(&mut self, first: u32) {
        let mut block = first;
        while let Some(found) = self.blocks.get(block) {
            let next = found.next;
            self.blocks.give(block);
            block = next;
        }
    }

    /// The block of that number in a file, from a block nearby on if there is
    /// one. With `make`, blocks are added up to it.
    fn block(
        &mut self,
        inode: u32,
        near: &mut (u32, u32),
        n: u32,
        make: bool,
    ) -> Result<u32, Errno> {
        let (mut at, mut block) = match *near {
            (at, block) if block != NONE && at <= n => (at, block),
            _ => (0, self.inode(inode)?.first),
        };
        if block == NONE {
            if !make {
                return Ok(NONE);
            }
            block = self.blocks.take(Block::EMPTY, Errno::NOSPC)?;
            self.inode_mut(inode)?.first = block;
        }
        while at < n {
            let mut next = self.blocks.get(block).map_or(NONE, |b| b.next);
            if next == NONE {
                if !make {
                    return Ok(NONE);
                }
                next = self.blocks.take(Block::EMPTY, Errno::NOSPC)?;
                if let Some(last) = self.blocks.get_mut(block) {
                    last.next = next;
                }
            }
            block = next;
            at = at.saturating_add(1);
        }
        *near = (at, block);
        Ok(block)
    }

    /// Reads some bytes at an offset.
    pub(super) fn read_at(
        &mut self,
        inode: u32,
        near: &mut (u32, u32),
        buf: &mut [u8],
        offset: u64,
    ) -> Result<usize, Errno> {
        let left = self.inode(inode)?.size.saturating_sub(offset);
        let len = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut done = 0;
        while done < len {
            let (n, start) = place(offset.saturating_add(done as u64))?;
            let block = self.block(inode, near, n, false)?;
            let Some(found) = self.blocks.get(block) else {
                break;
            };
            let from = found.bytes.get(start..).unwrap_or(&[]);
            let to = buf.get_mut(done..len).unwrap_or(&mut []);
            let count = from.len().min(to.len());
            to.iter_mut().zip(from).for_each(|(to, byte)| *to = *byte);
            done = done.saturating_add(count);
        }
        Ok(done)
    }

    /// Writes some bytes at an offset, as many as there is room for.
    pub(super) fn write_at(
        &mut self,
        inode: u32,
        near: &mut (u32, u32),
        bytes: &[u8],
        offset: u64,
    ) -> Result<usize, Errno> {
        let mut done = 0;
        while done < bytes.len() {
            let (n, start) = place(offset.saturating_add(done as u64))?;
            let block = match self.block(inode, near, n, true) {
                Ok(block) => block,
                Err(errno) if done == 0 => return Err(errno),
                Err(_) => break,
            };
            let from = bytes.get(done..).unwrap_or(&[]);
            let to = self
                .blocks
                .get_mut(block)
                .and_then(|b| b.bytes.get_mut(start..));
            let to = to.unwrap_or(&mut []);
            let count = from.len().min(to.len());
            to.iter_mut().zip(from).for_each(|(to, byte)| *to = *byte);
            done = done.saturating_add(count);
        }
        let end = offset.saturating_add(done as u64);
        let inode = self.inode_mut(inode)?;
        inode.size = inode.size.max(end);
        Ok(done)
    }

    /// Cuts a file or extends it by zeros, which take room as any other bytes.
    pub(super) fn resize(&mut self, inode: u32, size: u64) -> Result<(), Errno> {
        let old = self.inode(inode)?.size;
        if size > old {
            let (n, _) = place(size.saturating_sub(1))?;
            let room = self.blocks.room();
            if u64::from(n) >= u64::from(room).saturating_add(old.div_ceil(BLOCK as u64)) {
                return Err(Errno::NOSPC);
            }
            self.block(inode, &mut (0, NONE), n, true)?;
        } else if size == 0 {
            let first = core::mem::replace(&mut self.inode_mut(inode)?.first, NONE);
            self.free_chain(first);
        } else if size < old {
            let (n, last) = place(size.saturating_sub(1))?;
            let block = self.block(inode, &mut (0, NONE), n, false)?;
            if let Some(block) = self.blocks.get_mut(block) {
                let rest = core::mem::replace(&mut block.next, NONE);
                // What is behind the end reads as zeros when the file grows again.
                block
                    .bytes
                    .iter_mut()
                    .skip(last)
                    .skip(1)
                    .for_each(|b| *b = 0);
                self.free_chain(rest);
            }
        }
        self.inode_mut(inode)?.size = size;
        Ok(())
    }
}

/// The number of the block at an offset, and the place in it.
fn place(offset: u64) -> Result<(u32, usize), Errno> {
    let n = u32::try_from(offset / BLOCK as u64).map_err(|_| Errno::FBIG)?;
    Ok((n, (offset % BLOCK as u64) as usize))
}

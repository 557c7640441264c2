//! Memories of both storage kinds, loads, stores and bulk instructions.

use wrt_rt::Cause::{
    self, MemoryLimit, MemoryOutOfBounds, OutOfFuel, OutOfMemory, TableOutOfBounds,
};
use wrt_rt::bulk::*;
use wrt_rt::memory::{Linear, PAGE, PageSize, size_in_bytes};
use wrt_rt::*;

fn run_with(fuel: u64) -> Run {
    let mut rt = Run::new(100);
    rt.set_fuel(fuel);
    rt
}

/// The life of a memory of 1 to 3 pages.
fn life<S: Storage<Item = u8>>(m: &mut Linear<S>) {
    let mut rt = run_with(10_000);
    assert_eq!((m.size(), m.grow_host(1)), (0, None));
    assert_eq!(m.instantiate(65_536), Ok(()));
    assert_eq!(m.size(), 1);
    assert_eq!(i32_load(m.bytes(), 65_532, 0), Ok(0));
    assert_eq!(i32_load(m.bytes(), 65_533, 0), Err(MemoryOutOfBounds));
    assert_eq!(m.grow(&mut rt, 0), Ok(1));
    assert_eq!(m.grow(&mut rt, 3), Ok(-1));
    assert_eq!(m.grow(&mut rt, -1), Ok(-1));
    assert_eq!(rt.remaining_fuel(), 10_000);
    assert_eq!(m.grow(&mut rt, 2), Ok(1));
    assert_eq!((m.size(), m.bytes().len()), (3, 3 * PAGE));
    assert_eq!(rt.remaining_fuel(), 10_000 - 2048);
    assert_eq!(rt.stats.peak_pages, 3);

    m.bytes_mut().fill(7);
    assert_eq!(m.instantiate(2), Ok(()));
    assert_eq!(m.size(), 1);
    assert_eq!(m.grow_host(2), None);
    assert_eq!(m.grow_host(1), Some(1));
    assert!(m.bytes().iter().all(|b| *b == 0));

    rt.set_fuel(1023);
    assert_eq!(m.instantiate(3), Ok(()));
    assert_eq!(m.grow(&mut rt, 1), Err(OutOfFuel));
    assert_eq!((m.size(), rt.remaining_fuel()), (1, 1023));

    assert_eq!(m.write(65_534, &[1, 2, 3]), Err(MemoryOutOfBounds));
    assert_eq!(m.write(65_533, &[1, 2, 3]), Ok(()));
    assert_eq!(m.get(65_533, 3), Ok(&[1, 2, 3][..]));
    assert_eq!(m.get(u32::MAX, u32::MAX), Err(MemoryOutOfBounds));
    assert_eq!(m.get(65_536, 0), Ok(&[][..]));
    let mut buf = [0; 2];
    assert_eq!(m.read(65_534, &mut buf), Ok(()));
    assert_eq!(buf, [2, 3]);

    m.reset();
    assert_eq!((m.size(), m.grow_host(1)), (0, None));
    assert_eq!(m.instantiate(0), Err(MemoryLimit));
}

#[cfg(feature = "alloc")]
#[test]
fn on_the_heap() {
    life(&mut Memory::new(1, Some(3)));
}

#[test]
fn in_place() {
    life(&mut FixedMemory::<{ 3 * PAGE + 5 }>::new(1, Some(3)));
    let mut small = FixedMemory::<PAGE>::new(2, None);
    assert_eq!(small.instantiate(10), Err(OutOfMemory));
    let mut capped = FixedMemory::<PAGE>::new(0, None);
    assert_eq!(capped.instantiate(10), Ok(()));
    assert_eq!((capped.grow_host(2), capped.grow_host(1)), (None, Some(0)));
}

/// The life of a memory of 300 to 400 pages of one byte.
fn small_life<S: Storage<Item = u8>>(m: &mut Linear<S>) {
    let mut rt = run_with(10);
    assert_eq!(m.instantiate(0), Err(MemoryLimit));
    assert_eq!(m.instantiate(1), Ok(()));
    assert_eq!((m.size(), m.max(), m.bytes().len()), (300, 400, 300));
    assert_eq!(i32_load(m.bytes(), 296, 0), Ok(0));
    assert_eq!(i32_load(m.bytes(), 297, 0), Err(MemoryOutOfBounds));
    assert_eq!(m.grow(&mut rt, 1), Ok(300));
    assert_eq!(m.grow(&mut rt, 63), Ok(301));
    assert_eq!(rt.remaining_fuel(), 10);
    assert_eq!(m.grow(&mut rt, 37), Ok(-1));
    assert_eq!(m.grow(&mut rt, -1), Ok(-1));
    assert_eq!(m.grow_host(36), Some(364));
    assert_eq!((m.pages(), size_in_bytes(m.bytes())), (400, 400));
    assert_eq!(m.require_paged(PageSize::Byte, 400), Ok(()));
    let incompatible = Err(Cause::IncompatibleImport);
    assert_eq!(m.require_paged(PageSize::Byte, 401), incompatible);
    assert_eq!(m.require(0), incompatible);
    assert_eq!(m.instantiate(1), Ok(()));
    assert_eq!(m.grow(&mut rt, 64), Ok(300));
    assert_eq!((rt.remaining_fuel(), rt.stats.peak_pages), (9, 1));
}

#[test]
#[cfg(feature = "alloc")]
fn pages_of_one_byte_on_the_heap() {
    small_life(&mut Memory::with_page_size(300, Some(400), PageSize::Byte));
    // A limit in pages of 65,536 bytes is one on bytes.
    let mut m = Memory::with_page_size(1, None, PageSize::Byte);
    assert_eq!(m.instantiate(2), Ok(()));
    assert_eq!((m.max(), m.grow_host(2 * PAGE as u32)), (u32::MAX, None));
    assert_eq!(m.grow_host(2 * PAGE as u32 - 1), Some(1));
    let mut large = Memory::with_page_size(2 * PAGE as u32 + 1, None, PageSize::Byte);
    assert_eq!(large.instantiate(2), Err(MemoryLimit));
    assert_eq!(large.instantiate(3), Ok(()));
}

#[test]
fn pages_of_one_byte_in_place() {
    small_life(&mut FixedMemory::<400>::with_page_size(
        300,
        Some(400),
        PageSize::Byte,
    ));
    let mut m = FixedMemory::<10>::idle();
    assert_eq!(
        m.instantiate_paged(PageSize::Byte, 11, None, 1),
        Err(OutOfMemory)
    );
    assert_eq!(m.instantiate_paged(PageSize::Byte, 9, None, 1), Ok(()));
    assert_eq!((m.grow_host(2), m.grow_host(1)), (None, Some(9)));
}

#[test]
fn a_part_of_a_page_is_sound() {
    let mut m = FixedMemory::<100>::idle();
    assert_eq!(m.instantiate_part(0), Err(MemoryLimit));
    assert_eq!(m.instantiate_part(1), Ok(()));
    assert!(wrt_rt::verify::memory_is_sound(&m));
    assert_eq!(
        (m.bytes().len(), m.pages(), m.grow_host(0)),
        (100, 100, None)
    );
}

#[test]
fn addresses_do_not_wrap() {
    let mut m = [0u8; 16];
    assert_eq!(i32_load(&m, -4, 8), Err(MemoryOutOfBounds));
    assert_eq!(i64_load(&m, -1, u32::MAX), Err(MemoryOutOfBounds));
    assert_eq!(i32_store8(&mut m, -1, 1, 0), Err(MemoryOutOfBounds));
    assert_eq!(i64_store(&mut m, 9, 0, -1), Err(MemoryOutOfBounds));
    assert_eq!(m, [0; 16]);
    assert_eq!(i64_store(&mut m, 4, 4, -1), Ok(()));
    assert_eq!(i64_load(&m, 0, 8), Ok(-1));
    assert_eq!(i32_load8_u(&m, 16, 0), Err(MemoryOutOfBounds));
    assert_eq!(i32_load8_u(&[], 0, 0), Err(MemoryOutOfBounds));
}

#[test]
fn widths_and_signs() {
    let mut m = [0x80, 0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7];
    assert_eq!(i32_load8_s(&m, 0, 0), Ok(-128));
    assert_eq!(i32_load8_u(&m, 0, 0), Ok(128));
    assert_eq!(i32_load16_s(&m, 0, 0), Ok(0xffff_9180_u32 as i32));
    assert_eq!(i32_load16_u(&m, 1, 0), Ok(0xa291));
    assert_eq!(i64_load8_s(&m, 7, 0), Ok(-9));
    assert_eq!(i64_load8_u(&m, 7, 0), Ok(0xf7));
    assert_eq!(i64_load16_s(&m, 0, 6), Ok(-2074));
    assert_eq!(i64_load16_u(&m, 0, 6), Ok(0xf7e6));
    assert_eq!(i64_load32_s(&m, 0, 0), Ok(0xb3a2_9180_u32 as i32 as i64));
    assert_eq!(i64_load32_u(&m, 0, 0), Ok(0xb3a2_9180));
    assert_eq!(i64_load(&m, 0, 0), Ok(0xf7e6_d5c4_b3a2_9180_u64 as i64));
    assert_eq!(i32_store16(&mut m, 0, 0, 0x1234_5678), Ok(()));
    assert_eq!(i64_store8(&mut m, 2, 0, 0x1ff), Ok(()));
    assert_eq!(i64_store16(&mut m, 3, 0, 0x1_0102), Ok(()));
    assert_eq!(m, [0x78, 0x56, 0xff, 2, 1, 0xd5, 0xe6, 0xf7]);
    assert_eq!(i64_store32(&mut m, 0, 0, 0x9_8765_4321), Ok(()));
    assert_eq!(i32_load(&m, 0, 0), Ok(0x8765_4321_u32 as i32));
    let signalling = f32::from_bits(0x7fa0_0001);
    assert_eq!(f32_store(&mut m, 0, 0, signalling), Ok(()));
    assert_eq!(f32_load(&m, 0, 0).map(f32::to_bits), Ok(0x7fa0_0001));
    assert_eq!(
        f64_store(&mut m, 0, 0, f64::from_bits(0xfff0_0000_0000_0001)),
        Ok(())
    );
    assert_eq!(
        f64_load(&m, 0, 0).map(f64::to_bits),
        Ok(0xfff0_0000_0000_0001)
    );
}

#[test]
fn copies_overlap_both_ways() {
    let mut rt = run_with(0);
    let mut m = [1, 2, 3, 4, 5, 6, 7, 8];
    assert_eq!(memory_copy(&mut rt, &mut m, 2, 0, 5), Ok(()));
    assert_eq!(m, [1, 2, 1, 2, 3, 4, 5, 8]);
    assert_eq!(memory_copy(&mut rt, &mut m, 0, 3, 5), Ok(()));
    assert_eq!(m, [2, 3, 4, 5, 8, 4, 5, 8]);
}

#[test]
fn bulk_bounds_come_before_everything() {
    let mut rt = run_with(0);
    let mut m = [9u8; 8];
    for (d, s, n) in [
        (0, 0, -1),
        (1, 0, -1),
        (0, 9, 0),
        (9, 0, 0),
        (-1, 0, 1),
        (0, -1, 1),
        (4, 0, 5),
        (0, 4, 5),
        (-1, -1, -1),
    ] {
        assert_eq!(
            memory_copy(&mut rt, &mut m, d, s, n),
            Err(MemoryOutOfBounds)
        );
        assert_eq!(
            memory_init(&mut rt, &mut m, &[0; 8], d, s, n),
            Err(MemoryOutOfBounds)
        );
    }
    assert_eq!(
        memory_fill(&mut rt, &mut m, 1, 0, -1),
        Err(MemoryOutOfBounds)
    );
    assert_eq!(
        memory_fill(&mut rt, &mut m, 7, 0, 2),
        Err(MemoryOutOfBounds)
    );
    assert_eq!(m, [9; 8]);
    // Nothing at the very end is in bounds.
    assert_eq!(memory_copy(&mut rt, &mut m, 8, 8, 0), Ok(()));
    assert_eq!(memory_init(&mut rt, &mut m, &[], 8, 0, 0), Ok(()));
    assert_eq!(
        memory_init(&mut rt, &mut m, &[], 0, 0, 1),
        Err(MemoryOutOfBounds)
    );
    assert_eq!(memory_fill(&mut rt, &mut m, 2, 0x1ff, 3), Ok(()));
    assert_eq!(m, [9, 9, 255, 255, 255, 9, 9, 9]);
    assert_eq!(memory_init(&mut rt, &mut m, b"abcd", 6, 1, 2), Ok(()));
    assert_eq!(&m[5..], b"\x09bc");
}

#[test]
fn bulk_charges_by_length_and_refuses_whole() {
    let mut rt = run_with(3);
    let mut m = [0u8; 1000];
    assert_eq!(memory_fill(&mut rt, &mut m, 0, 1, 63), Ok(()));
    assert_eq!(rt.remaining_fuel(), 3);
    assert_eq!(memory_fill(&mut rt, &mut m, 0, 2, 128), Ok(()));
    assert_eq!(rt.remaining_fuel(), 1);
    assert_eq!(memory_copy(&mut rt, &mut m, 500, 0, 128), Err(OutOfFuel));
    assert_eq!((rt.remaining_fuel(), m[500]), (1, 0));
    let mut t = [FuncRef::NULL; 32];
    assert_eq!(
        table_fill(&mut rt, &mut t, 0, FuncRef::new(1), 16),
        Err(OutOfFuel)
    );
    assert_eq!(table_fill(&mut rt, &mut t, 0, FuncRef::new(1), 15), Ok(()));
    assert_eq!(
        (rt.remaining_fuel(), t[14], t[15]),
        (0, FuncRef::new(1), FuncRef::NULL)
    );
}

#[test]
fn table_bulk_and_segments() {
    let mut rt = run_with(100);
    let f = FuncRef::new;
    let mut t = [f(0), f(1), f(2), f(3)];
    assert_eq!(table_copy(&mut rt, &mut t, 1, 0, 3), Ok(()));
    assert_eq!(t, [f(0), f(0), f(1), f(2)]);
    assert_eq!(table_copy(&mut rt, &mut t, 1, 0, -1), Err(TableOutOfBounds));
    assert_eq!(
        table_copy_between(&mut rt, &mut t, &[f(8), f(9)], 2, 0, 2),
        Ok(())
    );
    assert_eq!(table_init(&mut rt, &mut t, &[f(5)], 0, 0, 1), Ok(()));
    assert_eq!(
        table_init(&mut rt, &mut t, &[], 5, 0, 0),
        Err(TableOutOfBounds)
    );
    assert_eq!(t, [f(5), f(0), f(8), f(9)]);
    assert_eq!(elem_init(&mut t, &[7, 7], 3), Err(TableOutOfBounds));
    assert_eq!(elem_init(&mut t, &[7, 7], 2), Ok(()));
    let mut m = [0u8; 4];
    assert_eq!(data_init(&mut m, b"ab", 3), Err(MemoryOutOfBounds));
    assert_eq!(data_init(&mut m, b"", 5), Err(Cause::MemoryOutOfBounds));
    assert_eq!(data_init(&mut m, b"ab", 2), Ok(()));
    assert_eq!(&m, b"\0\0ab");
    assert_eq!(
        memory_copy_between(&mut rt, &mut m, b"xyz", 0, 1, 2),
        Ok(())
    );
    assert_eq!(&m, b"yzab");
    const PART: &[u8] = segment(b"hello", 1, 3);
    assert_eq!(
        (PART, segment(b"hello", 3, 3), segment(b"hello", 6, 0)),
        (&b"ell"[..], &[][..], &[][..])
    );
}

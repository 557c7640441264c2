//! A library without `std` and without an allocator. The host puts points into the buffer at `buffer()`, asks for
//! areas and hulls, and hears through its import `host.vertex` of each vertex of a hull.

#![no_std]

use core::cell::UnsafeCell;

const CAPACITY: usize = 1024;

/// A point, as the host writes it: two doubles.
#[repr(C)]
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// The buffer that host and guest share.
struct Shared(UnsafeCell<[Point; CAPACITY]>);

// SAFETY: the module has one thread.
unsafe impl Sync for Shared {}

static POINTS: Shared = Shared(UnsafeCell::new([Point { x: 0.0, y: 0.0 }; CAPACITY]));

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Tells the host of a vertex; a result other than 0 stops the walk.
    fn vertex(index: i32, x: f64, y: f64) -> i32;
}

fn points() -> &'static mut [Point; CAPACITY] {
    // SAFETY: one thread, and no export keeps the reference past its return or across `vertex`.
    unsafe { &mut *POINTS.0.get() }
}

fn cross(o: Point, a: Point, b: Point) -> f64 {
    (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x)
}

/// The address of the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> *const u8 {
    POINTS.0.get().cast()
}

/// How many points the buffer holds.
#[unsafe(no_mangle)]
pub extern "C" fn capacity() -> u32 {
    CAPACITY as u32
}

/// The area of the polygon of the first `n` points, without its sign.
#[unsafe(no_mangle)]
pub extern "C" fn area(n: u32) -> f64 {
    let polygon = &points()[..n as usize];
    let mut twice = 0.0;
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        twice += a.x * b.y - b.x * a.y;
    }
    twice.abs() / 2.0
}

/// Puts the convex hull of the first `n` points, counter-clockwise, before the rest; returns its length. Traps where
/// `n` is above a quarter of the capacity.
#[unsafe(no_mangle)]
pub extern "C" fn hull(n: u32) -> u32 {
    let n = n as usize;
    assert!(n <= CAPACITY / 4);
    let (input, work) = points().split_at_mut(CAPACITY / 2);
    let input = &mut input[..n];
    input.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    if n < 3 {
        return n as u32;
    }
    let mut len = 0;
    let mut push = |len: &mut usize, floor: usize, p: Point| {
        while *len >= floor && cross(work[*len - 2], work[*len - 1], p) <= 0.0 {
            *len -= 1;
        }
        work[*len] = p;
        *len += 1;
    };
    for &p in input.iter() {
        push(&mut len, 2, p);
    }
    let floor = len + 1;
    for &p in input.iter().rev().skip(1) {
        push(&mut len, floor, p);
    }
    let len = len - 1;
    input[..len.min(n)].copy_from_slice(&work[..len.min(n)]);
    len as u32
}

/// Tells the host of the first `n` points, until it answers other than 0; returns how many it took.
#[unsafe(no_mangle)]
pub extern "C" fn visit(n: u32) -> u32 {
    for i in 0..n {
        let Point { x, y } = points()[i as usize];
        // SAFETY: the host's function has no requirement.
        if unsafe { vertex(i as i32, x, y) } != 0 {
            return i;
        }
    }
    n
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

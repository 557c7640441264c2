//! The library against known values, round trips, and blocks that are no blocks.

use c_library::{Error, Lz4};

fn lz4() -> Lz4 {
    Lz4::new().expect("no start function")
}

/// Bytes that look random, the same in every run.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn checksums_are_the_published_ones() {
    let mut lz4 = lz4();
    assert_eq!(lz4.crc32(b"123456789"), Ok(0xcbf4_3926));
    assert_eq!(lz4.crc32(b""), Ok(0));
    assert_eq!(lz4.xxh32(b"", 0), Ok(0x02cc_5d05));
    assert_eq!(lz4.xxh32(b"a", 0), Ok(0x550d_7456));
    assert_eq!(lz4.xxh32(b"abc", 0), Ok(0x32d1_53ff));
}

#[test]
fn what_is_compressed_comes_back() {
    let mut lz4 = lz4();
    for data in [
        Vec::new(),
        b"x".to_vec(),
        b"abcabcabc".repeat(1000),
        vec![0; 300_000],
        noise(100_000),
    ] {
        let block = lz4.compress(&data).expect("small enough");
        assert!(block.len() <= data.len() + data.len() / 255 + 16);
        assert_eq!(lz4.decompress(&block).expect("our own block"), data);
    }
    let block = lz4.compress(&vec![7; 300_000]).expect("small enough");
    assert!(block.len() < 2_000, "{}", block.len());
}

#[test]
fn a_known_block_is_understood() {
    // One literal `a`, a match of 18 at distance 1, five literals.
    let block = [0x1e, b'a', 1, 0, 0x50, b'b', b'c', b'd', b'e', b'f'];
    let expect = [vec![b'a'; 19], b"bcdef".to_vec()].concat();
    assert_eq!(lz4().decompress(&block), Ok(expect));
}

#[test]
fn no_input_corrupts_or_panics() {
    let mut lz4 = lz4();
    let block = lz4
        .compress(&b"a text of some length, some length, some".repeat(20))
        .expect("small enough");
    for cut in 1..block.len() {
        // A cut at the end of a sequence is a block of its own.
        let _ = lz4.decompress(&block[..cut]);
    }
    for seed in 0..200 {
        let _ = lz4.decompress(&noise(500)[seed..]);
    }
    assert_eq!(lz4.decompress(&[0xff; 40]), Err(Error::Malformed));
    // It still works.
    assert_eq!(lz4.decompress(&block).map(|data| data.len()), Ok(800));
}

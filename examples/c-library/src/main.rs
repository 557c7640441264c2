//! Compresses a file, or a text of its own: `cargo run -p c-library -- FILE`.

use std::error::Error;
use std::{env, fs};

use c_library::Lz4;

fn main() -> Result<(), Box<dyn Error>> {
    let (name, data) = match env::args_os().nth(1) {
        Some(path) => (path.to_string_lossy().into_owned(), fs::read(&path)?),
        None => (
            "a text".to_string(),
            "All work and no play makes Jack a dull boy.\n"
                .repeat(200)
                .into_bytes(),
        ),
    };
    let mut lz4 = Lz4::new()?;
    let block = lz4.compress(&data)?;
    let again = lz4.decompress(&block)?;
    println!("{name}: {} bytes, compressed {}", data.len(), block.len());
    println!(
        "crc32 {:08x}, xxh32 {:08x}",
        lz4.crc32(&data)?,
        lz4.xxh32(&data, 0)?
    );
    println!(
        "decompressed: {}",
        if again == data { "equal" } else { "DIFFERENT" }
    );
    match lz4.decompress(&block[..block.len() / 2]) {
        Ok(_) => println!("half of the block: accepted"),
        Err(error) => println!("half of the block: {error}"),
    }
    Ok(())
}

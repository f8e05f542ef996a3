//! Which build a file is: a hash of what of it is loaded.
//!
//! Cargo relinks a binary whenever something below it was touched, and most of the time
//! what comes out differs in debug information alone, or in nothing. Whoever restarts by
//! `fresh` or by mtime restarts for a comment. So the identity covers what reaches the
//! address space of a run and leaves out what does not: debug information, symbol
//! tables, the note with the build-id, the UUID and the signature.
//!
//! Of a large executable little more than that is read: its debug information never is.

mod loaded;
mod stamp;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use object::read::ReadCache;
use xxhash_rust::xxh3::Xxh3;

pub use self::stamp::{Stamp, stamp};

use self::loaded::Part;
use crate::formation::Identity;

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// The identity of the file at `path`.
///
/// A file that is no executable we can read (a script, a universal binary, one without
/// sections) counts whole.
///
/// # Errors
/// When the file cannot be read, or became shorter while it was.
pub fn identity(path: &Path) -> io::Result<Identity> {
    let mut file = File::open(path)?;
    let parts = loaded::parts(&ReadCache::new(&file));
    let mut hasher = Hasher::new();
    match parts {
        Some(parts) => hasher.parts(&mut file, &parts)?,
        None => hasher.whole(&mut file)?,
    }
    Ok(Identity::new(hasher.hash.digest128()))
}

/// A hash, and the buffer through which it reads.
struct Hasher {
    hash: Xxh3,
    buffer: Vec<u8>,
}

impl Hasher {
    fn new() -> Self {
        Self { hash: Xxh3::new(), buffer: vec![0; CHUNK] }
    }

    fn parts(&mut self, file: &mut File, parts: &[Part]) -> io::Result<()> {
        for part in parts {
            // Lengths go in too, lest a byte that moves from one part to the next be missed.
            match part {
                Part::Fact(fact) => {
                    self.hash.update(&fact.to_le_bytes());
                }
                Part::Name(name) => {
                    self.hash.update(&(name.len() as u64).to_le_bytes());
                    self.hash.update(name);
                }
                Part::Bytes { offset, size } => {
                    self.hash.update(&size.to_le_bytes());
                    self.range(file, *offset, *size)?;
                }
            }
        }
        Ok(())
    }

    fn range(&mut self, file: &mut File, offset: u64, size: u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(offset))?;
        let mut left = size;
        while left > 0 {
            let wanted = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
            let chunk = &mut self.buffer[..wanted];
            file.read_exact(chunk)?;
            self.hash.update(chunk);
            left -= wanted as u64;
        }
        Ok(())
    }

    fn whole(&mut self, file: &mut File) -> io::Result<()> {
        file.rewind()?;
        loop {
            match file.read(&mut self.buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => self.hash.update(&self.buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Mach-O by hand, as no machine that builds it is at hand everywhere. The numbers are
//! those of `<mach-o/loader.h>`.

use tempfile::TempDir;

use crate::world::identity::{Stamp, identity, stamp};

/// The bytes that the parts of an executable are full of.
#[derive(Clone, Copy)]
struct Executable {
    text: u8,
    dwarf: u8,
    uuid: u8,
    fixups: u8,
    signature: u8,
    library: u8,
    /// How much room a section has that holds nothing yet.
    room: u32,
}

const EXECUTABLE: Executable =
    Executable { text: 1, dwarf: 2, uuid: 3, fixups: 4, signature: 5, library: b'l', room: 64 };

/// How large each of the parts is.
const SIZE: u32 = 16;

/// `S_REGULAR` and `S_ZEROFILL`.
const REGULAR: u32 = 0;
const ZERO_FILLED: u32 = 1;

impl Executable {
    fn bytes(self) -> Vec<u8> {
        let commands_at = |data: u32| {
            [
                segment("__TEXT", "__text", data, SIZE, REGULAR),
                segment("__DWARF", "__debug_info", data + SIZE, SIZE, REGULAR),
                segment("__DATA", "__bss", 0, self.room, ZERO_FILLED),
                [words(&[0x1b, 24]), vec![self.uuid; 16]].concat(),
                words(&[0x8000_0034, 16, data + 2 * SIZE, SIZE]),
                words(&[0x1d, 16, data + 3 * SIZE, SIZE]),
                [words(&[0xc, 32, 24, 0, 0, 0]), vec![self.library; 7], vec![0]].concat(),
            ]
        };
        let length = u32::try_from(commands_at(0).concat().len()).unwrap();
        let header = words(&[0xfeed_facf, 0x0100_000c, 0, 2, 7, length, 0, 0]);
        let parts = [self.text, self.dwarf, self.fixups, self.signature];
        let data: Vec<u8> = parts.iter().flat_map(|&part| [part; SIZE as usize]).collect();
        [header, commands_at(32 + length).concat(), data].concat()
    }

    fn identity(self) -> (String, Stamp) {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("web");
        std::fs::write(&path, self.bytes()).unwrap();
        (identity(&path).unwrap().to_string(), stamp(&path).unwrap())
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn name(text: &str) -> Vec<u8> {
    let mut name = text.as_bytes().to_vec();
    name.resize(16, 0);
    name
}

/// A segment with one section. The file has a stretch for it, unless it is filled with zeros.
fn segment(segment: &str, section: &str, offset: u32, size: u32, kind: u32) -> Vec<u8> {
    let in_file = if kind == ZERO_FILLED { 0 } else { size };
    [
        words(&[0x19, 72 + 80]),
        name(segment),
        words(&[offset, 0, size, 0, offset, 0, in_file, 0, 7, 5, 1, 0]),
        name(section),
        name(segment),
        words(&[offset, 0, size, 0, offset, 0, 0, 0, kind, 0, 0, 0]),
    ]
    .concat()
}

#[test]
fn what_mach_o_does_not_load_changes_nothing() {
    let (first, stamp) = EXECUTABLE.identity();
    assert_eq!(stamp.build_id, Some(vec![3; 16]));
    for same in [
        Executable { dwarf: 9, ..EXECUTABLE },
        Executable { uuid: 9, ..EXECUTABLE },
        Executable { signature: 9, ..EXECUTABLE },
    ] {
        assert_eq!(same.identity().0, first);
    }
}

#[test]
fn code_and_what_it_is_linked_to_change_mach_o() {
    let (first, _) = EXECUTABLE.identity();
    for other in [
        Executable { text: 9, ..EXECUTABLE },
        Executable { fixups: 9, ..EXECUTABLE },
        Executable { library: b'm', ..EXECUTABLE },
        Executable { room: 128, ..EXECUTABLE },
    ] {
        assert_ne!(other.identity().0, first);
    }
}

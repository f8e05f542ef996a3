//! What of an executable reaches the address space of a run.

use std::fs::File;

use object::macho::{LC_DYLD_CHAINED_FIXUPS, LC_DYLD_EXPORTS_TRIE, MachHeader64};
use object::read::macho::{LoadCommandVariant, MachOFile};
use object::{Architecture, Endianness, Object, ObjectSection, ReadCache, SectionFlags, elf};

type Cache<'a> = &'a ReadCache<&'a File>;

/// Names the build, and is not part of what it does.
const BUILD_ID: &[u8] = b".note.gnu.build-id";

/// One thing that identity depends on.
#[derive(Debug)]
pub(super) enum Part {
    /// A number: an address, a length, the entry point.
    Fact(u64),
    /// A text of the headers, such as the path of a library.
    Name(Vec<u8>),
    /// A stretch of the file.
    Bytes {
        /// Where it starts.
        offset: u64,
        /// How long it is.
        size: u64,
    },
}

/// The parts of an executable, in the order of its headers; `None` if this is not one, or
/// nothing is known of what is inside.
pub(super) fn parts(cache: Cache<'_>) -> Option<Vec<Part>> {
    let file = object::File::parse(cache).ok()?;
    let mut sections = Vec::new();
    for section in file.sections() {
        if is_loaded(&section) {
            sections.extend(section_parts(&section));
        }
    }
    if sections.is_empty() || file.architecture() == Architecture::Unknown {
        return None;
    }
    sections.push(Part::Fact(file.entry()));
    if let object::File::MachO64(file) = &file {
        sections.extend(dynamic_linking(file)?);
    }
    Some(sections)
}

/// ELF marks what is allocated. In Mach-O everything is, but what the linker puts into
/// `__DWARF`; `__LINKEDIT` has no sections at all. No platform that this tool runs on
/// loads anything else.
fn is_loaded<'a>(section: &impl ObjectSection<'a>) -> bool {
    if let SectionFlags::Elf { sh_flags, .. } = section.flags() {
        return sh_flags.contains(elf::SHF_ALLOC) && section.name_bytes().ok() != Some(BUILD_ID);
    }
    match section.segment_name_bytes() {
        Ok(Some(segment)) => !matches!(segment, b"__DWARF" | b"__LINKEDIT"),
        Ok(None) | Err(_) => false,
    }
}

/// Where a section is loaded, how much room it takes, and what the file says is in it;
/// `.bss` takes room and has nothing.
fn section_parts<'a>(section: &impl ObjectSection<'a>) -> Vec<Part> {
    let mut parts = vec![Part::Fact(section.address()), Part::Fact(section.size())];
    if let Some((offset, size)) = section.file_range() {
        parts.push(Part::Bytes { offset, size });
    }
    parts
}

/// What the dynamic linker of Mach-O is told: which libraries, and which of their symbols
/// go where. In ELF this is in sections; here it lies in `__LINKEDIT`, beside the symbol
/// table with its timestamps and the signature, which are none of our business.
fn dynamic_linking<'a>(
    file: &MachOFile<'a, MachHeader64<Endianness>, Cache<'a>>,
) -> Option<Vec<Part>> {
    let endian = file.endian();
    let mut parts = Vec::new();
    let mut commands = file.macho_load_commands().ok()?;
    while let Some(command) = commands.next().ok()? {
        let of_the_linker = [LC_DYLD_CHAINED_FIXUPS, LC_DYLD_EXPORTS_TRIE].contains(&command.cmd());
        let variant = command.variant().ok()?;
        if let LoadCommandVariant::Dylib(library) = variant {
            let name = command.string(endian, library.dylib.name).ok()?;
            parts.push(Part::Name(name.to_vec()));
        } else if let LoadCommandVariant::LinkeditData(data) = variant
            && of_the_linker
        {
            parts.push(stretch(data.dataoff.get(endian), data.datasize.get(endian)));
        } else if let LoadCommandVariant::DyldInfo(info) = variant {
            parts.extend([
                stretch(info.rebase_off.get(endian), info.rebase_size.get(endian)),
                stretch(info.bind_off.get(endian), info.bind_size.get(endian)),
                stretch(info.weak_bind_off.get(endian), info.weak_bind_size.get(endian)),
                stretch(info.lazy_bind_off.get(endian), info.lazy_bind_size.get(endian)),
            ]);
        }
    }
    Some(parts)
}

fn stretch(offset: u32, size: u32) -> Part {
    Part::Bytes { offset: offset.into(), size: size.into() }
}

#[cfg(test)]
mod tests;

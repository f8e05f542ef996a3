//! The machine that a process type asks for.

use toml_edit::{Table, value};

use super::{PLATFORM, names};
use crate::emit::notice::Refusal;
use crate::formation::ProcessType;

/// The sizes of memory are multiples of this, in MiB.
const STEP: u64 = 256;

/// The memory that a core of each kind has at most, in MiB.
const SHARED_MEMORY: u64 = 2048;
const PERFORMANCE_MEMORY: u64 = 8192;

/// How many cores a machine may have that shares them, and one that does not.
const SHARED_CORES: [u64; 4] = [1, 2, 4, 8];
const PERFORMANCE_CORES: [u64; 5] = [1, 2, 4, 8, 16];

/// The smallest machine that has what the table asks for, if it asks for something.
pub(super) fn machine(process: &ProcessType) -> Result<Option<Table>, Refusal> {
    let resources = process.resources;
    if resources.memory.is_none() && resources.cpu.is_none() {
        return Ok(None);
    }
    let memory = resources.memory.map(|bytes| bytes.div_ceil(1024 * 1024).next_multiple_of(STEP));
    let cores = resources.cpu.map_or(1, |cpu| u64::from(cpu.div_ceil(1000)));
    let fitting = |choices: &[u64], each: u64| {
        let enough = |&count: &u64| count >= cores && memory.is_none_or(|all| all <= each * count);
        choices.iter().copied().find(enough)
    };
    let (kind, cores) = fitting(&SHARED_CORES, SHARED_MEMORY)
        .map(|cores| ("shared", cores))
        .or_else(|| Some(("performance", fitting(&PERFORMANCE_CORES, PERFORMANCE_MEMORY)?)))
        .ok_or_else(|| too_large(process))?;
    let mut table = Table::new();
    table["processes"] = value(names([process]));
    if let Some(memory) = memory {
        table["memory"] = value(format!("{memory}mb"));
    }
    table["cpu_kind"] = value(kind);
    table["cpus"] = value(i64::try_from(cores).unwrap_or(i64::MAX));
    Ok(Some(table))
}

fn too_large(process: &ProcessType) -> Refusal {
    Refusal::Text {
        process: process.name.clone(),
        platform: PLATFORM,
        text: "resources".to_owned(),
        why: "its largest machine has 16 cores and 128 GiB",
    }
}

//! `resources = { memory = "512MiB", cpu = 0.5 }`.

use crate::formation::Resources;

use super::entry::Entry;
use super::problem::Parsed;

pub(super) fn resources(entry: Entry<'_>) -> Parsed<Resources> {
    let mut fields = entry.fields("a table, as `{ memory = \"512MiB\", cpu = 0.5 }`")?;
    let memory = fields.read("memory", memory).value();
    let cpu = fields.read("cpu", cpu).value();
    fields.finish(Resources { memory, cpu })
}

/// Units of memory. `M` alone is missing on purpose: Kubernetes reads it as a million,
/// systemd as 1024².
const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];

fn memory(entry: Entry<'_>) -> Parsed<u64> {
    let wrong = || entry.wrong("a size, as `\"512MiB\"`");
    let text = entry.as_str().ok_or_else(wrong)?.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: Option<u64> = number.parse().ok().filter(|number| *number > 0);
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, bytes)| *bytes);
    number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit)).ok_or_else(|| {
        entry
            .invalid("expected a whole number and one of `KiB`, `MiB`, `GiB`, `kB`, `MB`, `GB`")
            .help("write it as \"512MiB\"")
            .into()
    })
}

/// Cores as thousandths: `2`, `0.5`, or `"500m"` as Kubernetes writes it.
fn cpu(entry: Entry<'_>) -> Parsed<u32> {
    let text = match (entry.as_str(), entry.as_integer(), entry.as_float()) {
        (Some(text), _, _) => text.trim().to_owned(),
        (None, Some(number), _) => number.to_string(),
        (None, None, Some(number)) => number.to_string(),
        (None, None, None) => return Err(entry.wrong("a number of cores, as `0.5`").into()),
    };
    thousandths(&text).filter(|cpu| *cpu > 0).ok_or_else(|| {
        entry.invalid("expected a number of cores with at most three decimals, as `0.5`").into()
    })
}

fn thousandths(text: &str) -> Option<u32> {
    if let Some(thousandths) = text.strip_suffix('m') {
        return thousandths.parse().ok();
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let valid = (1..=3).contains(&decimals.len()) && decimals.bytes().all(|b| b.is_ascii_digit());
    let decimals: u32 = valid.then(|| format!("{decimals:0<3}").parse().ok()).flatten()?;
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(decimals)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn cores_are_counted_in_thousandths() {
        for (text, expected) in [
            ("2", Some(2_000)),
            ("0.5", Some(500)),
            ("1.25", Some(1_250)),
            ("250m", Some(250)),
            ("-1", None),
            ("0.0001", None),
            ("1.", None),
            ("m", None),
            ("lots", None),
            ("9999999", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}

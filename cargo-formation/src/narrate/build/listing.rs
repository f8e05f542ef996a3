//! What a build has made, as a table for people and as JSON for scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::formation::{Identity, ProcessName};

/// A binary that was built, or was there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltBinary {
    /// The process types that run it, in declaration order.
    pub processes: Vec<ProcessName>,
    /// The package that has it.
    pub package: String,
    /// Its name.
    pub binary: String,
    /// Where it is.
    pub path: PathBuf,
    /// Which build it is.
    pub identity: Identity,
    /// Whether cargo had nothing to compile.
    pub fresh: bool,
}

impl BuiltBinary {
    fn row(&self) -> [String; 6] {
        let names: Vec<&str> = self.processes.iter().map(ProcessName::as_str).collect();
        [
            names.join(", "),
            self.package.clone(),
            self.binary.clone(),
            if self.fresh { "yes" } else { "no" }.to_owned(),
            self.identity.short(),
            self.path.display().to_string(),
        ]
    }
}

/// A table with a line for each binary, and one above that says what is in it.
#[must_use]
pub fn table(binaries: &[BuiltBinary]) -> String {
    let header = ["type", "package", "binary", "fresh", "identity", "path"].map(str::to_owned);
    let rows: Vec<[String; 6]> =
        std::iter::once(header).chain(binaries.iter().map(BuiltBinary::row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; 6] = std::array::from_fn(|column| width(column).unwrap_or(0));
    rows.iter().map(|row| line(row, &widths)).collect()
}

/// The last column is not padded: nothing stands behind it.
fn line(row: &[String; 6], widths: &[usize; 6]) -> String {
    let cells: Vec<String> =
        row.iter().zip(widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
    format!("{}\n", cells.join("  ").trim_end())
}

/// An array with an object for each binary, whose identity has all its digits.
#[must_use]
pub fn json(binaries: &[BuiltBinary]) -> Value {
    let object = |built: &BuiltBinary| {
        let names: Vec<&str> = built.processes.iter().map(ProcessName::as_str).collect();
        json!({
            "types": names,
            "package": built.package,
            "binary": built.binary,
            "path": built.path.display().to_string(),
            "identity": built.identity.to_string(),
            "fresh": built.fresh,
        })
    };
    binaries.iter().map(object).collect()
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::{BuiltBinary, json, table};
    use crate::formation::Identity;

    fn binaries() -> Vec<BuiltBinary> {
        let built = |types: &[&str], binary: &str, hash: u128| BuiltBinary {
            processes: types.iter().map(|name| name.parse().unwrap()).collect(),
            package: "shop".into(),
            binary: binary.into(),
            path: format!("/shop/target/debug/{binary}").into(),
            identity: Identity::new(hash << 64),
            fresh: hash == 1,
        };
        vec![built(&["web", "admin-web"], "web", 1), built(&["release"], "migrate", 0xfedc << 48)]
    }

    #[test]
    fn a_table_is_aligned() {
        assert_data_eq!(
            table(&binaries()),
            str![[r"
type            package  binary   fresh  identity      path
web, admin-web  shop     web      yes    000000000000  /shop/target/debug/web
release         shop     migrate  no     fedc00000000  /shop/target/debug/migrate

"]]
        );
        assert_eq!(table(&[]), "type  package  binary  fresh  identity  path\n");
    }

    #[test]
    fn json_has_the_whole_identity() {
        assert_data_eq!(
            format!("{:#}", json(&binaries()[1..])),
            str![[r#"
[
  {
    "types": [
      "release"
    ],
    "package": "shop",
    "binary": "migrate",
    "path": "/shop/target/debug/migrate",
    "identity": "fedc0000000000000000000000000000",
    "fresh": false
  }
]
"#]]
        );
        assert_eq!(json(&[]).to_string(), "[]");
    }
}

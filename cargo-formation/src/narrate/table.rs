//! Aligned columns under a heading.

/// A column, with its heading.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// Words begin where the heading begins.
    Words(&'static str),
    /// Numbers end where the heading ends.
    Numbers(&'static str),
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Words(heading) | Self::Numbers(heading) => heading,
        }
    }

    fn cell(self, text: &str, width: usize) -> String {
        match self {
            Self::Words(_) => format!("{text:width$}"),
            Self::Numbers(_) => format!("{text:>width$}"),
        }
    }
}

/// The heading and the rows, a line each, without blanks at their ends.
pub(super) fn table<const N: usize>(columns: [Column; N], rows: &[[String; N]]) -> String {
    let heading = columns.map(|column| column.heading().to_owned());
    let rows: Vec<_> = std::iter::once(&heading).chain(rows).collect();
    let mut widths = [0; N];
    for (column, width) in widths.iter_mut().enumerate() {
        *width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    }
    let mut text = String::new();
    for row in rows {
        let cells = columns.iter().zip(row).zip(widths);
        let cells: Vec<_> = cells.map(|((column, text), width)| column.cell(text, width)).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

//! Tables as plain data: every view lays out the same ones.
//!
//! A cell's tone may tint it where there is colour; it never says anything that the text does not.

use super::safe::display_safe;

/// A table of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What its columns hold, from left to right.
    pub(super) columns: Vec<Column>,
    /// As many cells in each as there are columns.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// What it holds.
    pub(super) name: String,
    /// Numbers stand right, so that their digits line up.
    pub(super) numeric: bool,
}

/// One field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// What it says, free of control characters.
    pub(super) text: String,
    /// How that is meant.
    pub(super) tone: Tone,
}

/// How a statement is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// As a fact.
    #[default]
    Plain,
    /// As good news.
    Good,
    /// As something to look at.
    Warn,
    /// As bad news.
    Bad,
    /// As an aside.
    Quiet,
}

impl Tone {
    /// The class of such things in the page's style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

impl Table {
    /// A table without rows. A name that begins with `#` heads a column of numbers.
    pub(super) fn new(names: &[&str]) -> Self {
        let columns = names.iter().map(|name| Column::new(name)).collect();
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row, one cell per column.
    pub(super) fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(
            row.len(),
            self.columns.len(),
            "a row has a cell for each column"
        );
        self.rows.push(row);
    }

    /// Takes out the columns that say nothing in any row: every cell is empty or `-`.
    pub(super) fn without_empty_columns(mut self) -> Self {
        let says = |column: usize| {
            self.rows
                .iter()
                .any(|row| !matches!(row[column].text.as_str(), "" | "-"))
        };
        let keep: Vec<bool> = (0..self.columns.len()).map(says).collect();
        let mut kept = keep.iter();
        self.columns.retain(|_| kept.next() == Some(&true));
        for row in &mut self.rows {
            let mut kept = keep.iter();
            row.retain(|_| kept.next() == Some(&true));
        }
        self
    }
}

impl Column {
    /// `#` at the front makes it a column of numbers.
    fn new(name: &str) -> Self {
        let text = name.strip_prefix('#').unwrap_or(name);
        Self {
            name: display_safe(text).into_owned(),
            numeric: text.len() < name.len(),
        }
    }

    /// A column of numbers, under any name.
    pub(super) fn numbers(name: &str) -> Self {
        Self {
            name: display_safe(name).into_owned(),
            numeric: true,
        }
    }
}

impl Cell {
    /// A cell meant like this.
    pub(super) fn toned(text: &str, tone: Tone) -> Self {
        Self {
            text: display_safe(text).into_owned(),
            tone,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_say_nothing_go() {
        let mut table = Table::new(&["name", "#lost", "#sent", "of"]);
        table.push(vec!["a".into(), "-".into(), "1".into(), "".into()]);
        table.push(vec!["b".into(), "-".into(), "-".into(), "".into()]);
        let table = table.without_empty_columns();
        let names: Vec<_> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, ["name", "sent"]);
        assert!(table.columns[1].numeric);
        assert_eq!(table.rows[1].len(), 2);
    }
}

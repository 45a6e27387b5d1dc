//! CSV: a header that names the columns, in any order, and a line for each call (RFC 4180, on one
//! line each).

use super::cells::{self, Cell, Column, Row, Unit};
use super::trouble::Trouble;
use std::borrow::Cow;

/// Columns looked at, at most.
const MOST_COLUMNS: usize = 1_000;

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Header {
    /// For each column of the file, what it is.
    columns: Vec<Option<(Column, Unit)>>,
}

impl Header {
    /// Reads the first line.
    pub(super) fn read(line: &str) -> Result<Self, Trouble> {
        let mut columns = Vec::new();
        let mut names = Vec::new();
        for field in fields(line).take(MOST_COLUMNS) {
            let name = field?.trim().to_owned();
            columns.push(Column::named(&name));
            names.push(name);
        }
        for column in Column::ALL {
            let known = columns.iter().flatten();
            match known.filter(|(one, _)| *one == column).count() {
                0 if column.is_required() => return Err(cells::no_column(column, &names)),
                0 | 1 => {}
                _ => {
                    let message = format!("the header names `{}` twice", column.name());
                    return Err(Trouble::new(message));
                }
            }
        }
        Ok(Self { columns })
    }

    /// The cells of a line.
    pub(super) fn cells<'a>(&self, line: &'a str) -> Result<Row<'a>, Trouble> {
        let mut row: Row<'a> = Default::default();
        let mut count = 0;
        for field in fields(line) {
            let field = field?;
            if let Some(Some((column, unit))) = self.columns.get(count) {
                row[*column as usize] = Cell::of_csv(field, *unit);
            }
            count += 1;
        }
        if count != self.columns.len() && count < MOST_COLUMNS {
            let message = format!(
                "there are {count} cells, but the header names {} columns",
                self.columns.len()
            );
            return Err(Trouble::new(message));
        }
        Ok(row)
    }
}

/// The fields of a line.
fn fields(line: &str) -> impl Iterator<Item = Result<Cow<'_, str>, Trouble>> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        if text.trim_start().starts_with('"') {
            let (field, after) = match quoted(text.trim_start()) {
                Ok(split) => split,
                Err(trouble) => {
                    rest = None;
                    return Some(Err(trouble));
                }
            };
            rest = after;
            return Some(Ok(field));
        }
        let (field, after) = match text.split_once(',') {
            Some((field, after)) => (field, Some(after)),
            None => (text, None),
        };
        rest = after;
        Some(Ok(Cow::Borrowed(field.trim())))
    })
}

/// A field in quotes, two of which stand for one, and what follows its comma.
fn quoted(text: &str) -> Result<(Cow<'_, str>, Option<&str>), Trouble> {
    let inside = &text[1..];
    let mut from = 0;
    let end = loop {
        let Some(found) = inside[from..].find('"') else {
            let trouble = Trouble::new("a quote is not closed");
            return Err(trouble.hint("one call stands on one line"));
        };
        let at = from + found;
        if !inside[at + 1..].starts_with('"') {
            break at;
        }
        from = at + 2;
    };
    let field = &inside[..end];
    let field = if field.contains('"') {
        Cow::Owned(field.replace("\"\"", "\""))
    } else {
        Cow::Borrowed(field)
    };
    let after = inside[end + 1..].trim_start();
    match after.strip_prefix(',') {
        Some(rest) => Ok((field, Some(rest))),
        None if after.is_empty() => Ok((field, None)),
        None => Err(Trouble::new("there is text behind a closing quote")),
    }
}

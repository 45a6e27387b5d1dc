//! Values kept in files of their own, put into the tree.
//!
//! `empirical: { file: work.txt }` becomes `empirical: { values: [..] }` before anything is read,
//! and so does `recorded`. Afterwards a scenario is complete in itself: its hash covers the values,
//! and a report can be replayed without the files.

use super::diagnostic::{Diagnostic, Diagnostics, Span, quoted};
use super::tree::{Kind, Node};

/// Most values in a file.
const MOST_VALUES: usize = 50_000;

/// Reads a file beside the scenario by its name.
pub(super) type Files<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// The sections that may name a file, and the key that the values go to.
const SECTIONS: [(&str, &str); 2] = [("empirical", "values"), ("recorded", "times")];

/// Replaces all names of files by what the files hold.
pub(super) fn files(node: &mut Node, files: Files<'_>, found: &mut Diagnostics) {
    match &mut node.kind {
        Kind::Scalar { .. } => {}
        Kind::List(items) => {
            for item in items {
                self::files(item, files, found);
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                let section = SECTIONS.iter().find(|(name, _)| *name == entry.key);
                match section {
                    Some((_, key)) => section_file(&mut entry.value, key, files, found),
                    None => self::files(&mut entry.value, files, found),
                }
            }
        }
    }
}

fn section_file(section: &mut Node, key: &str, files: Files<'_>, found: &mut Diagnostics) {
    let Kind::Map(entries) = &mut section.kind else {
        return;
    };
    if entries.iter().any(|entry| entry.key == key) {
        return;
    }
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == "file") else {
        return;
    };
    let Kind::Scalar { text: name, .. } = &entry.value.kind else {
        return;
    };
    match values(name, entry.value.span, files) {
        Ok(values) => {
            key.clone_into(&mut entry.key);
            entry.value.kind = Kind::List(values);
        }
        Err(problem) => found.push(problem),
    }
}

/// The first column of each line; empty lines and lines that begin with `#` are left out.
fn values(name: &str, span: Span, files: Files<'_>) -> Result<Vec<Node>, Diagnostic> {
    let error = |message: String| Diagnostic::error("file", span, message);
    let text = files(name).map_err(|reason| error(format!("{}: {reason}", quoted(name))))?;
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first_column = |line: &str| line.split(',').next().unwrap_or("").trim().to_owned();
    let nodes: Vec<Node> = lines
        .take(MOST_VALUES + 1)
        .map(|line| Node::scalar(&first_column(line), span))
        .collect();
    if nodes.len() > MOST_VALUES {
        return Err(error(format!(
            "{} has more than {MOST_VALUES} values",
            quoted(name)
        )));
    }
    if nodes.is_empty() {
        return Err(error(format!("{} holds no values", quoted(name))));
    }
    Ok(nodes)
}

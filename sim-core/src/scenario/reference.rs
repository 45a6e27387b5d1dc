//! The reference of the scenario format, for people: a page of Markdown.
//!
//! It is printed from the same descriptions as the schema. Each type has a section, in the order in
//! which a reader of the page comes to it: the sections of a scenario first, then what they hold.

use super::file::ScenarioFile;
use super::read::FileType;
use super::shape::{ArmShape, FieldShape, MapShape, OneOfShape, Presence, ScalarJson, Shape};
use std::collections::VecDeque;
use std::fmt::Write;

/// The page.
pub fn reference() -> String {
    let mut page = Page::default();
    let mut text = String::new();
    page.mention(&ScenarioFile::shape());
    while let Some(shape) = page.waiting.pop_front() {
        match &shape {
            Shape::Map(map) => page.map(&mut text, map),
            Shape::OneOf(one_of) => page.one_of(&mut text, one_of),
            Shape::Scalar { .. }
            | Shape::List(_)
            | Shape::Named(_)
            | Shape::Numbered(_)
            | Shape::Either(_)
            | Shape::Any => {}
        }
    }
    text
}

/// Which types have a section, or will have one.
#[derive(Default)]
struct Page {
    known: Vec<&'static str>,
    waiting: VecDeque<Shape>,
}

impl Page {
    /// What a value of this shape is, in a table; a type with a name is linked, and gets a section.
    fn mention(&mut self, shape: &Shape) -> String {
        match shape {
            Shape::Scalar { json, what, .. } => scalar(json, what),
            Shape::Map(MapShape { name, .. }) | Shape::OneOf(OneOfShape { name, .. }) => {
                self.link(name, shape)
            }
            Shape::List(of) => format!("list: {}", self.mention(&of())),
            Shape::Named(of) => format!("by name: {}", self.mention(&of())),
            Shape::Numbered(of) => format!("by number: {}", self.mention(&of())),
            Shape::Either(alternatives) => {
                let each: Vec<String> = alternatives.iter().map(|of| self.mention(&of())).collect();
                each.join(", or ")
            }
            Shape::Any => "anything".to_owned(),
        }
    }

    fn link(&mut self, name: &'static str, shape: &Shape) -> String {
        if !self.known.contains(&name) {
            self.known.push(name);
            self.waiting.push_back(shape.clone());
        }
        let title = title(name);
        format!("[{title}](#{})", title.replace(' ', "-"))
    }

    fn map(&mut self, text: &mut String, map: &MapShape) {
        head(text, map.name, &map.doc);
        if let Some(key) = map.short {
            let _ = writeln!(text, "A value that is no map stands for `{key}`.\n");
        }
        text.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
        let needed = if map.can_be_like() {
            "needed without `like`"
        } else {
            "needed"
        };
        for field in &map.fields {
            self.field(text, field, needed);
        }
    }

    fn field(&mut self, text: &mut String, field: &FieldShape, needed: &str) {
        let value = self.mention(&(field.of)());
        let default = match field.presence {
            Presence::Required => needed.to_owned(),
            Presence::Optional => "–".to_owned(),
            Presence::Default(value) | Presence::Implied(value) => format!("`{value}`"),
        };
        row(text, &[&code(field.key), &value, &default, &field.doc]);
    }

    fn one_of(&mut self, text: &mut String, one_of: &OneOfShape) {
        head(text, one_of.name, &one_of.doc);
        text.push_str("| one of | value | meaning |\n|---|---|---|\n");
        for ArmShape { key, doc, of } in &one_of.arms {
            let value = of.map_or_else(|| "the word alone".to_owned(), |of| self.mention(&of()));
            row(text, &[&code(key), &value, doc]);
        }
    }
}

fn head(text: &mut String, name: &str, doc: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "## {}\n\n{doc}\n", title(name));
}

fn row(text: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(text, "| {} ", cell.replace('|', "\\|"));
    }
    text.push_str("|\n");
}

fn code(key: &str) -> String {
    format!("`{key}`")
}

fn scalar(json: &ScalarJson, what: &str) -> String {
    match json {
        ScalarJson::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| code(word)).collect();
            words.join(" or ")
        }
        ScalarJson::Choices(choices) => {
            let each = choices.iter();
            let words: Vec<String> = each
                .map(|(word, doc)| format!("{}: {}", code(word), doc.trim()))
                .collect();
            words.join("<br>")
        }
        ScalarJson::Text(_) | ScalarJson::Number | ScalarJson::Integer(..) | ScalarJson::Bool => {
            what.to_owned()
        }
    }
}

/// The name of a type in words: `HedgeDelayFile` is a `hedge delay`.
fn title(name: &str) -> String {
    let name = name.strip_suffix("File").unwrap_or(name);
    let name = name.strip_suffix("Map").unwrap_or(name);
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_one_section_and_every_link_leads_to_one() {
        let page = reference();
        let heads: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let mut once = heads.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), heads.len(), "{heads:?}");
        for target in page.split("](#").skip(1) {
            let (anchor, _) = target.split_once(')').unwrap();
            let title = anchor.replace('-', " ");
            assert!(heads.contains(&title.as_str()), "{anchor}");
        }
    }

    #[test]
    fn a_key_has_its_value_its_default_and_its_meaning() {
        let page = reference();
        for row in [
            "| `threads` | ",
            "| `propagate` | ",
            "| `max_attempts` | ",
            "## breaker\n",
        ] {
            assert!(page.contains(row), "{row}");
        }
    }
}

//! From text to a tree in which every key and every value knows its place.
//!
//! A scenario needs only the plain part of YAML: maps, lists and scalars. Everything that lets one
//! text mean several things, or a small text mean a large one (anchors, aliases, merge keys, tags,
//! several documents), is refused, and so is what would be silently dropped: duplicate keys, empty
//! values. What remains is small enough that the same reader takes JSON too. This is the only
//! module that knows the YAML library.

use super::diagnostic::{Diagnostic, Origin, Span, is_unsafe_to_show, quoted};
use super::mark;

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, ScanError};
use std::fmt::Write;

/// Longest text of a scenario [bytes].
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting of maps and lists.
pub(super) const MAX_DEPTH: usize = 32;
/// Most keys and values together.
pub(super) const MAX_NODES: usize = 1_000_000;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A number, a word, a text.
    Scalar { text: String, quoted: bool },
    /// `[..]`, or lines that begin with `-`.
    List(Vec<Node>),
    /// `{..}`, or lines `key: value`.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

impl Node {
    /// An unquoted scalar.
    pub(crate) fn scalar(text: &str, span: Span) -> Self {
        let kind = Kind::Scalar {
            text: text.to_owned(),
            quoted: false,
        };
        Self { span, kind }
    }

    /// An empty map.
    pub(crate) fn empty_map(span: Span) -> Self {
        Self {
            span,
            kind: Kind::Map(Vec::new()),
        }
    }

    /// The value of a key, if this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    /// The same without a key of its own.
    pub(crate) fn without(&self, key: &str) -> std::borrow::Cow<'_, Self> {
        let (Kind::Map(entries), Some(_)) = (&self.kind, self.get(key)) else {
            return std::borrow::Cow::Borrowed(self);
        };
        let kept = entries.iter().filter(|entry| entry.key != key).cloned();
        std::borrow::Cow::Owned(Self {
            span: self.span,
            kind: Kind::Map(kept.collect()),
        })
    }

    /// Only these entries of these sections, in their order here; a section that is no map is whole.
    pub(crate) fn only(&self, places: &[(&str, &str)]) -> Self {
        let keep = |node: &Self, wanted: &dyn Fn(&str) -> bool| {
            let Kind::Map(entries) = &node.kind else {
                return node.clone();
            };
            let kept = entries.iter().filter(|entry| wanted(&entry.key)).cloned();
            Self {
                span: node.span,
                kind: Kind::Map(kept.collect()),
            }
        };
        let mut whole = keep(self, &|key| places.iter().any(|place| place.0 == key));
        if let Kind::Map(sections) = &mut whole.kind {
            for section in sections {
                let key = section.key.as_str();
                let inside = |entry: &str| places.contains(&(key, entry));
                section.value = keep(&section.value, &inside);
            }
        }
        whole
    }

    /// Whether nothing was written here, or one of the words for nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, quoted: false }
            if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What the value is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            _ if self.is_null() => "empty".to_owned(),
            Kind::Scalar { text, .. } => quoted(text),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        }
    }
}

/// Reads a text.
pub(crate) fn parse(text: &str, origin: Origin) -> Result<Node, Diagnostic> {
    check_size(text, origin)?;
    check_characters(text, origin)?;
    Builder::new(text, origin).document()
}

fn check_size(text: &str, origin: Origin) -> Result<(), Diagnostic> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!(
        "the file has {} bytes, but a scenario has at most {MAX_BYTES}",
        text.len()
    );
    Err(Diagnostic::error("too-large", start_of(origin), message))
}

fn start_of(origin: Origin) -> Span {
    Span {
        origin,
        start: 0,
        end: 0,
        line: 1,
        column: 1,
    }
}

fn nothing_in(origin: Origin) -> Diagnostic {
    let span = start_of(origin);
    match origin {
        Origin::File => Diagnostic::error("empty", span, "there is no scenario in here")
            .hint("a scenario begins with `scenario: NAME`"),
        Origin::Set(_) => Diagnostic::error("empty", span, "there is no value after the `=`"),
    }
}

/// Refuses characters that nobody sees, or that make a text look like another.
fn check_characters(text: &str, origin: Origin) -> Result<(), Diagnostic> {
    let mut span = start_of(origin);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        span.start = start;
        span.end = start + c.len_utf8();
        let line_end = c == '\n' || (c == '\r' && chars.peek().is_some_and(|&(_, n)| n == '\n'));
        let mark_at_start = c == '\u{feff}' && start == 0;
        if is_unsafe_to_show(c) && !line_end && !mark_at_start {
            return Err(bad_character(c, span));
        }
        if c == '\n' {
            span.line += 1;
            span.column = 1;
        } else {
            span.column += 1;
        }
    }
    Ok(())
}

fn bad_character(c: char, span: Span) -> Diagnostic {
    if c == '\t' {
        return Diagnostic::error("tab", span, "there is a tab here, but only spaces indent")
            .hint("replace it by spaces");
    }
    let code = u32::from(c);
    let message = format!("there is an invisible character U+{code:04X} here");
    Diagnostic::error("control-character", span, message).hint("remove it")
}

/// Builds the tree from the events of the YAML library. Maps and lists that are still open lie on
/// a stack, so that depth costs no recursion.
struct Builder<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    text: &'a str,
    origin: Origin,
    open: Vec<Open>,
    nodes: usize,
}

/// A map or list whose end has not been read.
struct Open {
    span: Span,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// Keys by text with the line of their place, to find duplicates in large maps.
        seen: std::collections::BTreeMap<String, u32>,
        key: Option<(String, Span)>,
    },
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, origin: Origin) -> Self {
        let mut options = granit_parser::Options::default();
        options.set_emit_comments(false);
        options.flow_nesting_limit = 2 * MAX_DEPTH;
        options.block_nesting_limit = 2 * MAX_DEPTH;
        options.disallow_directives = true;
        options.emit_unresolved_aliases = true;
        Self {
            events: Parser::new_from_str_with_options(text, options),
            text,
            origin,
            open: Vec::new(),
            nodes: 0,
        }
    }

    fn document(mut self) -> Result<Node, Diagnostic> {
        let mut root = None;
        while let Some(next) = self.events.next() {
            let (event, span) = next.map_err(|error| self.syntax_error(&error))?;
            let span = self.span(span);
            if let Some(node) = self.event(event, span, root.is_some())? {
                root = Some(node);
            }
        }
        root.ok_or_else(|| nothing_in(self.origin))
    }

    /// Takes one event; returns the root when it is complete.
    fn event(
        &mut self,
        event: Event<'a>,
        span: Span,
        is_second: bool,
    ) -> Result<Option<Node>, Diagnostic> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                self.scalar(&text, style, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                self.begin(span, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                let kind = OpenKind::Map {
                    entries: Vec::new(),
                    seen: std::collections::BTreeMap::new(),
                    key: None,
                };
                self.begin(span, kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(no_aliases(span)),
            Event::DocumentStart(..) if is_second => Err(two_documents(span)),
            Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Anchor(..)
            | _ => Ok(None),
        }
    }

    /// Refuses anchors and tags, at their own place.
    fn refuse_extras(&self, span: Span, anchor: usize, tagged: bool) -> Result<(), Diagnostic> {
        if anchor != 0 {
            return Err(no_aliases(mark::before(self.text, span, '&')));
        }
        if tagged {
            let message = "tags such as `!name` are not allowed here";
            let span = mark::before(self.text, span, '!');
            return Err(Diagnostic::error("tag", span, message).hint("remove the tag"));
        }
        Ok(())
    }

    fn begin(&mut self, span: Span, kind: OpenKind) -> Result<Option<Node>, Diagnostic> {
        self.count(span)?;
        if self.open.len() >= MAX_DEPTH {
            let message = format!("this is nested deeper than {MAX_DEPTH} levels");
            return Err(Diagnostic::error("too-deep", span, message));
        }
        self.open.push(Open { span, kind });
        Ok(None)
    }

    fn end(&mut self, end: Span) -> Result<Option<Node>, Diagnostic> {
        let Some(open) = self.open.pop() else {
            return Ok(None);
        };
        let mut span = open.span;
        if end.line == span.line {
            span.end = end.end.max(span.end);
        }
        let kind = match open.kind {
            OpenKind::List(items) => Kind::List(items),
            OpenKind::Map { entries, .. } => Kind::Map(entries),
        };
        self.value(Node { span, kind })
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        span: Span,
    ) -> Result<Option<Node>, Diagnostic> {
        self.count(span)?;
        let kind = Kind::Scalar {
            text: text.to_owned(),
            quoted: style != ScalarStyle::Plain,
        };
        self.value(Node { span, kind })
    }

    /// Puts a complete value where it belongs.
    fn value(&mut self, node: Node) -> Result<Option<Node>, Diagnostic> {
        let Some(open) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, seen, key } => match key.take() {
                None => *key = Some(read_key(node, seen)?),
                Some((key, key_span)) => entries.push(Entry {
                    key,
                    key_span,
                    value: node,
                }),
            },
        }
        Ok(None)
    }

    fn count(&mut self, span: Span) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("there are more than {MAX_NODES} keys and values");
        Err(Diagnostic::error("too-large", span, message))
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let start = self.offset(&span.start);
        let end = self.offset(&span.end).max(start);
        // Block scalars and collections reach over line ends: what is shown is their first line.
        let line_end = self.text[start..end]
            .find('\n')
            .map_or(end, |at| start + at);
        Span {
            origin: self.origin,
            start,
            end: start + self.text[start..line_end].trim_end().len(),
            line: span.start.line().max(1) as u32,
            column: span.start.col() as u32 + 1,
        }
    }

    fn offset(&self, marker: &granit_parser::Marker) -> usize {
        let mut at = marker.byte_offset().unwrap_or(0).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let marker = *error.marker();
        let span = self.span(granit_parser::Span::new(marker, marker));
        Diagnostic::error("syntax", span, format!("not valid YAML: {}", error.info()))
    }
}

fn read_key(
    node: Node,
    seen: &mut std::collections::BTreeMap<String, u32>,
) -> Result<(String, Span), Diagnostic> {
    let Kind::Scalar { text, .. } = node.kind else {
        return Err(Diagnostic::error(
            "key",
            node.span,
            "a key must be a word, not a list or a map",
        ));
    };
    if text == "<<" {
        return Err(
            Diagnostic::error("alias", node.span, "merge keys `<<` are not allowed here")
                .hint("write the keys out"),
        );
    }
    if let Some(first) = seen.insert(text.clone(), node.span.line) {
        let message = format!("the key {} is given twice", quoted(&text));
        return Err(Diagnostic::error("duplicate-key", node.span, message)
            .hint(format!("it was first given in line {first}")));
    }
    Ok((text, node.span))
}

fn no_aliases(span: Span) -> Diagnostic {
    Diagnostic::error(
        "alias",
        span,
        "anchors `&` and aliases `*` are not allowed here",
    )
    .hint("write the value out, or put a text that begins so in quotes")
}

fn two_documents(span: Span) -> Diagnostic {
    let message = "a second document begins here, but a file holds one scenario";
    Diagnostic::error("two-documents", span, message).hint("remove `---`, or split the file")
}

/// The tree as JSON on one line: the same scenario always gives the same text, however it was laid
/// out, and reading that text gives the same tree.
pub(crate) fn normalised(node: &Node) -> String {
    let mut text = String::new();
    write_json(node, &mut text);
    text
}

fn write_json(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Scalar { text, quoted } => write_scalar(text, *quoted, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write_json(item, out);
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push('{');
            for (index, entry) in entries.iter().enumerate() {
                separate(index, out);
                write_text(&entry.key, out);
                out.push_str(": ");
                write_json(&entry.value, out);
            }
            out.push('}');
        }
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn write_scalar(text: &str, quoted: bool, out: &mut String) {
    let bare = !quoted && (text == "true" || text == "false" || is_json_number(text));
    if bare {
        out.push_str(text);
    } else {
        write_text(text, out);
    }
}

pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if is_unsafe_to_show(c) => write_escape(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// `\u001b`; characters beyond 16 bits are two of them, as JSON has it.
fn write_escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a text cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Whether a text is a number as JSON writes it; other spellings are not taken anywhere.
pub(crate) fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        None => (unsigned, None),
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
    };
    let (whole, decimals) = match mantissa.split_once('.') {
        None => (mantissa, None),
        Some((whole, decimals)) => (whole, Some(decimals)),
    };
    let canonical = whole == "0" || !whole.starts_with('0');
    let exponent = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    canonical
        && is_digits(whole)
        && decimals.is_none_or(is_digits)
        && exponent.is_none_or(is_digits)
}

/// Whether a text is one or more decimal digits.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

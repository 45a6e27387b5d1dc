//! What is wrong with a scenario, in words, and where.
//!
//! Somebody who mistypes three names wants to hear of all three at once, each with its place and
//! with what was probably meant. So reading and compiling never stop at the first mistake: they
//! add a [`Diagnostic`] and go on with what is left. A message states the fact, then the limit;
//! the hint says what to write instead. Rendering with underlined source is left to the command
//! line, which gets byte ranges for it.

use super::lint_codes::LINT_CODES;
use std::fmt;

/// Where a text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Origin {
    /// The scenario file.
    #[default]
    File,
    /// The value of the n-th `--set`, from 0.
    Set(u32),
}

/// A stretch of a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Which text.
    pub origin: Origin,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// Column of the first byte in characters, from 1.
    pub column: u32,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiagnosticSeverity {
    /// The scenario cannot be run.
    Error,
    /// It can, but probably does not mean what it says.
    Warning,
    /// Good to know.
    Info,
}

impl fmt::Display for DiagnosticSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// One thing to say about a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind, such as `unknown-name`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: DiagnosticSeverity,
    /// Where.
    pub span: Span,
    /// The fact and the limit.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: DiagnosticSeverity::Error,
            span,
            message: display_safe(&message.into()),
            hint: None,
        }
    }

    /// A warning, whose code is one of [`LINT_CODES`].
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        debug_assert!(
            LINT_CODES.contains(&code),
            "add `{code}` to LINT_CODES and explain it in docs/findings.md"
        );
        Self {
            severity: DiagnosticSeverity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// Something good to know.
    pub fn info(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticSeverity::Info,
            ..Self::error(code, span, message)
        }
    }

    fn is_error(&self) -> bool {
        self.severity == DiagnosticSeverity::Error
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(display_safe(&hint.into()));
        self
    }

    /// The same with a hint, if there is one.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `12:7: error: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span.origin {
            Origin::File => write!(f, "{}:{}: ", self.span.line, self.span.column)?,
            Origin::Set(index) => write!(f, "--set {}: ", index + 1)?,
        }
        write!(f, "{}: {}", self.severity, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// Errors that another error may have brought about.
    consequences: Vec<Diagnostic>,
}

impl Diagnostics {
    /// How many are shown at most.
    pub const SHOWN: usize = 20;

    /// Nothing found yet.
    pub const fn new() -> Self {
        Self {
            found: Vec::new(),
            consequences: Vec::new(),
        }
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    /// Adds an error that is one only if there is no other: what it misses may have been left out
    /// because of that one.
    pub fn push_consequence(&mut self, diagnostic: Diagnostic) {
        self.consequences.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn append(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
        self.consequences.append(&mut other.consequences);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        !self.consequences.is_empty() || self.found.iter().any(Diagnostic::is_error)
    }

    /// All of them by position; errors before warnings at one place, exact repetitions once, and
    /// consequences only if nothing else is wrong.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let consequences = std::mem::take(&mut self.consequences);
        if !self.found.iter().any(Diagnostic::is_error) {
            self.found.extend(consequences);
        }
        self.found
            .sort_by(|a, b| (a.span, a.severity, a.code).cmp(&(b.span, b.severity, b.code)));
        self.found.dedup();
        self
    }

    /// All of them.
    pub fn all(&self) -> &[Diagnostic] {
        &self.found
    }

    /// The ones to show, and how many more there are.
    pub fn shown(&self) -> (&[Diagnostic], usize) {
        let shown = self.found.len().min(Self::SHOWN);
        (&self.found[..shown], self.found.len() - shown)
    }

    /// All of them, given away.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.found
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            found: vec![diagnostic],
            consequences: Vec::new(),
        }
    }
}

impl fmt::Display for Diagnostics {
    /// One line each, and the number of those left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.shown();
        for diagnostic in shown {
            writeln!(f, "{diagnostic}")?;
        }
        match more {
            0 => Ok(()),
            more => writeln!(f, "… and {more} more"),
        }
    }
}

/// Whether a character could act on a terminal, end a line where no reader of the text sees one,
/// reorder the text around it, or stand in it unseen: C0, DEL and C1 controls, separators of lines
/// and paragraphs, controls of the bidirectional algorithm, characters without width, tags.
pub fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with everything that could act on a terminal written out as `\u{..}`.
pub fn display_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe_to_show(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A text in backquotes, cut to a length that fits into a message.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        None => format!("`{text}`"),
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
    }
}

/// `1 call`, `2 calls`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// The candidate nearest to what was written, if one is near.
pub(crate) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if !(2..=200).contains(&written.len()) {
        return None;
    }
    let enough = 0.72;
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = closeness(written, candidate);
        if score >= enough && best.is_none_or(|(top, _)| score > top) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether a word is another one, or that one with a slip of the pen: two letters at the most.
pub(super) fn is_slip_of(written: &str, word: &str) -> bool {
    strsim::levenshtein(&written.to_lowercase(), word) <= 2
}

fn closeness(written: &str, candidate: &str) -> f64 {
    let (a, b) = (written.to_lowercase(), candidate.to_lowercase());
    if b.starts_with(&a) && a.len() >= 3 {
        return 0.95;
    }
    strsim::jaro_winkler(&a, &b)
}

/// A hint that names the nearest candidate, else lists them if they are few.
pub fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(near) = nearest(written, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = candidates.into_iter().map(quoted).collect();
    match all.len() {
        0 => None,
        1 => Some(format!("there is only {}", all[0])),
        2..=8 => Some(format!("there are {}", all.join(", "))),
        more => Some(format!("there are {more}: {}, …", all[..6].join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_written_out() {
        assert_eq!(
            display_safe("a\u{1b}[31m\nb\u{202e}"),
            "a\\u{1b}[31m\\u{a}b\\u{202e}"
        );
    }

    #[test]
    fn the_nearest_name_is_named_and_a_far_one_is_not() {
        let names = ["payments", "storefront", "inventory"];
        assert_eq!(nearest("payment", names), Some("payments"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(
            did_you_mean("xyz", names).unwrap(),
            "there are `payments`, `storefront`, `inventory`"
        );
    }

    #[test]
    fn twenty_are_shown_and_the_rest_is_counted() {
        let mut many = Diagnostics::new();
        for line in 0..25 {
            let span = Span {
                line: 25 - line,
                start: (25 - line) as usize,
                column: 1,
                ..Span::default()
            };
            many.push(Diagnostic::error("test", span, "wrong"));
        }
        let text = many.sorted().to_string();
        assert!(text.starts_with("1:1: error: wrong\n"), "{text}");
        assert!(text.ends_with("… and 5 more\n"), "{text}");
        assert_eq!(text.lines().count(), 21);
    }
}

//! What is wrong with a line, and why there is no call.

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The column it is in, if it is in one.
    pub(crate) column: Option<&'static str>,
    /// The fact and the limit.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) hint: Option<&'static str>,
}

impl Trouble {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            column: None,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    pub(super) fn in_column(self, column: &'static str) -> Self {
        Self {
            column: Some(column),
            ..self
        }
    }
}

/// Why there is no call where one was looked for.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The line is wrong; the next one may be read.
    Line(Trouble),
    /// The log cannot be read at all.
    Log(Trouble),
    /// Reading failed.
    System(std::io::Error),
}

impl Stop {
    /// The same of a line without which the others cannot be read.
    pub(super) fn for_good(self) -> Self {
        match self {
            Self::Line(trouble) | Self::Log(trouble) => Self::Log(trouble),
            Self::System(error) => Self::System(error),
        }
    }
}

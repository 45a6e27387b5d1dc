//! Why a text is not a value of a kind.

/// Why a text is not a value of a kind: "… is `text`, but *limit*".
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) limit: String,
    pub(crate) hint: Option<String>,
    /// What was probably meant, as a value is written.
    pub(crate) meant: Option<String>,
}

impl Problem {
    pub(crate) fn new(limit: impl Into<String>) -> Self {
        Self {
            limit: limit.into(),
            hint: None,
            meant: None,
        }
    }

    /// The same with what was probably meant, which is also the hint unless there is another.
    pub(crate) fn meant(mut self, value: &str) -> Self {
        self.hint = self.hint.or_else(|| Some(format!("write `{value}`")));
        self.meant = Some(value.to_owned());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

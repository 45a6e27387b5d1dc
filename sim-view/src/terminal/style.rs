//! How a terminal wants its text.

/// How a terminal wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Tint what is good or bad; nothing depends on it.
    pub color: bool,
    /// Characters beyond ASCII: lines, bars, ellipses of ours. Text of a scenario stays as it is.
    pub unicode: bool,
    /// Columns; fewer than 40 are taken as 40.
    pub width: usize,
}

impl Default for Style {
    /// Eighty columns without colour.
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 80,
        }
    }
}

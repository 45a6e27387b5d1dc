//! Bars on an axis of time, drawn with characters.

use crate::format;

/// What a stretch of time is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuff {
    /// A call waits for its answer.
    Call,
    /// A message is under way.
    Way,
    /// In the queue of the callee.
    Queue,
    /// In a thread of the callee.
    Thread,
    /// In a thread of the callee, for nobody.
    Wasted,
}

impl Stuff {
    const fn letter(self, ascii: bool) -> char {
        match (self, ascii) {
            (Self::Call, false) => '─',
            (Self::Call, true) => '-',
            (Self::Way, false) => '·',
            (Self::Way, true) => '.',
            (Self::Queue, false) => '░',
            (Self::Queue, true) => 'q',
            (Self::Thread, false) => '█',
            (Self::Thread, true) => '#',
            (Self::Wasted, false) => '▒',
            (Self::Wasted, true) => 'x',
        }
    }

    /// What the letters mean.
    pub(super) fn legend(ascii: bool) -> String {
        let letter = |stuff: Self| stuff.letter(ascii);
        format!(
            "{} call  {} on the way  {} in the queue  {} in a thread  {} in a thread for \
             nobody\n",
            letter(Self::Call),
            letter(Self::Way),
            letter(Self::Queue),
            letter(Self::Thread),
            letter(Self::Wasted)
        )
    }
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    from_ns: u64,
    until_ns: u64,
    stuff: Stuff,
}

impl Span {
    /// From the one instant to the other; nothing if it ends before it begins.
    pub(super) const fn new(from_ns: u64, until_ns: u64, stuff: Stuff) -> Self {
        Self {
            from_ns,
            until_ns,
            stuff,
        }
    }
}

/// An axis of time across some columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) from_ns: u64,
    pub(super) until_ns: u64,
    pub(super) columns: usize,
    pub(super) ascii: bool,
}

impl Axis {
    /// The column in which an instant lies.
    fn column(&self, at_ns: u64) -> usize {
        let length = u128::from((self.until_ns - self.from_ns).max(1));
        let at = u128::from(at_ns.clamp(self.from_ns, self.until_ns) - self.from_ns);
        (at * self.columns as u128 / length) as usize
    }

    /// A bar: later spans are drawn over earlier ones, and what has a length is seen.
    pub(super) fn bar(&self, spans: &[Span]) -> String {
        let mut cells = vec![' '; self.columns];
        let visible = spans.iter().filter(|span| span.until_ns > span.from_ns);
        for span in visible {
            let first = self.column(span.from_ns).min(self.columns - 1);
            let after = self.column(span.until_ns).max(first + 1);
            cells[first..after].fill(span.stuff.letter(self.ascii));
        }
        cells.into_iter().collect()
    }

    /// The names of the axis' two ends.
    pub(super) fn scale(&self) -> String {
        let end = format::duration(self.until_ns - self.from_ns);
        let pad = self.columns.saturating_sub(1 + end.chars().count());
        format!("0{:pad$}{end}", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_what_has_a_length() {
        let axis = Axis {
            from_ns: 100,
            until_ns: 200,
            columns: 10,
            ascii: true,
        };
        let bar = |spans: &[(u64, u64, Stuff)]| {
            let spans: Vec<Span> = spans.iter().map(|s| Span::new(s.0, s.1, s.2)).collect();
            axis.bar(&spans)
        };
        assert_eq!(bar(&[(100, 200, Stuff::Call)]), "----------");
        assert_eq!(
            bar(&[
                (100, 200, Stuff::Way),
                (120, 140, Stuff::Queue),
                (140, 180, Stuff::Thread)
            ]),
            "..qq####.."
        );
        assert_eq!(bar(&[(200, 200, Stuff::Way)]), "          ");
        assert_eq!(bar(&[(199, 200, Stuff::Way)]), "         .");
    }
}

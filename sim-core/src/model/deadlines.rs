//! Deadlines of records, beside the records: most scenarios have none, and pay nothing for them.

use crate::time::SimTime;

/// The deadline of each record of an arena; the list is empty until there is one.
#[derive(Debug, Default)]
pub(crate) struct Deadlines(Vec<SimTime>);

impl Deadlines {
    /// The deadline of a record; [`SimTime::NEVER`] if it has none.
    #[inline]
    pub(crate) fn of(&self, ix: u32) -> SimTime {
        self.0.get(ix as usize).copied().unwrap_or(SimTime::NEVER)
    }

    /// Sets the deadline of a record that has just come to its place.
    #[inline]
    pub(crate) fn set(&mut self, ix: u32, deadline: SimTime) {
        if deadline < SimTime::NEVER || !self.0.is_empty() {
            self.keep(ix, deadline);
        }
    }

    fn keep(&mut self, ix: u32, deadline: SimTime) {
        let place = ix as usize;
        if place >= self.0.len() {
            self.0.resize(place + 1, SimTime::NEVER);
        }
        self.0[place] = deadline;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_a_deadline_forgets_the_one_before_it() {
        let mut deadlines = Deadlines::default();
        deadlines.set(2, SimTime::NEVER);
        assert!(deadlines.0.is_empty());
        deadlines.set(2, SimTime::from_ns(7));
        assert_eq!(deadlines.of(2), SimTime::from_ns(7));
        assert_eq!(
            (deadlines.of(0), deadlines.of(9)),
            (SimTime::NEVER, SimTime::NEVER)
        );
        deadlines.set(2, SimTime::NEVER);
        assert_eq!(deadlines.of(2), SimTime::NEVER);
    }
}

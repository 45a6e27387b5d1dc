//! Sagas: calls one after another, which are undone in reverse order if one of them fails (rule 88).
//!
//! Who carries a saga out writes its *place* down: at the begin, and after each call of it that has ended.
//! When the process dies, somebody goes on from the place that was written last; the call in between is
//! made again. So a saga is this: a place, whether what stands there is being done or undone, and what it
//! waits for. It makes no call itself and knows no time: it is told what has happened and says what is next.
//!
//! A *pivot* is the point of no return. Calls before it can be undone; its own outcome has to be known, so
//! it is asked until it is; calls after it are repeated until they succeed.
//!
//! Rejected: to write the intent before each call as well. It doubles the writes, and tells whoever goes
//! on nothing that it would not do anyway: ask again under the same key.

/// What a saga consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaShape {
    /// Its calls in order: whether each can be undone.
    pub can_undo: Vec<bool>,
    /// The call that is the point of no return, if there is one.
    pub pivot: Option<u16>,
    /// Whether a call of which nobody knows what became of it is taken for one that failed.
    pub ignores_unknown: bool,
}

/// How a call of a saga has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SagaCallEnd {
    /// It is done.
    Done,
    /// It has failed, and nothing came of it.
    Failed,
    /// Nobody knows: it may have been carried out, or may still be.
    Unknown,
}

impl SagaCallEnd {
    /// The name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// How a saga ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SagaEnd {
    /// All is done.
    Completed,
    /// All that was done is undone.
    Compensated,
    /// Something could not be undone.
    Stuck,
}

impl SagaEnd {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::Stuck => "stuck",
        }
    }
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SagaDoes {
    /// Its place is written down.
    Writes,
    /// This call is made.
    Calls(u16),
    /// The undo of this call is made.
    Undoes(u16),
    /// It waits, and then makes the same call again.
    Waits,
    /// It is over.
    Ends(SagaEnd),
}

/// How far a saga is: what is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The call with this number.
    Forward(u16),
    /// Those below this number are undone, the last first.
    Back(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Writes,
    Calls,
    Waits,
}

/// A saga under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saga {
    at: Place,
    phase: Phase,
    /// The place that was written last; none before the first.
    written: Option<Place>,
    /// Its time is up.
    late: bool,
    /// Its pivot has begun, so that it cannot go back before it knows what became of that.
    pivot_begun: bool,
}

impl Saga {
    /// One that begins: first its place is written.
    pub const fn new() -> Self {
        Self {
            at: Place::Forward(0),
            phase: Phase::Writes,
            written: None,
            late: false,
            pivot_begun: false,
        }
    }

    /// Whether it undoes what was done.
    pub const fn goes_back(&self) -> bool {
        matches!(self.at, Place::Back(_))
    }

    /// Its place has been written, or its wait is over.
    pub fn woken(&mut self, shape: &SagaShape) -> SagaDoes {
        if self.phase == Phase::Writes {
            self.written = Some(self.at);
        }
        self.next(shape)
    }

    /// The call that it makes, or made last: which, and whether it is the undo of that.
    pub const fn call(&self) -> (u16, bool) {
        match self.at {
            Place::Forward(at) => (at, false),
            Place::Back(below) => (below - 1, true),
        }
    }

    /// The call that it waits for has ended.
    pub fn ended(&mut self, shape: &SagaShape, how: SagaCallEnd) -> SagaDoes {
        match (self.at, how) {
            (Place::Forward(at), SagaCallEnd::Done) => self.write(Place::Forward(at + 1)),
            (Place::Forward(at), SagaCallEnd::Failed | SagaCallEnd::Unknown) => {
                let is_pivot = shape.pivot == Some(at);
                let is_behind = shape.pivot.is_some_and(|pivot| at > pivot);
                if is_behind || (is_pivot && how == SagaCallEnd::Unknown) {
                    self.phase = Phase::Waits;
                    return SagaDoes::Waits;
                }
                self.pivot_begun = false;
                let may_be_done = how == SagaCallEnd::Unknown && !shape.ignores_unknown;
                self.write(Place::Back(at + u16::from(may_be_done)))
            }
            (Place::Back(at), SagaCallEnd::Done) => self.write(Place::Back(at - 1)),
            (Place::Back(_), SagaCallEnd::Failed | SagaCallEnd::Unknown) => {
                SagaDoes::Ends(SagaEnd::Stuck)
            }
        }
    }

    /// Its time is up: whether the call that it waits for is to be given up, which is then unknown.
    pub fn time_is_up(&mut self) -> bool {
        self.late = true;
        let forward = matches!(self.at, Place::Forward(_));
        forward && self.phase == Phase::Calls && !self.pivot_begun
    }

    /// Another process goes on with it, from the place that was written last; `late`: its time was up
    /// meanwhile.
    pub fn resume(&mut self, shape: &SagaShape, late: bool) -> SagaDoes {
        self.at = self.written.unwrap_or(Place::Forward(0));
        self.late = late;
        // Whether it had begun nobody wrote down.
        self.pivot_begun = match (self.at, shape.pivot) {
            (Place::Forward(at), Some(pivot)) => at >= pivot,
            (Place::Forward(_) | Place::Back(_), _) => false,
        };
        self.next(shape)
    }

    fn write(&mut self, at: Place) -> SagaDoes {
        self.at = at;
        self.phase = Phase::Writes;
        SagaDoes::Writes
    }

    fn next(&mut self, shape: &SagaShape) -> SagaDoes {
        if let Place::Forward(at) = self.at {
            if usize::from(at) == shape.can_undo.len() {
                return SagaDoes::Ends(SagaEnd::Completed);
            }
            if !self.late || self.pivot_begun {
                self.pivot_begun |= shape.pivot == Some(at);
                self.phase = Phase::Calls;
                return SagaDoes::Calls(at);
            }
            self.at = Place::Back(at);
        }
        while let Place::Back(below) = self.at
            && below > 0
        {
            if shape.can_undo[usize::from(below) - 1] {
                self.phase = Phase::Calls;
                return SagaDoes::Undoes(below - 1);
            }
            self.at = Place::Back(below - 1);
        }
        SagaDoes::Ends(SagaEnd::Compensated)
    }
}

impl Default for Saga {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::SagaCallEnd::{Done, Failed, Unknown};
    use super::SagaDoes::{Calls, Ends, Undoes, Waits, Writes};
    use super::SagaEnd::{Compensated, Completed, Stuck};
    use super::*;

    /// What happens to a saga.
    #[derive(Clone, Copy, Debug)]
    enum Then {
        Wrote,
        Ended(SagaCallEnd),
        Woken,
        /// Its time is up: whether it gives its call up.
        Late(bool),
        Dies,
        DiesLate,
    }
    use Then::{Dies, DiesLate, Ended, Late, Woken, Wrote};

    fn shape(pivot: Option<u16>) -> SagaShape {
        SagaShape {
            can_undo: vec![true, true, false],
            pivot,
            ignores_unknown: false,
        }
    }

    fn check(title: &str, shape: &SagaShape, table: &[(Then, SagaDoes)]) {
        let mut saga = Saga::new();
        for (line, &(then, expected)) in table.iter().enumerate() {
            let does = match then {
                Wrote | Woken => saga.woken(shape),
                Ended(how) => saga.ended(shape, how),
                Dies => saga.resume(shape, false),
                DiesLate => saga.resume(shape, true),
                Late(gives_up) => {
                    assert_eq!(saga.time_is_up(), gives_up, "{title}, line {line}");
                    continue;
                }
            };
            assert_eq!(does, expected, "{title}, line {line}: {then:?}");
        }
    }

    #[test]
    fn rule_88_calls_in_order_each_written() {
        let table = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Ended(Done), Writes),
            (Wrote, Calls(2)),
            (Ended(Done), Writes),
            (Wrote, Ends(Completed)),
        ];
        check("completed", &shape(None), &table);
    }

    #[test]
    fn rule_88_the_first_failure_undoes_in_reverse() {
        let known = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Ended(Done), Writes),
            (Wrote, Calls(2)),
            (Ended(Failed), Writes),
            (Wrote, Undoes(1)),
            (Ended(Done), Writes),
            (Wrote, Undoes(0)),
            (Ended(Done), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("known", &shape(None), &known);
        let at_once = [
            (Wrote, Calls(0)),
            (Ended(Failed), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("nothing to undo", &shape(None), &at_once);
        let stuck = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Ended(Failed), Writes),
            (Wrote, Undoes(0)),
            (Ended(Unknown), Ends(Stuck)),
        ];
        check("an undo given up", &shape(None), &stuck);
    }

    #[test]
    fn rule_88_what_may_have_happened_is_undone_or_ignored() {
        let undone = [
            (Wrote, Calls(0)),
            (Ended(Unknown), Writes),
            (Wrote, Undoes(0)),
            (Ended(Done), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("undone", &shape(None), &undone);
        let ignoring = SagaShape {
            ignores_unknown: true,
            ..shape(None)
        };
        let ignored = [
            (Wrote, Calls(0)),
            (Ended(Unknown), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("ignored", &ignoring, &ignored);
    }

    #[test]
    fn rule_88_a_pivot_is_asked_until_known_and_what_follows_until_done() {
        let completed = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Ended(Unknown), Waits),
            (Late(false), Writes),
            (Woken, Calls(1)),
            (Ended(Done), Writes),
            (Wrote, Calls(2)),
            (Ended(Failed), Waits),
            (Woken, Calls(2)),
            (Ended(Unknown), Waits),
            (Woken, Calls(2)),
            (Ended(Done), Writes),
            (Wrote, Ends(Completed)),
        ];
        check("completed", &shape(Some(1)), &completed);
        let failed = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Ended(Unknown), Waits),
            (Woken, Calls(1)),
            (Ended(Failed), Writes),
            (Wrote, Undoes(0)),
            (Ended(Done), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("the pivot fails", &shape(Some(1)), &failed);
    }

    #[test]
    fn rule_88_a_time_limit_acts_before_the_pivot_has_begun() {
        let in_call = [
            (Wrote, Calls(0)),
            (Late(true), Writes),
            (Ended(Unknown), Writes),
            (Wrote, Undoes(0)),
        ];
        check("in a call", &shape(Some(1)), &in_call);
        let while_written = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Late(false), Writes),
            (Wrote, Undoes(0)),
        ];
        check("before the pivot", &shape(Some(1)), &while_written);
    }

    #[test]
    fn rule_88_who_goes_on_repeats_what_was_not_written() {
        let before_written = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Dies, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (Dies, Calls(1)),
            (Ended(Failed), Writes),
            (Wrote, Undoes(0)),
            (Ended(Done), Writes),
            (Dies, Undoes(0)),
            (Ended(Done), Writes),
            (Wrote, Ends(Compensated)),
        ];
        check("repeated", &shape(None), &before_written);
        let late = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (DiesLate, Undoes(0)),
        ];
        check("too late to go on", &shape(None), &late);
        let pivot = [
            (Wrote, Calls(0)),
            (Ended(Done), Writes),
            (Wrote, Calls(1)),
            (DiesLate, Calls(1)),
        ];
        check("the pivot may have begun", &shape(Some(1)), &pivot);
    }
}

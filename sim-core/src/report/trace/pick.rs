//! Which call is worth a look.

use crate::id::ClientId;
use crate::model::fact::{CallNo, Fact, Observer};
use crate::model::spec::{EdgeSpec, ModelSpec};
use crate::policy::Outcome;
use crate::time::{SimDuration, SimTime};

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The client's call that took longest, whatever its outcome.
    Slowest,
    /// The first client's call that was not useful.
    FirstFailure,
    /// The client's call with the median latency among those that ended `ok`.
    Typical,
}

/// Watches the calls of clients that start after the warm-up, and keeps the one to look at. Of
/// equals, it is the first.
#[derive(Debug)]
pub struct Picker<'a> {
    spec: &'a ModelSpec,
    pick: Pick,
    client: Option<ClientId>,
    /// Latency and number of candidates; for the slowest, only the best so far.
    candidates: Vec<(SimDuration, CallNo)>,
}

impl<'a> Picker<'a> {
    /// Looks among the calls of one client, or of all.
    pub const fn new(spec: &'a ModelSpec, pick: Pick, client: Option<ClientId>) -> Self {
        Self {
            spec,
            pick,
            client,
            candidates: Vec::new(),
        }
    }

    /// The call, if there is one.
    pub fn found(mut self) -> Option<CallNo> {
        let median = self.candidates.len().checked_sub(1)? / 2;
        let (_, found, _) = self.candidates.select_nth_unstable(median);
        Some(found.1)
    }

    fn candidate(&mut self, latency: SimDuration, call: CallNo, outcome: Outcome) {
        match self.pick {
            Pick::Slowest => match self.candidates.first_mut() {
                Some(best) if best.0 >= latency => {}
                Some(best) => *best = (latency, call),
                None => self.candidates.push((latency, call)),
            },
            Pick::FirstFailure => {
                if !outcome.is_useful() && self.candidates.is_empty() {
                    self.candidates.push((latency, call));
                }
            }
            Pick::Typical => {
                if outcome == Outcome::Ok {
                    self.candidates.push((latency, call));
                }
            }
        }
    }

    fn is_wanted(&self, edge: &EdgeSpec) -> bool {
        let caller = edge.client();
        caller.is_some() && (self.client.is_none() || self.client == caller)
    }
}

impl Observer for Picker<'_> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let Fact::CallEnded {
            call,
            site,
            started_at,
            ending,
            ..
        } = *fact
        else {
            return;
        };
        let edge = &self.spec.edges[self.spec.sites[site].edge];
        if started_at >= self.spec.warmup && self.is_wanted(edge) {
            self.candidate(now.since(started_at), call, ending.outcome());
        }
    }
}

//! What calls have done to the world, and the answers kept under their keys.
//!
//! An attempt that its caller gave up may still be carried out, and then another one too: a payment
//! is made twice. To see that, the executions of one call have to be told from those of others,
//! though caller and callee have long let go of each other. And a service with idempotency keys has
//! to know what it has answered to the same call before.
//!
//! The rule: an operation that must not be done twice takes effect when its last step is done,
//! whatever becomes of the answer. The first effect for a call is what was wanted; each further one
//! is a duplicate. With keys the first attempt of a call that begins claims its key; those that come
//! while it is at work are joined to it, rejected, or carried out as well; those that come after it
//! took effect, within the retention, get its answer. An execution that ends without effect gives
//! the key up.
//!
//! Most calls take effect once, while their caller waits. For them a mark beside the call is
//! enough; a record comes into being when a caller gives up an attempt, or with the first attempt
//! of a call that has a key. It lives until its attempts are gone and the place of its call is used
//! again. Operations that cannot be asked twice have no part in any of this.
//!
//! Calls in blocks and sagas may be made again by whatever stands around them, or by another process:
//! their keys are made like identities (rule 86), and their records are found by these until the last answer
//! is forgotten.
//!
//! Rejected, for all others: a map from keys to answers, which would grow with the retention and not with what is
//! under way, although a key that no attempt carries any more is never asked for again.

use super::arena::{AttemptIx, CallIx, NONE};
use crate::id::InstanceId;
use crate::model::spec::{InProgress, KeySpec};
use crate::policy::Ending;
use crate::time::SimTime;
use std::collections::{BTreeMap, VecDeque};

/// Beside a call: it has taken effect once, and there is no record.
const ONCE: u32 = NONE - 1;

/// What a service does with an attempt that carries a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Claim {
    /// Carries it out.
    Execute,
    /// The same, though it had kept an answer until its retention was over.
    Forgotten,
    /// Gives the answer it has kept.
    Stored(Ending),
    /// Lets it wait for the execution under way.
    Join,
    /// Turns it away, because of the execution under way.
    Reject,
}

/// An answer kept under a key, or the claim of the execution that will give it.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Who keeps it: an instance, or [`NONE`] for all of the service.
    place: u32,
    state: KeptState,
}

#[derive(Clone, Copy, Debug)]
enum KeptState {
    Busy(AttemptIx),
    Done { ending: Ending, until: SimTime },
}

/// What is known of a call's executions.
#[derive(Clone, Debug, Default)]
struct CallEffects {
    /// Its call, if the place has not been used again, and its attempts.
    users: u32,
    took_effect: bool,
    /// The identity under which it is found, if it is.
    identity: Option<u64>,
    kept: Vec<Kept>,
    /// Attempts that wait for an execution under way, by the place whose answer they wait for.
    joined: Vec<(u32, AttemptIx)>,
}

/// The records of all calls that have one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    records: Vec<CallEffects>,
    free: Vec<u32>,
    /// By place of the call: a record, [`ONCE`], or [`NONE`].
    of_call: Vec<u32>,
    /// Records that are found by the identity of their calls.
    of_identity: BTreeMap<u64, u32>,
    /// When answers of such records are forgotten, in the order in which they were given.
    forgotten: VecDeque<(SimTime, u32)>,
    /// By place of the attempt: a record if its caller has given it up, else [`NONE`].
    of_attempt: Vec<u32>,
}

impl Effects {
    /// A call sends an attempt for an operation that is watched.
    /// With a key that is made like an identity, calls with the same one are one.
    pub(crate) fn sent(
        &mut self,
        call: CallIx,
        attempt: AttemptIx,
        first: bool,
        keyed: bool,
        identity: Option<u64>,
    ) {
        set(&mut self.of_attempt, attempt, NONE);
        if first {
            self.leave(get(&self.of_call, call));
            let record = match identity {
                Some(identity) if keyed => self.open_by(identity),
                Some(_) | None if keyed => self.open(),
                Some(_) | None => NONE,
            };
            set(&mut self.of_call, call, record);
        }
    }

    /// The caller gives up an attempt, which may go on without it.
    pub(crate) fn given_up(&mut self, call: CallIx, attempt: AttemptIx) {
        let record = match get(&self.of_call, call) {
            known @ (NONE | ONCE) => {
                let record = self.open();
                self.records[record as usize].took_effect = known == ONCE;
                set(&mut self.of_call, call, record);
                record
            }
            record => record,
        };
        self.records[record as usize].users += 1;
        set(&mut self.of_attempt, attempt, record);
    }

    /// Nobody has to do with an attempt any more.
    #[inline]
    pub(crate) fn closed(&mut self, attempt: AttemptIx) {
        if !self.records.is_empty() {
            let record = std::mem::replace(at(&mut self.of_attempt, attempt), NONE);
            self.leave(record);
        }
    }

    /// An execution takes effect; `call` is [`NONE`] if its caller has given it up. Whether an
    /// earlier one for the same call already has.
    pub(crate) fn took_effect(&mut self, call: CallIx, attempt: AttemptIx) -> bool {
        match self.record_ix(call, attempt) {
            // Given up before it was watched for: it is alone.
            NONE if call == NONE => false,
            NONE => {
                set(&mut self.of_call, call, ONCE);
                false
            }
            ONCE => true,
            record => std::mem::replace(&mut self.records[record as usize].took_effect, true),
        }
    }

    /// An attempt with a key is about to be carried out at an instance.
    pub(crate) fn claim(
        &mut self,
        call: CallIx,
        attempt: AttemptIx,
        instance: InstanceId,
        keys: &KeySpec,
        now: SimTime,
    ) -> Claim {
        let place = place_of(keys, instance);
        let Some(record) = self.record_of(call, attempt) else {
            return Claim::Execute;
        };
        let known = record.kept.len();
        record.kept.retain(|kept| match kept.state {
            KeptState::Done { until, .. } if kept.place == place => now < until,
            KeptState::Busy(_) | KeptState::Done { .. } => true,
        });
        let forgotten = record.kept.len() < known;
        let Some(kept) = record.kept.iter().find(|kept| kept.place == place) else {
            let state = KeptState::Busy(attempt);
            record.kept.push(Kept { place, state });
            return if forgotten {
                Claim::Forgotten
            } else {
                Claim::Execute
            };
        };
        match (kept.state, keys.in_progress) {
            (KeptState::Done { ending, .. }, _) => Claim::Stored(ending),
            (KeptState::Busy(_), InProgress::Execute) => Claim::Execute,
            (KeptState::Busy(_), InProgress::Reject) => Claim::Reject,
            (KeptState::Busy(_), InProgress::Join) => {
                record.joined.push((place, attempt));
                Claim::Join
            }
        }
    }

    /// An execution has taken effect: its answer is kept. Those who waited for it, in order.
    pub(crate) fn keep(
        &mut self,
        call: CallIx,
        attempt: AttemptIx,
        instance: InstanceId,
        keys: &KeySpec,
        ending: Ending,
        now: SimTime,
    ) -> Vec<AttemptIx> {
        let place = place_of(keys, instance);
        let Some(record) = self.record_of(call, attempt) else {
            return Vec::new();
        };
        record.kept.retain(|kept| kept.place != place);
        let until = now + keys.retention;
        let state = KeptState::Done { ending, until };
        record.kept.push(Kept { place, state });
        let is_found = record.identity.is_some();
        let joined = record.take_joined(place);
        if is_found {
            self.forget_old(now);
            let record = self.record_ix(call, attempt);
            self.forgotten.push_back((until, record));
        }
        joined
    }

    /// An attempt with a key is over. If it had claimed the key and took no effect, the key is free
    /// again, and those who waited for it may try, in order.
    pub(crate) fn over(&mut self, call: CallIx, attempt: AttemptIx) -> Vec<AttemptIx> {
        let Some(record) = self.record_of(call, attempt) else {
            return Vec::new();
        };
        record.joined.retain(|&(_, joined)| joined != attempt);
        let claims = |kept: &Kept| matches!(kept.state, KeptState::Busy(by) if by == attempt);
        let Some(index) = record.kept.iter().position(claims) else {
            return Vec::new();
        };
        let place = record.kept.remove(index).place;
        record.take_joined(place)
    }

    /// An instance has died, and what it alone kept is lost.
    pub(crate) fn forget(&mut self, instance: InstanceId) {
        for record in &mut self.records {
            record.kept.retain(|kept| kept.place != instance.0);
        }
    }

    fn record_ix(&self, call: CallIx, attempt: AttemptIx) -> u32 {
        if call == NONE {
            get(&self.of_attempt, attempt)
        } else {
            get(&self.of_call, call)
        }
    }

    fn record_of(&mut self, call: CallIx, attempt: AttemptIx) -> Option<&mut CallEffects> {
        let record = self.record_ix(call, attempt);
        self.records.get_mut(record as usize)
    }

    fn open(&mut self) -> u32 {
        let record = self.free.pop().unwrap_or_else(|| {
            self.records.push(CallEffects::default());
            self.records.len() as u32 - 1
        });
        self.records[record as usize].users = 1;
        record
    }

    /// The record of all calls with this identity.
    fn open_by(&mut self, identity: u64) -> u32 {
        if let Some(&record) = self.of_identity.get(&identity) {
            self.records[record as usize].users += 1;
            return record;
        }
        let record = self.open();
        self.records[record as usize].identity = Some(identity);
        self.of_identity.insert(identity, record);
        record
    }

    /// Records of which the last answer is forgotten, and with which nobody has to do, are free.
    fn forget_old(&mut self, now: SimTime) {
        while let Some(&(until, ix)) = self.forgotten.front()
            && until <= now
        {
            self.forgotten.pop_front();
            let record = &mut self.records[ix as usize];
            if record.users == 0 && record.identity.is_some() {
                record.kept.retain(|kept| match kept.state {
                    KeptState::Done { until, .. } => now < until,
                    KeptState::Busy(_) => true,
                });
                self.close_if_unused(ix);
            }
        }
    }

    /// Frees a record of which nothing is to be known any more.
    fn close_if_unused(&mut self, ix: u32) {
        let record = &mut self.records[ix as usize];
        if record.identity.is_some() && !record.kept.is_empty() {
            return;
        }
        if let Some(identity) = record.identity.take() {
            self.of_identity.remove(&identity);
        }
        record.took_effect = false;
        record.kept.clear();
        record.joined.clear();
        self.free.push(ix);
    }

    fn leave(&mut self, ix: u32) {
        let Some(record) = self.records.get_mut(ix as usize) else {
            return;
        };
        record.users -= 1;
        if record.users == 0 {
            self.close_if_unused(ix);
        }
    }
}

impl CallEffects {
    fn take_joined(&mut self, place: u32) -> Vec<AttemptIx> {
        let waited = |&&(at, _): &&(u32, AttemptIx)| at == place;
        let taken = self
            .joined
            .iter()
            .filter(waited)
            .map(|&(_, it)| it)
            .collect();
        self.joined.retain(|&(at, _)| at != place);
        taken
    }
}

fn place_of(keys: &KeySpec, instance: InstanceId) -> u32 {
    if keys.shared { NONE } else { instance.0 }
}

fn get(list: &[u32], ix: u32) -> u32 {
    list.get(ix as usize).copied().unwrap_or(NONE)
}

fn set(list: &mut Vec<u32>, ix: u32, value: u32) {
    *at(list, ix) = value;
}

fn at(list: &mut Vec<u32>, ix: u32) -> &mut u32 {
    let place = ix as usize;
    if place >= list.len() {
        list.resize(place + 1, NONE);
    }
    &mut list[place]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OperationId;
    use crate::policy::{Outcome, Place};
    use crate::time::SimDuration;

    const ONE: InstanceId = InstanceId(1);
    const TWO: InstanceId = InstanceId(2);

    fn keys(in_progress: InProgress, shared: bool) -> KeySpec {
        KeySpec {
            retention: SimDuration::from_secs(10),
            in_progress,
            shared,
        }
    }

    fn at_s(s: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(s)
    }

    fn done() -> Ending {
        Ending::here(Outcome::Ok, Place::Operation(OperationId(0)))
    }

    #[test]
    fn a_second_effect_for_one_call_is_a_duplicate() {
        let mut effects = Effects::default();
        effects.sent(0, 0, true, false, None);
        assert!(!effects.took_effect(0, 0), "the caller waits");
        effects.sent(0, 1, false, false, None);
        assert!(effects.took_effect(0, 1));
        // The next call in the same place begins afresh.
        effects.sent(0, 2, true, false, None);
        effects.given_up(0, 2);
        effects.sent(0, 3, false, false, None);
        assert!(!effects.took_effect(0, 3), "the second attempt is first");
        assert!(
            effects.took_effect(NONE, 2),
            "the one that was given up ends later"
        );
        effects.closed(2);
        effects.sent(0, 4, true, false, None);
        assert!(!effects.took_effect(0, 4));
        assert_eq!(effects.free.len(), effects.records.len(), "nothing is left");
    }

    #[test]
    fn a_key_answers_until_its_retention_is_over() {
        let keys = keys(InProgress::Reject, true);
        let mut effects = Effects::default();
        effects.sent(0, 0, true, true, None);
        assert_eq!(effects.claim(0, 0, ONE, &keys, at_s(0)), Claim::Execute);
        effects.given_up(0, 0);
        effects.sent(0, 1, false, true, None);
        assert_eq!(effects.claim(0, 1, TWO, &keys, at_s(1)), Claim::Reject);
        assert!(!effects.took_effect(NONE, 0));
        assert!(
            effects
                .keep(NONE, 0, ONE, &keys, done(), at_s(2))
                .is_empty()
        );
        assert_eq!(
            effects.claim(0, 1, TWO, &keys, at_s(11)),
            Claim::Stored(done())
        );
        assert_eq!(
            effects.claim(0, 1, TWO, &keys, at_s(12)),
            Claim::Forgotten,
            "exactly over"
        );
        assert!(effects.took_effect(0, 1));
    }

    #[test]
    fn those_who_join_are_told_or_take_over() {
        let keys = keys(InProgress::Join, true);
        let mut effects = Effects::default();
        effects.sent(0, 0, true, true, None);
        for attempt in 1..4 {
            effects.sent(0, attempt, false, true, None);
        }
        assert_eq!(effects.claim(0, 0, ONE, &keys, at_s(0)), Claim::Execute);
        for attempt in 1..4 {
            assert_eq!(effects.claim(0, attempt, ONE, &keys, at_s(0)), Claim::Join);
        }
        assert!(effects.over(0, 2).is_empty(), "one that waited has gone");
        assert_eq!(effects.over(0, 0), [1, 3], "the key is free");
        assert_eq!(effects.claim(0, 1, ONE, &keys, at_s(1)), Claim::Execute);
        assert_eq!(effects.claim(0, 3, ONE, &keys, at_s(1)), Claim::Join);
        assert_eq!(effects.keep(0, 1, ONE, &keys, done(), at_s(2)), [3]);
        assert!(effects.over(0, 1).is_empty(), "what is kept stays");
        assert_eq!(
            effects.claim(0, 3, ONE, &keys, at_s(3)),
            Claim::Stored(done())
        );
    }

    #[test]
    fn what_one_instance_keeps_is_unknown_to_others_and_dies_with_it() {
        let keys = keys(InProgress::Execute, false);
        let mut effects = Effects::default();
        effects.sent(0, 0, true, true, None);
        effects.sent(0, 1, false, true, None);
        assert_eq!(effects.claim(0, 0, ONE, &keys, at_s(0)), Claim::Execute);
        assert_eq!(
            effects.claim(0, 1, ONE, &keys, at_s(0)),
            Claim::Execute,
            "at work"
        );
        effects.keep(0, 0, ONE, &keys, done(), at_s(1));
        assert_eq!(effects.claim(0, 1, TWO, &keys, at_s(2)), Claim::Execute);
        assert_eq!(
            effects.claim(0, 1, ONE, &keys, at_s(2)),
            Claim::Stored(done())
        );
        effects.forget(ONE);
        assert_eq!(effects.claim(0, 1, ONE, &keys, at_s(3)), Claim::Execute);
    }

    #[test]
    fn rule_86_calls_with_one_identity_have_one_key() {
        let keys = keys(InProgress::Reject, true);
        let mut effects = Effects::default();
        effects.sent(0, 0, true, true, Some(7));
        assert_eq!(effects.claim(0, 0, ONE, &keys, at_s(0)), Claim::Execute);
        assert!(!effects.took_effect(0, 0));
        effects.keep(0, 0, ONE, &keys, done(), at_s(1));
        // The place of the call is used again, by another one; a third one is the first made again.
        effects.sent(0, 1, true, true, Some(8));
        effects.sent(1, 2, true, true, Some(7));
        assert_eq!(
            effects.claim(1, 2, TWO, &keys, at_s(2)),
            Claim::Stored(done())
        );
        effects.sent(1, 3, true, true, Some(9));
        assert_eq!(effects.claim(1, 3, ONE, &keys, at_s(12)), Claim::Execute);
        effects.keep(1, 3, ONE, &keys, done(), at_s(12));
        assert_eq!(effects.of_identity.len(), 2, "the first is forgotten");
    }
}

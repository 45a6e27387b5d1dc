//! Effects that have names, and what is to be true of them (rules 86 and 87).
//!
//! A step says that something is done that outlives the call: money is taken, a seat is sold. It is done
//! for the root call, whoever asks and however often: the second time is a duplicate. Another step undoes
//! it. What stands in the end is the *net* effect, and an *invariant* says that several of them are equal
//! for each root call: who has paid has a seat. For a while they may differ, while the steps between them
//! are done; an invariant is broken when they still do after that.
//!
//! What is known of a root call is two short lists, of its effects and of its invariants; who has none
//! costs nothing but its place. Nothing is ever forgotten: a message may come back after hours, and its
//! effect is a duplicate then.
//!
//! That an invariant is broken comes due in the order in which effects began to differ, since each has
//! one time for all: a line for each invariant, and one alarm for its head.

use super::arena::NONE;
use super::fact::{CallNo, DeedDone, DeedUndone};
use super::lineage::RootIx;
use super::spec::InvariantSpec;
use crate::id::{EffectId, Id, IdMap, InvariantId};
use crate::time::SimTime;
use std::collections::VecDeque;

/// What an effect changed about an invariant of its root call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Equality {
    /// Its effects differ from now on.
    Differs,
    /// They are equal again; since when they differed, and whether it was broken.
    Equal { since: SimTime, broken: bool },
}

/// An effect of a root call.
#[derive(Clone, Copy, Debug)]
struct Deed {
    effect: u32,
    /// How often it stands \[count\].
    net: u32,
    /// The next effect of the same root call.
    next: u32,
    /// It was undone by a step that forbids it from then on.
    forbidden: bool,
    /// It was undone, and not done since.
    undone: bool,
}

const _: () = assert!(size_of::<Deed>() == 16, "one for each effect, for good");

/// An invariant of a root call whose effects have differed.
#[derive(Clone, Copy, Debug)]
struct Watched {
    invariant: u32,
    /// The next invariant of the same root call.
    next: u32,
    /// Since when they differ; never, if they are equal.
    since: SimTime,
    broken: bool,
}

#[derive(Clone, Copy, Debug)]
struct Root {
    call: CallNo,
    first_deed: u32,
    first_watched: u32,
}

/// What is due for an invariant.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Root calls in the order in which their effects began to differ, and when that was.
    waiting: VecDeque<(SimTime, RootIx)>,
    /// Whether its head has an alarm.
    has_alarm: bool,
}

/// All effects of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deeds {
    roots: Vec<Root>,
    done: Vec<Deed>,
    watched: Vec<Watched>,
    lines: IdMap<InvariantId, Line>,
    /// By effect: the invariants that look at it.
    looked_at: IdMap<EffectId, Vec<InvariantId>>,
}

impl Deeds {
    pub(crate) fn new(effects: usize, invariants: &IdMap<InvariantId, InvariantSpec>) -> Self {
        let mut looked_at: IdMap<EffectId, Vec<InvariantId>> =
            (0..effects).map(|_| Vec::new()).collect();
        for (id, invariant) in invariants.iter_enumerated() {
            for &effect in &invariant.equal {
                looked_at[effect].push(id);
            }
        }
        Self {
            lines: invariants.iter().map(|_| Line::default()).collect(),
            looked_at,
            ..Self::default()
        }
    }

    /// A root call begins: its number.
    pub(crate) fn open_root(&mut self, call: CallNo) -> RootIx {
        self.roots.push(Root {
            call,
            first_deed: NONE,
            first_watched: NONE,
        });
        self.roots.len() as u32 - 1
    }

    /// The serial number of a root call.
    pub(crate) fn call_of(&self, root: RootIx) -> CallNo {
        self.roots[root as usize].call
    }

    /// An effect is carried out for a root call.
    pub(crate) fn carry_out(
        &mut self,
        root: RootIx,
        effect: EffectId,
        is_idempotent: bool,
    ) -> DeedDone {
        let deed = self.deed(root, effect);
        if deed.forbidden {
            return DeedDone::Forbidden;
        }
        if deed.net > 0 && is_idempotent {
            return DeedDone::Absorbed;
        }
        deed.net += 1;
        deed.undone = false;
        if deed.net > 1 {
            DeedDone::Duplicated
        } else {
            DeedDone::Done
        }
    }

    /// An effect is undone for a root call; `forbids`: it cannot be carried out from then on.
    pub(crate) fn undo(
        &mut self,
        root: RootIx,
        effect: EffectId,
        forbids: bool,
        is_idempotent: bool,
    ) -> DeedUndone {
        let deed = self.deed(root, effect);
        deed.forbidden |= forbids;
        if deed.undone && is_idempotent {
            return DeedUndone::Absorbed;
        }
        deed.undone = true;
        if deed.net == 0 {
            return DeedUndone::Nothing;
        }
        deed.net -= 1;
        DeedUndone::Undone
    }

    /// How many invariants look at an effect \[count\].
    pub(crate) fn watchers(&self, effect: EffectId) -> usize {
        self.looked_at[effect].len()
    }

    /// An effect of a root call has changed: what that means for the invariant with this number among
    /// those that look at it, if anything.
    pub(crate) fn judge(
        &mut self,
        root: RootIx,
        effect: EffectId,
        number: usize,
        invariants: &IdMap<InvariantId, InvariantSpec>,
        now: SimTime,
    ) -> Option<(InvariantId, Equality)> {
        let id = self.looked_at[effect][number];
        let mut nets = invariants[id].equal.iter().map(|&it| self.net(root, it));
        let first = nets.next()?;
        let differs = nets.any(|net| net != first);
        let watched = self.watched(root, id);
        let differed = watched.since < SimTime::NEVER;
        if differs == differed {
            return None;
        }
        if differs {
            watched.since = now;
            watched.broken = false;
            self.lines[id].waiting.push_back((now, root));
            return Some((id, Equality::Differs));
        }
        let (since, broken) = (watched.since, watched.broken);
        watched.since = SimTime::NEVER;
        Some((id, Equality::Equal { since, broken }))
    }

    /// When the head of a line is due that has no alarm, which it has from now on.
    pub(crate) fn alarm(&mut self, id: InvariantId, spec: &InvariantSpec) -> Option<SimTime> {
        if self.lines[id].has_alarm {
            return None;
        }
        while let Some(&(since, root)) = self.lines[id].waiting.front() {
            if self.waits(root, id, since) {
                self.lines[id].has_alarm = true;
                return Some(since + spec.within);
            }
            self.lines[id].waiting.pop_front();
        }
        None
    }

    /// The alarm of a line has come.
    pub(crate) fn woken(&mut self, id: InvariantId) {
        self.lines[id].has_alarm = false;
    }

    /// The next root call for which an invariant is broken now, and since when its effects differ.
    pub(crate) fn next_broken(
        &mut self,
        id: InvariantId,
        spec: &InvariantSpec,
        now: SimTime,
    ) -> Option<(RootIx, SimTime)> {
        while let Some(&(since, root)) = self.lines[id].waiting.front() {
            if since + spec.within > now {
                return None;
            }
            self.lines[id].waiting.pop_front();
            // Nobody else waits since then for the same.
            let watched = self.watched(root, id);
            if watched.since == since && !watched.broken {
                watched.broken = true;
                return Some((root, since));
            }
        }
        None
    }

    /// How much of each effect stands, all root calls together \[count\].
    pub(crate) fn standing(&self) -> IdMap<EffectId, u64> {
        let mut sums: IdMap<EffectId, u64> = self.looked_at.iter().map(|_| 0).collect();
        for deed in &self.done {
            sums[EffectId(deed.effect)] += u64::from(deed.net);
        }
        sums
    }

    fn waits(&mut self, root: RootIx, id: InvariantId, since: SimTime) -> bool {
        let watched = self.watched(root, id);
        watched.since == since && !watched.broken
    }

    fn net(&self, root: RootIx, effect: EffectId) -> u32 {
        let mut at = self.roots[root as usize].first_deed;
        while let Some(deed) = self.done.get(at as usize) {
            if deed.effect == effect.0 {
                return deed.net;
            }
            at = deed.next;
        }
        0
    }

    fn deed(&mut self, root: RootIx, effect: EffectId) -> &mut Deed {
        let root = &mut self.roots[root as usize];
        let mut at = root.first_deed;
        while let Some(deed) = self.done.get(at as usize)
            && deed.effect != effect.0
        {
            at = deed.next;
        }
        if at == NONE {
            at = self.done.len() as u32;
            self.done.push(Deed {
                effect: effect.0,
                net: 0,
                next: root.first_deed,
                forbidden: false,
                undone: false,
            });
            root.first_deed = at;
        }
        &mut self.done[at as usize]
    }

    fn watched(&mut self, root: RootIx, id: InvariantId) -> &mut Watched {
        let root = &mut self.roots[root as usize];
        let mut at = root.first_watched;
        while let Some(watched) = self.watched.get(at as usize)
            && watched.invariant != id.index() as u32
        {
            at = watched.next;
        }
        if at == NONE {
            at = self.watched.len() as u32;
            self.watched.push(Watched {
                invariant: id.index() as u32,
                next: root.first_watched,
                since: SimTime::NEVER,
                broken: false,
            });
            root.first_watched = at;
        }
        &mut self.watched[at as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    const PAID: EffectId = EffectId(0);
    const SOLD: EffectId = EffectId(1);
    const SAME: InvariantId = InvariantId(0);

    fn at_s(s: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(s)
    }

    fn invariants() -> IdMap<InvariantId, InvariantSpec> {
        let mut all = IdMap::new();
        all.push(InvariantSpec {
            name: "same".to_owned(),
            equal: vec![PAID, SOLD],
            within: SimDuration::from_secs(60),
        });
        all
    }

    fn two_roots() -> Deeds {
        let mut deeds = Deeds::new(2, &invariants());
        assert_eq!((deeds.open_root(1), deeds.open_root(5)), (0, 1));
        deeds
    }

    #[test]
    fn rule_86_an_effect_is_done_duplicated_absorbed_undone_and_forbidden() {
        let mut deeds = two_roots();
        assert_eq!(deeds.carry_out(0, PAID, false), DeedDone::Done);
        assert_eq!(deeds.carry_out(1, PAID, false), DeedDone::Done, "another");
        assert_eq!(deeds.carry_out(0, PAID, false), DeedDone::Duplicated);
        assert_eq!(deeds.carry_out(0, PAID, true), DeedDone::Absorbed);
        assert_eq!(deeds.standing()[PAID], 3);
        assert_eq!(deeds.undo(0, PAID, false, true), DeedUndone::Undone);
        let again = deeds.undo(0, PAID, false, true);
        assert_eq!(again, DeedUndone::Absorbed, "one undo takes one back");
        assert_eq!(deeds.undo(0, PAID, false, false), DeedUndone::Undone);
        let none = deeds.undo(0, PAID, false, false);
        assert_eq!(none, DeedUndone::Nothing, "never below zero");
        let late = deeds.carry_out(0, PAID, true);
        assert_eq!(late, DeedDone::Done, "a late one stands");
        assert_eq!(deeds.undo(0, PAID, true, true), DeedUndone::Undone);
        assert_eq!(deeds.carry_out(0, PAID, true), DeedDone::Forbidden);
        assert_eq!(deeds.standing()[PAID], 1);
    }

    #[test]
    fn rule_86_what_never_happened_can_be_forbidden() {
        let mut deeds = two_roots();
        assert_eq!(deeds.undo(0, SOLD, true, true), DeedUndone::Nothing);
        assert_eq!(deeds.carry_out(0, SOLD, false), DeedDone::Forbidden);
        assert_eq!(deeds.carry_out(1, SOLD, false), DeedDone::Done);
    }

    fn after(deeds: &mut Deeds, root: RootIx, effect: EffectId, s: u64) -> Option<Equality> {
        assert_eq!(deeds.carry_out(root, effect, false), DeedDone::Done);
        let judged = deeds.judge(root, effect, 0, &invariants(), at_s(s));
        judged.map(|(_, judged)| judged)
    }

    #[test]
    fn rule_87_an_invariant_is_broken_after_its_time_and_may_hold_again() {
        let (all, mut deeds) = (invariants(), two_roots());
        assert_eq!(after(&mut deeds, 0, PAID, 1), Some(Equality::Differs));
        assert_eq!(deeds.alarm(SAME, &all[SAME]), Some(at_s(61)));
        assert_eq!(deeds.alarm(SAME, &all[SAME]), None, "it has one");
        assert_eq!(after(&mut deeds, 1, PAID, 2), Some(Equality::Differs));
        deeds.woken(SAME);
        let broken = deeds.next_broken(SAME, &all[SAME], at_s(61));
        assert_eq!(broken, Some((0, at_s(1))));
        assert_eq!(deeds.next_broken(SAME, &all[SAME], at_s(61)), None);
        let ends = Equality::Equal {
            since: at_s(1),
            broken: true,
        };
        assert_eq!(after(&mut deeds, 0, SOLD, 62), Some(ends));
        let in_time = Equality::Equal {
            since: at_s(2),
            broken: false,
        };
        assert_eq!(after(&mut deeds, 1, SOLD, 62), Some(in_time));
        assert_eq!(deeds.alarm(SAME, &all[SAME]), None, "all are equal");
    }

    #[test]
    fn rule_87_what_is_equal_again_begins_anew() {
        let (all, mut deeds) = (invariants(), two_roots());
        after(&mut deeds, 0, PAID, 1);
        after(&mut deeds, 0, SOLD, 2);
        assert_eq!(deeds.undo(0, SOLD, false, false), DeedUndone::Undone);
        let judged = deeds.judge(0, SOLD, 0, &all, at_s(30));
        assert_eq!(judged, Some((SAME, Equality::Differs)));
        assert_eq!(deeds.alarm(SAME, &all[SAME]), Some(at_s(90)));
        assert_eq!(deeds.next_broken(SAME, &all[SAME], at_s(89)), None);
    }
}

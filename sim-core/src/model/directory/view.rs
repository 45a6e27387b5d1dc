//! A view: what one reader has heard of the members of a service, and whom it may choose by that.
//!
//! It may choose those of which it knows no mark. If they are too few, it rather trusts nobody's word: in
//! a *panic* all take part that are listed and not leaving (rule 51). Integers are compared, and the
//! threshold itself is no panic yet.
//!
//! A reader hears of each change for itself, or asks for all at once when its view is old enough
//! (`refresh`, rule 50).

use super::member::Mark;
use super::turn::{News, Turn};
use crate::id::Id;
use crate::model::flags::Flags;
use crate::model::spec::{RefreshSpec, ServiceSpec};
use crate::policy::Rotation;
use crate::time::SimTime;

/// The number of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ViewIx(pub(super) u32);

impl Id for ViewIx {
    #[inline]
    fn from_index(index: usize) -> Self {
        Self(index as u32)
    }

    #[inline]
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What those who choose believe.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The slots that may be chosen, ascending.
    slots: Vec<u32>,
    /// Changes of those, or of when their ramps began, so far \[count\].
    version: u32,
    /// By slot: when it came up, and when a check had passed again; nothing where no balancer asks.
    ramps: [Vec<SimTime>; 2],
    /// By slot: the marks it knows.
    marks: Vec<Flags<Mark>>,
    /// By slot: the incarnation that it takes for listed there; nothing where that is who is there, since
    /// no slot is filled anew or all hear of everything at once.
    means: Vec<u32>,
    /// The marks that its process sets itself.
    own: Flags<Mark>,
    /// Members that are listed and not leaving \[count\].
    staying: u32,
    /// Members without marks \[count\].
    well: u32,
    /// In a panic while the share of `well` among `staying` is below \[millionths\].
    panic_below: u32,
    panics: bool,
    refresh: Option<RefreshSpec>,
    /// When it was last renewed; `None`: its reader knows nothing any more.
    as_of: Option<SimTime>,
    /// Whether something went wrong since.
    doubted: bool,
}

/// The view in which a panic began, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panics {
    pub(crate) view: ViewIx,
    pub(crate) begins: bool,
}

/// A whole \[millionths\].
const WHOLE: u64 = 1_000_000;

impl View {
    /// Nobody is there: for readers who have no choice.
    pub(super) const fn of_nobody() -> Self {
        Self {
            slots: Vec::new(),
            version: 0,
            ramps: [Vec::new(), Vec::new()],
            marks: Vec::new(),
            means: Vec::new(),
            own: Flags::NONE,
            staying: 0,
            well: 0,
            panic_below: 0,
            panics: false,
            refresh: None,
            as_of: Some(SimTime::ZERO),
            doubted: false,
        }
    }

    /// All in rotation.
    pub(super) fn new(service: &ServiceSpec) -> Self {
        let instances = service.instances;
        Self {
            slots: (0..instances).collect(),
            version: 0,
            ramps: [Vec::new(), Vec::new()],
            marks: vec![Flags::NONE; instances as usize],
            means: Vec::new(),
            own: Flags::NONE,
            staying: instances,
            well: instances,
            panic_below: service.membership.panic_below,
            panics: false,
            refresh: service.membership.refresh,
            as_of: Some(SimTime::ZERO),
            doubted: false,
        }
    }

    /// The slots that may be chosen, ascending.
    #[inline]
    pub(crate) fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// The same, as balancers want to know it.
    #[inline]
    pub(crate) fn rotation(&self, now: SimTime) -> Rotation<'_> {
        let [joined, passed] = &self.ramps;
        Rotation {
            slots: &self.slots,
            version: self.version,
            joined,
            passed,
            now,
        }
    }

    /// From now on it keeps when members come up and when their checks pass.
    pub(super) fn keep_ramps(&mut self) {
        let none = vec![SimTime::ZERO; self.marks.len()];
        self.ramps = [none.clone(), none];
    }

    /// From now on it keeps whom it means by each slot: those of the beginning.
    pub(super) fn keep_meanings(&mut self) {
        self.means = (1..=self.members()).collect();
    }

    /// Whether by a slot it means this incarnation, and not one that was there before (rule 48).
    #[inline]
    pub(crate) fn means(&self, slot: u32, incarnation: u32) -> bool {
        let means = self.means.get(slot as usize);
        means.is_none_or(|&means| means == incarnation)
    }

    /// It hears that an incarnation is listed.
    fn hears_of(&mut self, slot: u32, incarnation: u32) {
        if let Some(means) = self.means.get_mut(slot as usize) {
            *means = incarnation;
        }
    }

    /// A member has come up: a ramp begins, if any balancer has one.
    pub(super) fn joined(&mut self, now: SimTime, slot: u32) {
        if let Some(since) = self.ramps[0].get_mut(slot as usize) {
            *since = now;
            self.version += 1;
        }
    }

    /// Marks of a member were lifted: it is there again, or a check has passed again.
    fn lifted(&mut self, now: SimTime, place: usize, before: Flags<Mark>) {
        if self.ramps[0].is_empty() {
            return;
        }
        let after = self.marks[place];
        let gone = |mark| before.has(mark) && !after.has(mark);
        let joined = [Mark::Dead, Mark::Leaving, Mark::Unlisted]
            .into_iter()
            .any(gone);
        let passed = (0..Mark::CHECKS).map(Mark::Failing).any(gone);
        for (since, begins) in self.ramps.iter_mut().zip([joined, passed]) {
            if begins {
                since[place] = now;
                self.version += 1;
            }
        }
    }

    pub(super) fn members(&self) -> u32 {
        self.marks.len() as u32
    }

    /// Word of a mark comes from its owner: whether a panic begins or ends.
    pub(super) fn learn(&mut self, now: SimTime, slot: u32, news: News) -> Option<bool> {
        if news.mark == Mark::Unlisted && !news.holds {
            self.hears_of(slot, news.incarnation);
        }
        self.hear(now, slot, news.mark, news.holds).1
    }

    /// A mark is set or lifted: what that is to this view, and whether a panic begins or ends.
    pub(super) fn hear(
        &mut self,
        now: SimTime,
        slot: u32,
        mark: Mark,
        holds: bool,
    ) -> (Turn, Option<bool>) {
        let place = slot as usize;
        let mut marks = self.marks[place];
        if marks.has(mark) == holds {
            return (Turn::Nothing, None);
        }
        marks.set(mark, holds);
        let turn = if marks.is_empty() == self.marks[place].is_empty() {
            Turn::Mark
        } else {
            Turn::Rotation
        };
        let before = self.marks[place];
        self.count(place, marks);
        self.lifted(now, place, before);
        let panics = self.turn_panic();
        if panics.is_none() {
            self.seat(slot);
        }
        (turn, panics)
    }

    /// As [`Self::hear`], for a mark that its process sets itself: a renewal leaves it as it is.
    pub(super) fn set_own(
        &mut self,
        now: SimTime,
        slot: u32,
        mark: Mark,
        holds: bool,
    ) -> (Turn, Option<bool>) {
        self.own.add(mark);
        self.hear(now, slot, mark, holds)
    }

    /// Whether it is to be renewed before it is used.
    #[inline]
    pub(crate) fn is_due(&self, now: SimTime) -> bool {
        self.refresh.is_some_and(|refresh| {
            let is_old = |as_of| now.since(as_of) >= refresh.every;
            self.as_of.is_none_or(is_old) || (self.doubted && refresh.at_error)
        })
    }

    /// Something went wrong by which it may be out of date.
    pub(super) const fn doubt(&mut self) {
        self.doubted = true;
    }

    /// Its reader has died: the next process knows nothing.
    pub(super) const fn forget(&mut self) {
        self.as_of = None;
    }

    /// Takes over all shared marks as they are now, of whoever fills each slot.
    pub(super) fn renew(&mut self, now: SimTime, shared: &[(u32, Flags<Mark>)]) -> Option<bool> {
        self.as_of = Some(now);
        self.doubted = false;
        for (place, &(incarnation, shared)) in shared.iter().enumerate() {
            if !shared.has(Mark::Unlisted) {
                self.hears_of(place as u32, incarnation);
            }
            let before = self.marks[place];
            self.count(place, shared.or(before.and(self.own)));
            self.lifted(now, place, before);
        }
        let panics = self.turn_panic();
        if panics.is_none() {
            self.seat_all();
        }
        panics
    }

    /// Sets the marks of a slot and keeps the counts.
    fn count(&mut self, place: usize, marks: Flags<Mark>) {
        let before = std::mem::replace(&mut self.marks[place], marks);
        self.staying = self.staying - u32::from(stays(before)) + u32::from(stays(marks));
        self.well = self.well - u32::from(before.is_empty()) + u32::from(marks.is_empty());
    }

    /// Whether a panic begins or ends by the counts as they are; then all are seated anew.
    fn turn_panic(&mut self) -> Option<bool> {
        let (well, staying) = (u64::from(self.well), u64::from(self.staying));
        let panics = well * WHOLE < staying * u64::from(self.panic_below);
        if panics == self.panics {
            return None;
        }
        self.panics = panics;
        self.seat_all();
        Some(panics)
    }

    fn takes_part(&self, slot: u32) -> bool {
        let marks = self.marks[slot as usize];
        marks.is_empty() || (self.panics && stays(marks))
    }

    fn seat_all(&mut self) {
        let mut slots = std::mem::take(&mut self.slots);
        slots.clear();
        slots.extend((0..self.members()).filter(|&slot| self.takes_part(slot)));
        self.slots = slots;
        self.version += 1;
    }

    fn seat(&mut self, slot: u32) {
        let takes_part = self.takes_part(slot);
        match self.slots.binary_search(&slot) {
            Ok(at) if !takes_part => {
                self.slots.remove(at);
            }
            Err(at) if takes_part => self.slots.insert(at, slot),
            Ok(_) | Err(_) => return,
        }
        self.version += 1;
    }
}

/// Whether a member with these marks counts when the share in rotation is taken.
fn stays(marks: Flags<Mark>) -> bool {
    !marks.has(Mark::Leaving) && !marks.has(Mark::Unlisted)
}

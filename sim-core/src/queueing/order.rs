//! The order of a line in which more counts than who came when.
//!
//! Those who wait stand in chains, one for each class; within a chain the order of joining holds. A
//! chain is a doubly linked list over the places of the waiting room, so leaving from anywhere is a
//! handful of steps, and the first of a chain is the most urgent of it whatever its age has made of
//! it. So the next one is found by looking at the first of each chain. Chain 0 is for those who go
//! on with what they had begun: they come first, in order, and count in nothing else.
//!
//! Where groups take turns, the chains of those with somebody are linked in turn as well: who has had
//! one goes to the end of them, who has nobody left is out.
//!
//! A line without classes is one chain, taken from its beginning or its end.
//!
//! A place takes 40 bytes here beside its 12 in the room; a line that keeps the order of arrival has
//! none of this. Rejected: one heap for all, in which somebody's rank would change while he waits
//! (aging), and which would have to be built anew when a discipline is changed to one by arrival.

use super::deadlines::Deadlines;
use super::discipline::Discipline;
use super::numbers::{NONE, Numbers};
use crate::time::{SimDuration, SimTime};

/// The chain of those who go on.
const GOING_ON: usize = 0;

/// What a discipline may ask of one who comes to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStanding {
    /// When it joined the line.
    pub since: SimTime,
    /// When it is of no use any more; [`SimTime::NEVER`] if nothing says.
    pub deadline: SimTime,
    /// Its group, if the discipline tells groups apart: by rank, 0 is the highest.
    pub group: u32,
}

/// Who waits: one who goes on with what it had begun, or one who has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// It comes before all others.
    GoesOn,
    /// It stands in the line.
    Begins(QueueStanding),
}

/// The order of those who wait, by their places.
#[derive(Clone, Debug)]
pub(super) struct Order {
    discipline: Discipline,
    /// What is known of each place that is taken.
    ties: Vec<Tie>,
    /// Those who go on, then each group.
    chains: Vec<Chain>,
    /// The places of those who begin, by number, for a pick at random.
    numbers: Numbers,
    /// The same, by deadline.
    deadlines: Deadlines,
    /// Whose turn it is, and who is last.
    turns: (u32, u32),
    /// How many have joined (count).
    joined: u64,
    /// Those who wait and have not begun (count).
    beginning: u32,
    /// When one of them last came into a line without them.
    busy_since: SimTime,
}

/// What is known of one who waits.
#[derive(Clone, Copy, Debug)]
struct Tie {
    /// Place of who joined the chain just before.
    previous: u32,
    /// Place of who joined it just after.
    next: u32,
    chain: u32,
    since: SimTime,
    /// The number of the joining.
    number: u64,
}

/// A part of the line: its first and last place.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: u32,
    last: u32,
    /// Where groups take turns: the chains before and after this one.
    before: u32,
    after: u32,
}

impl Chain {
    const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
        before: NONE,
        after: NONE,
    };
}

impl Order {
    pub(super) fn new(discipline: Discipline) -> Self {
        Self {
            discipline,
            ties: Vec::new(),
            chains: vec![Chain::EMPTY; 2],
            numbers: Numbers::default(),
            deadlines: Deadlines::default(),
            turns: (NONE, NONE),
            joined: 0,
            beginning: 0,
            busy_since: SimTime::ZERO,
        }
    }

    /// Somebody takes a place.
    pub(super) fn add(&mut self, place: u32, joins: Joins) {
        let (chain, since) = match joins {
            Joins::GoesOn => (GOING_ON, SimTime::ZERO),
            Joins::Begins(standing) => {
                self.begins(place, &standing);
                let group = if self.discipline.has_groups() {
                    standing.group as usize
                } else {
                    0
                };
                (1 + group, standing.since)
            }
        };
        if chain >= self.chains.len() {
            self.chains.resize(chain + 1, Chain::EMPTY);
        }
        let tie = Tie {
            previous: self.chains[chain].last,
            next: NONE,
            chain: chain as u32,
            since,
            number: self.joined,
        };
        self.joined += 1;
        self.write(place, tie);
        if self.discipline == Discipline::Fair && chain != GOING_ON && tie.previous == NONE {
            self.take_last_turn(chain as u32);
        }
        self.link(chain, tie.previous, place);
        self.chains[chain].last = place;
    }

    fn begins(&mut self, place: u32, standing: &QueueStanding) {
        if self.beginning == 0 {
            self.busy_since = standing.since;
        }
        self.beginning += 1;
        if self.discipline == Discipline::Random {
            self.numbers.add(place);
        } else if self.discipline == Discipline::EarliestDeadline {
            self.deadlines.add(place, standing.deadline, self.joined);
        }
    }

    fn write(&mut self, place: u32, tie: Tie) {
        let at = place as usize;
        if at >= self.ties.len() {
            self.ties.resize(at + 1, tie);
        }
        self.ties[at] = tie;
    }

    /// Somebody leaves a place.
    pub(super) fn remove(&mut self, place: u32) {
        let Tie {
            previous,
            next,
            chain,
            ..
        } = self.ties[place as usize];
        let chain = chain as usize;
        self.link(chain, previous, next);
        if next == NONE {
            self.chains[chain].last = previous;
        } else {
            self.ties[next as usize].previous = previous;
        }
        if chain != GOING_ON {
            self.beginning -= 1;
            if self.discipline == Discipline::Random {
                self.numbers.remove(place);
            } else if self.discipline == Discipline::EarliestDeadline {
                self.deadlines.remove(place);
            } else if self.discipline == Discipline::Fair && self.chains[chain].first == NONE {
                self.give_up_turn(chain as u32);
            }
        }
    }

    /// Who comes just after `previous` in a chain, or first.
    fn link(&mut self, chain: usize, previous: u32, next: u32) {
        match self.ties.get_mut(previous as usize) {
            Some(tie) => tie.next = next,
            None => self.chains[chain].first = next,
        }
    }

    pub(super) fn clear(&mut self) {
        self.chains.fill(Chain::EMPTY);
        self.numbers.clear();
        self.deadlines.clear();
        self.turns = (NONE, NONE);
        self.beginning = 0;
    }

    /// Places for which there is memory (count).
    #[cfg(test)]
    pub(super) const fn memory(&self) -> usize {
        self.ties.capacity() + self.chains.capacity()
    }

    /// Those who wait and have not begun (count).
    pub(super) const fn beginning(&self) -> u32 {
        self.beginning
    }

    /// Since when the line has not been without those who begin; of the last time, if it is now.
    pub(super) const fn busy_since(&self) -> SimTime {
        self.busy_since
    }

    /// The line is known to have been so for longer than those show who wait.
    pub(super) const fn has_been_busy_since(&mut self, since: SimTime) {
        self.busy_since = since;
    }

    /// The place of who is next. Somebody waits.
    pub(super) fn next(&mut self, now: SimTime, pick: impl FnOnce(u64) -> u64) -> u32 {
        let goes_on = self.chains[GOING_ON].first;
        if goes_on != NONE {
            return goes_on;
        }
        match self.discipline {
            Discipline::Fifo => self.chains[1].first,
            Discipline::Lifo => self.chains[1].last,
            Discipline::Random => self.numbers.place(pick(u64::from(self.numbers.len()))),
            Discipline::EarliestDeadline => self.deadlines.first(),
            Discipline::Fair => {
                let (chain, _) = self.turns;
                self.give_up_turn(chain);
                self.take_last_turn(chain);
                self.chains[chain as usize].first
            }
            Discipline::Priority { aging } => self.most_urgent(now, aging),
            Discipline::AdaptiveLifo { interval } => {
                if now.since(self.busy_since) > interval {
                    self.chains[1].last
                } else {
                    self.chains[1].first
                }
            }
        }
    }

    /// A group comes behind all others that take turns.
    fn take_last_turn(&mut self, chain: u32) {
        let (_, last) = self.turns;
        self.chains[chain as usize].before = last;
        self.chains[chain as usize].after = NONE;
        match self.chains.get_mut(last as usize) {
            Some(last) => last.after = chain,
            None => self.turns.0 = chain,
        }
        self.turns.1 = chain;
    }

    /// A group takes no turn.
    fn give_up_turn(&mut self, chain: u32) {
        let Chain { before, after, .. } = self.chains[chain as usize];
        match self.chains.get_mut(before as usize) {
            Some(chain) => chain.after = after,
            None => self.turns.0 = after,
        }
        match self.chains.get_mut(after as usize) {
            Some(chain) => chain.before = before,
            None => self.turns.1 = before,
        }
    }

    /// The highest class, as waiting has left it, then who joined first. Within a chain that is its
    /// first one: who came later has waited no longer.
    fn most_urgent(&self, now: SimTime, aging: Option<SimDuration>) -> u32 {
        let firsts = self.chains.iter().enumerate().skip(1);
        let waiting = firsts.filter(|(_, chain)| chain.first != NONE);
        let urgency = |(class, chain): (usize, &Chain)| {
            let tie = &self.ties[chain.first as usize];
            let steps = aging.map_or(0, |aging| {
                now.since(tie.since).as_ns() / aging.as_ns().max(1)
            });
            let class = (class as u64).saturating_sub(1).saturating_sub(steps);
            (class, tie.number, chain.first)
        };
        waiting
            .map(urgency)
            .min()
            .map_or(NONE, |(_, _, place)| place)
    }
}

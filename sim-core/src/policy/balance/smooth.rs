//! Smooth weighted turns: the turns of a heavy instance lie as far apart as they can.
//!
//! With weights 5, 1, 1 the plain way, `a a a a a b c`, sends five attempts in a row to one instance;
//! this one goes `a a b a c a a`. Each instance has an account; at each turn it gets its weight, the
//! fullest account wins (the first of equals), and pays what all have got.
//!
//! The rule is nginx': `ngx_http_upstream_get_peer`. Who is not allowed gets nothing and pays nothing,
//! as a peer that was tried already; accounts are kept while an instance is out of rotation.
//!
//! Nobody looks at all accounts at every turn. Over the turns an account is a straight line, which falls by
//! what all have got when it wins; which of two lines is higher changes only where they cross. So the fullest
//! is found by a knock-out: each match remembers who won and the turn before which that stands, and a turn
//! plays again the matches of the one that paid and those whose time is over (a kinetic tournament: Basch,
//! Guibas and Hershberger, "Data Structures for Mobile Data", 1999).
//!
//! Rejected: a list of turns made in advance (as long as the sum of the weights, and wrong as soon as
//! one instance is left out).

use super::slow_start::{ONE, Scales};

/// The account of each instance, in units of a weight; with ramps in 1/65536 of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Smooth {
    /// By slot; behind for those who are in the knock-out.
    accounts: Vec<i64>,
    /// All in rotation, while nobody is in a ramp.
    knock_out: KnockOut,
    /// Room for the lines of those who are left out of one turn.
    hidden: Vec<Line>,
}

impl Smooth {
    /// Whose turn it is among all of these; `anew`: they are others than last time.
    ///
    /// They weigh what they weighed last time, or it is `anew`.
    pub(super) fn pick_of_all(
        &mut self,
        slots: &[u32],
        scales: &Scales<'_>,
        anew: bool,
    ) -> Option<u32> {
        self.lay(slots, scales, anew);
        let (place, paid) = (self.knock_out.turn()?, self.knock_out.total);
        self.knock_out.pay(place, paid);
        Some(slots[place])
    }

    /// The same but for those at some places, who get nothing and pay nothing.
    pub(super) fn pick_without(
        &mut self,
        slots: &[u32],
        scales: &Scales<'_>,
        anew: bool,
        left_out: &[u32],
    ) -> Option<u32> {
        self.lay(slots, scales, anew);
        if left_out.len() == slots.len() {
            return None;
        }
        let (lines, hidden) = (&mut self.knock_out, &mut self.hidden);
        let mut paid = lines.total;
        for &place in left_out {
            let line = &mut lines.lines[place as usize];
            paid -= line.gain;
            let start = line.start - line.gain;
            hidden.push(Line { start, ..*line });
            *line = Line::NOBODY;
        }
        lines.replay_matches_of(left_out);
        let winner = lines.turn();
        for (&place, line) in left_out.iter().zip(hidden.drain(..)) {
            lines.lines[place as usize] = line;
        }
        lines.replay_matches_of(left_out);
        lines.pay(winner?, paid);
        winner.map(|place| slots[place])
    }

    /// Whose turn it is among some slots, whatever they weighed last time.
    pub(super) fn pick_anew(
        &mut self,
        slots: impl Iterator<Item = u32>,
        scales: &Scales<'_>,
    ) -> Option<u32> {
        self.take_back();
        let unit = unit_of(scales);
        let (mut best, mut most, mut total) = (None, i64::MIN, 0);
        for slot in slots {
            let weight = (scales.of(slot) / unit).cast_signed();
            let account = account_of(&mut self.accounts, slot);
            *account += weight;
            total += weight;
            if *account > most {
                (best, most) = (Some(slot), *account);
            }
        }
        let best = best?;
        *account_of(&mut self.accounts, best) -= total;
        Some(best)
    }

    /// The accounts, which nobody else has while the knock-out is empty.
    pub(super) fn accounts(&mut self) -> &mut Vec<i64> {
        self.take_back();
        &mut self.accounts
    }

    /// Another instance comes into a slot: its account is empty.
    pub(super) fn forget(&mut self, slot: u32) {
        self.take_back();
        if let Some(account) = self.accounts.get_mut(slot as usize) {
            *account = 0;
        }
    }

    /// Whose turn it is among some slots of which some have lost weight by failures: each gets what is left of
    /// its weight, and has one back (nginx' `effective_weight`).
    pub(super) fn pick_weakened(
        &mut self,
        slots: impl Iterator<Item = u32>,
        scales: &Scales<'_>,
        lost: &mut Lost,
    ) -> Option<u32> {
        self.take_back();
        let (mut best, mut most, mut total) = (None, i64::MIN, 0);
        for slot in slots {
            let weight = (scales.of(slot) / ONE).cast_signed();
            let left = weight - i64::from(lost.recover(slot));
            let account = account_of(&mut self.accounts, slot);
            *account += left;
            total += left;
            if *account > most {
                (best, most) = (Some(slot), *account);
            }
        }
        let best = best?;
        *account_of(&mut self.accounts, best) -= total;
        Some(best)
    }

    /// Has all of these in the knock-out.
    fn lay(&mut self, slots: &[u32], scales: &Scales<'_>, anew: bool) {
        if !anew && !self.knock_out.slots.is_empty() && self.knock_out.now < KnockOut::TURNS {
            return;
        }
        self.take_back();
        let unit = unit_of(scales);
        let accounts = &mut self.accounts;
        self.knock_out.begin(slots, |slot| Line {
            start: *account_of(accounts, slot),
            gain: (scales.of(slot) / unit).cast_signed(),
        });
    }

    /// Takes the accounts back from the knock-out.
    fn take_back(&mut self) {
        let knock_out = &mut self.knock_out;
        for (&slot, line) in knock_out.slots.iter().zip(&knock_out.lines) {
            *account_of(&mut self.accounts, slot) = line.at(knock_out.now);
        }
        knock_out.slots.clear();
    }
}

/// Weight that instances have lost by failures, and not yet got back.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost {
    /// By slot.
    each: Vec<u32>,
    /// Slots that have lost some \[count\].
    some: u32,
}

impl Lost {
    /// Whether anybody has lost any.
    pub(super) const fn is_any(&self) -> bool {
        self.some > 0
    }

    /// An instance of this weight failed: it loses so much more, and not more than it has.
    pub(super) fn cut(&mut self, slot: u32, weight: u32, by: u32) {
        let line = slot as usize;
        if self.each.len() <= line {
            self.each.resize(line + 1, 0);
        }
        let after = self.each[line].saturating_add(by).min(weight);
        self.some += u32::from(self.each[line] == 0 && after > 0);
        self.each[line] = after;
    }

    /// What an instance has lost; one of that it has back from now on.
    pub(super) fn recover(&mut self, slot: u32) -> u32 {
        let Some(lost) = self.each.get_mut(slot as usize).filter(|lost| **lost > 0) else {
            return 0;
        };
        let before = *lost;
        *lost -= 1;
        self.some -= u32::from(*lost == 0);
        before
    }

    /// Another instance comes into a slot: it has all its weight.
    pub(super) fn forget(&mut self, slot: u32) {
        if let Some(lost) = self.each.get_mut(slot as usize) {
            self.some -= u32::from(*lost > 0);
            *lost = 0;
        }
    }
}

pub(super) fn account_of(accounts: &mut Vec<i64>, slot: u32) -> &mut i64 {
    let line = slot as usize;
    if accounts.len() <= line {
        accounts.resize(line + 1, 0);
    }
    &mut accounts[line]
}

pub(super) fn unit_of(scales: &Scales<'_>) -> u64 {
    if scales.slow_start.is_some() { 1 } else { ONE }
}

/// An account over the turns.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// What it would have been at turn 0, had it paid before what it has paid since.
    start: i64,
    /// What it gets at each turn: at most 2^32.
    gain: i64,
}

impl Line {
    /// Somebody who never wins.
    const NOBODY: Self = Self {
        start: i64::MIN / 4,
        gain: 0,
    };

    #[inline]
    const fn at(&self, turn: u32) -> i64 {
        self.start + self.gain * turn as i64
    }
}

/// Who has the fullest account, turn by turn.
///
/// Matches are numbered as in a heap: 1 is the final, the winners of 2m and 2m + 1 play match m, and
/// the numbers from that of the first place on are the places themselves.
#[derive(Clone, Debug, Default)]
struct KnockOut {
    /// By place.
    slots: Vec<u32>,
    lines: Vec<Line>,
    /// By match.
    matches: Vec<Match>,
    /// What all get at each turn.
    total: i64,
    /// Turns so far \[count\].
    now: u32,
}

#[derive(Clone, Copy, Debug)]
struct Match {
    /// The place that has won.
    winner: u32,
    /// The turn at which the winner, or that of a match before it, may be another one.
    until: u32,
}

impl KnockOut {
    /// After so many turns it begins anew, so that no account grows too great.
    const TURNS: u32 = 1 << 20;
    /// No such turn comes.
    const NEVER: u32 = Self::TURNS + 2;

    fn begin(&mut self, slots: &[u32], mut line: impl FnMut(u32) -> Line) {
        self.slots.extend_from_slice(slots);
        self.lines.clear();
        self.lines.extend(slots.iter().map(|&slot| line(slot)));
        self.total = self.lines.iter().map(|line| line.gain).sum();
        self.now = 0;
        let places = slots.len().next_power_of_two();
        self.lines.resize(places, Line::NOBODY);
        self.matches.clear();
        let nobody = Match {
            winner: 0,
            until: Self::NEVER,
        };
        self.matches.resize(places, nobody);
        let each = (0..places as u32).map(|winner| Match { winner, ..nobody });
        self.matches.extend(each);
        self.play_all();
    }

    /// Who has the fullest account at the next turn, which begins.
    #[inline]
    fn turn(&mut self) -> Option<usize> {
        self.now += 1;
        if self.matches.get(1)?.until <= self.now {
            self.play_due(1);
        }
        Some(self.matches[1].winner as usize)
    }

    /// This one pays so much.
    #[inline]
    fn pay(&mut self, place: usize, what: i64) {
        self.lines[place].start -= what;
        self.play_matches_of(place);
    }

    #[inline]
    fn play_matches_of(&mut self, place: usize) {
        let mut number = usize::midpoint(self.lines.len(), place);
        while number > 0 {
            self.play(number, self.now + 1);
            number /= 2;
        }
    }

    /// These have other lines now.
    fn replay_matches_of(&mut self, places: &[u32]) {
        if places.len() * 8 > self.slots.len() {
            self.play_all();
        } else {
            for &place in places {
                self.play_matches_of(place as usize);
            }
        }
    }

    fn play_all(&mut self) {
        for number in (1..self.lines.len()).rev() {
            self.play(number, self.now + 1);
        }
    }

    /// Plays a match again, after those before it that are due.
    fn play_due(&mut self, number: usize) {
        for before in [2 * number, 2 * number + 1] {
            if self.matches[before].until <= self.now {
                self.play_due(before);
            }
        }
        self.play(number, self.now);
    }

    /// Plays a match as of a turn: of equals the first wins.
    #[inline]
    fn play(&mut self, number: usize, turn: u32) {
        let (left, right) = (self.matches[2 * number], self.matches[2 * number + 1]);
        let (a, b) = (
            self.lines[left.winner as usize],
            self.lines[right.winner as usize],
        );
        let ahead = a.at(turn) - b.at(turn);
        let (winner, lead, closing) = if ahead >= 0 {
            (left.winner, ahead, b.gain - a.gain)
        } else {
            (right.winner, -ahead - 1, a.gain - b.gain)
        };
        let mut until = left.until.min(right.until);
        let turns = i64::from(until.saturating_sub(turn));
        // Else it does not come before then.
        if closing > 0 && lead < closing * turns {
            until = turn + 1 + (lead / closing) as u32;
        }
        self.matches[number] = Match { winner, until };
    }
}

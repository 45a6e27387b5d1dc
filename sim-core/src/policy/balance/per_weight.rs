//! The least outstanding for its weight; equals go in smooth turns.
//!
//! The rule is nginx' `least_conn` (`ngx_http_upstream_get_least_conn_peer`): those with the least
//! outstanding per weight, and if they are several, the turn is that of the smooth rule among them: each of
//! them gets its weight, the fullest account wins and pays what they got. Who is not among the equals
//! gets nothing.
//!
//! Nobody looks at all of them. As in [`super::smooth`] they play a knock-out, by load first, and of
//! equals by account. An account moves only in turns of those who are as loaded, so each such *class* has
//! turns of its own, and over those an account is a straight line. Only the least loaded class has turns; so
//! those that have had any lie on a stack, the least loaded on top, and one that is empty comes off
//! it. Who comes into a class or leaves it plays its matches again, up to the first that ends as before.
//!
//! Loads are compared as 2^32ths, cut: two fractions of weights below 2^16 that differ do so by more.
//!
//! Rejected: a line for each load (weights make too many different ones).

use super::places::Places;
use super::slow_start::{ONE, Scales};
use super::smooth::{account_of, unit_of};
use std::hint::select_unpredictable;

/// All of a rotation, by what they have outstanding and by account.
#[derive(Clone, Debug, Default)]
pub(super) struct PerWeight {
    places: Places,
    /// By place: what is divided by to compare loads.
    weights: Vec<u32>,
    /// By match, as in a heap: 1 is the final, 2m and 2m + 1 are before m, the places come last.
    matches: Vec<Match>,
    /// Those that have been the least loaded, the most loaded first.
    classes: Vec<Class>,
    /// Room for those who are left out of one choice: their places, what they have, and their accounts.
    hidden: Vec<(u32, Match, i64)>,
    /// Whether it begins anew next time, so that no account grows too great.
    is_old: bool,
}

/// Who is ahead, of those below a match.
#[derive(Clone, Copy, Debug)]
struct Match {
    /// What is outstanding per weight, in 2^32ths.
    load: u64,
    /// The account of the winner before the first turn of its class, had it paid by then what it has paid since.
    start: i64,
    /// What the winner gets at each turn of its class.
    gain: u32,
    /// The place that has won.
    winner: u32,
    /// The turn of its class at which the winner may be another one.
    until: u32,
}

impl Match {
    const NOBODY: Self = Self {
        load: u64::MAX,
        start: 0,
        gain: 0,
        winner: 0,
        until: NEVER,
    };

    /// Without a branch for each part; who has the same place gets the same.
    #[inline]
    const fn is_same(&self, other: &Self) -> bool {
        let line = (self.load ^ other.load) | (self.start ^ other.start).cast_unsigned();
        let rest = (self.winner ^ other.winner) | (self.until ^ other.until);
        line | rest as u64 == 0
    }

    #[inline]
    const fn at(&self, turn: u32) -> i64 {
        self.start + self.gain as i64 * turn as i64
    }
}

/// Those who have as much outstanding for their weight.
#[derive(Clone, Copy, Debug)]
struct Class {
    load: u64,
    /// What all of them get together at a turn.
    total: u64,
    /// Turns that it has had \[count\].
    turns: u32,
}

/// After so many turns of a class all begin anew.
const TURNS: u32 = 1 << 20;
/// No such turn comes.
const NEVER: u32 = TURNS + 2;

impl PerWeight {
    /// Whose turn it is among all but those at some places; `anew`: they, or their weights, are
    /// others than last time.
    pub(super) fn pick(
        &mut self,
        scales: &Scales<'_>,
        anew: bool,
        accounts: &mut Vec<i64>,
        outstanding: impl Fn(u32) -> u32,
        left_out: &[u32],
    ) -> Option<u32> {
        if anew || self.is_old || self.places.slots().is_empty() {
            self.take_back(accounts);
            self.begin(scales, accounts, outstanding);
        } else {
            self.refresh(outstanding);
        }
        if left_out.is_empty() {
            return self.turn().map(|place| self.places.slots()[place as usize]);
        }
        self.hide(left_out);
        let place = self.turn();
        self.show();
        place.map(|place| self.places.slots()[place as usize])
    }

    /// What is outstanding at a slot is another number.
    #[inline]
    pub(super) fn touch(&mut self, slot: u32) {
        self.places.touch(slot);
    }

    /// Gives the accounts back; it begins anew next time.
    pub(super) fn take_back(&mut self, accounts: &mut Vec<i64>) {
        let half = self.half();
        for (place, &slot) in self.places.slots().iter().enumerate() {
            *account_of(accounts, slot) = self.account(&self.matches[half + place]);
        }
        self.places.clear();
        self.classes.clear();
        self.is_old = false;
    }

    /// The places of the knock-out, a power of two: the number of the first of them.
    #[inline]
    const fn half(&self) -> usize {
        self.matches.len() / 2
    }

    fn begin(
        &mut self,
        scales: &Scales<'_>,
        accounts: &mut Vec<i64>,
        outstanding: impl Fn(u32) -> u32,
    ) {
        let slots = scales.rotation.slots;
        let unit = unit_of(scales);
        self.places.begin(slots);
        self.weights.clear();
        let half = slots.len().next_power_of_two().max(2);
        self.matches.clear();
        self.matches.resize(2 * half, Match::NOBODY);
        for (place, &slot) in slots.iter().enumerate() {
            let scale = scales.of(slot);
            let weight = (scale / ONE) as u32;
            self.weights.push(weight);
            self.matches[half + place] = Match {
                load: load_of(outstanding(slot), weight),
                start: *account_of(accounts, slot),
                gain: (scale / unit) as u32,
                winner: place as u32,
                until: NEVER,
            };
        }
        self.play_all();
    }

    /// Those who have changed come into their classes.
    fn refresh(&mut self, outstanding: impl Fn(u32) -> u32) {
        let half = self.half();
        let all = is_many(self.places.stale(), half);
        while let Some(place) = self.places.next_stale() {
            let at = place as usize;
            let line = self.matches[half + at];
            let account = self.account(&line);
            let load = load_of(outstanding(self.places.slots()[at]), self.weights[at]);
            self.put(place, Match { load, ..line }, account);
            if !all {
                self.play_matches_of(place);
            }
        }
        if all {
            self.play_all();
        }
    }

    /// Leaves some out: their accounts stand still.
    fn hide(&mut self, left_out: &[u32]) {
        let half = self.half();
        let all = is_many(left_out.len(), half);
        for &place in left_out {
            let line = self.matches[half + place as usize];
            self.hidden.push((place, line, self.account(&line)));
            self.put(place, Match::NOBODY, 0);
            if !all {
                self.play_matches_of(place);
            }
        }
        if all {
            self.play_all();
        }
    }

    /// Has those back who were left out.
    fn show(&mut self) {
        while let Some((place, line, account)) = self.hidden.pop() {
            self.put(place, line, account);
            self.places.touch_place(place);
        }
    }

    /// The place whose turn it is.
    fn turn(&mut self) -> Option<u32> {
        let first = *self.matches.get(1).filter(|first| first.gain > 0)?;
        // Nobody is in a class that is less loaded than the least loaded.
        while self.classes.last().is_some_and(|top| top.load < first.load) {
            self.classes.pop();
        }
        if self.classes.last().is_none_or(|top| top.load > first.load) {
            self.classes.push(Class {
                load: first.load,
                total: self.total(1, first.load),
                turns: 0,
            });
        }
        let top = self.classes.last_mut()?;
        if top.total == u64::from(first.gain) {
            return Some(first.winner);
        }
        top.turns += 1;
        let Class { total, turns, .. } = *top;
        self.is_old = turns >= TURNS;
        if first.until <= turns {
            self.play_due(1, first.load, turns);
        }
        let half = self.half();
        let winner = self.matches[1].winner;
        self.matches[half + winner as usize].start -= total.cast_signed();
        self.places.touch_place(winner);
        Some(winner)
    }

    /// What all of a class get at a turn, of those below a match.
    fn total(&self, number: usize, load: u64) -> u64 {
        let here = &self.matches[number];
        if here.load != load {
            return 0;
        }
        if number >= self.half() {
            return u64::from(here.gain);
        }
        self.total(2 * number, load) + self.total(2 * number + 1, load)
    }

    /// Where the class of this load lies on the stack, if it has been the least loaded.
    #[inline]
    fn class(&self, load: u64) -> Option<usize> {
        let top = self.classes.len().checked_sub(1)?;
        if self.classes[top].load == load {
            return Some(top);
        }
        if top == 0 || self.classes[top].load > load {
            return None;
        }
        let at = self.classes.partition_point(|it| it.load > load);
        (self.classes[at].load == load).then_some(at)
    }

    /// The turns that a class has had.
    #[inline]
    fn turns(&self, load: u64) -> u32 {
        self.class(load).map_or(0, |at| self.classes[at].turns)
    }

    fn account(&self, of: &Match) -> i64 {
        of.at(self.turns(of.load))
    }

    /// Puts somebody with this account at a place, in the place of who was there.
    fn put(&mut self, place: u32, line: Match, account: i64) {
        let at = self.half() + place as usize;
        let former = self.matches[at];
        if let Some(class) = self.class(former.load) {
            self.classes[class].total -= u64::from(former.gain);
        }
        let mut start = account;
        if let Some(class) = self.class(line.load) {
            let class = &mut self.classes[class];
            class.total += u64::from(line.gain);
            start -= i64::from(line.gain) * i64::from(class.turns);
        }
        self.matches[at] = Match { start, ..line };
    }

    /// Up to the first match that ends as before.
    fn play_matches_of(&mut self, place: u32) {
        let mut number = self.half() + place as usize;
        let mut winner = self.matches[number];
        let top = self.classes.last().map_or((0, 0), |it| (it.load, it.turns));
        while number > 1 {
            let other = self.matches[number ^ 1];
            let mut turn = top.1 + 1;
            if winner.load != top.0 && winner.load == other.load {
                turn = self.turns(winner.load) + 1;
            }
            winner = between(&winner, &other, number % 2 == 1, turn);
            number /= 2;
            let before = std::mem::replace(&mut self.matches[number], winner);
            if before.is_same(&winner) {
                return;
            }
        }
    }

    fn play_all(&mut self) {
        for number in (1..self.half()).rev() {
            let turn = self.turns(self.matches[2 * number].load) + 1;
            self.play(number, turn);
        }
    }

    /// Plays a match of the least loaded class again at its turn, after those before it that are due.
    fn play_due(&mut self, number: usize, load: u64, turn: u32) {
        for before in [2 * number, 2 * number + 1] {
            let it = &self.matches[before];
            if it.until <= turn && it.load == load {
                self.play_due(before, load, turn);
            }
        }
        self.play(number, turn);
    }

    #[inline]
    fn play(&mut self, number: usize, turn: u32) {
        let (left, right) = (&self.matches[2 * number], &self.matches[2 * number + 1]);
        self.matches[number] = between(left, right, false, turn);
    }
}

/// What is outstanding per weight.
#[inline]
const fn load_of(outstanding: u32, weight: u32) -> u64 {
    ((outstanding as u64) << 32) / weight as u64
}

/// Who of two is ahead at a turn, and until when; `is_right`: the first of the two is the right one, and loses
/// where they are equal.
///
/// Nobody can guess who it is, so there is no branch for it.
#[inline]
fn between(one: &Match, other: &Match, is_right: bool, turn: u32) -> Match {
    let are_equal = one.load == other.load;
    let by_account = one.at(turn) - other.at(turn) - i64::from(is_right);
    let by_load = -i64::from(other.load < one.load);
    // Not below 0 if the first is ahead.
    let ahead = select_unpredictable(are_equal, by_account, by_load);
    let is_one = ahead >= 0;
    let winner = Match {
        load: one.load.min(other.load),
        start: select_unpredictable(is_one, one.start, other.start),
        gain: select_unpredictable(is_one, one.gain, other.gain),
        winner: select_unpredictable(is_one, one.winner, other.winner),
        until: select_unpredictable(is_one, one.until, other.until),
    };
    // Who is behind comes closer by so much at each turn.
    let gains = i64::from(other.gain) - i64::from(one.gain);
    let closing = select_unpredictable(is_one, gains, -gains);
    let lead = select_unpredictable(is_one, ahead, !ahead);
    let until = select_unpredictable(are_equal, one.until.min(other.until), winner.until);
    let turns = i64::from(until.saturating_sub(turn));
    // Else it does not come before then.
    if are_equal && closing > 0 && lead < closing * turns {
        let until = turn + 1 + quotient(lead, closing);
        return Match { until, ..winner };
    }
    Match { until, ..winner }
}

/// How often one goes into the other: less than 2^32 times. Most are small, and then it takes less time.
#[inline]
fn quotient(lead: i64, closing: i64) -> u32 {
    match (u32::try_from(lead), u32::try_from(closing)) {
        (Ok(lead), Ok(closing)) => lead / closing,
        _ => (lead / closing) as u32,
    }
}

/// Whether so many have changed that playing all matches is less work.
const fn is_many(changed: usize, places: usize) -> bool {
    changed * 8 > places
}

//! A pool of connections: a shelf with so many keys, and a line before it.
//!
//! Who asks takes a key from the shelf, or waits. A key that comes back goes to who is next in line,
//! within the same step; the shelf and the line are never both full. Keys are made when somebody waits
//! for one or fewer lie there than should, a few at a time and with a pause between, as a real pool
//! logs in to a database; they are thrown away when they are too old, have lain there too long, or came
//! back broken. One that has lain there for a while may be tried before it is given out.
//!
//! The rules (66 of the list), with the products they are read from:
//!
//! - a free unit is given at once, the one that came back last (`reuse: newest`: pgbouncer, node-postgres,
//!   `HikariCP` by and large) or first (`SQLAlchemy`); without `overtaking` nobody passes those who wait;
//! - a return at the very limit of a wait serves who waits: the caller gives returns before alarms;
//! - at most `at_once` openings abreast, never more than there are waiters and missing idle units,
//!   none for `pause` after one has succeeded (`HikariCP`'s adder: one, 30 ms) or for `retry` after one has
//!   failed (pgbouncer: 15 s; `HikariCP`: 10 ms, doubling up to 5 s), but at once for one whom a failure
//!   would fail;
//! - who asks and causes an opening stays in line, and gets what is there first (`HikariCP`, pgbouncer, Go's
//!   `net/http`), or leaves the line and waits for that one alone (`serves_asker`: Go's `database/sql`,
//!   node-postgres, `SQLAlchemy`); where a failure is somebody's, it is his, and who asks opens one
//!   whatever others are waiting for;
//! - a unit that is older than `max_age` goes when it is returned or while it lies there, one that has
//!   lain there for `idle` if more than `min_idle` do;
//! - a unit that has lain there *longer* than `check_after` is tried before use; to those who wait that is
//!   like an opening.
//!
//! Rejected: a timer per waiter (deadlines come in the order of asking, so that one alarm will do); a
//! look at all units at every step (only an alarm looks at them).

use crate::queueing::{Discipline, QueuePlace, WaitingRoom};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// The number of a unit; valid until it is closed.
pub type UnitIx = u32;

/// Who is served next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Who has waited longest.
    Fifo,
    /// Who came last.
    Lifo,
    /// Anyone (Go's `database/sql`).
    Random,
}

/// Which free unit is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// The one that came back last.
    Newest,
    /// The one that came back first.
    Oldest,
}

/// How units are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Most abreast \[count\].
    pub at_once: u32,
    /// No other for so long after one has succeeded.
    pub pause: SimDuration,
    /// No other for so long after one has failed; doubles with each failure in a row.
    pub retry: SimDuration,
    /// The most that it doubles to.
    pub retry_max: SimDuration,
    /// Whether the one for whom it was fails with an opening that does.
    pub fails_waiter: bool,
    /// Whether what was opened for somebody is his, who waits for nothing else; only with
    /// `fails_waiter`.
    pub serves_asker: bool,
}

/// The settings of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Most units \[count\]; `u32::MAX`: no limit.
    pub size: u32,
    /// Free units below which more are made \[count\].
    pub min_idle: u32,
    /// Free units beyond which one that comes back is closed \[count\].
    pub max_idle: u32,
    /// The longest wait.
    pub max_wait: SimDuration,
    /// Who is served next.
    pub order: Order,
    /// Whether a newcomer may take what is free while others wait.
    pub overtaking: bool,
    /// Which free unit is given out.
    pub reuse: Reuse,
    /// How units are made.
    pub open: Opening,
    /// How long more than `min_idle` lie there.
    pub idle: SimDuration,
    /// A unit that has lain there longer is tried before use.
    pub check_after: SimDuration,
}

/// What who asks is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolAnswer {
    /// It has this unit.
    Granted(UnitIx),
    /// It waits here.
    Waits(QueuePlace),
}

/// How a unit comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// As it was.
    Whole,
    /// It is of no more use.
    Broken,
}

/// How it went with a unit that was opened or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refill {
    /// It can be used.
    Good,
    /// It cannot.
    Failed,
}

/// What a pool does, to be carried out by who runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolDoes {
    /// One who waited has this unit.
    Grants(u32, UnitIx),
    /// One has waited too long.
    TimesOut(u32),
    /// An opening has failed, and with it one who waited.
    Fails(u32),
    /// A unit is being opened, by this number: [`Pool::opened`] or [`Pool::opening_failed`] says how that
    /// ends.
    Opens(u32),
    /// A unit that leads there is tried before use: [`Pool::checked`] says how that ends.
    Checks(UnitIx, u32),
    /// A unit that led there since then is closed.
    Closes(u32, SimTime),
}

/// How full a pool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolLevel {
    /// Units that nobody has, those being tried included \[count\].
    pub free: u32,
    /// Units that somebody has \[count\].
    pub given: u32,
    /// Units being opened \[count\].
    pub opening: u32,
    /// Who waits \[count\].
    pub waiting: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No unit.
    None,
    Free,
    Given,
    Checked,
}

#[derive(Clone, Copy, Debug)]
struct Unit {
    /// Where it leads.
    to: u32,
    opened_at: SimTime,
    /// Free: since then.
    since: SimTime,
    /// It is too old from then on.
    ends_at: SimTime,
    state: State,
}

/// For whom a unit is being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Who waits here, and asked as the so manieth: the failure is his if he still does.
    Line(QueuePlace, u32, u32),
    /// Who waits for nothing else.
    Asker(u32),
}

/// A pool.
#[derive(Clone, Debug)]
pub struct Pool {
    units: Vec<Unit>,
    /// Numbers of units that are no more.
    vacant: Vec<UnitIx>,
    /// Free units, the one that came back last at the end.
    free: VecDeque<UnitIx>,
    given: u32,
    opening: u32,
    checking: u32,
    room: WaitingRoom,
    /// Limits of waits in the order of asking, some of those who have left among them.
    limits: VecDeque<(SimTime, QueuePlace, u32)>,
    /// By place in the room: the limit of who waits there, and as the so manieth he asked.
    limit_at: Vec<(SimTime, u32)>,
    /// Who has asked so far \[count\].
    asked: u32,
    /// Who has just asked, and waits.
    newcomer: Option<(QueuePlace, u32)>,
    /// No free unit is too old or has lain there too long before.
    stale_at: SimTime,
    /// None is opened before, as one has succeeded.
    paused_until: SimTime,
    /// None is opened before, as one has failed.
    retry_at: SimTime,
    /// Openings so far, of which each has its number \[count\].
    opened: u32,
    /// Openings that are for somebody, by number.
    openings: Vec<(u32, For)>,
    /// Those who wait for their own opening \[count\].
    askers: u32,
    /// Whose own opening has succeeded.
    served: VecDeque<(u32, UnitIx)>,
    /// Whose opening has failed.
    failed: VecDeque<u32>,
    /// Openings that failed since the last that did not \[count\].
    failures: u32,
    /// Those who fail with an opening \[count\].
    to_fail: u32,
    /// Where units led that are to be closed, and since when.
    closed: VecDeque<(u32, SimTime)>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// A pool without units.
    pub const fn new() -> Self {
        Self {
            units: Vec::new(),
            vacant: Vec::new(),
            free: VecDeque::new(),
            given: 0,
            opening: 0,
            checking: 0,
            room: WaitingRoom::new(),
            limits: VecDeque::new(),
            limit_at: Vec::new(),
            asked: 0,
            newcomer: None,
            stale_at: SimTime::NEVER,
            paused_until: SimTime::ZERO,
            retry_at: SimTime::ZERO,
            opened: 0,
            openings: Vec::new(),
            askers: 0,
            served: VecDeque::new(),
            failed: VecDeque::new(),
            failures: 0,
            to_fail: 0,
            closed: VecDeque::new(),
        }
    }

    /// How full it is.
    pub fn level(&self) -> PoolLevel {
        PoolLevel {
            free: self.free.len() as u32 + self.checking,
            given: self.given,
            opening: self.opening,
            waiting: self.room.len() as u32 + self.askers,
        }
    }

    /// Where a unit leads, and since when.
    pub fn unit(&self, ix: UnitIx) -> (u32, SimTime) {
        let unit = &self.units[ix as usize];
        (unit.to, unit.opened_at)
    }

    /// Somebody asks for a unit.
    pub fn ask(&mut self, config: &PoolConfig, now: SimTime, who: u32) -> PoolAnswer {
        self.throw_out(config, now);
        if (self.room.is_empty() || config.overtaking)
            && let Some(ix) = self.take_free(config, now)
        {
            return PoolAnswer::Granted(ix);
        }
        let place = self.room.push(who);
        let until = now + config.max_wait;
        let index = place.to_bits() as usize;
        if self.limit_at.len() <= index {
            self.limit_at.resize(index + 1, (SimTime::NEVER, 0));
        }
        self.asked += 1;
        self.limit_at[index] = (until, self.asked);
        self.newcomer = Some((place, who));
        if until < SimTime::NEVER {
            self.limits.push_back((until, place, who));
        }
        PoolAnswer::Waits(place)
    }

    /// One who waits leaves the line, or lets his opening be the pool's; whether it did wait.
    pub fn forget(&mut self, place: QueuePlace, who: u32) -> bool {
        let own = |it: &(u32, For)| it.1 == For::Asker(who);
        if let Some(at) = self.openings.iter().position(own) {
            self.openings.swap_remove(at);
            self.askers -= 1;
            return true;
        }
        self.room.remove(place, who)
    }

    /// A unit comes back.
    pub fn give_back(&mut self, config: &PoolConfig, now: SimTime, ix: UnitIx, returned: Returned) {
        debug_assert_eq!(self.units[ix as usize].state, State::Given);
        self.given -= 1;
        let too_old = now >= self.units[ix as usize].ends_at;
        let unwanted = self.room.is_empty() && self.free.len() as u32 >= config.max_idle;
        if returned == Returned::Broken || too_old || unwanted {
            self.close(ix);
        } else {
            self.put_down(config, now, ix);
        }
    }

    /// A unit is there without having been opened: at the start of a run.
    pub fn begin_with(&mut self, config: &PoolConfig, now: SimTime, to: u32, ends_at: SimTime) {
        self.add(config, now, (to, now), ends_at);
    }

    /// The opening of this number has succeeded: where the unit leads and when it was let in there, and
    /// when it will be too old.
    pub fn opened(
        &mut self,
        config: &PoolConfig,
        now: SimTime,
        number: u32,
        to: (u32, SimTime),
        ends_at: SimTime,
    ) {
        self.failures = 0;
        self.paused_until = now + config.open.pause;
        match self.opening_ends(number) {
            Some(For::Asker(who)) => {
                let ix = self.new_unit(now, to, ends_at);
                self.units[ix as usize].state = State::Given;
                self.given += 1;
                self.served.push_back((who, ix));
            }
            Some(For::Line(..)) | None => self.add(config, now, to, ends_at),
        }
    }

    /// The opening of this number has failed.
    pub fn opening_failed(&mut self, config: &PoolConfig, now: SimTime, number: u32) {
        let doubled = config.open.retry.times(1 << self.failures.min(30));
        self.failures += 1;
        self.retry_at = now + doubled.min(config.open.retry_max);
        let whose = self.opening_ends(number);
        if !config.open.fails_waiter {
            return;
        }
        match whose {
            Some(For::Asker(who)) => self.failed.push_back(who),
            Some(For::Line(place, who, asked)) => {
                if self.waits_since(place, who, asked) {
                    self.room.remove(place, who);
                    self.failed.push_back(who);
                }
            }
            None => self.to_fail += u32::from(!self.room.is_empty()),
        }
    }

    /// An opening has ended; for whom it was.
    fn opening_ends(&mut self, number: u32) -> Option<For> {
        self.opening -= 1;
        let at = self.openings.iter().position(|it| it.0 == number)?;
        let (_, whose) = self.openings.swap_remove(at);
        self.askers -= u32::from(matches!(whose, For::Asker(_)));
        Some(whose)
    }

    /// How it went with a unit that was tried.
    pub fn checked(&mut self, config: &PoolConfig, now: SimTime, ix: UnitIx, how: Refill) {
        debug_assert_eq!(self.units[ix as usize].state, State::Checked);
        self.checking -= 1;
        match how {
            Refill::Good => self.put_down(config, now, ix),
            Refill::Failed => self.close(ix),
        }
    }

    /// What it does next, until it has nothing more to do. `pick` is asked only where the order is random
    /// and somebody waits: given their number n, it returns a number below n.
    pub fn next(
        &mut self,
        config: &PoolConfig,
        now: SimTime,
        pick: impl FnOnce(u64) -> u64,
    ) -> Option<PoolDoes> {
        self.throw_out(config, now);
        if let Some((to, since)) = self.closed.pop_front() {
            return Some(PoolDoes::Closes(to, since));
        }
        if let Some((who, ix)) = self.served.pop_front() {
            return Some(PoolDoes::Grants(who, ix));
        }
        if let Some(who) = self.failed.pop_front() {
            return Some(PoolDoes::Fails(who));
        }
        if !self.room.is_empty() {
            if let Some(ix) = self.take_free(config, now) {
                let who = self.room.pop(now, discipline(config.order), pick)?;
                return Some(PoolDoes::Grants(who, ix));
            }
            if self.to_fail > 0 {
                self.to_fail -= 1;
                let who = self.room.pop(now, discipline(config.order), pick)?;
                return Some(PoolDoes::Fails(who));
            }
        }
        self.to_fail = 0;
        if let Some(who) = self.overdue(now) {
            return Some(PoolDoes::TimesOut(who));
        }
        if let Some(does) = self.take_to_check(config) {
            return Some(does);
        }
        if now >= self.opens_at(config) && self.wants_more(config) {
            return Some(self.open(config, now, pick));
        }
        self.newcomer = None;
        None
    }

    /// A unit is being opened: for who has just asked, else for who is next.
    fn open(
        &mut self,
        config: &PoolConfig,
        now: SimTime,
        pick: impl FnOnce(u64) -> u64,
    ) -> PoolDoes {
        self.opening += 1;
        self.opened = self.opened.wrapping_add(1);
        let newcomer = self.newcomer.take();
        let newcomer = newcomer.filter(|&(place, who)| self.room.waits(place, who));
        let whose = if config.open.serves_asker {
            let who = match newcomer {
                Some((place, who)) => self.room.remove(place, who).then_some(who),
                None => self.room.pop(now, discipline(config.order), pick),
            };
            self.askers += u32::from(who.is_some());
            who.map(For::Asker)
        } else if config.open.fails_waiter {
            newcomer.map(|(place, who)| {
                For::Line(place, who, self.limit_at[place.to_bits() as usize].1)
            })
        } else {
            None
        };
        self.openings
            .extend(whose.map(|whose| (self.opened, whose)));
        PoolDoes::Opens(self.opened)
    }

    /// When the next one may be opened: after a failure at once, if the next would be somebody's.
    fn opens_at(&self, config: &PoolConfig) -> SimTime {
        if config.open.fails_waiter && !self.room.is_empty() {
            self.paused_until
        } else {
            self.paused_until.max(self.retry_at)
        }
    }

    /// When it has something to do though nothing happens to it.
    pub fn due(&mut self, config: &PoolConfig) -> Option<SimTime> {
        while let Some(&(until, place, who)) = self.limits.front() {
            if self.waits_until(place, who) == Some(until) {
                break;
            }
            self.limits.pop_front();
        }
        let limit = self.limits.front().map_or(SimTime::NEVER, |it| it.0);
        let mut due = limit.min(self.stale_at);
        if self.wants_more(config) {
            due = due.min(self.opens_at(config));
        }
        (due < SimTime::NEVER).then_some(due)
    }

    /// Its process has died: nothing of it is left. Where its units led, and since when.
    pub fn lost(&mut self) -> Vec<(u32, SimTime)> {
        let units = self.units.iter().filter(|unit| unit.state != State::None);
        let led = units.map(|unit| (unit.to, unit.opened_at));
        let led = led.chain(self.closed.iter().copied()).collect();
        *self = Self::new();
        led
    }

    fn waits_until(&self, place: QueuePlace, who: u32) -> Option<SimTime> {
        let waits = self.room.waits(place, who);
        waits.then(|| self.limit_at[place.to_bits() as usize].0)
    }

    /// One who has waited too long.
    fn overdue(&mut self, now: SimTime) -> Option<u32> {
        while let Some(&(until, place, who)) = self.limits.front() {
            if until > now {
                return None;
            }
            self.limits.pop_front();
            if self.waits_until(place, who) == Some(until) && self.room.remove(place, who) {
                return Some(who);
            }
        }
        None
    }

    /// Whether a unit should be opened, as far as time allows.
    fn wants_more(&self, config: &PoolConfig) -> bool {
        let free = self.free.len() as u32;
        let all = free + self.checking + self.given + self.opening;
        let waiting = (self.room.len() as u32).saturating_sub(self.checking);
        let coming = free + self.opening - self.askers - self.late(config);
        let wanted = coming < config.min_idle.saturating_add(waiting);
        wanted && all < config.size && self.opening < config.open.at_once
    }

    /// Openings whose asker has been served by another unit, so that they are for nobody who waits
    /// \[count\].
    fn late(&self, config: &PoolConfig) -> u32 {
        if !config.open.fails_waiter || config.open.serves_asker {
            return 0;
        }
        let late = |it: &&(u32, For)| match it.1 {
            For::Line(place, who, asked) => !self.waits_since(place, who, asked),
            For::Asker(_) => false,
        };
        self.openings.iter().filter(late).count() as u32
    }

    /// Whether this one waits here, who asked as the so manieth.
    fn waits_since(&self, place: QueuePlace, who: u32, asked: u32) -> bool {
        self.limit_at[place.to_bits() as usize].1 == asked && self.room.waits(place, who)
    }

    /// Takes a free unit that need not be tried.
    fn take_free(&mut self, config: &PoolConfig, now: SimTime) -> Option<UnitIx> {
        let ix = *self.next_free(config)?;
        if self.needs_check(config, now, ix) {
            return None;
        }
        self.pop_free(config);
        self.units[ix as usize].state = State::Given;
        self.given += 1;
        Some(ix)
    }

    /// A free unit that must be tried before one who waits can have it.
    fn take_to_check(&mut self, config: &PoolConfig) -> Option<PoolDoes> {
        if self.room.len() as u32 <= self.checking {
            return None;
        }
        let ix = self.pop_free(config)?;
        let unit = &mut self.units[ix as usize];
        unit.state = State::Checked;
        self.checking += 1;
        Some(PoolDoes::Checks(ix, unit.to))
    }

    fn next_free(&self, config: &PoolConfig) -> Option<&UnitIx> {
        match config.reuse {
            Reuse::Newest => self.free.back(),
            Reuse::Oldest => self.free.front(),
        }
    }

    fn pop_free(&mut self, config: &PoolConfig) -> Option<UnitIx> {
        match config.reuse {
            Reuse::Newest => self.free.pop_back(),
            Reuse::Oldest => self.free.pop_front(),
        }
    }

    fn needs_check(&self, config: &PoolConfig, now: SimTime, ix: UnitIx) -> bool {
        let unit = &self.units[ix as usize];
        now.since(unit.since) > config.check_after
    }

    fn add(&mut self, config: &PoolConfig, now: SimTime, to: (u32, SimTime), ends_at: SimTime) {
        let ix = self.new_unit(now, to, ends_at);
        self.put_down(config, now, ix);
    }

    fn new_unit(
        &mut self,
        now: SimTime,
        (to, opened_at): (u32, SimTime),
        ends_at: SimTime,
    ) -> UnitIx {
        let unit = Unit {
            to,
            opened_at,
            since: now,
            ends_at,
            state: State::None,
        };
        if let Some(ix) = self.vacant.pop() {
            self.units[ix as usize] = unit;
            ix
        } else {
            self.units.push(unit);
            self.units.len() as u32 - 1
        }
    }

    /// A unit lies there from now on.
    fn put_down(&mut self, config: &PoolConfig, now: SimTime, ix: UnitIx) {
        let unit = &mut self.units[ix as usize];
        (unit.state, unit.since) = (State::Free, now);
        self.stale_at = self.stale_at.min(unit.ends_at).min(now + config.idle);
        self.free.push_back(ix);
        // With one more, the one that has lain there longest may be one too many.
        if self.free.len() as u32 > config.min_idle
            && let Some(&oldest) = self.free.front()
        {
            let bored_at = self.units[oldest as usize].since + config.idle;
            self.stale_at = self.stale_at.min(bored_at);
        }
    }

    fn close(&mut self, ix: UnitIx) {
        let unit = &mut self.units[ix as usize];
        unit.state = State::None;
        self.closed.push_back((unit.to, unit.opened_at));
        self.vacant.push(ix);
    }

    /// Closes free units that are too old or have lain there too long.
    fn throw_out(&mut self, config: &PoolConfig, now: SimTime) {
        if now < self.stale_at {
            return;
        }
        let mut left = self.free.len();
        let mut kept = VecDeque::with_capacity(left);
        self.stale_at = SimTime::NEVER;
        for ix in std::mem::take(&mut self.free) {
            let unit = &self.units[ix as usize];
            let bored_at = unit.since + config.idle;
            let bored = now >= bored_at && left as u32 > config.min_idle;
            if now >= unit.ends_at || bored {
                left -= 1;
                self.close(ix);
                continue;
            }
            let stale_at = unit.ends_at.min(if now >= bored_at {
                SimTime::NEVER
            } else {
                bored_at
            });
            self.stale_at = self.stale_at.min(stale_at);
            kept.push_back(ix);
        }
        self.free = kept;
    }
}

const fn discipline(order: Order) -> Discipline {
    match order {
        Order::Fifo => Discipline::Fifo,
        Order::Lifo => Discipline::Lifo,
        Order::Random => Discipline::Random,
    }
}

#[cfg(test)]
mod tests;

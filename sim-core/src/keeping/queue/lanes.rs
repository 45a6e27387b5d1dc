//! Lanes: what is ready, in order, and what holds it back.

use super::config::{Holds, QueueConfig, ReturnPlace};
use super::message::{Entry, Messages, State};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Nobody owns it.
pub(super) const NOBODY: u16 = u16::MAX;

/// A lane.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// In the order in which they came.
    main: VecDeque<Entry>,
    /// Those that came back, by rank.
    back: BinaryHeap<Reverse<(u32, Entry)>>,
    /// How many of both are still ready \[count\].
    pub(super) ready: u32,
    pub(super) leased: u32,
    pub(super) delayed: u32,
    pub(super) owner: u16,
    /// Nothing of it is handed out: it gets another owner.
    pub(super) moves: bool,
    /// It stands among the open ones.
    is_open: bool,
}

impl Lane {
    fn new() -> Self {
        Self {
            main: VecDeque::new(),
            back: BinaryHeap::new(),
            ready: 0,
            leased: 0,
            delayed: 0,
            owner: NOBODY,
            moves: false,
            is_open: false,
        }
    }

    fn is_held(&self, holds: Holds) -> bool {
        self.moves
            || match holds {
                Holds::Nothing => false,
                Holds::Leased => self.leased > 0,
                Holds::Unsettled => self.leased > 0 || self.delayed > 0,
            }
    }
}

/// All lanes of a queue.
#[derive(Clone, Debug, Default)]
pub(super) struct LaneBook {
    lanes: Vec<Lane>,
    /// Those of which something may be handed out, in turn.
    open: VecDeque<u32>,
    /// Comings back so far \[count\].
    came_back: u32,
}

impl LaneBook {
    pub(super) fn new(count: u32) -> Self {
        Self {
            lanes: (0..count).map(|_| Lane::new()).collect(),
            open: VecDeque::new(),
            came_back: 0,
        }
    }

    pub(super) fn count(&self) -> u32 {
        self.lanes.len() as u32
    }

    pub(super) fn lane(&mut self, lane: u32) -> &mut Lane {
        &mut self.lanes[lane as usize]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter()
    }

    /// A message is ready behind all others.
    pub(super) fn push(&mut self, config: &QueueConfig, lane: u32, entry: Entry) {
        let of = &mut self.lanes[lane as usize];
        of.main.push_back(entry);
        of.ready += 1;
        self.open(config, lane);
    }

    /// A message is ready again.
    pub(super) fn give_back(&mut self, config: &QueueConfig, lane: u32, entry: Entry) {
        let rank = match config.place {
            ReturnPlace::Tail => return self.push(config, lane, entry),
            ReturnPlace::Original => entry.seq,
            ReturnPlace::Head => {
                self.came_back += 1;
                self.came_back
            }
        };
        let of = &mut self.lanes[lane as usize];
        of.back.push(Reverse((rank, entry)));
        of.ready += 1;
        self.open(config, lane);
    }

    /// A lane is open if something of it is ready and nothing holds it.
    pub(super) fn open(&mut self, config: &QueueConfig, lane: u32) {
        let of = &mut self.lanes[lane as usize];
        if !of.is_open && of.ready > 0 && !of.is_held(config.holds) {
            of.is_open = true;
            self.open.push_back(lane);
        }
    }

    /// What stands next in a lane, without what is gone.
    pub(super) fn head(
        &mut self,
        config: &QueueConfig,
        messages: &Messages,
        lane: u32,
    ) -> Option<Entry> {
        let of = &mut self.lanes[lane as usize];
        let is_ready =
            |entry: Entry| (messages.get(entry)).is_some_and(|it| it.state == State::Ready);
        while of.main.front().is_some_and(|&entry| !is_ready(entry)) {
            of.main.pop_front();
        }
        while of.back.peek().is_some_and(|it| !is_ready(it.0.1)) {
            of.back.pop();
        }
        let back = of.back.peek().map(|it| it.0.1);
        match (of.main.front().copied(), back) {
            (Some(main), Some(back)) => {
                let main_first = config.place == ReturnPlace::Original && main.seq < back.seq;
                Some(if main_first { main } else { back })
            }
            (main, back) => back.or(main),
        }
    }

    /// The head of a lane, as [`Self::head`] has just said it, is ready no more.
    pub(super) fn take_head(&mut self, lane: u32, head: Entry) {
        let of = &mut self.lanes[lane as usize];
        if of.main.front() == Some(&head) {
            of.main.pop_front();
        } else {
            of.back.pop();
        }
    }

    /// The first open lane whose owner may have more (`may`); it then stands behind the others.
    pub(super) fn next(&mut self, config: &QueueConfig, may: impl Fn(u16) -> bool) -> Option<u32> {
        for _ in 0..self.open.len() {
            let lane = self.open.pop_front()?;
            let of = &mut self.lanes[lane as usize];
            if of.ready == 0 || of.is_held(config.holds) {
                of.is_open = false;
                continue;
            }
            self.open.push_back(lane);
            if may(of.owner) {
                return Some(lane);
            }
        }
        None
    }
}

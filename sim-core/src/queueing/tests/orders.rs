//! Who is taken next, discipline by discipline.

use crate::queueing::{Discipline, Joins, QueuePlace, QueueStanding, WaitingRoom};
use crate::time::{SimDuration, SimTime};
use proptest::prelude::*;

const fn ms(ms: u64) -> SimTime {
    SimTime::from_ns(ms * 1_000_000)
}

/// An event in a line and what is expected of it.
enum Row {
    /// Somebody of a group joins at this time.
    Join(u64, u32, u32),
    /// Somebody who goes on joins.
    GoOn(u32),
    /// Somebody leaves the line.
    Leave(u32),
    /// At this time this one is taken.
    Take(u64, u32),
}
use Row::{GoOn, Join, Leave, Take};

/// The deadlines of the groups, where deadlines count: the second is due first, the last never.
const DEADLINES: [SimTime; 4] = [ms(300), ms(100), ms(200), SimTime::NEVER];

fn joins(at: SimTime, group: u32) -> Joins {
    Joins::Begins(QueueStanding {
        since: at,
        deadline: DEADLINES[group as usize],
        group,
    })
}

fn check(discipline: Discipline, rows: &[Row]) {
    let mut room = WaitingRoom::new();
    let nobody = |_| unreachable!("nobody waits yet");
    room.arrange(discipline, nobody);
    let mut places: Vec<(u32, QueuePlace)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        match *row {
            Join(at, handle, group) => {
                places.push((handle, room.join(handle, joins(ms(at), group))));
            }
            GoOn(handle) => places.push((handle, room.join(handle, Joins::GoesOn))),
            Leave(handle) => {
                let &(_, place) = places.iter().find(|(of, _)| *of == handle).unwrap();
                assert!(room.remove(place, handle));
            }
            Take(at, expected) => {
                let taken = room.pop(ms(at), discipline, |_| unreachable!("nothing is drawn"));
                assert_eq!(taken, Some(expected), "row {index} of {discipline:?}");
            }
        }
    }
    assert!(room.is_empty());
}

#[test]
fn rule_58_the_highest_class_is_first_and_fifo_within() {
    check(
        Discipline::Priority { aging: None },
        &[
            Join(0, 1, 2),
            Join(1, 2, 1),
            Join(2, 3, 0),
            Join(3, 4, 1),
            Join(4, 5, 0),
            GoOn(6),
            Take(1_000_000, 6),
            Take(1_000_000, 3),
            Take(1_000_000, 5),
            Take(1_000_000, 2),
            Join(1_000_001, 7, 1),
            Take(1_000_001, 4),
            Leave(7),
            Take(1_000_002, 1),
        ],
    );
}

#[test]
fn rule_58_waiting_lifts_by_a_class_at_a_time_up_to_the_highest() {
    let aging = Some(SimDuration::from_millis(100));
    // 1 is of class 2 and joins at 0: class 1 from 100 ms, class 0 from 200 ms.
    check(
        Discipline::Priority { aging },
        &[
            Join(0, 1, 2),
            Join(50, 2, 1),
            Join(50, 3, 1),
            Join(60, 4, 0),
            // At 99 ms it is still of class 2; those of class 1 go before.
            Take(99, 4),
            Take(99, 2),
            // At 100 ms both are of class 1, and 1 joined first.
            Take(100, 1),
            Join(100, 5, 0),
            // 3 has been of class 0 since 150 ms, and joined before 5.
            Take(149, 5),
            Join(149, 6, 0),
            Take(150, 3),
            Take(150, 6),
        ],
    );
    // Nobody rises above the highest class: within it the order of joining holds.
    check(
        Discipline::Priority { aging },
        &[
            Join(0, 1, 0),
            Join(1, 2, 1),
            Take(10_000, 1),
            Take(10_000, 2),
        ],
    );
}

#[test]
fn rule_58_the_earliest_deadline_is_first_and_none_is_last() {
    check(
        Discipline::EarliestDeadline,
        &[
            Join(0, 1, 3),
            Join(1, 2, 0),
            Join(2, 3, 2),
            Join(3, 4, 1),
            Join(4, 5, 1),
            Join(5, 6, 3),
            Leave(3),
            GoOn(7),
            Take(6, 7),
            // Equal deadlines: in order of joining. One that has passed is no less urgent.
            Take(250, 4),
            Take(250, 5),
            Take(250, 2),
            Take(250, 1),
            Take(250, 6),
        ],
    );
}

#[test]
fn rule_58_groups_take_turns_in_the_order_of_joining() {
    check(
        Discipline::Fair,
        &[
            Join(0, 1, 2),
            Join(1, 2, 2),
            Join(2, 3, 2),
            Join(3, 4, 0),
            Join(4, 5, 1),
            Join(5, 6, 1),
            GoOn(7),
            Take(6, 7),
            Take(6, 1),
            Take(6, 4),
            // Group 0 has nobody left; coming again, it is behind the others.
            Join(7, 8, 0),
            Take(7, 5),
            Take(7, 2),
            Take(7, 8),
            // Who leaves the line takes no turn of its group; the last of one takes the turn with it.
            Join(8, 9, 0),
            Leave(6),
            Join(9, 10, 1),
            Take(9, 3),
            Take(9, 9),
            Take(9, 10),
        ],
    );
}

#[test]
fn rule_58_adaptive_lifo_turns_when_the_line_has_stood_for_longer_than_the_interval() {
    let interval = SimDuration::from_millis(100);
    check(
        Discipline::AdaptiveLifo { interval },
        &[
            Join(10, 1, 0),
            Join(20, 2, 0),
            Join(30, 3, 0),
            Join(40, 4, 0),
            // At exactly the interval it is still first come, first served.
            Take(110, 1),
            Take(111, 4),
            GoOn(5),
            Take(111, 5),
            Take(111, 3),
            Take(111, 2),
            // Empty, so the count begins anew; who goes on does not count.
            GoOn(6),
            Join(500, 7, 0),
            Join(520, 8, 0),
            Take(600, 6),
            Take(600, 7),
            Take(601, 8),
        ],
    );
}

#[test]
fn a_discipline_may_change_while_they_wait() {
    let mut room = WaitingRoom::new();
    for handle in 0..6 {
        room.push(handle);
    }
    // Number n joined at n ms and is of class n mod 3; 5 goes on.
    let stands = |handle| match handle {
        5 => Joins::GoesOn,
        _ => joins(ms(u64::from(handle)), handle % 3),
    };
    let none = |_| unreachable!("nothing is drawn");
    let by_class = Discipline::Priority { aging: None };
    room.arrange(by_class, stands);
    assert_eq!(room.pop(ms(10), by_class, none), Some(5));
    assert_eq!(room.pop(ms(10), by_class, none), Some(0));
    let adaptive = Discipline::AdaptiveLifo {
        interval: SimDuration::from_millis(9),
    };
    // It is known since when somebody waits: since 0 ms.
    room.arrange(adaptive, stands);
    assert_eq!(room.pop(ms(10), adaptive, none), Some(4));
    room.arrange_simply();
    assert_eq!(room.pop(ms(10), Discipline::Fifo, none), Some(1));
    assert_eq!(room.pop(ms(10), Discipline::Lifo, none), Some(3));
    assert_eq!(room.iter().collect::<Vec<_>>(), [2]);
}

/// One thing that can happen in a line.
#[derive(Clone, Debug)]
enum Step {
    Join { goes_on: bool, group: u32 },
    Take,
    Leave(prop::sample::Index),
    Rearrange(Discipline),
}

fn discipline() -> impl Strategy<Value = Discipline> {
    let span = (1..5_u64).prop_map(SimDuration::from_millis);
    prop_oneof![
        Just(Discipline::Fifo),
        Just(Discipline::Lifo),
        Just(Discipline::Random),
        Just(Discipline::EarliestDeadline),
        Just(Discipline::Fair),
        prop::option::of(span.clone()).prop_map(|aging| Discipline::Priority { aging }),
        span.prop_map(|interval| Discipline::AdaptiveLifo { interval }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (prop::bool::weighted(0.2), 0..4_u32)
            .prop_map(|(goes_on, group)| Step::Join { goes_on, group }),
        4 => Just(Step::Take),
        2 => any::<prop::sample::Index>().prop_map(Step::Leave),
        1 => discipline().prop_map(Step::Rearrange),
    ]
}

/// One who waits, in a plain vector in order of joining.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    handle: u32,
    since: SimTime,
    /// `None`: goes on.
    group: Option<u32>,
    place: QueuePlace,
}

/// Those whose turn it is, by the words of rule 58: groups with somebody, in order of joining, each
/// behind the others after its turn.
#[derive(Clone, Debug, Default)]
struct Turns(Vec<u32>);

impl Turns {
    fn follow(&mut self, line: &[Waiting]) {
        self.0
            .retain(|group| line.iter().any(|it| it.group == Some(*group)));
        for group in line.iter().filter_map(|it| it.group) {
            if !self.0.contains(&group) {
                self.0.push(group);
            }
        }
    }
}

/// Who is next, by the words of rule 58 and nothing else.
fn expected(
    line: &[Waiting],
    discipline: Discipline,
    now: SimTime,
    busy_since: SimTime,
    turns: &Turns,
) -> Option<u32> {
    if let Some(first) = line.iter().find(|it| it.group.is_none()) {
        return Some(first.handle);
    }
    let first = line.first().map(|it| it.handle);
    let last = line.last().map(|it| it.handle);
    match discipline {
        Discipline::Fifo => first,
        Discipline::Lifo => last,
        Discipline::Random => None,
        Discipline::Fair => {
            let turn = turns.0.first().copied();
            line.iter().find(|it| it.group == turn).map(|it| it.handle)
        }
        Discipline::EarliestDeadline => {
            let due = |it: &&Waiting| DEADLINES[it.group.unwrap() as usize];
            line.iter().min_by_key(due).map(|it| it.handle)
        }
        Discipline::AdaptiveLifo { interval } => {
            let is_busy = now.since(busy_since) > interval;
            if is_busy { last } else { first }
        }
        Discipline::Priority { aging } => {
            let class = |it: &&Waiting| {
                let mut class = u64::from(it.group.unwrap());
                if let Some(aging) = aging {
                    class = class.saturating_sub(now.since(it.since).as_ns() / aging.as_ns());
                }
                class
            };
            line.iter().min_by_key(class).map(|it| it.handle)
        }
    }
}

proptest! {
    /// Against a plain vector that is searched anew each time.
    #[test]
    fn a_line_has_the_order_of_its_discipline(
        first in discipline(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut discipline = first;
        let mut room = WaitingRoom::new();
        room.arrange(discipline, |_| Joins::GoesOn);
        let mut line: Vec<Waiting> = Vec::new();
        let mut busy_since = SimTime::ZERO;
        let mut turns = Turns::default();
        for (number, step) in steps.into_iter().enumerate() {
            let (handle, now) = (number as u32, ms(number as u64));
            match step {
                Step::Join { goes_on, group } => {
                    let group = (!goes_on).then_some(group);
                    if group.is_some() && line.iter().all(|it| it.group.is_none()) {
                        busy_since = now;
                    }
                    let how = group.map_or(Joins::GoesOn, |group| joins(now, group));
                    let place = room.join(handle, how);
                    line.push(Waiting { handle, since: now, group, place });
                }
                Step::Take => {
                    let next = expected(&line, discipline, now, busy_since, &turns);
                    let taken = room.pop(now, discipline, |n| number as u64 % n);
                    if next.is_some() || line.is_empty() {
                        prop_assert_eq!(taken, next, "{:?} at {}", discipline, now);
                    }
                    prop_assert_eq!(taken.is_some(), !line.is_empty());
                    let group = line.iter().find(|it| Some(it.handle) == taken);
                    if let Some(group) = group.and_then(|it| it.group) {
                        turns.0.retain(|of| *of != group);
                        line.retain(|it| Some(it.handle) != taken);
                        turns.follow(&line);
                    }
                    line.retain(|it| Some(it.handle) != taken);
                }
                Step::Leave(index) if !line.is_empty() => {
                    let who = line.remove(index.index(line.len()));
                    prop_assert!(room.remove(who.place, who.handle));
                    prop_assert!(!room.remove(who.place, who.handle));
                }
                Step::Leave(_) => {}
                Step::Rearrange(to) => {
                    discipline = to;
                    turns = Turns::default();
                    room.arrange(to, |handle| {
                        let who = line.iter().find(|it| it.handle == handle).unwrap();
                        who.group.map_or(Joins::GoesOn, |group| joins(who.since, group))
                    });
                }
            }
            turns.follow(&line);
            prop_assert_eq!(room.len(), line.len());
            let beginning = line.iter().filter(|it| it.group.is_some()).count();
            prop_assert_eq!(room.beginning() as usize, beginning);
        }
    }
}

#[test]
fn a_line_in_steady_state_allocates_nothing() {
    for discipline in [
        Discipline::Priority { aging: None },
        Discipline::EarliestDeadline,
        Discipline::Fair,
        Discipline::AdaptiveLifo {
            interval: SimDuration::from_millis(1),
        },
    ] {
        let mut room = WaitingRoom::new();
        room.arrange(discipline, |_| Joins::GoesOn);
        let mut now = 0;
        let mut memory = None;
        for handle in 0..10_000_u32 {
            now += 1;
            room.join(handle, joins(ms(now), handle % 4));
            if handle >= 8 {
                room.pop(ms(now), discipline, |_| 0);
            }
            if handle == 100 {
                memory = Some(room.memory());
            }
        }
        assert_eq!(Some(room.memory()), memory, "{discipline:?}");
    }
}

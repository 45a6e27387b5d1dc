use proptest::prelude::*;

use super::*;
use crate::kernel::oracle::{HeapList, Pending};
use crate::time::SimDuration;

const CLASSES: [Class; Class::COUNT] = [
    Class::Planned,
    Class::Change,
    Class::Completion,
    Class::Membership,
    Class::Expiry,
    Class::Sample,
    Class::Sweep,
    Class::Loop,
    Class::Start,
];

fn ns(ns: u64) -> SimTime {
    SimTime::from_ns(ns)
}

/// All events in order, to the end of time.
fn drain<E: Packed>(events: &mut EventList<E>) -> Vec<E> {
    std::iter::from_fn(|| events.pop(SimTime::NEVER))
        .map(|(_, event)| event)
        .collect()
}

/// One thing done to a list; times are relative to now.
#[derive(Clone, Copy, Debug)]
enum Step {
    Schedule {
        after: u64,
        class: Class,
    },
    /// As many events at once, at equal distances.
    Burst {
        after: u64,
        apart: u64,
        count: u64,
    },
    Cancel {
        which: usize,
    },
    /// Cancels every second pending event.
    CancelHalf,
    Pop {
        within: u64,
    },
    PopMany {
        count: u64,
    },
}

/// Mostly near, sometimes now, sometimes years away; few distinct values, so that times meet.
fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0),
        6 => 0_u64..5,
        6 => 0_u64..200,
        6 => (0_u64..100).prop_map(|n| n * 64),
        6 => 0_u64..2_000_000,
        3 => (0_u32..62).prop_map(|bit| 1 << bit),
        1 => any::<u64>(),
    ]
}

fn class() -> impl Strategy<Value = Class> {
    proptest::sample::select(&CLASSES[..])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (span(), class()).prop_map(|(after, class)| Step::Schedule { after, class }),
        2 => (span(), span(), 1_u64..300)
            .prop_map(|(after, apart, count)| Step::Burst { after, apart, count }),
        6 => any::<usize>().prop_map(|which| Step::Cancel { which }),
        1 => Just(Step::CancelHalf),
        16 => span().prop_map(|within| Step::Pop { within }),
        2 => (1_u64..200).prop_map(|count| Step::PopMany { count }),
    ]
}

/// A list under test with the handles of what is pending, by event.
struct Driven<L: Pending> {
    list: L,
    handles: Vec<(u32, L::Handle)>,
    now: SimTime,
    /// Number of the next event, and its content.
    next: u32,
    trace: Vec<Option<(SimTime, u32)>>,
}

impl<L: Pending> Driven<L> {
    fn new(list: L) -> Self {
        Self {
            list,
            handles: Vec::new(),
            now: SimTime::ZERO,
            next: 0,
            trace: Vec::new(),
        }
    }

    fn after(&self, span: u64) -> SimTime {
        self.now + SimDuration::from_ns(span)
    }

    fn schedule(&mut self, after: u64, class: Class) {
        let handle = self.list.schedule(self.after(after), class, self.next);
        self.handles.push((self.next, handle));
        self.next += 1;
    }

    fn cancel(&mut self, which: usize) {
        if !self.handles.is_empty() {
            let (_, handle) = self.handles.swap_remove(which % self.handles.len());
            self.list.cancel(handle);
        }
    }

    fn pop(&mut self, within: u64) {
        let popped = self.list.pop(self.after(within));
        if let Some((now, event)) = popped {
            self.now = now;
            self.handles.retain(|&(pending, _)| pending != event);
        }
        self.trace.push(popped);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Schedule { after, class } => self.schedule(after, class),
            Step::Burst {
                after,
                apart,
                count,
            } => (0..count).for_each(|n| {
                let class = CLASSES[(n * 7 % 5) as usize];
                self.schedule(after.saturating_add(n.saturating_mul(apart)), class);
            }),
            Step::Cancel { which } => self.cancel(which),
            Step::CancelHalf => (0..self.handles.len() / 2).for_each(|n| self.cancel(n)),
            Step::Pop { within } => self.pop(within),
            Step::PopMany { count } => (0..count).for_each(|_| self.pop(u64::MAX)),
        }
        assert_eq!(self.list.len(), self.handles.len());
    }

    fn trace(mut self, steps: &[Step]) -> Vec<Option<(SimTime, u32)>> {
        for &step in steps {
            self.step(step);
        }
        while self.trace.last() != Some(&None) {
            self.pop(u64::MAX);
        }
        self.trace
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_interleaving_pops_as_a_heap_does(steps in prop::collection::vec(step(), 0..250)) {
        let wheel = Driven::new(EventList::new()).trace(&steps);
        let heap = Driven::new(HeapList::default()).trace(&steps);
        prop_assert_eq!(wheel, heap);
    }

    #[test]
    fn equal_times_keep_the_order_of_scheduling(
        times in prop::collection::vec(0_u64..20, 0..400).prop_shuffle(),
        scale in prop::sample::select(vec![1_u64, 1_000, 1_000_000_000]),
    ) {
        let mut events = EventList::new();
        for (n, time) in (0_u32..).zip(&times) {
            events.schedule(ns(time * scale), Class::Start, n);
        }
        let mut expected: Vec<u32> = (0..times.len() as u32).collect();
        expected.sort_by_key(|&n| times[n as usize]);
        prop_assert_eq!(drain(&mut events), expected);
    }
}

#[test]
fn rule_90_classes_decide_at_one_instant() {
    let mut events = EventList::new();
    for &class in CLASSES.iter().rev() {
        events.schedule(ns(5), class, class as u32);
    }
    assert_eq!(drain(&mut events), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn what_is_scheduled_for_now_takes_its_place_by_class() {
    let mut events = EventList::new();
    for first_and_second in [1, 3] {
        events.schedule(ns(5), Class::Expiry, first_and_second);
    }
    assert_eq!(events.pop(SimTime::NEVER), Some((ns(5), 1)));
    for (class, place) in [
        (Class::Expiry, 4), // behind those of its class that wait
        (Class::Start, 5),
        (Class::Change, 2),
    ] {
        events.schedule(ns(5), class, place);
    }
    assert_eq!(drain(&mut events), [2, 3, 4, 5]);
}

#[test]
fn the_horizon_is_excluded_and_holds_the_clock() {
    let mut events = EventList::new();
    events.schedule(ns(100), Class::Start, 7);
    assert_eq!(events.pop(ns(100)), None);
    assert_eq!(events.now(), SimTime::ZERO);
    assert_eq!(events.pop(ns(101)), Some((ns(100), 7)));
    assert_eq!(events.now(), ns(100));
}

#[test]
fn a_million_cancelled_timers_leave_nothing_behind() {
    let mut events = EventList::new();
    let far = |n: u32| ns(86_400_000_000_000 + u64::from(n) * 1_000_003);
    let timers: Vec<Timer> = (0..1_000_000)
        .map(|n| events.schedule(far(n), Class::Expiry, n))
        .collect();
    let before = events.future.bytes();
    for timer in timers {
        events.cancel(timer);
    }
    assert!(events.is_empty());
    assert!(events.future.len() <= STALE_MIN, "{}", events.future.len());
    assert!(events.future.bytes() < before / 100);
    assert_eq!(events.pop(SimTime::NEVER), None);
    assert_eq!(events.future.len(), 0);
}

#[test]
fn timers_cancelled_as_they_come_need_no_more_room_than_those_pending() {
    let mut events = EventList::new();
    for n in 0..200_000 {
        let now = u64::from(n);
        let timeout = events.schedule(ns(now + 60_000_000_000), Class::Expiry, n);
        events.schedule(ns(now + 100), Class::Completion, n);
        events.pop(SimTime::NEVER);
        events.cancel(timeout);
        assert!(events.future.len() <= 2 * events.len() + STALE_MIN + 2);
    }
    assert!(events.future.bytes() < 100_000, "{}", events.future.bytes());
}

#[test]
fn a_pending_event_costs_about_24_bytes() {
    let mut events = EventList::new();
    for n in 0..1_000_000_u64 {
        events.schedule(
            ns(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20),
            Class::Start,
            n as u32,
        );
    }
    let keys = events.future.bytes() as f64 / 1e6;
    assert!((16.0..17.0).contains(&keys), "{keys} bytes per key");
}

#[test]
fn a_full_instant_is_not_slow() {
    let mut events = EventList::new();
    for n in 0..200_000 {
        events.schedule(ns(1_000), CLASSES[n as usize % 5], n);
    }
    let popped = drain(&mut events);
    assert_eq!(popped.len(), 200_000);
    assert!(popped.is_sorted_by_key(|n| (n % 5, *n)));
}

#[test]
fn looking_ahead_of_a_horizon_keeps_the_past_open() {
    let mut events = EventList::new();
    for n in 0..200 {
        events.schedule(ns(1 << 40 | n << 8), Class::Start, 1_000_000 + n as u32);
    }
    assert_eq!(events.pop(ns(1 << 40)), None);
    for n in 0..500 {
        events.schedule(ns(n * 1_000), Class::Start, n as u32);
    }
    let popped = drain(&mut events);
    assert_eq!(popped.len(), 700);
    assert!(popped.is_sorted());
}

#[test]
fn running_out_of_sequence_numbers_refuses_and_remembers() {
    let mut events = EventList::new();
    events.sequence = SEQUENCES - 1;
    assert!(events.schedule(ns(1), Class::Start, 1).is_some());
    assert_eq!(events.exhausted(), None);
    assert!(events.schedule(ns(2), Class::Start, 2).is_none());
    assert_eq!(events.exhausted(), Some(Exhausted::Sequence));
    assert_eq!(drain(&mut events), [1]);
}

#[test]
fn an_event_of_too_many_bits_is_refused() {
    let mut events = EventList::new();
    assert!(
        events
            .schedule(ns(1), Class::Start, (1 << 30) - 1)
            .is_some()
    );
    assert!(events.schedule(ns(1), Class::Start, 1 << 30).is_none());
    assert_eq!(events.exhausted(), Some(Exhausted::Slots));
}

#[test]
fn running_out_of_slots_refuses_and_remembers() {
    let mut events = EventList::new();
    events.slots = Slots::with_limit(2);
    let timers = [1, 2, 3].map(|n| events.schedule(ns(n), Class::Start, n as u32));
    assert!(timers[1].is_some() && timers[2].is_none());
    assert_eq!(events.exhausted(), Some(Exhausted::Slots));
    events.cancel(Timer::NONE);
    assert_eq!(drain(&mut events), [1, 2]);
}

#[test]
#[should_panic(expected = "in the past")]
fn the_past_is_closed() {
    let mut events = EventList::new();
    events.schedule(ns(5), Class::Start, 1);
    events.pop(SimTime::NEVER);
    events.schedule(ns(4), Class::Start, 1);
}

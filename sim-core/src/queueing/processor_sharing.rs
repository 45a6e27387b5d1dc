//! Running jobs that share cores equally: egalitarian processor sharing.
//!
//! While n jobs run on c cores, each gets a whole core if n <= c, and else the share c/n. So all
//! that run at one moment gain the same amount of work, and one number says how far everybody is:
//! the *attained work*, what a job would have done that had run since the beginning. A job that
//! starts notes its *finish tag*, attained work plus its own; it is done when the attained work
//! reaches the tag. Arrivals and departures change the pace and nobody's tag, so they cost
//! O(log n) and not n updates (this is the virtual time of fair queueing: Demers, Keshav and
//! Shenker, SIGCOMM 1989; Kleinrock, *Queueing Systems* II, 1976, section 4.4, for the discipline).
//!
//! Work is counted in integers of 2^-48 ns; the pace is a fraction of whole numbers, so a pace of
//! one tenth is one tenth. Each change rounds the attained work to the nearest unit. Tags lie on a
//! grid of 2^-24 ns, and a job that lacks less than that is done: so tags that would be equal in
//! exact arithmetic are equal, and no rounding shows before some eight million changes that all
//! err to one side (the count begins again at zero when nobody runs). Jobs leave at whole
//! nanoseconds, at the first one by which their work is done; equal tags in the order of starts.
//!
//! Rejected: floats, whose rounding drifts with the history; the work left over per job, which is
//! O(n) per change; time slices as an operating system deals them out, which differ from equal
//! sharing only below a few milliseconds and would be an event each.

use super::ratio::Ratio;
use crate::time::{SimDuration, SimTime};
use crate::units::Cores;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The work of one nanosecond is 2 to the power of this many units.
const UNIT_BITS: u32 = 48;
/// The part of a number of units below one nanosecond.
const FRACTION: u128 = (1 << UNIT_BITS) - 1;
/// Tags are multiples of this, and a job that lacks less is done: 2^-24 ns (units).
const GRID: u128 = 1 << (UNIT_BITS - 24);

/// A running job; ordered by finish tag, then by start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    /// Attained work at which the job is done (units).
    tag: u128,
    /// The number of the start.
    start: u64,
    job: u32,
}

/// Cores shared equally by the jobs that run on them.
#[derive(Clone, Debug)]
pub struct SharedCores {
    /// How many jobs can run at full speed.
    cores: Share,
    /// How fast a core works: 1 normally, 0 when paused; `None`: work takes no time.
    speed: Option<Ratio>,
    /// What a job running since the count began has done by `now` (units).
    attained: u128,
    /// When that was last brought up to date.
    now: SimTime,
    /// How many jobs have started (count).
    starts: u64,
    /// The jobs, the next one to be done on top.
    running: BinaryHeap<Reverse<Running>>,
}

impl SharedCores {
    /// Idle cores. With none of them no work gets done.
    pub fn new(cores: Cores) -> Self {
        Self {
            cores: Share::of(cores),
            speed: Some(Ratio::ONE),
            attained: 0,
            now: SimTime::ZERO,
            starts: 0,
            running: BinaryHeap::new(),
        }
    }

    /// How many jobs run (count).
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether no job runs.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// A job begins that takes `work` on a core of its own at speed 1.
    pub fn start(&mut self, now: SimTime, job: u32, work: SimDuration) {
        self.advance(now);
        if self.running.is_empty() {
            self.attained = 0;
        }
        self.running.push(Reverse(Running {
            tag: tag(self.attained, work),
            start: self.starts,
            job,
        }));
        self.starts += 1;
    }

    /// The job that will be done first if nothing changes, and when: never earlier than the last
    /// change. `None` if no job runs, or if none makes progress.
    pub fn next_completion(&self) -> Option<(SimTime, u32)> {
        let Reverse(first) = self.running.peek()?;
        Some((
            self.now + self.time_for(first.lacks(self.attained))?,
            first.job,
        ))
    }

    /// The first job is done and leaves; `now` is the instant [`Self::next_completion`] named.
    pub fn finish(&mut self, now: SimTime) -> u32 {
        self.advance(now);
        let Some(Reverse(first)) = self.running.pop() else {
            panic!("no job runs at {now}");
        };
        assert_eq!(
            first.lacks(self.attained),
            0,
            "job {} is not done at {now}",
            first.job
        );
        first.job
    }

    /// A job leaves unfinished. Returns the work it lacks, zero if it was just done; `None` if it
    /// does not run. This one looks at every job: stopping is rare.
    pub fn stop(&mut self, now: SimTime, job: u32) -> Option<SimDuration> {
        self.advance(now);
        let mut all = std::mem::take(&mut self.running).into_vec();
        let place = all.iter().position(|Reverse(running)| running.job == job);
        let stopped = place.map(|place| all.swap_remove(place).0);
        self.running = all.into();
        stopped.map(|running| running.remaining(self.attained))
    }

    /// All jobs leave, as in a crash.
    pub fn clear(&mut self, now: SimTime) {
        self.advance(now);
        self.running.clear();
    }

    /// The number of cores changes.
    pub fn set_cores(&mut self, now: SimTime, cores: Cores) {
        self.advance(now);
        self.cores = Share::of(cores);
    }

    /// Work takes `factor` times as long from now on, work in progress too: 10 is ten times slower,
    /// with 0 it takes no time. Finite and not negative. The speed is taken as the simplest fraction
    /// with parts up to 2^32 that rounds to it; work that is stretched more than that stands still.
    pub fn stretch(&mut self, now: SimTime, factor: f64) {
        self.advance(now);
        let speed = 1.0 / factor;
        self.speed = speed.is_finite().then(|| Ratio::from_f64(speed));
    }

    /// No work gets done until the next [`Self::stretch`].
    pub fn pause(&mut self, now: SimTime) {
        self.advance(now);
        self.speed = Some(Ratio::ZERO);
    }

    /// The work a job still lacks at `now`, rounded up to whole nanoseconds; `None` if it does not
    /// run. Looks at every job.
    pub fn remaining(&self, now: SimTime, job: u32) -> Option<SimDuration> {
        let mut jobs = self.running.iter();
        let Reverse(running) = jobs.find(|Reverse(running)| running.job == job)?;
        Some(running.remaining(self.attained_at(now)))
    }

    /// Brings the attained work up to `now`, which lies no later than the next completion.
    fn advance(&mut self, now: SimTime) {
        debug_assert!(
            self.next_completion().is_none_or(|(at, _)| now <= at),
            "late at {now}"
        );
        self.attained = self.attained_at(now);
        self.now = now;
    }

    /// The attained work at `now`, to the nearest unit. While nobody runs it is of no use.
    fn attained_at(&self, now: SimTime) -> u128 {
        let Some(Reverse(first)) = self.running.peek() else {
            return self.attained;
        };
        let Some((over, under)) = self.pace() else {
            return self.attained.max(first.tag);
        };
        let span_ns = u128::from(now.since(self.now).as_ns());
        let (whole, rest) = (span_ns * over / under, span_ns * over % under);
        self.attained + (whole << UNIT_BITS) + ((rest << UNIT_BITS) + under / 2) / under
    }

    /// How long a job takes to gain this much, rounded up; `None` if it gains nothing.
    fn time_for(&self, gain: u128) -> Option<SimDuration> {
        let Some((over, under)) = self.pace() else {
            return Some(SimDuration::ZERO);
        };
        let fraction = (gain & FRACTION) * under;
        let whole = (gain >> UNIT_BITS) * under + fraction.div_ceil(1 << UNIT_BITS);
        let span_ns = (over > 0).then(|| whole.div_ceil(over))?;
        Some(SimDuration::from_ns(
            u64::try_from(span_ns).unwrap_or(u64::MAX),
        ))
    }

    /// The work a job gains per time, as a fraction whose parts are below 2^63; `None`: all of it
    /// at once.
    fn pace(&self) -> Option<(u128, u128)> {
        let speed = self.speed?;
        let (over, under) = (u128::from(speed.over), u128::from(speed.under));
        let jobs = self.running.len() as u128;
        let Share { parts, of } = self.cores;
        if jobs * of <= parts {
            return Some((over, under));
        }
        Some((over * parts, under * of * jobs))
    }
}

/// How many jobs can run at full speed: so many parts, each so small a part of a core. Whole cores
/// are parts of size one.
#[derive(Clone, Copy, Debug)]
struct Share {
    parts: u128,
    of: u128,
}

impl Share {
    /// Thousandths in a core (count).
    const WHOLE: u32 = 1_000;

    fn of(cores: Cores) -> Self {
        let thousandths = cores.in_thousandths();
        let is_whole = thousandths.is_multiple_of(Self::WHOLE);
        let (parts, of) = match cores {
            Cores::UNLIMITED => (u128::MAX, 1),
            _ if is_whole => (u128::from(thousandths / Self::WHOLE), 1),
            _ => (u128::from(thousandths), u128::from(Self::WHOLE)),
        };
        Self { parts, of }
    }
}

impl Running {
    /// What the job lacks to be done (units).
    const fn lacks(&self, attained: u128) -> u128 {
        self.tag.saturating_sub(attained).saturating_sub(GRID - 1)
    }

    /// The same in whole nanoseconds, rounded up.
    fn remaining(&self, attained: u128) -> SimDuration {
        SimDuration::from_ns(self.lacks(attained).div_ceil(1 << UNIT_BITS) as u64)
    }
}

/// Attained work at which a job of this work is done that starts now, to the nearest grid point.
fn tag(attained: u128, work: SimDuration) -> u128 {
    let exact = attained + (u128::from(work.as_ns()) << UNIT_BITS);
    (exact + GRID / 2) / GRID * GRID
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ns(ns: u64) -> SimTime {
        SimTime::from_ns(ns)
    }

    fn work(ns: u64) -> SimDuration {
        SimDuration::from_ns(ns)
    }

    fn whole(cores: u32) -> Cores {
        cores
            .checked_mul(1_000)
            .map_or(Cores::UNLIMITED, Cores::thousandths)
    }

    fn started(cores: u32, jobs: &[(u64, u64)]) -> SharedCores {
        let mut shared = SharedCores::new(whole(cores));
        for (job, &(at, work_ns)) in jobs.iter().enumerate() {
            shared.start(ns(at), job as u32, work(work_ns));
        }
        shared
    }

    fn due_by(shared: &SharedCores, at: SimTime) -> Option<(SimTime, u32)> {
        shared.next_completion().filter(|&(done, _)| done <= at)
    }

    /// When and in which order the running jobs leave.
    fn departures(shared: &mut SharedCores) -> Vec<(u64, u32)> {
        std::iter::from_fn(|| {
            let (at, job) = shared.next_completion()?;
            assert_eq!(shared.finish(at), job);
            Some((at.as_ns(), job))
        })
        .collect()
    }

    #[test]
    fn worked_by_hand() {
        // Cores, then (start, work) of each job, then (end, job).
        type Case<'a> = (&'a str, u32, &'a [(u64, u64)], &'a [(u64, u32)]);
        let cases: [Case<'_>; 7] = [
            ("alone", 1, &[(5, 10)], &[(15, 0)]),
            (
                "two share one core",
                1,
                &[(0, 10), (0, 20)],
                &[(20, 0), (30, 1)],
            ),
            (
                "no sharing without need",
                2,
                &[(0, 10), (3, 4)],
                &[(7, 1), (10, 0)],
            ),
            // Two thirds each until 15, then a core each.
            (
                "three share two",
                2,
                &[(0, 10), (0, 11), (0, 12)],
                &[(15, 0), (16, 1), (17, 2)],
            ),
            // Alone until 6, then half each: 4 left take 8, the last 6 of the other go alone.
            (
                "one comes later",
                1,
                &[(0, 10), (6, 10)],
                &[(14, 0), (20, 1)],
            ),
            // A third each, so ten take thirty.
            (
                "equal tags by start",
                1,
                &[(0, 10), (0, 10), (0, 10)],
                &[(30, 0), (30, 1), (30, 2)],
            ),
            ("no work at all", 1, &[(4, 9), (4, 0)], &[(4, 1), (13, 0)]),
        ];
        for (name, cores, jobs, expected) in cases {
            assert_eq!(departures(&mut started(cores, jobs)), expected, "{name}");
        }
    }

    #[test]
    fn deterministic_arrivals_meet_the_known_wait() {
        // A job of 30 every 20 on two cores: never more than two at once, so nobody is slowed.
        let mut shared = SharedCores::new(whole(2));
        for job in 0..100 {
            let at = u64::from(job) * 20;
            while let Some((done, first)) = due_by(&shared, ns(at)) {
                assert_eq!(done, ns(u64::from(first) * 20 + 30));
                shared.finish(done);
            }
            shared.start(ns(at), job, work(30));
        }
    }

    #[test]
    fn a_pause_stops_everything_and_loses_nothing() {
        let mut shared = started(1, &[(0, 10)]);
        shared.pause(ns(4));
        assert_eq!(shared.next_completion(), None);
        assert_eq!(shared.remaining(ns(1_000), 0), Some(work(6)));
        shared.stretch(ns(1_000), 1.0);
        assert_eq!(shared.next_completion(), Some((ns(1_006), 0)));
    }

    #[test]
    fn a_slowdown_stretches_what_is_left() {
        let mut shared = started(u32::MAX, &[(0, 100), (0, 200)]);
        shared.stretch(ns(50), 10.0);
        assert_eq!(shared.next_completion(), Some((ns(550), 0)));
        shared.stretch(ns(150), 1.0);
        assert_eq!(departures(&mut shared), [(190, 0), (290, 1)]);
    }

    #[test]
    fn fewer_cores_slow_those_who_run() {
        let mut shared = started(2, &[(0, 10), (0, 10)]);
        shared.set_cores(ns(5), whole(1));
        assert_eq!(shared.next_completion(), Some((ns(15), 0)));
        shared.set_cores(ns(7), whole(0));
        assert_eq!(shared.next_completion(), None);
    }

    #[test]
    fn a_part_of_a_core_is_shared_like_a_whole_one() {
        // Half a core: a job alone takes twice as long. Two and a half: three get five sixths each.
        let half = |jobs: &[(u64, u64)]| {
            let mut shared = started(1, jobs);
            shared.set_cores(ns(0), Cores::thousandths(500));
            departures(&mut shared)
        };
        assert_eq!(half(&[(0, 10)]), [(20, 0)]);
        assert_eq!(half(&[(0, 10), (0, 10)]), [(40, 0), (40, 1)]);
        let mut shared = started(3, &[(0, 10); 3]);
        shared.set_cores(ns(0), Cores::thousandths(2_500));
        assert_eq!(departures(&mut shared), [(12, 0), (12, 1), (12, 2)]);
    }

    #[test]
    fn work_that_takes_no_time_is_done_at_once_and_in_order() {
        let mut shared = started(1, &[(0, 30), (0, 10), (0, 20)]);
        shared.stretch(ns(5), 0.0);
        shared.start(ns(5), 3, work(7));
        let order = [(5, 1), (5, 3), (5, 2), (5, 0)];
        assert_eq!(departures(&mut shared).len(), order.len());
        shared.start(ns(9), 4, work(40));
        assert_eq!(departures(&mut shared), [(9, 4)]);
        shared.start(ns(10), 5, work(40));
        shared.stretch(ns(10), 1.0);
        shared.start(ns(10), 6, work(40));
        assert_eq!(departures(&mut shared), [(10, 5), (50, 6)]);
    }

    #[test]
    fn a_long_idle_time_at_the_highest_speed_overflows_nothing() {
        let mut shared = started(1, &[(0, 1)]);
        shared.stretch(ns(0), 1e-9);
        departures(&mut shared);
        shared.start(SimTime::from_ns(crate::time::MAX_NS / 2), 1, work(1));
        assert_eq!(departures(&mut shared).len(), 1);
    }

    #[test]
    fn who_is_stopped_takes_the_rest_along() {
        let mut shared = started(1, &[(0, 10), (0, 10), (0, 99)]);
        assert_eq!(shared.stop(ns(9), 2), Some(work(96)));
        assert_eq!(shared.stop(ns(9), 2), None);
        assert_eq!(shared.remaining(ns(10), 1), Some(work(7)));
        assert_eq!(departures(&mut shared), [(23, 0), (23, 1)]);
    }

    #[test]
    fn odd_shares_do_not_drift() {
        // Seven jobs on three cores, and many changes at odd instants.
        let mut shared = started(3, &[(0, 3_000_000); 7]);
        let mut at = 0;
        for step in 0..100_000 {
            at += 1 + step % 97;
            shared.set_cores(ns(at), whole(3));
        }
        let all_done: Vec<(u64, u32)> = (0..7).map(|job| (7_000_000, job)).collect();
        assert_eq!(departures(&mut shared), all_done);
    }

    #[test]
    fn the_longest_work_at_the_slowest_pace_overflows_nothing() {
        let mut shared = started(1, &[(0, crate::time::MAX_NS); 3]);
        shared.stretch(ns(1), 1e9);
        assert_eq!(shared.next_completion(), Some((SimTime::NEVER, 0)));
        shared.stretch(ns(2), 1e-9);
        assert!(shared.next_completion().unwrap().0 < SimTime::NEVER);
    }

    #[test]
    #[should_panic(expected = "is not done")]
    fn nobody_is_done_early() {
        started(1, &[(0, 10)]).finish(ns(9));
    }

    /// One thing that can happen to shared cores.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Start(u32),
        Stop(u32),
        Cores(u32),
        /// In tenths.
        Speed(u32),
    }

    fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let step = prop_oneof![
            5 => (0..60u32).prop_map(Step::Start),
            1 => (0..30u32).prop_map(Step::Stop),
            1 => (0..4u32).prop_map(Step::Cores),
            1 => prop::sample::select(vec![0, 1, 5, 10, 25]).prop_map(Step::Speed),
        ];
        prop::collection::vec((0..25u64, step), 1..40)
    }

    /// At most this many run at once, so that every share is a multiple of 1/60.
    const MOST: usize = 6;
    /// Parts of a nanosecond's work: shares in sixtieths, speeds in tenths.
    const PARTS: i64 = 600;

    /// The same cores, nanosecond by nanosecond, in exact fractions.
    struct Naive {
        cores: u32,
        tenths: u32,
        /// What is left (parts) and the job, in the order of starts.
        running: Vec<(i64, u32)>,
    }

    impl Naive {
        fn pace(&self) -> i64 {
            let jobs = i64::try_from(self.running.len()).unwrap().max(1);
            let shares = jobs.min(i64::from(self.cores));
            60 * i64::from(self.tenths) * shares / jobs
        }

        fn pass_one_ns(&mut self) {
            let gain = self.pace();
            self.running.iter_mut().for_each(|(left, _)| *left -= gain);
        }

        /// The next job to leave at this instant.
        fn leave(&mut self) -> Option<u32> {
            let done = (0..self.running.len()).filter(|&at| self.running[at].0 <= 0);
            let first = done.min_by_key(|&at| self.running[at].0)?;
            (self.pace() > 0).then(|| self.running.remove(first).1)
        }

        /// What the stopped job lacks, if one was stopped.
        fn apply(&mut self, step: Step, job: u32) -> Option<SimDuration> {
            match step {
                Step::Start(work_ns) => self.running.push((i64::from(work_ns) * PARTS, job)),
                Step::Cores(cores) => self.cores = cores,
                Step::Speed(tenths) => self.tenths = tenths,
                Step::Stop(job) => {
                    let place = self.running.iter().position(|&(_, other)| other == job)?;
                    let (left, _) = self.running.remove(place);
                    return Some(work((left.max(0) as u64).div_ceil(PARTS as u64)));
                }
            }
            None
        }
    }

    fn apply(shared: &mut SharedCores, now: SimTime, step: Step, job: u32) -> Option<SimDuration> {
        match step {
            Step::Start(work_ns) => shared.start(now, job, work(u64::from(work_ns))),
            Step::Stop(job) => return shared.stop(now, job),
            Step::Cores(cores) => shared.set_cores(now, whole(cores)),
            Step::Speed(0) => shared.pause(now),
            Step::Speed(tenths) => shared.stretch(now, 10.0 / f64::from(tenths)),
        }
        None
    }

    /// One nanosecond passes; whoever is done leaves both at the same instant in the same order.
    fn pass_one_ns(shared: &mut SharedCores, naive: &mut Naive, now: SimTime) {
        naive.pass_one_ns();
        leave_both(shared, naive, now);
        assert!(shared.next_completion().is_none_or(|(next, _)| next > now));
    }

    fn leave_both(shared: &mut SharedCores, naive: &mut Naive, now: SimTime) {
        while let Some(expected) = naive.leave() {
            assert_eq!(shared.next_completion(), Some((now, expected)));
            assert_eq!(shared.finish(now), expected);
        }
    }

    proptest! {
        #[test]
        fn equal_to_an_exact_simulation(mut steps in steps()) {
            // The last steps let everybody end.
            steps.extend([(0, Step::Cores(2)), (0, Step::Speed(10)), (2_000, Step::Stop(99))]);
            let (mut shared, mut at) = (SharedCores::new(whole(1)), 0);
            let mut naive = Naive { cores: 1, tenths: 10, running: Vec::new() };
            for (job, (gap, step)) in steps.into_iter().enumerate() {
                for _ in 0..gap {
                    at += 1;
                    pass_one_ns(&mut shared, &mut naive, ns(at));
                }
                if matches!(step, Step::Start(_)) && naive.running.len() == MOST {
                    continue;
                }
                let stopped = apply(&mut shared, ns(at), step, job as u32);
                prop_assert_eq!(stopped, naive.apply(step, job as u32));
                leave_both(&mut shared, &mut naive, ns(at));
            }
            prop_assert!(shared.is_empty() && naive.running.is_empty());
        }

        /// While somebody runs, a core works: all of it is done when all of its time has passed,
        /// but for the rest of the nanosecond in which a job ends.
        #[test]
        fn work_is_conserved(
            works in prop::collection::vec((1..1_000_000u64, 0..1_000u64), 1..60),
        ) {
            let mut shared = SharedCores::new(whole(1));
            let (mut at, mut given, mut last) = (0, 0, 0);
            for (job, &(work_ns, gap)) in works.iter().enumerate() {
                shared.start(ns(at), job as u32, work(work_ns));
                given += work_ns;
                let next = at + gap.min(given - at - 1);
                while let Some((done, _)) = due_by(&shared, ns(next)) {
                    shared.finish(done);
                    last = done.as_ns();
                }
                at = next;
            }
            last = departures(&mut shared).last().map_or(last, |&(end, _)| end);
            prop_assert!(given <= last && last <= given + works.len() as u64, "{last} for {given}");
        }
    }
}

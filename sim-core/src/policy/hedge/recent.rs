//! A percentile of recent latencies, for one owner.
//!
//! Three small histograms, each of ten seconds: what is older than thirty seconds is forgotten a
//! third at a time, as in Finagle's `WindowedPercentileHistogram` (its defaults). A bucket is a
//! sixteenth of an octave wide, so the estimate is within 3.2 % of the nearest rank; from a
//! microsecond to eighteen minutes, and everything beyond counts at the ends.
//!
//! The percentile is asked for at each call and changes slowly: it is worked out anew when the
//! window moves, or when a sixteenth more results have come in.
//!
//! Rejected: P² (Jain, Chlamtac 1985) and other summaries of a whole life, which learn of a new
//! latency only after as many results as they have seen; a sorted ring of the last n results, which
//! costs a search for each and says nothing about how old they are.

use crate::time::{SimDuration, SimTime};

/// Length of a slice \[ns\].
const SLICE_NS: u64 = 10_000_000_000;
/// Slices of the window.
const SLICES: usize = 3;
/// Buckets per octave are two to this power.
const FINE: u32 = 4;
/// The first octave begins at two to this power \[ns\].
const FIRST: u32 = 10;
/// Octaves.
const OCTAVES: u32 = 30;
const BUCKETS: usize = (OCTAVES << FINE) as usize;

/// Latencies of the last thirty seconds.
///
/// ```
/// use sim_core::policy::RecentLatency;
/// use sim_core::time::{SimDuration, SimTime};
///
/// let mut recent = RecentLatency::default();
/// for ms in 1..=100 {
///     recent.on_latency(SimTime::ZERO, SimDuration::from_millis(ms));
/// }
/// let p95 = recent.percentile(95.0, 100).unwrap();
/// assert!((92..=98).contains(&(p95.as_ns() / 1_000_000)));
/// assert_eq!(recent.percentile(95.0, 101), None, "too few to be believed");
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecentLatency {
    /// Counts by slice and bucket; empty until the first result.
    counts: Vec<u32>,
    totals: [u32; SLICES],
    /// The number of the present slice since the beginning of time.
    slice: u64,
    /// What was last worked out: percentile and answer.
    known: Option<(f64, SimDuration)>,
    /// Results since then, and how many make it worth working out anew.
    news: u32,
}

impl RecentLatency {
    /// A result came in after so long.
    pub fn on_latency(&mut self, now: SimTime, latency: SimDuration) {
        self.move_to(now);
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS * SLICES];
        }
        let slice = (self.slice % SLICES as u64) as usize;
        self.counts[slice * BUCKETS + bucket(latency)] += 1;
        self.totals[slice] += 1;
        self.news += 1;
        if self.news > self.len() / 16 {
            self.known = None;
        }
    }

    /// The nearest-rank percentile; `None` with fewer than `minimum` results. What is older than
    /// the window is forgotten when the next result comes in.
    pub fn percentile(&mut self, percentile: f64, minimum: u32) -> Option<SimDuration> {
        let all = self.len();
        if all == 0 || all < minimum {
            return None;
        }
        if let Some((_, value)) = self
            .known
            .filter(|known| known.0.to_bits() == percentile.to_bits())
        {
            return Some(value);
        }
        let value = self.work_out(percentile, all);
        self.known = Some((percentile, value));
        self.news = 0;
        Some(value)
    }

    fn work_out(&self, percentile: f64, all: u32) -> SimDuration {
        let rank = (percentile / 100.0 * f64::from(all)).ceil().max(1.0) as u32;
        let mut seen = 0;
        let at = |bucket: usize| {
            (0..SLICES)
                .map(|slice| self.counts[slice * BUCKETS + bucket])
                .sum::<u32>()
        };
        let found = (0..BUCKETS).find(|&bucket| {
            seen += at(bucket);
            seen >= rank
        });
        middle(found.unwrap_or(BUCKETS - 1))
    }

    /// Results in the window \[count\].
    fn len(&self) -> u32 {
        self.totals.iter().sum()
    }

    /// Forgets the slices that the present one takes the place of.
    fn move_to(&mut self, now: SimTime) {
        let slice = now.as_ns() / SLICE_NS;
        let passed = (slice - self.slice).min(SLICES as u64);
        for back in 0..passed {
            let old = ((slice - back) % SLICES as u64) as usize;
            self.totals[old] = 0;
            if !self.counts.is_empty() {
                self.counts[old * BUCKETS..(old + 1) * BUCKETS].fill(0);
            }
        }
        if passed > 0 {
            self.slice = slice;
            self.known = None;
        }
    }
}

fn bucket(latency: SimDuration) -> usize {
    let ns = latency.as_ns().max(1 << FIRST);
    let octave = ns.ilog2();
    let part = (ns >> (octave - FINE)) as u32 & ((1 << FINE) - 1);
    ((((octave - FIRST) << FINE) + part) as usize).min(BUCKETS - 1)
}

/// The middle of a bucket.
fn middle(bucket: usize) -> SimDuration {
    let (octave, part) = (bucket as u32 >> FINE, bucket as u64 & ((1 << FINE) - 1));
    let width = 1_u64 << (FIRST + octave - FINE);
    SimDuration::from_ns((1_u64 << (FIRST + octave)) + part * width + width / 2)
}

//! A histogram of spans whose error is relative, not absolute.
//!
//! Nobody cares about a microsecond in a second, everybody about one in ten. So the buckets grow
//! with the value: each power of two is cut into the same number of equal buckets, 1024 (fine) or
//! 32 (coarse), and every value is known to within 1/1024 or 1/32 of itself.
//!
//! The bucket of a value comes from its leading bits: one count of leading zeros, two shifts and an
//! addition, the same integers on every machine. Counts are integers, so merging is exact and free
//! of order. Memory covers the buckets between the smallest and the largest value only.
//!
//! Rejected: a sketch with logarithmic buckets (`DDSketch`, Masson, Rim and Lee, VLDB 2019) needs a
//! logarithm per value; t-digest (Dunning, 2019) depends on the order of its input. The layout is
//! that of `HdrHistogram` (Tene, 2012).

use std::ops::Range;

/// Fine buckets: 1024 for each power of two.
const FINE_BITS: u32 = 10;
/// Coarse buckets: 32 for each power of two.
const COARSE_BITS: u32 = 5;
/// A percentile is read to six decimals: this many units are 100 %.
const WHOLE: u128 = 100_000_000;

/// A value and its buckets, found once for all histograms that it goes into.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    value_ns: u64,
    fine: usize,
}

impl Placed {
    /// The place of a value (ns).
    #[inline]
    pub const fn of(value_ns: u64) -> Self {
        Self {
            value_ns,
            fine: bucket_of(FINE_BITS, value_ns),
        }
    }

    /// The number of its coarse bucket: in each power of two, so many fine ones make a coarse one.
    #[inline]
    const fn coarse(self) -> usize {
        const LESS: u32 = FINE_BITS - COARSE_BITS;
        if self.value_ns >> FINE_BITS == 0 {
            return bucket_of(COARSE_BITS, self.value_ns);
        }
        (self.fine >> LESS) + ((LESS as usize) << COARSE_BITS)
    }
}

/// Counts of values in nanoseconds, with a fixed relative error.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Each power of two is cut into two to this many buckets -- constant.
    bits: u32,
    /// The number of the bucket that `counts[0]` counts.
    first: usize,
    /// How many values fell into each bucket (count).
    counts: Vec<u64>,
    /// How many values there are (count).
    count: u64,
    /// Their exact sum (ns).
    sum: u128,
    /// The sum of their squares, modulo 2^128 (ns²); not kept of coarse ones.
    squares: u128,
    /// The least of them (ns); `u64::MAX` when there are none.
    min: u64,
    /// The greatest of them (ns); zero when there are none.
    max: u64,
}

impl Histogram {
    /// For totals: a percentile is at most 1/1024 of itself too high (0.1 %). 8 KiB for each power
    /// of two between the smallest and the largest value.
    pub const fn fine() -> Self {
        Self::with_bits(FINE_BITS)
    }

    /// For the points of a series: a percentile is at most 1/32 of itself too high (3 %). 256 bytes
    /// for each power of two between the smallest and the largest value.
    pub const fn coarse() -> Self {
        Self::with_bits(COARSE_BITS)
    }

    const fn with_bits(bits: u32) -> Self {
        Self {
            bits,
            first: 0,
            counts: Vec::new(),
            count: 0,
            sum: 0,
            squares: 0,
            min: u64::MAX,
            max: 0,
        }
    }

    /// Adds one value (ns).
    #[inline]
    pub fn record(&mut self, value_ns: u64) {
        self.record_in(bucket_of(self.bits, value_ns), value_ns);
        self.add_square(value_ns);
    }

    /// Adds one value to a histogram known to be fine: a little faster.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    pub fn record_fine(&mut self, value: Placed) {
        debug_assert_eq!(self.bits, FINE_BITS);
        self.record_in(value.fine, value.value_ns);
        self.add_square(value.value_ns);
    }

    /// Adds a value of zero, which changes no sum.
    #[inline]
    pub fn record_zero(&mut self) {
        if self.first == 0
            && let Some(count) = self.counts.first_mut()
        {
            *count += 1;
        } else {
            self.record_beyond(0);
        }
        self.count += 1;
        self.min = 0;
    }

    /// Adds one value to a histogram known to be coarse: a little faster.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    pub fn record_coarse(&mut self, value: Placed) {
        debug_assert_eq!(self.bits, COARSE_BITS);
        self.record_in(value.coarse(), value.value_ns);
    }

    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    fn record_in(&mut self, bucket: usize, value_ns: u64) {
        // A bucket below the first one wraps to a number past the end.
        if let Some(count) = self.counts.get_mut(bucket.wrapping_sub(self.first)) {
            *count += 1;
        } else {
            self.record_beyond(bucket);
        }
        self.count += 1;
        self.sum += u128::from(value_ns);
        // Seldom so: what need not be written is not.
        if value_ns < self.min {
            self.min = value_ns;
        }
        if value_ns > self.max {
            self.max = value_ns;
        }
    }

    /// What is lost when the sum wraps comes back when the mean is taken out of it.
    #[expect(clippy::inline_always, reason = "one multiplication and one addition")]
    #[inline(always)]
    fn add_square(&mut self, value_ns: u64) {
        let square = u128::from(value_ns) * u128::from(value_ns);
        self.squares = self.squares.wrapping_add(square);
    }

    /// Counts a value in a bucket that has no place yet.
    #[cold]
    #[inline(never)]
    fn record_beyond(&mut self, bucket: usize) {
        self.cover(bucket, bucket);
        self.counts[bucket - self.first] += 1;
    }

    /// How many values were recorded (count).
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum of all values (ns).
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean of all values (ns), from their exact sum; `None` when there are none.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The standard deviation of all values (ns), from exact sums; `None` when there are none, and
    /// of coarse histograms.
    ///
    /// The sum of squares about the whole part of the mean is an exact integer as long as it stays
    /// below 2^128: as it is a sum of small squares, that is so even where the sum of the squares
    /// themselves has wrapped. Values too far apart for that are taken by their buckets.
    pub fn deviation_ns(&self) -> Option<f64> {
        if self.count == 0 || self.bits != FINE_BITS {
            return None;
        }
        let count = u128::from(self.count);
        let (mean, rest) = (self.sum / count, self.sum % count);
        let spread = u128::from(self.max - self.min);
        if count.checked_mul(spread * spread).is_none() {
            return Some(self.deviation_of_buckets());
        }
        let about = self
            .squares
            .wrapping_sub(mean.wrapping_mul(2).wrapping_mul(self.sum))
            .wrapping_add(count.wrapping_mul(mean).wrapping_mul(mean));
        let (count, rest) = (count as f64, rest as f64 / count as f64);
        Some((about as f64 / count - rest * rest).max(0.0).sqrt())
    }

    /// The same from the middles of buckets, within 0.1 % of the greatest value.
    fn deviation_of_buckets(&self) -> f64 {
        let (count, mean) = (self.count as f64, self.sum as f64 / self.count as f64);
        let squares = self.buckets().map(|(lower, upper, number)| {
            let off = f64::midpoint(lower as f64, upper as f64) - mean;
            off * off * number as f64
        });
        (squares.sum::<f64>() / count).sqrt()
    }

    /// The greatest value, exactly (ns); `None` when there are none.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The least value, exactly (ns); `None` when there are none.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The nearest-rank percentile (ns): the least value that at least `p` percent of all values do
    /// not exceed, where `p` lies in (0, 100] and is read to six decimals.
    ///
    /// What is returned is the upper edge of that value's bucket, at most [`Self::max`]: never
    /// below the true percentile, and above it by no more than the stated relative error.
    pub fn percentile(&self, p: f64) -> Option<u64> {
        self.percentiles([p]).map(|[value]| value)
    }

    /// Several percentiles, in ascending order, for one walk through the buckets.
    pub fn percentiles<const N: usize>(&self, ascending: [f64; N]) -> Option<[u64; N]> {
        if self.count == 0 {
            return None;
        }
        let mut buckets = self.buckets();
        let (mut below_or_in, mut upper) = (0, 0);
        Some(ascending.map(|p| {
            let rank = rank_of(p, self.count);
            while below_or_in < rank {
                let Some((_, edge, count)) = buckets.next() else {
                    break;
                };
                below_or_in += count;
                upper = edge;
            }
            upper.min(self.max)
        }))
    }

    /// The buckets that hold values, in ascending order: least and greatest value a bucket can hold
    /// (ns), and how many it does hold.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.used().filter_map(|at| {
            let count = self.counts[at];
            let (lower, upper) = self.edges(self.first + at);
            (count > 0).then_some((lower, upper, count))
        })
    }

    /// Adds all values of `other`, which must have the same precision. Exact, in any order.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.bits, other.bits, "histograms of different precision");
        let used = other.used();
        if used.is_empty() {
            return;
        }
        self.cover(other.first + used.start, other.first + used.end - 1);
        let to = other.first + used.start - self.first;
        for (mine, theirs) in self.counts[to..].iter_mut().zip(&other.counts[used]) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.squares = self.squares.wrapping_add(other.squares);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        let used = self.used();
        self.counts[used].fill(0);
        self.count = 0;
        self.sum = 0;
        self.squares = 0;
        self.min = u64::MAX;
        self.max = 0;
    }

    /// The least and the greatest value of a bucket.
    fn edges(&self, bucket: usize) -> (u64, u64) {
        let shift = (bucket >> self.bits).saturating_sub(1);
        let lower = ((bucket - (shift << self.bits)) as u64) << shift;
        (lower, lower + ((1 << shift) - 1))
    }

    /// The places in `counts` from the least to the greatest value.
    fn used(&self) -> Range<usize> {
        if self.count == 0 {
            return 0..0;
        }
        let place = |value_ns| bucket_of(self.bits, value_ns) - self.first;
        place(self.min)..place(self.max) + 1
    }

    /// Makes room for these buckets and all between, in steps of a quarter of a power of two.
    fn cover(&mut self, lowest: usize, highest: usize) {
        let step = 1 << (self.bits - 2);
        let (start, end) = (lowest / step * step, (highest / step + 1) * step);
        if self.counts.is_empty() {
            self.first = start;
        } else if start < self.first {
            let missing = self.first - start;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = start;
        }
        if end > self.first + self.counts.len() {
            self.counts.resize(end - self.first, 0);
        }
    }
}

impl PartialEq for Histogram {
    /// Equal values, whatever memory they take.
    fn eq(&self, other: &Self) -> bool {
        let kept = |it: &Self| (it.bits, it.count, it.sum, it.squares, it.min, it.max);
        kept(self) == kept(other) && self.counts[self.used()] == other.counts[other.used()]
    }
}

/// The number of the bucket of a value, where each power of two is cut into two to so many.
#[inline]
const fn bucket_of(bits: u32, value_ns: u64) -> usize {
    let shift = (63 - bits) - (value_ns | (1 << bits)).leading_zeros();
    ((shift as usize) << bits) + (value_ns >> shift) as usize
}

/// The nearest rank of a percentile among `count` values, from 1 on, in integers: `p` times `count`
/// in floats would now and then land just above a whole number and give the next rank.
fn rank_of(p: f64, count: u64) -> u64 {
    assert!(p > 0.0 && p <= 100.0, "percentile {p} is not in (0, 100]");
    let units = (p * 1e6).round_ties_even() as u128;
    ((units * u128::from(count)).div_ceil(WHOLE) as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(mut histogram: Histogram, values: &[u64]) -> Histogram {
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    /// Values of every magnitude.
    fn values() -> impl Strategy<Value = Vec<u64>> {
        let value = (any::<u64>(), 0..64u32).prop_map(|(value, shift)| value >> shift);
        prop::collection::vec(value, 1..200)
    }

    #[test]
    fn the_deviation_is_that_of_the_values_and_not_of_buckets() {
        let close = of(
            Histogram::fine(),
            &[1_000_000_000, 1_000_000_002, 1_000_000_004],
        );
        let expected = (8.0_f64 / 3.0).sqrt();
        assert!((close.deviation_ns().unwrap() - expected).abs() < 1e-9);
        // The squares themselves do not fit, but what is left of them does.
        let far = (1 << 63) - 1;
        let mut many = of(Histogram::fine(), &[far - 6; 9]);
        many.merge(&of(Histogram::fine(), &[far; 9]));
        assert_eq!(many.deviation_ns(), Some(3.0));
        // Nor does that, when they are as far apart as can be: buckets know it within 0.1 %.
        let apart = of(Histogram::fine(), &[0, far, 0, far, 0, far, 0, far]);
        let share = apart.deviation_ns().unwrap() / (far as f64 / 2.0);
        assert!((share - 1.0).abs() < 1e-3, "{share}");
        assert_eq!(of(Histogram::fine(), &[7, 7]).deviation_ns(), Some(0.0));
        assert_eq!(Histogram::fine().deviation_ns(), None);
        assert_eq!(of(Histogram::coarse(), &[7, 8]).deviation_ns(), None);
    }

    #[test]
    fn nothing_recorded_is_nothing_known() {
        let empty = Histogram::fine();
        assert_eq!(empty.percentile(50.0), None);
        assert_eq!((empty.min(), empty.max()), (None, None));
        assert_eq!((empty.mean_ns(), empty.count()), (None, 0));
        assert_eq!(empty.counts.capacity(), 0);
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let ten = of(Histogram::fine(), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        for (p, expected) in [
            (0.000_001, 1),
            (10.0, 1),
            (10.000_001, 2),
            (50.0, 5),
            (90.0, 9),
            (90.1, 10),
            (100.0, 10),
        ] {
            assert_eq!(ten.percentile(p), Some(expected), "p{p}");
        }
    }

    #[test]
    fn ranks_are_whole_numbers_where_they_should_be() {
        for (p, count, rank) in [
            (99.9, 1_000, 999),
            (99.99, 1_000_000, 999_900),
            (55.0, 20, 11),
            (7.0, 100, 7),
            (0.1, 1_000_000_000_000, 1_000_000_000),
        ] {
            assert_eq!(rank_of(p, count), rank, "p{p} of {count}");
        }
    }

    #[test]
    fn a_coarse_bucket_is_found_from_the_fine_one() {
        let near = |edge: u64| [edge - 1, edge, edge + 1];
        let edges = (1..64).flat_map(|shift| near(1 << shift)).chain([u64::MAX]);
        for value in edges.chain(990..1060).chain(near(123_456_789)) {
            let coarse = bucket_of(COARSE_BITS, value);
            assert_eq!(Placed::of(value).coarse(), coarse, "{value}");
        }
    }

    #[test]
    fn buckets_join_without_gap_or_overlap() {
        for histogram in [Histogram::coarse(), Histogram::fine()] {
            let last = bucket_of(histogram.bits, u64::MAX);
            let mut expected_lower = 0;
            for bucket in 0..=last {
                let (lower, upper) = histogram.edges(bucket);
                assert_eq!(lower, expected_lower);
                assert_eq!(bucket_of(histogram.bits, lower), bucket);
                assert_eq!(bucket_of(histogram.bits, upper), bucket);
                expected_lower = upper.wrapping_add(1);
            }
            assert_eq!(expected_lower, 0, "the last bucket ends at u64::MAX");
        }
    }

    #[test]
    fn memory_covers_the_range_used_and_survives_clearing() {
        let mut histogram = of(Histogram::fine(), &[1_000_000, 2_000_000]);
        let size = histogram.counts.len();
        assert!(size < 2 * 1024, "{size} buckets for one power of two");
        histogram.clear();
        assert_eq!(histogram, Histogram::fine());
        assert_eq!(histogram.counts.len(), size);
        assert!(histogram.counts.iter().all(|&count| count == 0));
    }

    proptest! {
        #[test]
        fn percentiles_keep_the_stated_error(mut values in values(), p in 0.001..=100.0f64) {
            values.sort_unstable();
            let exact = values[rank_of(p, values.len() as u64) as usize - 1];
            for (histogram, parts) in [(Histogram::fine(), 1024), (Histogram::coarse(), 32)] {
                let read = of(histogram, &values).percentile(p).unwrap();
                prop_assert!(read >= exact);
                prop_assert!(read - exact <= exact / parts, "{read} for {exact}");
            }
        }

        #[test]
        fn totals_are_exact(values in values()) {
            let histogram = of(Histogram::coarse(), &values);
            prop_assert_eq!(histogram.sum(), values.iter().map(|&value| u128::from(value)).sum());
            prop_assert_eq!(histogram.count(), values.len() as u64);
            prop_assert_eq!(histogram.min(), values.iter().copied().min());
            prop_assert_eq!(histogram.max(), values.iter().copied().max());
            prop_assert_eq!(histogram.percentile(100.0), histogram.max());
        }

        #[test]
        fn merging_is_exact_and_free_of_order(left in values(), right in values()) {
            let (a, b) = (of(Histogram::fine(), &left), of(Histogram::fine(), &right));
            let (mut ab, mut ba) = (a.clone(), b.clone());
            ab.merge(&b);
            ba.merge(&a);
            ba.merge(&Histogram::fine());
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab, of(a, &right));
        }

        #[test]
        fn several_percentiles_at_once_are_the_same(values in values()) {
            let histogram = of(Histogram::coarse(), &values);
            let single = [50.0, 90.0, 99.0].map(|p| histogram.percentile(p).unwrap());
            prop_assert_eq!(histogram.percentiles([50.0, 90.0, 99.0]), Some(single));
        }
    }
}

//! Calls made of calls: one after another, at the same time, again after a failure.
//!
//! The intuition: in a row, means add up; side by side, the slowest decides, and it is slower than
//! the mean by the harmonic number, about ln n; again and again, attempts multiply with every
//! layer.
//!
//! Sources: Jackson, *Networks of waiting lines*, Operations Research 5 (1957); Rényi, *On the
//! theory of order statistics* (1953), for the order of exponentials; the truncated geometric
//! distribution for attempts.

use super::{Mm1, power};

/// Mean response time (s) of M/M/1 queues in a row. What leaves one is again a Poisson stream
/// (Burke 1956), so each is as if alone.
pub(crate) fn tandem_response(queues: &[Mm1]) -> f64 {
    queues.iter().map(|queue| queue.mean_response()).sum()
}

/// Mean time (s) until the slowest of `branches` independent exponential times of this `mean` (s)
/// has ended: the mean times 1 + 1/2 + ... + 1/n.
pub(crate) fn slowest_of(branches: u32, mean: f64) -> f64 {
    kth_fastest_of(branches, branches, mean)
}

/// Mean time (s) until the `k` fastest of `branches` independent exponential times of this `mean`
/// (s) have ended: the mean times 1/n + 1/(n-1) + ... (k terms). With `k` = 1 that of a hedge sent
/// at once. `k` is at most `branches`.
pub(crate) fn kth_fastest_of(k: u32, branches: u32, mean: f64) -> f64 {
    let running = branches - k + 1..=branches;
    mean * running.map(|running| 1.0 / f64::from(running)).sum::<f64>()
}

/// Mean number of attempts per call if each fails independently with probability `failure` and at
/// most `attempts_max` are made: (1 - pⁿ) / (1 - p), as a sum so that p = 1 is no exception.
pub(crate) fn expected_attempts(failure: f64, attempts_max: u32) -> f64 {
    // 1 + p (1 + p (1 + ...)), as many ones as attempts.
    (0..attempts_max).fold(0.0, |attempts, _| 1.0 + failure * attempts)
}

/// Probability that a call succeeds if each of at most `attempts_max` attempts fails independently
/// with probability `failure`: 1 - pⁿ.
pub(crate) fn success_of_attempts(failure: f64, attempts_max: u32) -> f64 {
    1.0 - power(failure, u64::from(attempts_max))
}

mod tests {
    use super::super::assert_close;
    use super::*;

    #[test]
    fn means_in_a_row_add_up() {
        let queue = |service_rate| Mm1 {
            arrival_rate: 2.0,
            service_rate,
        };
        assert_close(tandem_response(&[queue(4.0), queue(7.0)]), 0.5 + 0.2);
        assert!(tandem_response(&[queue(4.0), queue(2.0)]).is_infinite());
    }

    #[test]
    fn the_slowest_of_four_takes_twice_the_mean() {
        assert_close(slowest_of(1, 3.0), 3.0);
        assert_close(slowest_of(4, 12.0), 25.0);
        assert_close(kth_fastest_of(1, 4, 12.0), 3.0);
        assert_close(kth_fastest_of(2, 3, 6.0), 5.0);
        assert_close(kth_fastest_of(0, 3, 6.0), 0.0);
    }

    #[test]
    fn attempts_multiply() {
        for (failure, attempts_max, attempts, success) in [
            (0.0, 3, 1.0, 1.0),
            (0.5, 3, 1.75, 0.875),
            (0.1, 2, 1.1, 0.99),
            (1.0, 3, 3.0, 0.0),
            (0.3, 1, 1.0, 0.7),
        ] {
            assert_close(expected_attempts(failure, attempts_max), attempts);
            assert_close(success_of_attempts(failure, attempts_max), success);
        }
        // Four layers of three attempts each on a dead leaf.
        assert_close(power(expected_attempts(1.0, 3), 4), 81.0);
    }
}

//! Answers of queueing theory in closed form: what the simulator must agree with.
//!
//! Rates are in events per second and times in seconds, both as `f64`; a load is a rate times a
//! time and has no unit. *Waiting time* is spent in the queue, *service time* in a server,
//! *response time* in both. M stands for exponential, D for constant, G for any distribution; the
//! two letters are those of the times between arrivals and of the service times, the number is that
//! of the servers. Queues are endless and first come, first served, unless said otherwise. An
//! overloaded queue has no mean: it is infinite.
//!
//! Everything here is built from the four operations, in a fixed order, so the bits are the same on
//! every machine. Where a formula needs a logarithm or an exponential, it is an argument.

mod closed;
mod compose;
mod many_servers;
mod one_server;

pub(crate) use closed::{ClosedNetwork, MachineRepair, Station};
pub(crate) use compose::{
    expected_attempts, kth_fastest_of, slowest_of, success_of_attempts, tandem_response,
};
pub(crate) use many_servers::{Mmc, Mmck, erlang_b};
pub(crate) use one_server::{Md1, Mg1, Mm1};

/// `base` to the power of `exponent`, by repeated squaring.
fn power(base: f64, exponent: u64) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left % 2 == 1 {
            result *= square;
        }
        square *= square;
        left /= 2;
    }
    result
}

/// The stationary probabilities of a chain of states 0, 1, 2, ..., of which each is `ratio` times
/// as likely as the one before. (Kleinrock, *Queueing Systems* I, 1975, section 3.1.)
fn chain(ratios: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut weights = vec![1.0];
    let mut last: f64 = 1.0;
    for ratio in ratios {
        last *= ratio;
        if last > 1e150 {
            scale(&mut weights, 1.0 / last);
            last = 1.0;
        }
        weights.push(last);
    }
    let total: f64 = weights.iter().sum();
    scale(&mut weights, 1.0 / total);
    weights
}

fn scale(weights: &mut [f64], factor: f64) {
    for weight in weights {
        *weight *= factor;
    }
}

/// The mean of `value(n)` over the states n of a chain.
fn mean_over(probabilities: &[f64], value: impl Fn(f64) -> f64) -> f64 {
    let states = probabilities.iter().enumerate();
    states
        .map(|(n, probability)| probability * value(n as f64))
        .sum()
}

/// Fails unless two numbers agree to a relative `1e-9`, or to an absolute one near zero.
fn assert_close(actual: f64, expected: f64) {
    let error = (actual - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs().max(1.0),
        "{actual} instead of {expected}"
    );
}

mod tests {
    use super::*;

    #[test]
    fn powers_are_products() {
        for (base, exponent, expected) in [(2.0, 0, 1.0), (2.0, 10, 1024.0), (0.5, 3, 0.125)] {
            assert_close(power(base, exponent), expected);
        }
    }

    #[test]
    fn a_chain_of_huge_ratios_does_not_overflow() {
        let probabilities = chain(std::iter::repeat_n(1e10, 100));
        assert_close(probabilities[100], 1.0 - 1e-10);
        assert_close(probabilities.iter().sum(), 1.0);
    }
}

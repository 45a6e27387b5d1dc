//! Load balancing: which instance gets an attempt.
//!
//! Six instances are as good as one only if the work is spread. Taking turns spreads the *attempts*
//! and knows nothing of the instances; looking at how many attempts each still owes spreads the
//! *load*, and steers around an instance that is slow. But looking has a trap: an instance that
//! fails fast owes nothing, so it attracts everything.
//!
//! The rule (24 and 25): every attempt is balanced anew, when it is sent, among the instances in
//! rotation that are allowed; ties are broken at random. What is compared is how many attempts the
//! balancer's owner has outstanding there: a process knows its own, not those of others.
//!
//! Round robin is the default (nginx, Envoy, `HAProxy`, gRPC `round_robin`); it starts anywhere, as
//! gRPC does, so that many callers do not go round in step. Two distinct choices are from
//! Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (1996), and the default of
//! Envoy's `least_request`, Finagle and Linkerd.
//!
//! Rejected: a count shared by all callers (only a central proxy has it; that is a service of its
//! own), two choices that may be the same instance (Envoy draws with replacement; with two
//! instances a quarter of its attempts then go to the busier one), and first-of-the-list for ties
//! (all idle callers would send to instance 0).

mod balancer;
mod candidates;
#[cfg(test)]
mod tests;

pub use balancer::Balancer;

/// How an instance is chosen among those in rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceConfig {
    /// In turn, starting anywhere; the default.
    RoundRobin,
    /// Any, each as likely.
    Random,
    /// The one with the fewest outstanding attempts of this balancer's owner.
    LeastRequests,
    /// The least loaded of so many distinct ones drawn at random.
    PowerOfChoices {
        /// How many are compared \[instances\], at least 2; default 2 (Envoy, Finagle, Linkerd).
        choices: u32,
    },
}

impl BalanceConfig {
    /// Whether it compares how many attempts are outstanding, so that they have to be counted.
    pub const fn compares_loads(self) -> bool {
        match self {
            Self::RoundRobin | Self::Random => false,
            Self::LeastRequests | Self::PowerOfChoices { .. } => true,
        }
    }
}

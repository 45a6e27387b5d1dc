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
//! Weights and ramps come to one number for each instance, in 1/65536 (rule 52); ways that know none go
//! without. Each way is as a product has it: `smooth` nginx', turns by earliest deadline Envoy's,
//! `stride` gRPC's, `weighted_least` Envoy's, nginx' or `HAProxy`'s.
//!
//! Rejected: a count shared by all callers (only a central proxy has it; that is a service of its
//! own), and first-of-the-list for ties (all idle callers would send to instance 0).

mod balancer;
mod candidates;
mod config;
mod deadlines;
mod head;
mod kept;
mod memory;
mod peak_ewma;
mod per_weight;
mod places;
mod ring;
mod ring_index;
mod rotation;
mod slow_start;
mod smooth;
mod spread;
mod stride;
#[cfg(test)]
mod tests;
mod weighted;
mod weights;
mod with_next;
mod zones;

pub use balancer::Balancer;
pub use config::{BalanceConfig, BalanceWay, LeastRule};
pub use kept::Sticky;
pub use peak_ewma::PeakEwma;
pub use ring::{BalanceKey, Ring, RingConfig};
pub use rotation::{Asker, Rotation};
pub use slow_start::{Begins, SlowStart};
pub use weights::Weights;
pub use zones::{ZoneMap, ZoneRule, has_hints};

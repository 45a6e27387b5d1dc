//! Load balancing: which instance gets an attempt.

/// How an instance is chosen among those in rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceConfig {
    /// In turn, starting anywhere.
    RoundRobin,
    /// Any, each as likely.
    Random,
    /// The one with the fewest outstanding attempts of this balancer's owner.
    LeastRequests,
    /// The least loaded of so many distinct ones drawn at random.
    PowerOfChoices {
        /// How many are compared, at least 2.
        choices: u32,
    },
}

//! How long a pass can take at most, as far as a layer says.
//!
//! From the inside out: a timeout cuts, a retry multiplies and adds its delays, a bulkhead adds its
//! wait. Whoever wants to know how long to watch, or what a caller is in for, folds this over the
//! layers from the innermost to the outermost, beginning with what the callee may take.

use super::Layer;
use crate::time::SimDuration;

/// An unlimited wait is not waited for longer than this.
const LONGEST_WAIT: SimDuration = SimDuration::from_secs(3600);

impl Layer {
    /// The longest that a pass takes through this layer when one inside takes at most `inside`, and
    /// the callee may ask for a pause of `hint` before a retry.
    pub fn longest(&self, inside: SimDuration, hint: Option<SimDuration>) -> SimDuration {
        match self {
            Self::Timeout(config) => inside.min(config.after),
            Self::Retry(config) => {
                let passes = inside.times(u64::from(config.max_attempts));
                (passes + config.longest_delays(hint)).min(config.max_elapsed + inside)
            }
            Self::Hedge(config) => inside + config.longest_delays(inside),
            Self::Bulkhead(config) if config.max_waiting > 0 => {
                inside + config.max_wait.min(LONGEST_WAIT)
            }
            Self::Bulkhead(_) | Self::Breaker(_) | Self::Fallback(_) => inside,
        }
    }
}

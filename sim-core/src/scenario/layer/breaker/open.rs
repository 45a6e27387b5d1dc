//! How long a breaker stays open.

use crate::policy::{Expiry, Growth, GrowthPer, Timing, WaitJitter};
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::read::{At, Limit, choices, file_enum, file_map};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

file_map! {
    /// How the time for which a breaker is open grows with each opening in a row.
    GrowthFile {
        /// So many times as long each time, at least 1; resilience4j: 1.5, Linkerd and Finagle: 2.
        factor: At<Factor>, default "2";
        /// Upper limit; Linkerd: 60s, Finagle: 300s.
        max: Limit<SimDuration>, default "unlimited";
        /// How it is spread.
        jitter: WaitJitterFile, default "none";
        /// It is cut to whole multiples of this at each step; resilience4j: 1ms.
        cut_to: SimDuration, default "0s";
        /// Whose openings in a row make it grow; Finagle: condition.
        per: GrowthPerFile, default "breaker";
    }
}

choices! {
    /// Whose openings in a row are counted.
    GrowthPerFile {
        /// All of the breaker, whatever opened it.
        breaker = Breaker;
        /// Those of each way to open by itself, such as `failure_rate` and `consecutive_failures`;
        /// where several open at one instant, the longest wait counts.
        condition = Condition;
    }
}

file_enum! {
    /// How the time is spread.
    WaitJitterFile {
        /// Not at all.
        none = None;
        /// By so much less or more; resilience4j: 50%.
        plus_minus = PlusMinus(Probability);
        /// By up to so much more; Linkerd: 50%.
        additive = Additive(Probability);
        /// From the second time on, between half of it and the whole; Finagle.
        equal = Equal;
    }
}

choices! {
    /// Whether a call at the very end of the time passes.
    ExpiryFile {
        /// It does.
        inclusive = Inclusive;
        /// It is still rejected.
        exclusive = Exclusive;
    }
}

choices! {
    /// Who notices that the time is over.
    TransitionFile {
        /// The next call.
        next_call = NextCall;
        /// The next call or result.
        next_call_or_result = NextCallOrResult;
        /// A timer, at that very instant.
        timer = Timer;
    }
}

impl GrowthFile {
    pub(super) fn config(&self, found: &mut Diagnostics) -> Option<Growth> {
        let factor = self.factor.value.get();
        if factor < 1.0 {
            let message = format!(
                "`{}` is {factor}, but it must be at least 1",
                self.factor.path
            );
            found.error("bad-value", self.factor.span, message);
            return None;
        }
        Some(Growth {
            factor,
            max: self.max.or_forever(),
            jitter: match self.jitter {
                WaitJitterFile::None => WaitJitter::None,
                WaitJitterFile::PlusMinus(share) => WaitJitter::PlusMinus(share.get()),
                WaitJitterFile::Additive(share) => WaitJitter::Additive(share.get()),
                WaitJitterFile::Equal => WaitJitter::Equal,
            },
            unit: self.cut_to,
            per: match self.per {
                GrowthPerFile::Breaker => GrowthPer::Breaker,
                GrowthPerFile::Condition => GrowthPer::Condition,
            },
        })
    }
}

impl From<ExpiryFile> for Expiry {
    fn from(file: ExpiryFile) -> Self {
        match file {
            ExpiryFile::Inclusive => Self::Inclusive,
            ExpiryFile::Exclusive => Self::Exclusive,
        }
    }
}

impl From<TransitionFile> for Timing {
    fn from(file: TransitionFile) -> Self {
        match file {
            TransitionFile::NextCall => Self::NextCall,
            TransitionFile::NextCallOrResult => Self::NextCallOrResult,
            TransitionFile::Timer => Self::Timer,
        }
    }
}

//! Who is let through when the cool-down is over, and what closes the breaker.
//!
//! A callee that has just come back is like a patient who has just stood up: one asks for a few
//! steps before asking for a run. The few calls that try are *probes*.
//!
//! The rule: `permits` probes are admitted in all, everything else is rejected. Each must succeed;
//! the last success closes, the first failure opens again for another cool-down. A cancelled probe
//! says nothing about the callee, so it gives its permit back and another may go.
//!
//! Hystrix, Polly 8 and opossum admit one probe; gobreaker `max_requests`, 1 by default, and closes
//! after as many successes: this rule. resilience4j admits 10 and judges their failure rate.
//! Rejected: admitting without limit (Python's `circuitbreaker`: a returning callee meets the full
//! load), queueing the excess (cockatiel), and cancelled probes that count: as a success they close
//! the breaker with no proof (Polly 8), as nothing without giving the permit back they leave it
//! half open for ever (resilience4j with a hung probe).

/// Who is let through when the cool-down is over, and what closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HalfOpenRule {
    /// So many probes in all; each must succeed, one failure opens again, excess is rejected.
    AllMustSucceed {
        /// Probes admitted, and successes needed to close \[calls\], at least 1; default 1
        /// (Hystrix, Polly 8, gobreaker, opossum), resilience4j: 10.
        permits: u32,
    },
}

/// How the probes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Probes {
    /// Admitted and without a result \[calls\].
    pub in_flight: u32,
    /// Ended well \[calls\].
    pub succeeded: u32,
}

/// What a half-open breaker makes of its probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Too early to say.
    Wait,
    /// The callee is well.
    Close,
    /// The callee is still ill.
    Open,
}

impl HalfOpenRule {
    /// Whether one more probe may go.
    pub(super) fn admits(self, probes: Probes) -> bool {
        let Self::AllMustSucceed { permits } = self;
        probes.in_flight + probes.succeeded < permits.max(1)
    }

    /// Whether these successes close the breaker.
    pub(super) fn closes(self, probes: Probes) -> bool {
        let Self::AllMustSucceed { permits } = self;
        probes.succeeded >= permits.max(1)
    }

    /// What the result of a probe decides; `probes` is updated.
    pub(super) fn judge(self, probes: &mut Probes, failed: bool) -> Verdict {
        probes.in_flight -= 1;
        if failed {
            return Verdict::Open;
        }
        probes.succeeded += 1;
        if self.closes(*probes) {
            Verdict::Close
        } else {
            Verdict::Wait
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: HalfOpenRule = HalfOpenRule::AllMustSucceed { permits: 3 };

    fn probes(in_flight: u32, succeeded: u32) -> Probes {
        Probes {
            in_flight,
            succeeded,
        }
    }

    #[test]
    fn three_permits_are_three_in_all() {
        let check = |title: &str, probes, expected| {
            assert_eq!(THREE.admits(probes), expected, "{title}");
        };
        check("the first probe goes", probes(0, 0), true);
        check("the third goes beside two others", probes(2, 0), true);
        check("the fourth does not", probes(3, 0), false);
        check("a success uses its permit up", probes(1, 2), false);
    }

    #[test]
    fn probes_decide() {
        let check = |title: &str, mut probes, failed, expected| {
            assert_eq!(THREE.judge(&mut probes, failed), expected, "{title}");
        };
        check("one success is too few", probes(1, 0), false, Verdict::Wait);
        check(
            "the last success closes",
            probes(1, 2),
            false,
            Verdict::Close,
        );
        check("one failure opens", probes(2, 1), true, Verdict::Open);
    }
}

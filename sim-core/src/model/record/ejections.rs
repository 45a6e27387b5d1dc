//! What ejection did: to each instance, and in which order.

use crate::id::{IdMap, InstanceId, ProcessId};
use crate::model::spec::ModelSpec;
use crate::policy::eject::{EjectBack, EjectWhy};
use crate::time::{SimDuration, SimTime};

/// Verdicts that are kept in order; later ones are counted only.
const MAX_VERDICTS: usize = 100_000;

/// What ejection did in a run.
#[derive(Clone, Debug, Default)]
pub struct Ejections {
    /// By instance; empty if no service has ejection.
    of: IdMap<InstanceId, EjectionCounts>,
    /// Who was left out and came back, in order.
    pub verdicts: Vec<EjectionVerdict>,
}

/// What ejection did to an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EjectionCounts {
    /// Times that a caller left it out, trials that it failed apart \[count\].
    pub ejected: u64,
    /// By what, trials that it failed included \[count\].
    pub by: [u64; EjectWhy::ALL.len()],
    /// Times that a caller would have left it out, had not too many been out \[count\].
    pub stopped: u64,
    /// Attempts sent to try it \[count\].
    pub trials: u64,
    /// When it was first left out.
    pub first: Option<SimTime>,
    /// Callers that left it out at once, at most \[count\].
    pub most_callers: u64,
    /// The longest time that a caller left it out.
    pub longest: SimDuration,
    /// Time that callers left it out, added up \[ns\].
    pub out_ns: u128,
    /// Times that a caller had no other instance when it left this one out \[count\].
    pub emptied: u64,
    /// Callers that leave it out now \[count\].
    now: u64,
    since: SimTime,
}

/// A caller's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EjectionVerdict {
    /// When.
    pub at: SimTime,
    /// On which instance.
    pub instance: InstanceId,
    /// Whose it is; `None`: all callers'.
    pub process: Option<ProcessId>,
    /// What it is.
    pub kind: VerdictKind,
}

/// What a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// It is left out.
    Out {
        /// By what.
        why: EjectWhy,
        /// When its time is over.
        until: SimTime,
        /// How many instances are not left out.
        left: u32,
    },
    /// It would be, had not too many been.
    Stopped {
        /// By what.
        why: EjectWhy,
    },
    /// It is back.
    Back {
        /// By what.
        by: EjectBack,
        /// How long it was left out.
        after: SimDuration,
    },
}

impl EjectionCounts {
    fn pass(&mut self, now: SimTime) {
        self.out_ns += u128::from(now.since(self.since).as_ns()) * u128::from(self.now);
        self.since = now;
    }
}

impl Ejections {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let any = spec.services.iter().any(|it| it.ejection.is_some());
        let instances = spec.instances.iter().filter(|_| any);
        Self {
            of: instances.map(|_| EjectionCounts::default()).collect(),
            verdicts: Vec::new(),
        }
    }

    /// What it did to an instance.
    pub fn of(&self, instance: InstanceId) -> EjectionCounts {
        self.of.get(instance).copied().unwrap_or_default()
    }

    pub(super) fn tried(&mut self, instance: InstanceId) {
        self.of[instance].trials += 1;
    }

    pub(super) fn judged(&mut self, verdict: EjectionVerdict) {
        let counts = &mut self.of[verdict.instance];
        counts.pass(verdict.at);
        match verdict.kind {
            VerdictKind::Out { why, left, .. } => {
                counts.by[why as usize] += 1;
                if why != EjectWhy::Trial {
                    counts.ejected += 1;
                    counts.emptied += u64::from(left == 0);
                    counts.first.get_or_insert(verdict.at);
                    counts.now += 1;
                    counts.most_callers = counts.most_callers.max(counts.now);
                }
            }
            VerdictKind::Stopped { .. } => counts.stopped += 1,
            VerdictKind::Back { after, .. } => {
                counts.now -= 1;
                counts.longest = counts.longest.max(after);
            }
        }
        if self.verdicts.len() < MAX_VERDICTS {
            self.verdicts.push(verdict);
        }
    }

    /// The run is over.
    pub(super) fn close(&mut self, end: SimTime) {
        for counts in &mut self.of {
            counts.pass(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::fixture::shop;

    fn verdict(s: u64, process: u32, kind: VerdictKind) -> EjectionVerdict {
        EjectionVerdict {
            at: SimTime::ZERO + SimDuration::from_secs(s),
            instance: InstanceId(1),
            process: Some(ProcessId(process)),
            kind,
        }
    }

    #[test]
    fn the_time_of_every_caller_counts() {
        let mut spec = shop(60, 0);
        let instances = spec.instances.len();
        let mut ejections = Ejections::new(&spec);
        assert_eq!(ejections.of(InstanceId(1)), EjectionCounts::default());
        spec.services[crate::model::record::fixture::SHOP].ejection =
            Some(crate::model::record::fixture::ejection());
        ejections = Ejections::new(&spec);
        assert_eq!(ejections.of.len(), instances);
        let out = |why, left| VerdictKind::Out {
            why,
            until: SimTime::NEVER,
            left,
        };
        let back = |s| VerdictKind::Back {
            by: EjectBack::Sweep,
            after: SimDuration::from_secs(s),
        };
        ejections.judged(verdict(10, 0, out(EjectWhy::Consecutive, 1)));
        ejections.judged(verdict(12, 1, out(EjectWhy::SuccessRate, 0)));
        ejections.judged(verdict(13, 1, out(EjectWhy::Trial, 0)));
        ejections.judged(verdict(15, 0, back(5)));
        ejections.judged(verdict(20, 1, back(8)));
        let why = EjectWhy::Consecutive;
        ejections.judged(verdict(30, 1, VerdictKind::Stopped { why }));
        ejections.judged(verdict(30, 1, out(EjectWhy::Consecutive, 1)));
        ejections.close(SimTime::ZERO + SimDuration::from_secs(31));
        let counts = ejections.of(InstanceId(1));
        assert_eq!(counts.out_ns, (2 + 6 + 5 + 1) * 1_000_000_000);
        assert_eq!((counts.ejected, counts.stopped, counts.emptied), (3, 1, 1));
        assert_eq!((counts.by[0], counts.by[2], counts.by[5]), (2, 1, 1));
        assert_eq!(counts.most_callers, 2);
        assert_eq!(counts.longest, SimDuration::from_secs(8));
        assert_eq!(ejections.verdicts.len(), 7);
    }
}

//! What follows from a health check (rule 54): a mark, a restart, or breakers that are held open.
//!
//! The verdict itself is no business of this file: `policy::Health` reaches it, and `sources` asks. Here
//! it becomes a change. A mark is lifted and set again with what is believed at each start; a restart
//! and a breaker take a verdict.

use crate::id::{CheckId, InstanceId, LayerId, ProcessId};
use crate::model::cx::Cx;
use crate::model::directory::Mark;
use crate::model::fact::{Observer, StopWhy, Then};
use crate::model::handoff::Change;
use crate::model::spec::{OnFail, Scope};
use crate::policy::HealthVerdict;
use std::collections::BTreeSet;

/// What health checks hold.
#[derive(Clone, Debug, Default)]
pub(super) struct HealthVerdicts {
    /// Whom they keep breakers open for.
    held: BTreeSet<(CheckId, ProcessId, InstanceId)>,
}

/// What somebody who watches an instance takes it for from now on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) check: CheckId,
    pub(super) instance: InstanceId,
    pub(super) process: ProcessId,
    pub(super) is_in: bool,
    pub(super) verdict: Option<HealthVerdict>,
}

impl HealthVerdicts {
    pub(super) fn on_judged<O: Observer>(&mut self, cx: &mut Cx<'_, O>, judged: Judged) {
        let spec = &cx.spec.checks[judged.check];
        match &spec.on_fail {
            OnFail::Leave => mark(cx, judged),
            OnFail::Restart if judged.verdict == Some(HealthVerdict::Fails) => {
                cx.work.push_change(Change::Stop {
                    instance: judged.instance,
                    then: Then::Restart,
                    why: StopWhy::Check,
                });
            }
            OnFail::Restart => {}
            OnFail::Breaker(layers) => self.hold(cx, judged, layers),
        }
    }

    /// An instance has ended for good: nobody holds breakers for it any more.
    pub(super) fn forget<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let of_it = self.held.iter().filter(|it| it.2 == instance);
        for (check, process, instance) in of_it.copied().collect::<Vec<_>>() {
            let judged = Judged {
                check,
                instance,
                process,
                is_in: true,
                verdict: None,
            };
            if let OnFail::Breaker(layers) = &cx.spec.checks[check].on_fail {
                self.hold(cx, judged, layers);
            }
        }
    }

    /// A breaker for one instance is held while that one fails, a breaker for all while any does.
    fn hold<O: Observer>(&mut self, cx: &mut Cx<'_, O>, judged: Judged, layers: &[LayerId]) {
        let Judged {
            check,
            instance,
            process,
            verdict,
            ..
        } = judged;
        let holds = verdict == Some(HealthVerdict::Fails);
        let key = (check, process, instance);
        let changed = if holds {
            self.held.insert(key)
        } else {
            self.held.remove(&key)
        };
        if !changed {
            return;
        }
        let others = self
            .held
            .iter()
            .any(|it| (it.0, it.1) == (check, process) && it.2 != instance);
        let by_callers = cx.spec.checks[check].is_by_callers();
        for &layer in layers {
            let for_one = cx.spec.layers[layer].scope == Scope::TargetInstance;
            if for_one || !others {
                cx.work.push_change(Change::Hold {
                    layer,
                    instance,
                    process: by_callers.then_some(process),
                    holds,
                });
            }
        }
    }
}

/// It leaves the rotation, or comes back: for all, or for who asked.
fn mark<O: Observer>(cx: &mut Cx<'_, O>, judged: Judged) {
    let spec = &cx.spec.checks[judged.check];
    let by_callers = spec.is_by_callers();
    let mark = Mark::Failing(spec.number);
    let marks = &cx.directory.member(judged.instance).marks;
    if !by_callers && marks.has(mark) != judged.is_in {
        return;
    }
    cx.work.push_change(Change::Mark {
        instance: judged.instance,
        mark,
        holds: !judged.is_in,
        view: by_callers.then_some(judged.process),
    });
}

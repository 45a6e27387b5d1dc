//! Effects that steps carry out and undo, and what is to be true of them (rules 86, 87).

use super::Services;
use super::event::ServiceEvent;
use super::steps::{Next, Pc};
use crate::id::{EffectId, InvariantId};
use crate::kernel::Class;
use crate::model::arena::StrandIx;
use crate::model::cx::Cx;
use crate::model::deeds::Equality;
use crate::model::fact::{DeedDone, DeedUndone, Fact, Observer};
use crate::model::lineage::RootIx;
use crate::model::spec::DeedKind;
use crate::policy::{Ending, Outcome, Place};

impl Services {
    /// A strand carries out an effect for its root call, or undoes it.
    #[cold]
    pub(super) fn carry_out<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        pc: Pc,
        (effect, what): (EffectId, DeedKind),
    ) -> Next {
        let of = self.steps.strands[ix].attempt;
        let root = cx.attempts.lineage.of(of).root;
        let target = cx.target(of);
        let is_idempotent = cx.spec.operations[target].idempotent;
        let (attempt, call) = (cx.attempts[of].number, cx.deeds.call_of(root));
        let changes = match what {
            DeedKind::Do => {
                let how = cx.deeds.carry_out(root, effect, is_idempotent);
                cx.tell(&Fact::EffectDone {
                    attempt,
                    effect,
                    root: call,
                    how,
                });
                if how == DeedDone::Forbidden {
                    let ending = Ending::here(Outcome::ErrorInvalid, Place::Operation(target));
                    self.fail(cx, ix, ending);
                    return Next::Rest;
                }
                how != DeedDone::Absorbed
            }
            DeedKind::Undo { forbids } => {
                let how = cx.deeds.undo(root, effect, forbids, is_idempotent);
                cx.tell(&Fact::EffectUndone {
                    attempt,
                    effect,
                    root: call,
                    how,
                    forbids,
                });
                how == DeedUndone::Undone
            }
        };
        if changes {
            judge(cx, root, effect);
        }
        Next::Go(pc + 1)
    }

    /// Effects of somebody may have differed for too long.
    #[cold]
    pub(super) fn on_invariant_due<O: Observer>(cx: &mut Cx<'_, O>, invariant: InvariantId) {
        let spec = &cx.spec.invariants[invariant];
        cx.deeds.woken(invariant);
        while let Some((root, since)) = cx.deeds.next_broken(invariant, spec, cx.now) {
            let root = cx.deeds.call_of(root);
            cx.tell(&Fact::InvariantBroken {
                invariant,
                root,
                since,
            });
        }
        set_alarm(cx, invariant);
    }
}

/// An effect has changed for a root call: what that means for what is to be true.
fn judge<O: Observer>(cx: &mut Cx<'_, O>, root: RootIx, effect: EffectId) {
    for number in 0..cx.deeds.watchers(effect) {
        let invariants = &cx.spec.invariants;
        let judged = cx.deeds.judge(root, effect, number, invariants, cx.now);
        let Some((invariant, judged)) = judged else {
            continue;
        };
        let root = cx.deeds.call_of(root);
        match judged {
            Equality::Differs => {
                cx.tell(&Fact::InvariantDiffers { invariant, root });
                set_alarm(cx, invariant);
            }
            Equality::Equal { since, broken } => cx.tell(&Fact::InvariantEqual {
                invariant,
                root,
                since,
                broken,
            }),
        }
    }
}

fn set_alarm<O: Observer>(cx: &mut Cx<'_, O>, invariant: InvariantId) {
    let spec = &cx.spec.invariants[invariant];
    if let Some(at) = cx.deeds.alarm(invariant, spec) {
        cx.schedule(at, Class::Expiry, ServiceEvent::Invariant(invariant));
    }
}

//! A hedge and its budget: what its passes are granted, and when that is settled.
//!
//! As with a retry, a call enters with its first pass, and each further one is asked for at the
//! moment it would begin: a hedge has no backoff in which it could hold a grant unused.

use super::frame::{Frame, FrameState};
use super::pipelines::Pipelines;
use super::{FrameIx, Host, Note};
use crate::policy::{Extra, Grant, PassResult};

/// A budget refused another pass.
pub(super) struct Denied;

impl Pipelines {
    /// Asks for a pass that is to begin at once: what was granted for it, nothing without a budget.
    pub(super) fn ask_for_pass<H: Host>(
        &mut self,
        host: &mut H,
        hedge: FrameIx,
    ) -> Result<Option<Grant>, Denied> {
        let Frame { call, layer, .. } = self.frames[hedge];
        let (owner, now) = (host.owner(call), host.now());
        let Some((id, budget, config)) = self.layers.budget(layer, owner) else {
            return Ok(None);
        };
        let grant = budget.ask(now, config, Extra::Hedge);
        let left = budget.left(config);
        let by_floor = grant.is_some() && budget.floor_granted(config, Extra::Hedge);
        if grant.is_some() {
            budget.pass_started();
        }
        let note = Note::BudgetAsked {
            budget: id,
            granted: grant.is_some(),
            left,
            by_floor,
        };
        host.note(call, layer, note);
        grant.map(Some).ok_or(Denied)
    }

    /// A pass of a hedge has ended, or has lost.
    pub(super) fn settle_pass<H: Host>(
        &mut self,
        host: &H,
        pass: &Frame,
        grant: Option<Grant>,
        verdict: PassResult,
    ) {
        debug_assert!(matches!(pass.state, FrameState::Pass { .. }));
        if let Some((_, budget, config)) = self.layers.budget(pass.layer, host.owner(pass.call)) {
            budget.settle(host.now(), config, verdict, grant);
        }
    }

    /// A call leaves a hedge; `last` is what was granted for the pass that answered.
    pub(super) fn leave_race<H: Host>(
        &mut self,
        host: &H,
        hedge: &Frame,
        useful: bool,
        last: Option<Grant>,
    ) {
        if let Some((_, budget, config)) = self.layers.budget(hedge.layer, host.owner(hedge.call)) {
            budget.call_ended(config, useful, last);
        }
    }
}

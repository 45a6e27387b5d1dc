//! What the layers of policies did.

macro_rules! about_layers {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A layer answered in the place of what is inside: breaker open, bulkhead full.
        LayerStopped "layer_stopped" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// What it answered.
            outcome: Outcome,
            /// For which reasons, where there are several.
            by: AppliedSet,
        } digest [3: pair(layer, call), word(outcome); without by]
        /// A pass waits to be let in by a layer.
        LayerWaits "layer_waits" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// If it waits in vain, for which reasons.
            by: AppliedSet,
        } digest [4: pair(layer, call); without by]
        /// A layer let in a pass that had waited.
        LayerLetIn "layer_let_in" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// How long the pass had waited.
            waited: SimDuration,
        } digest none
        /// A layer found another limit for itself.
        LayerLimit "layer_limit" {
            /// The layer.
            layer: LayerId,
            /// The process of the caller; of a layer that all share, that of the last call.
            process: ProcessId,
            /// The instance that it guards, if it guards one.
            instance: Option<InstanceId>,
            /// The limit before.
            from: u32,
            /// The limit from now on.
            to: u32,
        } digest [62: pair(layer, process), word(instance), pair(from, to)]
        /// A setting of a layer took effect.
        LayerDetail "layer_detail" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// Which.
            detail: Applied,
            /// How often since it was last told \[count\].
            times: u32,
            /// How long the layer now waits by it, if it does.
            after: Option<SimDuration> as if_any,
        } digest none
        /// A timeout gave up the pass inside.
        TimedOut "timed_out" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// Whether it was the limit on connecting.
            connect: bool,
        } digest [5: pair(layer, call); without connect]
        /// A retry waits before its next pass.
        RetryPlanned "retry_planned" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// Passes so far.
            passes: u32,
            /// How long it waits.
            delay: SimDuration,
            /// Which settings made it so long.
            by: AppliedSet,
        } digest [6: pair(layer, call), word(delay); without passes, by]
        /// A retry lets a failure out.
        RetryStopped "retry_stopped" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// Passes made.
            passes: u32,
            /// Why.
            reason: RetryStop,
        } digest [7: pair(layer, call), pair(reason, passes)]
        /// A retry or a hedge asked its budget for another pass.
        BudgetAsked "budget_asked" {
            /// The call.
            call: CallNo,
            /// The layer that asked.
            layer: LayerId,
            /// The budget.
            budget: BudgetId,
            /// Whether it granted the pass.
            granted: bool,
            /// What is left after the answer: free places, retries that are paid for, or whole
            /// tokens, by its kind \[count\].
            left: u32,
            /// Whether only its floor allowed the pass, and not its share.
            by_floor: bool as if_so,
        } digest [
            31: pair(layer, call), word(budget) << 33 | pair(granted, left); without by_floor
        ]
        /// A fallback answered in the place of a failure.
        FallbackUsed "fallback_used" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// The failure.
            instead_of: Outcome,
        } digest [8: pair(layer, call), word(instead_of)]
        /// The answer in the place of a failure was the last full one.
        FallbackAged "fallback_aged" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// How old it was.
            age: SimDuration,
        } digest [36: pair(layer, call), word(age)]
        /// A failure went out: there was no answer for it, or one that was too old.
        FallbackMissing "fallback_missing" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// How old, if there was one.
            age: Option<SimDuration>,
        } digest [33: pair(layer, call), age.map_or(0, |age| word(age) + 1)]
        /// A fallback calls another operation in the place of a failure.
        FallbackCalled "fallback_called" {
            /// The call that failed.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// The failure.
            instead_of: Outcome,
            /// The call that it makes.
            other: CallNo,
        } digest [34: pair(layer, call), pair(instead_of, other)]
        /// A fallback's own call failed as well, and that goes out.
        FallbackFailed "fallback_failed" {
            /// The call that failed first.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// How the fallback's call ended.
            outcome: Outcome,
        } digest [35: pair(layer, call), word(outcome)]
        /// A hedge begins a pass besides the first.
        HedgeSent "hedge_sent" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// Which pass, from 2.
            pass: u32,
        } digest [29: pair(layer, call), word(pass)]
        /// A hedged call of several passes has its answer.
        HedgeDecided "hedge_decided" {
            /// The call.
            call: CallNo,
            /// The layer.
            layer: LayerId,
            /// The pass that answered, from 1; 0 if all failed.
            winner: u32,
            /// Passes that began.
            passes: u32,
            /// Of those, the ones that were still under way.
            lost: u32,
        } digest [30: pair(layer, call), pair(winner, lost); without passes]
        /// A breaker changed its state.
        BreakerChanged "breaker_changed" {
            /// The layer.
            layer: LayerId,
            /// The process that owns it.
            process: ProcessId,
            /// The instance it guards, if it guards one.
            instance: Option<InstanceId>,
            /// Old state.
            from: BreakerState,
            /// New state.
            to: BreakerState,
            /// When: now, or earlier if a timer or a tick did it and nobody asked since.
            at: SimTime as changed_at,
            /// What made it change.
            why: Why,
            /// Failures, or slow calls, that decided, of the results looked at.
            failures: u32,
            /// Results looked at.
            results: u32,
            /// How long it is to stay open; zero when it did not open.
            wait: SimDuration as unless_zero,
            /// Which settings made that so long.
            by: AppliedSet,
        } digest [
            9: pair(layer, process), word(at), word(instance) << 24 | change(why, from, to),
            pair(failures, results); without wait, by
        ]
    } };
}

//! What became of effects, and of what is to be true of them.

macro_rules! about_deeds {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A step carries out an effect.
        EffectDone "effect_done" {
            /// The attempt whose step it is.
            attempt: AttemptNo,
            /// The effect.
            effect: EffectId,
            /// The root call for which it is done.
            root: CallNo,
            /// What became of it.
            how: DeedDone,
        } digest [230: pair(effect, attempt), pair(root, how)]
        /// A step undoes an effect.
        EffectUndone "effect_undone" {
            /// The attempt whose step it is.
            attempt: AttemptNo,
            /// The effect.
            effect: EffectId,
            /// The root call for which it was done.
            root: CallNo,
            /// What became of it.
            how: DeedUndone,
            /// Whether it cannot be done any more.
            forbids: bool,
        } digest [231: pair(effect, attempt), pair(root, how); without forbids]
        /// Effects that are to be equal differ for a root call.
        InvariantDiffers "invariant_differs" {
            /// The invariant.
            invariant: InvariantId,
            /// The root call.
            root: CallNo,
        } digest none
        /// They are equal again.
        InvariantEqual "invariant_equal" {
            /// The invariant.
            invariant: InvariantId,
            /// The root call.
            root: CallNo,
            /// Since when they differed.
            since: SimTime,
            /// Whether that was too long.
            broken: bool,
        } digest none
        /// Effects that are to be equal have differed for too long.
        InvariantBroken "invariant_broken" {
            /// The invariant.
            invariant: InvariantId,
            /// The root call.
            root: CallNo,
            /// Since when they differ.
            since: SimTime,
        } digest [232: pair(invariant, root), word(since)]
    } };
}

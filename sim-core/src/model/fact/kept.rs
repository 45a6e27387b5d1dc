//! What became of those who ask for something kept, and of connections.

macro_rules! about_kept {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// Who asked for a connection finds none free, and waits.
        KeptWaits "kept_waits" {
            /// The attempt that asks.
            attempt: AttemptNo,
            /// For what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
        } digest none
        /// Who asked for a connection has one.
        KeptGranted "kept_granted" {
            /// The attempt that asked.
            attempt: AttemptNo,
            /// For what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// How long it had waited.
            waited: SimDuration,
            /// Whether it had not waited at all.
            at_once: bool,
        } digest [200: pair(kept, attempt), word(waited); without owner, at_once]
        /// Who waited for a connection was turned away.
        KeptRefused "kept_refused" {
            /// The attempt that asked.
            attempt: AttemptNo,
            /// For what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// How.
            outcome: Outcome,
            /// How long it had waited.
            waited: SimDuration,
        } digest [201: pair(outcome, attempt), word(kept); without owner, waited]
        /// Who waited for a connection waits no more: it was given up.
        KeptGivenUp "kept_given_up" {
            /// The attempt that asked.
            attempt: AttemptNo,
            /// For what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// How long it had waited.
            waited: SimDuration,
        } digest none
        /// A connection came back.
        KeptReturned "kept_returned" {
            /// The attempt that had it.
            attempt: AttemptNo,
            /// Of what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// For how long it was held.
            held: SimDuration,
            /// Whether it is of no more use.
            broken: bool,
        } digest none
        /// A connection was opened.
        UnitOpened "unit_opened" {
            /// Of what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// Where it leads.
            to: InstanceId,
            /// How long that took.
            took: SimDuration,
        } digest [202: pair(kept, owner), word(to); without took]
        /// A connection could not be opened.
        UnitFailed "unit_failed" {
            /// Of what.
            kept: KeptId,
            /// The process that keeps it.
            owner: InstanceId,
            /// Where it should have led.
            to: InstanceId,
        } digest [203: pair(kept, owner), word(to)]
        /// A connection was closed.
        UnitClosed "unit_closed" {
            /// Of what.
            kept: KeptId,
            /// The process that kept it.
            owner: InstanceId,
            /// Where it led.
            to: InstanceId,
        } digest [204: pair(kept, owner), word(to)]
    } };
}

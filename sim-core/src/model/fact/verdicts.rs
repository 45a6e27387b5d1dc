//! What callers concluded about instances.

macro_rules! about_verdicts {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// An instance is left out by a caller that finds it worse than others; or still, after a trial
        /// that it failed.
        InstanceEjected "instance_ejected" {
            /// Which.
            instance: InstanceId,
            /// Whose verdict it is; none if it holds for all.
            process: Option<ProcessId>,
            /// By what.
            why: EjectWhy,
            /// The number of its ejections that count, this one included.
            k: u32,
            /// When its time is over; the end of time if it has none.
            until: SimTime as unless_never,
            /// How many instances this caller does not leave out, of those that are not leaving.
            left: u32,
        } digest [90: pair(why, instance), word(process), pair(k, left), word(until)]
        /// An instance would be left out, but too many are.
        EjectionStopped "ejection_stopped" {
            /// Which.
            instance: InstanceId,
            /// Whose verdict it is; none if it is all callers'.
            process: Option<ProcessId>,
            /// By what.
            why: EjectWhy,
        } digest [91: pair(why, instance), word(process)]
        /// The time of an instance that is left out is over: it may be chosen once; or it has been.
        InstanceOnTrial "instance_on_trial" {
            /// Which.
            instance: InstanceId,
            /// Whose verdict is to come; none if it is all callers'.
            process: Option<ProcessId>,
            /// Whether it has been chosen.
            sent: bool,
        } digest [92: pair(sent, instance), word(process)]
        /// An instance is no longer left out.
        InstanceReturned "instance_returned" {
            /// Which.
            instance: InstanceId,
            /// Whose verdict it was; none if it held for all.
            process: Option<ProcessId>,
            /// What brought it back.
            by: EjectBack,
            /// How long it was left out, trials included.
            after: SimDuration,
        } digest [93: pair(by, instance), word(process), word(after)]
    } };
}

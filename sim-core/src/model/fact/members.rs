//! What befell instances: faults, deaths, and who may be chosen.

macro_rules! about_members {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A fault begins.
        FaultStarted "fault_started" {
            /// Which.
            fault: FaultId,
        } digest [20: word(fault)]
        /// A fault ends.
        FaultEnded "fault_ended" {
            /// Which.
            fault: FaultId,
        } digest [21: word(fault)]
        /// A random fault begins to act on an instance.
        FaultStruck "fault_struck" {
            /// Which.
            fault: FaultId,
            /// Whom.
            instance: InstanceId,
        } digest [27: pair(fault, instance)]
        /// A random fault ceases to act on an instance.
        FaultLifted "fault_lifted" {
            /// Which.
            fault: FaultId,
            /// From whom.
            instance: InstanceId,
        } digest [28: pair(fault, instance)]
        /// An instance died.
        InstanceDown "instance_down" {
            /// Which.
            instance: InstanceId,
        } digest [22: word(instance)]
        /// An instance came back, empty.
        InstanceUp "instance_up" {
            /// Which.
            instance: InstanceId,
        } digest [23: word(instance)]
        /// An instance holds more memory than it may, and is killed.
        OutOfMemory "out_of_memory" {
            /// Which.
            instance: InstanceId,
            /// Operations that wait or run in it, one that just comes included.
            calls: u32,
        } digest [120: word(instance); without calls]
        /// An instance holds more of the memory that it may than ever since its start.
        MemoryRose "memory_rose" {
            /// Which.
            instance: InstanceId,
            /// How much of it, in whole per cents, cut.
            percent: u32,
        } digest none
        /// An instance left the rotation, or came back into it.
        RotationChanged "rotation_changed" {
            /// Which.
            instance: InstanceId,
            /// Whether balancers may choose it, once they hear of it.
            in_rotation: bool,
            /// The mark that took it out, or the last one that was lifted.
            mark: Mark as unless_dead,
        } digest [24: rotation(in_rotation, mark, instance)]
        /// A mark was set or lifted that leaves an instance in the rotation, or out of it, as it was; or
        /// that is one caller's verdict, for that caller alone.
        MarkChanged "mark_changed" {
            /// Which instance.
            instance: InstanceId,
            /// Which mark.
            mark: Mark,
            /// Whether it was set.
            holds: bool,
            /// Whose verdict it is; none if it holds for all.
            process: Option<ProcessId>,
        } digest [80: rotation(holds, mark, instance), word(process)]
        /// A reader chooses among the marked as well from now on, since too few are without marks; or no
        /// longer.
        Panic "panic" {
            /// Whose instances they are.
            service: ServiceId,
            /// The caller process; none if all readers have one view.
            process: Option<ProcessId>,
            /// Whether it begins.
            begins: bool,
        } digest none
        /// An instance was told to stop.
        InstanceStops "instance_stops" {
            /// Which.
            instance: InstanceId,
            /// Who fills its slot.
            incarnation: u32,
            /// What is to follow.
            then: Then,
            /// Who told it, and why.
            why: StopWhy,
        } digest [81: word(instance), stopping(then, why); without incarnation]
        /// An instance that was told to stop has ended.
        InstanceStopped "instance_stopped" {
            /// Which.
            instance: InstanceId,
            /// Whether it was killed, with what it had left.
            killed: bool,
        } digest [82: pair(killed, instance)]
        /// A process starts.
        InstanceStarts "instance_starts" {
            /// In which slot.
            instance: InstanceId,
            /// Who fills it.
            incarnation: u32,
            /// How many restarts it has had in a row, this one included; none for the first start.
            restart: u32,
            /// How long it had waited for this since its end.
            waited: SimDuration,
        } digest [83: word(instance), pair(restart, incarnation); without waited]
        /// An instance is created: it is to start in an empty slot.
        InstanceCreated "instance_created" {
            /// In which slot.
            instance: InstanceId,
            /// Who fills it.
            incarnation: u32,
        } digest [85: pair(instance, incarnation)]
        /// An attempt came to an instance that was told to stop and turns away who comes, or is not up
        /// again.
        TurnedAway "turned_away" {
            /// The attempt.
            attempt: AttemptNo,
            /// What was to be done.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
        } digest none
        /// An instance has ended for good.
        InstanceEnded "instance_ended" {
            /// Which.
            instance: InstanceId,
        } digest [84: word(instance)]
        /// Who watches an instance by a health check learned how a check ended.
        Checked "checked" {
            /// Which check.
            check: CheckId,
            /// Whom it asked.
            instance: InstanceId,
            /// Who asked.
            process: ProcessId,
            /// When it was sent.
            sent_at: SimTime,
            /// How it ended: what is no useful answer in time is a failure.
            ending: Ending,
        } digest [100: pair(check, instance), word(process), word(ending); without sent_at]
        /// Who watches an instance by a health check takes it for well, or not, from now on.
        HealthJudged "health_judged" {
            /// Which check.
            check: CheckId,
            /// Whom it asked.
            instance: InstanceId,
            /// Who asked.
            process: ProcessId,
            /// The verdict; none if nothing is known, since it has just started.
            verdict: Option<HealthVerdict>,
        } digest [101: pair(check, instance), pair(process, verdict)]
    } };
}

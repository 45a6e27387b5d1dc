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
        /// An instance left the rotation, or came back into it.
        RotationChanged "rotation_changed" {
            /// Which.
            instance: InstanceId,
            /// Whether balancers may choose it.
            in_rotation: bool,
        } digest [24: pair(in_rotation, instance)]
    } };
}

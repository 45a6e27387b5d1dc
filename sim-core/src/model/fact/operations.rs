//! What became of attempts where they arrived.

macro_rules! about_operations {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// An attempt reached an instance.
        OperationArrived "operation_arrived" {
            /// The attempt that asks for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
        } digest [13: word(attempt); without operation, instance]
        /// A layer of the admission of a service turned an attempt away.
        AdmissionRefused "admission_refused" {
            /// The attempt.
            attempt: AttemptNo,
            /// The operation that it asks for.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// Which layer.
            layer: AdmissionId,
        } digest [60: pair(layer, attempt); without operation, instance]
        /// A layer of the admission of a service found another limit for itself.
        AdmissionLimit "admission_limit" {
            /// Which layer.
            layer: AdmissionId,
            /// Where; of a layer that all instances share, where the last operation ended.
            instance: InstanceId,
            /// The limit before.
            from: u32,
            /// The limit from now on.
            to: u32,
        } digest [61: pair(layer, instance), pair(from, to)]
        /// An operation was turned away, on arrival or after waiting too long.
        OperationRejected "operation_rejected" {
            /// The attempt that asks for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// How.
            outcome: Outcome,
            /// How long it had waited.
            waited: SimDuration,
        } digest [14: pair(outcome, attempt); without operation, instance, waited]
        /// An operation got a thread for the first time.
        OperationStarted "operation_started" {
            /// The attempt that asks for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// Waiting time.
            waited: SimDuration,
        } digest [15: word(attempt); without operation, instance, waited]
        /// An operation sent its answer.
        OperationFinished "operation_finished" {
            /// The attempt that asks for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// What it answered.
            outcome: Outcome,
            /// Thread time it took.
            held: SimDuration,
        } digest [16: pair(outcome, attempt); without operation, instance, held]
        /// An operation was given up without an answer.
        OperationDropped "operation_dropped" {
            /// The attempt that asked for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// Why.
            reason: DropReason,
            /// Thread time it took.
            held: SimDuration,
            /// Whether it was running (else waiting).
            running: bool,
            /// Whether its attempt had lost against another of its hedge.
            lost_race: bool,
        } digest [
            17: pair(drop_code(reason, running, lost_race), attempt);
            without operation, instance, held
        ]
        /// An operation died with its instance.
        OperationLost "operation_lost" {
            /// The attempt that asked for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// Thread time it took.
            held: SimDuration,
            /// Whether it was running (else waiting).
            running: bool,
        } digest [18: pair(running, attempt); without operation, instance, held]
        /// An answer came to a caller that no longer waited for it.
        AnswerUnwanted "answer_unwanted" {
            /// The attempt that had asked for it.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where it came from.
            instance: InstanceId,
            /// Thread time it took.
            held: SimDuration,
            /// Whether its attempt had lost against another of its hedge.
            lost_race: bool,
        } digest [19: pair(lost_race, attempt); without operation, instance, held]
        /// A service knew the key of an attempt, and did not carry it out.
        KeyMatched "key_matched" {
            /// The attempt.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// What it did instead.
            answer: KeyAnswer,
        } digest [32: pair(answer, attempt); without operation, instance]
        /// An attempt is carried out although its key was known: what was kept is kept no longer.
        KeyForgotten "key_forgotten" {
            /// The attempt.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
        } digest none
        /// What must not be done twice was done once more for the same call.
        /// This follows from other facts.
        EffectRepeated "effect_repeated" {
            /// The attempt that was carried out once too often.
            attempt: AttemptNo,
            /// The operation.
            operation: OperationId,
            /// Where.
            instance: InstanceId,
            /// Whether its caller still waited for it.
            wanted: bool,
        } digest none
        /// A strand of an asynchronous service got a thread again, after a call or a wait.
        ThreadTaken "thread_taken" {
            /// The attempt it works for.
            attempt: AttemptNo,
            /// Where.
            instance: InstanceId,
        } digest [25: word(attempt); without instance]
        /// A strand of an asynchronous service gave its thread back.
        ThreadReturned "thread_returned" {
            /// The attempt it works for.
            attempt: AttemptNo,
            /// Where.
            instance: InstanceId,
        } digest [26: word(attempt); without instance]
    } };
}

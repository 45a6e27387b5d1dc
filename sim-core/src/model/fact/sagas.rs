//! How sagas go on, and how they end.

macro_rules! about_sagas {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A saga is written down for the first time.
        SagaBegan "saga_began" {
            /// Which saga.
            saga: SagaId,
            /// Its serial number.
            number: u32,
            /// The root call.
            root: CallNo,
        } digest [233: pair(saga, number), word(root)]
        /// A call of a saga has ended.
        SagaCalled "saga_called" {
            /// Which saga.
            saga: SagaId,
            /// Its serial number.
            number: u32,
            /// Which of its calls, from 0.
            step: u32,
            /// Whether it was the undo of that.
            undo: bool,
            /// What came of it.
            how: SagaCallEnd,
        } digest [234: pair(saga, number), pair(step, how); without undo]
        /// The process that carried a saga out has died, or was told to stop.
        SagaLeft "saga_left" {
            /// Which saga.
            saga: SagaId,
            /// Its serial number.
            number: u32,
        } digest [235: pair(saga, number)]
        /// Another process goes on with it.
        SagaResumed "saga_resumed" {
            /// Which saga.
            saga: SagaId,
            /// Its serial number.
            number: u32,
            /// The attempt that does.
            attempt: AttemptNo,
        } digest [236: pair(saga, number), word(attempt)]
        /// A saga is over.
        SagaEnded "saga_ended" {
            /// Which saga.
            saga: SagaId,
            /// Its serial number.
            number: u32,
            /// The root call.
            root: CallNo,
            /// How.
            how: SagaEnd,
            /// How long it took.
            took: SimDuration,
        } digest [237: pair(saga, number), pair(root, how); without took]
    } };
}

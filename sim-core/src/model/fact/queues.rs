//! What became of messages in queues.

macro_rules! about_queues {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A message is stored.
        MessageStored "message_stored" {
            /// The queue.
            queue: QueueId,
            /// The attempt that published it; 0: it comes from another queue.
            attempt: AttemptNo,
        } digest [210: pair(queue, attempt)]
        /// There was no room for a message.
        MessageRefused "message_refused" {
            /// The queue.
            queue: QueueId,
            /// The attempt that published it; 0: it comes from another queue.
            attempt: AttemptNo,
        } digest [211: pair(queue, attempt)]
        /// A message is handed out.
        HandedOut "handed_out" {
            /// The queue.
            queue: QueueId,
            /// To whom.
            instance: InstanceId,
            /// The call by which it is.
            call: CallNo,
            /// For the how manyeth time.
            nth: u32,
            /// How long ago it was stored.
            age: SimDuration,
        } digest [212: pair(queue, call), pair(instance, nth); without age]
        /// A hand-out has failed, and the message will be handed out again.
        HandoutFailed "handout_failed" {
            /// The queue.
            queue: QueueId,
            /// How.
            why: HandoutFailure,
            /// Not before so long.
            delay: SimDuration,
        } digest [213: pair(queue, why), word(delay)]
        /// A message is settled by an answer.
        MessageSettled "message_settled" {
            /// The queue.
            queue: QueueId,
            /// Whether the answer came after the end of its lease.
            late: bool,
            /// How long ago it was stored.
            age: SimDuration,
        } digest [214: pair(queue, late), word(age)]
        /// An answer came too late, and changed nothing.
        AnswerTooLate "answer_too_late" {
            /// The queue.
            queue: QueueId,
        } digest [215: word(queue)]
        /// A message leaves its queue, or is parked there, without having been settled.
        MessageEnded "message_ended" {
            /// The queue.
            queue: QueueId,
            /// How.
            how: MessageEnd,
            /// How long ago it was stored.
            age: SimDuration,
        } digest [216: pair(queue, how), word(age)]
        /// A message that was stored before is published again: it counts as stored, and is not.
        MessageKnown "message_known" {
            /// The queue.
            queue: QueueId,
            /// The attempt that published it; 0: it comes from another queue.
            attempt: AttemptNo,
        } digest [217: pair(queue, attempt)]
        /// A message that its consumers have done before would be handed out: it is settled instead.
        MessageAbsorbed "message_absorbed" {
            /// The queue.
            queue: QueueId,
            /// How long ago it was stored.
            age: SimDuration,
        } digest [218: word(queue), word(age)]
        /// The work on a message has failed that was settled before it.
        MessageUnfinished "message_unfinished" {
            /// The queue.
            queue: QueueId,
            /// How long ago it was stored.
            age: SimDuration,
        } digest [220: word(queue), word(age)]
        /// The partitions of a queue have got their owners, after consumers had come or gone.
        LanesReassigned "lanes_reassigned" {
            /// The queue.
            queue: QueueId,
        } digest [219: word(queue)]
        /// How many messages are where, after something has happened.
        /// This follows from other facts.
        QueueFilled "queue_filled" {
            /// The queue.
            queue: QueueId,
            /// Waiting to be handed out.
            ready: u32,
            /// Handed out.
            leased: u32,
            /// Waiting for their time.
            delayed: u32,
            /// Given up, and still there.
            parked: u32,
            /// How long ago the oldest was stored that is not parked.
            oldest: Option<SimDuration>,
        } digest none
    } };
}

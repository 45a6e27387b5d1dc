//! What became of calls, of their attempts, and of the messages in between.

macro_rules! about_calls {
    ([$then:ident $($more:ident)*] $($rows:tt)*) => { $then! { [$($more)*] $($rows)*
        /// A caller wants something done.
        CallStarted "call_started" {
            /// The call.
            call: CallNo,
            /// Where it is made.
            site: SiteId,
            /// The process that makes it.
            process: ProcessId,
            /// The operation it is made for; 0 for a client's.
            parent: AttemptNo,
            /// Its class.
            class: u16 as class,
            /// Its tenant.
            tenant: u16 as tenant,
        } digest [1: pair(site, process), pair(parent, labels(class, tenant)); without call]
        /// The caller learned the outcome.
        CallEnded "call_ended" {
            /// The call.
            call: CallNo,
            /// Where it was made.
            site: SiteId,
            /// When it started.
            started_at: SimTime,
            /// Attempts that it sent.
            attempts: u32,
            /// Its class.
            class: u16 as class,
            /// Its tenant.
            tenant: u16 as tenant,
            /// How it ended.
            ending: Ending,
        } digest [2: word(call), word(ending); without site, started_at, attempts, class, tenant]
        /// One try went over the network.
        AttemptSent "attempt_sent" {
            /// The attempt.
            attempt: AttemptNo,
            /// Its call.
            call: CallNo,
            /// Where the call is made.
            site: SiteId,
            /// The instance it goes to.
            instance: InstanceId,
            /// Which attempt of its call, from 1.
            number: u32,
            /// Whether it and all it was made for are first attempts (rule 36).
            original: bool,
        } digest [10: word(call), pair(attempt, instance); without site, number, original]
        /// The caller learned the outcome of a try, or gave it up.
        AttemptEnded "attempt_ended" {
            /// The attempt.
            attempt: AttemptNo,
            /// Its call.
            call: CallNo,
            /// Where the call is made.
            site: SiteId,
            /// The instance it went to.
            instance: InstanceId,
            /// When it was sent.
            sent_at: SimTime,
            /// Whether the callee's answer ended it.
            answered: bool,
            /// How it ended.
            ending: Ending,
        } digest [
            11: pair(answered, attempt), word(ending); without call, site, instance, sent_at
        ]
        /// A message vanished.
        MessageLost "message_lost" {
            /// The attempt it belonged to.
            attempt: AttemptNo,
            /// Where the call is made.
            site: SiteId,
            /// Whether it was the answer (else the request).
            answer: bool,
        } digest [12: pair(answer, attempt); without site]
    } };
}

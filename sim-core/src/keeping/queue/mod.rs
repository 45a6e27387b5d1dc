//! A queue of messages: they come, are handed out, and are gone once somebody has said that they are.
//!
//! A message that is handed out is only lent. Who has it says that it is done (an *ack*), asks for it to
//! be handed out again (a *nack*), or says nothing: then the lease ends, or its loss is noticed, and
//! somebody else gets it. So a message may be worked on twice, and one that fails again and again has to
//! be given up at some time, or it comes back for ever. Where products differ is in the small print of
//! that: what counts as a delivery, when a lease begins and ends, what an answer is worth that comes
//! too late, where a message stands that comes back, and who is held back meanwhile. All of that is
//! [`QueueConfig`], and there is one machine.
//!
//! ```text
//! delayed → ready → leased → settled
//!    ↑________↑________|        leased → given up (gone, or parked)
//!                               ready → expired, dropped
//! ```
//!
//! The rules (80 to 83 and 85 of the list):
//!
//! - a lease from `t` ends at `t + lasts`: an answer at that instant is in time, since answers come before
//!   alarms; with `check_every` the end is noticed at the next multiple of it, and an answer until then is
//!   in time;
//! - a hand-out counts when it happens, and counts no more if it fails in a way that does not count; a
//!   failure with `max_deliveries` counted gives the message up, at once, or when it would be handed out
//!   once more (SQS: until then it is ready, and makes the queue look longer than it is);
//! - a late answer settles the message wherever it is (SQS standard, `JetStream`, Pub/Sub), or changes
//!   nothing (SQS FIFO, Service Bus, share groups of Kafka);
//! - messages of a *lane* are kept in order: the next one waits while one is handed out, or, with
//!   [`Holds::Unsettled`], until it is settled;
//! - lanes may have owners, dealt out in turn; after a change nothing is handed out until what is out is
//!   answered, and then for a while: of no lane, or of none that gets another owner;
//! - room is looked for when a message comes, after what expires at that instant.
//!
//! Rejected: a list through all messages of a lane (two words each, to take out of the middle what
//! nearly always goes at its head: what is gone is skipped there instead), and a timer for each lease
//! (all last equally long, so their ends are in order already).

mod config;
mod lanes;
mod machine;
mod members;
mod message;
mod seen;
#[cfg(test)]
mod tests;

pub use config::{
    Assign, CountsSet, GiveUpTo, GiveUpWhen, HandoutFailure, Holds, Lanes, LateAck, LeaseConfig,
    LostConsumer, Overflow, QueueConfig, ReturnPlace,
};
pub use machine::{
    Answered, LeftMessage, MessageEnd, Published, Queue, QueueDoes, QueueLevel, QueueSums,
};
pub use members::MemberIx;
pub use message::{Handout, MessageIx, NewMessage};
pub use seen::Seen;

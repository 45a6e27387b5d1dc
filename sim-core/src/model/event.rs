//! What can come due: one closed enum per part, each in that part's file.

use super::calls::CallEvent;
use super::changes::ChangeEvent;
use super::clients::ClientEvent;
use super::network::NetworkEvent;
use super::services::ServiceEvent;
use crate::id::{FaultId, InstanceId};
use crate::policy::pipeline::FrameIx;

/// Something that comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// For the clients.
    Client(ClientEvent),
    /// For the calls.
    Call(CallEvent),
    /// For the services.
    Service(ServiceEvent),
    /// For the network.
    Network(NetworkEvent),
    /// For the changes.
    Change(ChangeEvent),
}

/// An event in eight bytes, as the future-event list keeps it: its kind and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    kind: Kind,
    number: u32,
}

/// Defines the kinds of event and the way from an event to its packed form and back.
macro_rules! kinds {
    ($($kind:ident: $event:pat => $number:expr, $build:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Kind {
            $($kind,)*
        }

        impl From<Event> for Due {
            #[inline]
            fn from(event: Event) -> Self {
                match event {
                    $($event => Self { kind: Kind::$kind, number: $number },)*
                }
            }
        }

        impl From<Due> for Event {
            #[inline]
            fn from(due: Due) -> Self {
                match due.kind {
                    $(Kind::$kind => ($build)(due.number),)*
                }
            }
        }
    };
}

kinds! {
    Arrival: Event::Client(ClientEvent::Arrival(n)) => n,
        |n| Event::Client(ClientEvent::Arrival(n));
    ThinkOver: Event::Client(ClientEvent::ThinkOver(n)) => n,
        |n| Event::Client(ClientEvent::ThinkOver(n));
    Alarm: Event::Call(CallEvent::Alarm(FrameIx(n))) => n,
        |n| Event::Call(CallEvent::Alarm(FrameIx(n)));
    WorkDone: Event::Service(ServiceEvent::WorkDone(n)) => n,
        |n| Event::Service(ServiceEvent::WorkDone(n));
    CoresDone: Event::Service(ServiceEvent::CoresDone(InstanceId(n))) => n,
        |n| Event::Service(ServiceEvent::CoresDone(InstanceId(n)));
    Limit: Event::Service(ServiceEvent::Limit(n)) => n,
        |n| Event::Service(ServiceEvent::Limit(n));
    Request: Event::Network(NetworkEvent::Request(n)) => n,
        |n| Event::Network(NetworkEvent::Request(n));
    Answer: Event::Network(NetworkEvent::Answer(n)) => n,
        |n| Event::Network(NetworkEvent::Answer(n));
    News: Event::Network(NetworkEvent::News(n)) => n,
        |n| Event::Network(NetworkEvent::News(n));
    NoConnection: Event::Network(NetworkEvent::NoConnection(n)) => n,
        |n| Event::Network(NetworkEvent::NoConnection(n));
    FaultStarts: Event::Change(ChangeEvent::FaultStarts(FaultId(n))) => n,
        |n| Event::Change(ChangeEvent::FaultStarts(FaultId(n)));
    FaultEnds: Event::Change(ChangeEvent::FaultEnds(FaultId(n))) => n,
        |n| Event::Change(ChangeEvent::FaultEnds(FaultId(n)));
    Turns: Event::Change(ChangeEvent::Turns(n)) => n,
        |n| Event::Change(ChangeEvent::Turns(n));
    Noticed: Event::Change(ChangeEvent::Noticed(InstanceId(n))) => n,
        |n| Event::Change(ChangeEvent::Noticed(InstanceId(n)));
    Warm: Event::Change(ChangeEvent::Warm(InstanceId(n))) => n,
        |n| Event::Change(ChangeEvent::Warm(InstanceId(n)));
}

const _: () = assert!(
    size_of::<Due>() == 8,
    "events are copied through the future-event list"
);

/// Lets a part schedule its own kind of event.
macro_rules! from_parts {
    ($($part:ident: $event:ident,)*) => {$(
        impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$part(event)
            }
        }
    )*};
}

from_parts! {
    Client: ClientEvent,
    Call: CallEvent,
    Service: ServiceEvent,
    Network: NetworkEvent,
    Change: ChangeEvent,
}

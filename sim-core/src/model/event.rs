//! What can come due: one closed enum per part, each in that part's file.

use super::calls::CallEvent;
use super::changes::ChangeEvent;
use super::clients::ClientEvent;
use super::network::NetworkEvent;
use super::services::ServiceEvent;
use crate::id::{FaultId, InstanceId};
use crate::kernel::Packed;
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

/// An event as the future-event list keeps it: its kind and its number, which may have 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due(u32);

impl Due {
    const NUMBER_BITS: u32 = 24;
    const NUMBERS: u32 = 1 << Self::NUMBER_BITS;
    /// More bits than the list takes: an event whose number is too large.
    const BEYOND: Self = Self(u32::MAX);

    #[inline]
    const fn new(kind: Kind, number: u32) -> Self {
        if number >= Self::NUMBERS {
            return Self::BEYOND;
        }
        Self((kind as u32) << Self::NUMBER_BITS | number)
    }
}

impl Packed for Due {
    #[inline]
    fn to_bits(self) -> u32 {
        self.0
    }

    #[inline]
    fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Defines the kinds of event and the way from an event to its packed form and back.
macro_rules! kinds {
    ($($kind:ident: $event:pat => $number:expr, $build:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// All of them, each in the place of its number.
            const ALL: &[Self] = &[$(Self::$kind,)*];
        }

        impl From<Event> for Due {
            #[inline]
            fn from(event: Event) -> Self {
                match event {
                    $($event => Self::new(Kind::$kind, $number),)*
                }
            }
        }

        impl From<Due> for Event {
            #[inline]
            fn from(due: Due) -> Self {
                let number = due.0 % Due::NUMBERS;
                match Kind::ALL[(due.0 >> Due::NUMBER_BITS) as usize] {
                    $(Kind::$kind => ($build)(number),)*
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
    Again: Event::Network(NetworkEvent::Again(n)) => n,
        |n| Event::Network(NetworkEvent::Again(n));
    FaultStarts: Event::Change(ChangeEvent::FaultStarts(FaultId(n))) => n,
        |n| Event::Change(ChangeEvent::FaultStarts(FaultId(n)));
    FaultEnds: Event::Change(ChangeEvent::FaultEnds(FaultId(n))) => n,
        |n| Event::Change(ChangeEvent::FaultEnds(FaultId(n)));
    Switch: Event::Change(ChangeEvent::Switch(n)) => n,
        |n| Event::Change(ChangeEvent::Switch(n));
    Noticed: Event::Change(ChangeEvent::Noticed(InstanceId(n))) => n,
        |n| Event::Change(ChangeEvent::Noticed(InstanceId(n)));
    Warm: Event::Change(ChangeEvent::Warm(InstanceId(n))) => n,
        |n| Event::Change(ChangeEvent::Warm(InstanceId(n)));
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_too_large_is_one_that_the_list_refuses() {
        let due = |number| Due::from(Event::Service(ServiceEvent::WorkDone(number)));
        let last = Due::NUMBERS - 1;
        let back = Event::from(due(last));
        assert_eq!(back, Event::Service(ServiceEvent::WorkDone(last)));
        assert!(due(last).to_bits() < 1 << 30);
        assert_eq!(due(last + 1), Due::BEYOND);
        assert!(Due::BEYOND.to_bits() >= 1 << 30);
    }
}

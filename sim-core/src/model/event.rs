//! What can come due: one closed enum per part, each in that part's file.

use super::changes::ChangeEvent;
use super::calls::CallEvent;
use super::clients::ClientEvent;
use super::network::NetworkEvent;
use super::services::ServiceEvent;

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

const _: () = assert!(size_of::<Event>() == 8, "events are copied through the future-event list");

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

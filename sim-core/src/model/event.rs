//! What comes due, as the future-event list keeps it: one small number.
//!
//! Each part has its own closed enum of events, in a file of its own, where each kind of event has a
//! number that no other part uses. So neither the list nor `Cx`, through which parts schedule, knows any part;
//! the world, which hands out what comes due, knows all of them.

use crate::id::{FaultId, InstanceId, InvariantId};
use crate::kernel::Packed;
use crate::policy::pipeline::FrameIx;

/// An event as the future-event list keeps it: its kind in the top byte, and its number below, which
/// may have 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due(u32);

impl Due {
    const NUMBER_BITS: u32 = 24;
    const NUMBERS: u32 = 1 << Self::NUMBER_BITS;
    /// Kinds that there may be: the list takes 30 bits \[count\].
    pub(super) const KINDS: u8 = 1 << (30 - Self::NUMBER_BITS);
    /// More bits than the list takes: an event whose number is too large.
    const BEYOND: Self = Self(u32::MAX);

    /// An event of this kind with this number.
    #[inline]
    pub(super) const fn new(kind: u8, number: u32) -> Self {
        if number >= Self::NUMBERS {
            return Self::BEYOND;
        }
        Self((kind as u32) << Self::NUMBER_BITS | number)
    }

    #[inline]
    pub(super) const fn kind(self) -> u8 {
        (self.0 >> Self::NUMBER_BITS) as u8
    }

    #[inline]
    pub(super) const fn number(self) -> u32 {
        self.0 % Self::NUMBERS
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

/// The events of one part.
pub(super) trait PartEvent: Copy {
    /// The numbers of its kinds, which no other part uses.
    const KINDS: &'static [u8];

    /// What the list keeps of it.
    fn due(self) -> Due;

    /// The event that has come due, if it is for this part.
    fn of(due: Due) -> Option<Self>;
}

/// What an event is about, as a number.
pub(super) trait About: Copy {
    fn number(self) -> u32;
    fn of(number: u32) -> Self;
}

/// Places of records, and numbers of clients and users.
impl About for u32 {
    #[inline]
    fn number(self) -> u32 {
        self
    }

    #[inline]
    fn of(number: u32) -> Self {
        number
    }
}

macro_rules! about {
    ($($id:ident,)*) => {$(
        impl About for $id {
            #[inline]
            fn number(self) -> u32 {
                self.0
            }

            #[inline]
            fn of(number: u32) -> Self {
                Self(number)
            }
        }
    )*};
}

about! {
    FaultId,
    InstanceId,
    FrameIx,
    InvariantId,
}

/// Defines the events of a part: for each kind its number, its name, and what it is about.
macro_rules! part_events {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$kind_doc:meta])* $kind:literal => $event:ident($about:ty),)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::model) enum $name {
            $($(#[$kind_doc])* $event($about),)*
        }

        impl $crate::model::event::PartEvent for $name {
            const KINDS: &'static [u8] = &[$($kind,)*];

            #[inline]
            fn due(self) -> $crate::model::event::Due {
                use $crate::model::event::{About, Due};
                match self {
                    $(Self::$event(about) => Due::new($kind, About::number(about)),)*
                }
            }

            #[inline]
            fn of(due: $crate::model::event::Due) -> Option<Self> {
                use $crate::model::event::About;
                match due.kind() {
                    $($kind => Some(Self::$event(About::of(due.number()))),)*
                    _ => None,
                }
            }
        }
    };
}

pub(super) use part_events;

#[cfg(test)]
mod tests {
    use super::*;

    part_events! {
        /// A part's.
        Machines {
            /// First.
            7 => First(u32),
            /// Last.
            63 => Last(InstanceId),
        }
    }

    #[test]
    fn an_event_comes_back_to_its_part_alone() {
        let last = Machines::Last(InstanceId(Due::NUMBERS - 1));
        assert!(last.due().to_bits() < 1 << 30);
        for event in [Machines::First(0), Machines::First(5), last] {
            assert_eq!(<Machines as PartEvent>::of(event.due()), Some(event));
        }
        assert_eq!(<Machines as PartEvent>::of(Due::new(8, 5)), None);
    }

    #[test]
    fn a_number_too_large_is_one_that_the_list_refuses() {
        assert_eq!(Machines::First(Due::NUMBERS).due(), Due::BEYOND);
        assert!(Due::BEYOND.to_bits() >= 1 << 30);
    }
}

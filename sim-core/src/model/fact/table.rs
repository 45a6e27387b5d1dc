//! The form of the tables of facts.
//!
//! A row gives all that is to be known of a fact in one place:
//!
//! ```text
//! /// A retry waits before its next pass.
//! RetryPlanned "retry_planned" {
//!     /// The call.
//!     call: CallNo,
//!     …
//!     /// Which settings made it so long.
//!     by: AppliedSet,
//! } digest [6: pair(layer, call), word(delay); without passes, by]
//! ```
//!
//! In a log of facts a field stands under its own name, as its type is written (`line`); or as a
//! function of `Line` writes it, if the row names one: `wait: SimDuration as unless_zero`.
//!
//! The digest takes the tag, in the top byte of the first word, the words in their order, and the
//! instant. Fields that it leaves out stand after `without`; one that is neither mixed nor left out
//! is a warning. A fact that says no more than others is `digest none`, and has no tag.
//!
//! The tables are macros that hand their rows on, each to the next and the last to `facts!`: so one
//! enum is written in several files.

/// Defines [`Fact`](super::Fact) from the rows of all tables.
macro_rules! facts {
    ([] $(
        $(#[$doc:meta])*
        $fact:ident $kind:literal {
            $($(#[$of_field:meta])* $field:ident: $type:ty $(as $how:ident)?,)*
        } digest $words:tt
    )*) => {
        /// Something that happened.
        ///
        /// The kind has a byte of its own: hidden in the unused values of a field, it would have to
        /// be decoded by every observer even where it is known.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(u8)]
        pub enum Fact {
            $($(#[$doc])* $fact { $($(#[$of_field])* $field: $type,)* },)*
        }

        const _: () = assert!(are_distinct(&[$(tag_of!($words)),*]), "two facts have one tag");

        impl Fact {
            /// The kind of fact in a log of facts.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$fact { .. } => $kind,)* }
            }

            /// The fact as one line of JSON, without a line break.
            pub fn line(&self, now: SimTime, spec: &ModelSpec) -> String {
                let mut line = Line::new(now, self.kind(), spec);
                match *self {
                    $(Self::$fact { $($field),* } => { $(put!(line $field $($how)?);)* })*
                }
                line.finish()
            }

            /// Whether the digest takes it; it leaves out what says no more than other facts.
            pub const fn is_in_digest(&self) -> bool {
                match self { $(Self::$fact { .. } => tag_of!($words) > 0,)* }
            }

            /// Mixes the fact into the digest.
            // Always inline: the kind of fact is known where it is told.
            #[inline(always)]
            pub(super) fn mix_into(&self, digest: &mut Digest, now: SimTime) {
                match *self {
                    $(Self::$fact { $($field),* } => mix_words!(digest now ($($field)*) $words),)*
                }
            }
        }
    };
}

/// Puts a field into a line: under its own name, or in the way that the row names.
macro_rules! put {
    ($line:ident $field:ident) => {
        $field.put(stringify!($field), &mut $line)
    };
    ($line:ident $field:ident $how:ident) => {
        $line.$how(stringify!($field), $field)
    };
}

/// Mixes the words of a row into the digest.
macro_rules! mix_words {
    ($digest:ident $now:ident ($($field:ident)*) none) => {{ $(let _ = $field;)* }};
    (
        $digest:ident $now:ident $fields:tt
        [$tag:literal: $first:expr $(, $word:expr)* $(; without $($left_out:ident),+)?]
    ) => {{
        $($(let _ = $left_out;)+)?
        mix($digest, $now, [head($tag, $first), $($word),*]);
    }};
}

/// The tag of a row; 0 for none.
macro_rules! tag_of {
    (none) => {
        0
    };
    ([$tag:literal : $($words:tt)*]) => {
        $tag
    };
}

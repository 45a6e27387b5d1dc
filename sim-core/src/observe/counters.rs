//! Tables of counters: numbers that only grow.
//!
//! A row says all of a counter: what it counts, its name, and its name in reports if it stands in a
//! list there. A counter may be one for each kind of something that has `ALL` and `name()`; it is
//! then an array in the order of `ALL`, and its name in reports goes before that of each kind.
//!
//! ```text
//! counters! {
//!     /// What a layer did \[count\].
//!     pub struct LayerCounts {
//!         /// Gave up a pass.
//!         timed_out "timed_out";
//!         /// Let a failure out, by reason.
//!         gave_up[RetryStop] "gave_up.";
//!         /// Waits planned before further passes \[ns\].
//!         backoff_ns;
//!     }
//! }
//! ```
//!
//! From the rows come the difference of two snapshots, the sum of two sets, and the list of a
//! report. So who adds a counter writes a row, and counts where it happens.

/// A counter, or one for each kind of something.
pub trait Counter {
    /// What was counted since an earlier snapshot.
    #[must_use]
    fn since(&self, earlier: &Self) -> Self;

    /// Adds what was counted elsewhere.
    fn add(&mut self, more: &Self);
}

impl Counter for u64 {
    #[inline]
    fn since(&self, earlier: &Self) -> Self {
        self - earlier
    }

    #[inline]
    fn add(&mut self, more: &Self) {
        *self = self.saturating_add(*more);
    }
}

impl<const N: usize> Counter for [u64; N] {
    #[inline]
    fn since(&self, earlier: &Self) -> Self {
        std::array::from_fn(|kind| self[kind] - earlier[kind])
    }

    #[inline]
    fn add(&mut self, more: &Self) {
        for (sum, more) in self.iter_mut().zip(more) {
            sum.add(more);
        }
    }
}

/// Defines sets of counters from their rows.
macro_rules! counters {
    (@type) => { u64 };
    (@type $kind:ident) => { [u64; $kind::ALL.len()] };

    (@named $count:expr, [$($kind:ident)?] []) => { Vec::new() };
    (@named $count:expr, [] [$name:literal]) => { vec![($name.to_owned(), $count)] };
    (@named $count:expr, [$kind:ident] [$name:literal]) => {{
        let kinds = $kind::ALL.iter().zip($count);
        kinds.map(|(kind, count)| (format!("{}{}", $name, kind.name()), count)).collect()
    }};

    ($(
        $(#[$of_set:meta])*
        pub struct $set:ident {
            $($(#[$doc:meta])* $counter:ident $([$kind:ident])? $($name:literal)?;)*
        }
    )*) => {$(
        $(#[$of_set])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $set {
            $($(#[$doc])* pub $counter: $crate::observe::counters!(@type $($kind)?),)*
        }

        impl $set {
            /// What was counted since an earlier snapshot.
            #[must_use]
            pub fn since(&self, earlier: &Self) -> Self {
                use $crate::observe::Counter;
                Self { $($counter: Counter::since(&self.$counter, &earlier.$counter),)* }
            }

            /// Adds what was counted elsewhere.
            pub fn add(&mut self, more: &Self) {
                use $crate::observe::Counter;
                $(Counter::add(&mut self.$counter, &more.$counter);)*
            }

            /// Both together.
            #[must_use]
            pub fn plus(mut self, more: &Self) -> Self {
                self.add(more);
                self
            }

            /// The counters that have a name in reports, in the order of their rows.
            pub fn named(&self) -> Vec<(String, u64)> {
                let rows: &[Vec<(String, u64)>] = &[$(
                    $crate::observe::counters!(@named self.$counter, [$($kind)?] [$($name)?])
                ),*];
                rows.concat()
            }
        }
    )*};
}
pub(crate) use counters;

#[cfg(test)]
#[expect(unreachable_pub, reason = "sets of counters are public")]
mod tests {
    /// What is counted by kind below.
    #[derive(Clone, Copy)]
    enum Colour {
        Red,
        Blue,
    }

    impl Colour {
        const ALL: [Self; 2] = [Self::Red, Self::Blue];

        const fn name(self) -> &'static str {
            match self {
                Self::Red => "red",
                Self::Blue => "blue",
            }
        }
    }

    counters! {
        /// Balls in a box.
        pub struct Balls {
            /// All of them.
            all "balls";
            /// By colour.
            painted[Colour] "balls.";
            /// Their weight.
            weight_g;
        }
    }

    #[test]
    fn sets_differ_add_up_and_have_names() {
        let mut now = Balls {
            all: 5,
            painted: [3, 2],
            weight_g: 70,
        };
        now.painted[Colour::Blue as usize] += 1;
        let earlier = Balls {
            all: 4,
            painted: [3, 1],
            weight_g: 60,
        };
        let gained = now.since(&earlier);
        assert_eq!(
            (gained.all, gained.painted, gained.weight_g),
            (1, [0, 2], 10)
        );
        assert_eq!(gained.plus(&earlier), now);
        let names = [("balls", 5), ("balls.red", 3), ("balls.blue", 3)];
        assert_eq!(
            now.named(),
            names.map(|(name, count)| (name.to_owned(), count))
        );
    }
}

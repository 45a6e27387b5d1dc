//! Several observers of one run: they see the same facts in the same order.

use crate::model::fact::{Fact, Observer};
use crate::time::SimTime;

impl<A: Observer, B: Observer> Observer for (A, B) {
    #[expect(
        clippy::inline_always,
        reason = "the kind of fact is known where it is told"
    )]
    #[inline(always)]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.0.on_fact(now, fact);
        self.1.on_fact(now, fact);
    }

    #[expect(
        clippy::inline_always,
        reason = "the kinds of facts are known where they are told"
    )]
    #[inline(always)]
    fn on_facts(&mut self, now: SimTime, first: &Fact, second: &Fact) {
        self.0.on_facts(now, first, second);
        self.1.on_facts(now, first, second);
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    #[expect(
        clippy::inline_always,
        reason = "the kind of fact is known where it is told"
    )]
    #[inline(always)]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        (**self).on_fact(now, fact);
    }
}

/// No observer at all.
impl Observer for () {
    #[inline]
    fn on_fact(&mut self, _now: SimTime, _fact: &Fact) {}

    fn watches(&self) -> bool {
        false
    }
}

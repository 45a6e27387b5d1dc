//! The balancer: what one caller process knows of the instances it calls.
//!
//! It is a small notebook with a line per instance, *attempts out*, and a finger on the line whose
//! turn is next. Sending adds to a line, an end (whatever its outcome, abandoned included) takes
//! from it.
//!
//! The rule: one instance in rotation is taken without a draw. Round robin draws once in its life,
//! for where it begins, and then goes up by instance *number*, so instances that leave and return
//! do not shift the others' turns. Lines come into being when an instance is first sent to, and
//! nothing is allocated once every instance has one.
//!
//! Rejected: a position in the list in the place of a number (one instance that leaves would give
//! its neighbour two turns), looking at all instances where two are enough.

use super::candidates::{any, fewest, fewest_of, fewest_replaced, in_turn, outstanding};
use super::config::{BalanceWay, Plain};
use super::memory::Memory;
use crate::random::Uniforms;
use crate::time::SimTime;

/// Chooses instances for one caller process.
///
/// Instances have local numbers: 0, 1, 2, … within the called service.
///
/// ```
/// use sim_core::policy::{BalanceWay, Balancer};
/// use sim_core::random::Uniforms;
/// use sim_core::time::SimTime;
///
/// struct Lowest;
/// impl Uniforms for Lowest {
///     fn next_u64(&mut self) -> u64 {
///         0
///     }
/// }
///
/// let rotation = [0, 1, 2];
/// let mut balancer = Balancer::new();
/// balancer.on_sent(0);
/// balancer.on_sent(1);
/// let least = BalanceWay::LeastRequests;
/// assert_eq!(balancer.choose(least, &rotation, |_| true, &mut Lowest), Some(2));
///
/// balancer.on_ended(1, SimTime::ZERO, SimTime::ZERO);
/// let all_but_2 = |instance| instance != 2;
/// assert_eq!(balancer.choose(least, &rotation, all_but_2, &mut Lowest), Some(1));
/// assert_eq!(balancer.choose(least, &rotation, |_| false, &mut Lowest), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Balancer {
    /// Attempts sent and not ended \[count\], by instance; none where the list ends.
    pub(super) outstanding: Vec<u32>,
    /// The lowest instance number whose turn it may be; `None` before the first turn.
    pub(super) turn: Option<u32>,
    /// Room for the candidates of one choice; means nothing between choices.
    pub(super) scratch: Vec<u32>,
    /// What tells instances apart, where they differ in weight.
    pub(super) memory: Option<Box<Memory>>,
}

impl Balancer {
    /// A balancer that has sent nothing.
    pub const fn new() -> Self {
        Self {
            outstanding: Vec::new(),
            turn: None,
            scratch: Vec::new(),
            memory: None,
        }
    }

    /// The instance for the next attempt; `None` if no instance in rotation is allowed.
    ///
    /// `rotation` is sorted and without repetition. `allowed` may be asked more than once for
    /// an instance, and not at all for one that was not drawn. Sending is noted by
    /// [`Self::on_sent`], not here.
    ///
    /// # Panics
    /// For a way that looks at more: see [`super::BalanceConfig::is_plain`].
    #[inline]
    pub fn choose<U: Uniforms>(
        &mut self,
        way: BalanceWay,
        rotation: &[u32],
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        if let [] | [_] = rotation {
            return rotation.first().copied().filter(|&only| allowed(only));
        }
        let load = |instance| outstanding(&self.outstanding, instance);
        let scratch = &mut self.scratch;
        let plain = way.plain().expect("it looks at more: `choose_by_more`");
        match plain {
            Plain::InTurn => in_turn(&mut self.turn, rotation, allowed, u),
            Plain::Any => any(rotation, allowed, scratch, u),
            Plain::Least => fewest(rotation, allowed, load, scratch, u),
            Plain::OfSome {
                choices,
                replace: false,
            } => {
                let choices = choices.max(1) as usize;
                fewest_of(choices, rotation, allowed, load, scratch, u)
            }
            Plain::OfSome { choices, .. } => {
                fewest_replaced(choices.max(1), rotation, allowed, load, scratch, u)
            }
        }
    }

    /// An attempt was sent to this instance.
    #[inline]
    pub fn on_sent(&mut self, instance: u32) {
        let line = instance as usize;
        if self.outstanding.len() <= line {
            self.outstanding.resize(line + 1, 0);
        }
        self.outstanding[line] += 1;
        if let Some(memory) = &mut self.memory {
            memory.on_sent(instance);
        }
    }

    /// An attempt at this instance ended or was abandoned, this long after it was sent.
    ///
    /// # Panics
    /// When none is outstanding there: an attempt ended twice.
    #[inline]
    pub fn on_ended(&mut self, instance: u32, now: SimTime, sent_at: SimTime) {
        let line = self.outstanding.get_mut(instance as usize);
        let line = line.filter(|line| **line > 0);
        *line.expect("an attempt ended that is not outstanding") -= 1;
        if let Some(memory) = &mut self.memory {
            memory.on_ended(instance, now, sent_at);
        }
    }

    /// An instance of this weight failed, and loses so much of it for smooth turns and for those among equals of
    /// the least loaded; each turn that it takes part in gives one back (nginx).
    pub fn on_failed(&mut self, instance: u32, weight: u32, by: u32) {
        let memory = self.remember();
        memory.common.lost.cut(instance, weight, by);
    }

    /// The only one in rotation is chosen in a smooth turn: it, too, gets back of what it lost.
    pub fn took_turn_alone(&mut self, instance: u32) {
        if let Some(memory) = &mut self.memory {
            memory.common.lost.recover(instance);
        }
    }

    /// Another instance comes into a slot: nothing is known of it (rule 48). What is outstanding there stays,
    /// since that is what has not ended.
    pub fn forget(&mut self, instance: u32) {
        if let Some(memory) = &mut self.memory {
            memory.forget(instance);
        }
    }

    /// Attempts sent to this instance and not ended \[count\].
    pub fn outstanding(&self, instance: u32) -> u32 {
        outstanding(&self.outstanding, instance)
    }
}

//! The layers of all pipelines and the state they own.
//!
//! A layer's configuration is one, its states are many: one per process of the caller, or one for
//! all, or one per process and called instance (rule 26). All states lie in one vector; a layer
//! finds its own by a base, a stride per process and, if it guards instances, the local number of
//! the instance.

use super::budgets::{BudgetPlace, Budgets};
use super::handles::Owner;
use crate::id::{BudgetId, IdMap, LayerId};
use crate::policy::{
    AskedBy, Breaker, BreakerConfig, Budget, BudgetConfig, FallbackConfig, HedgeConfig, LastGood,
    Layer, LayerState, RecentLatency, TimeoutConfig, Transition,
};
use crate::random::{SiteKey, child_key, uniform};
use crate::time::{SimDuration, SimTime};

/// Where a layer's states lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateLayout {
    /// The first of them.
    pub base: u32,
    /// States per process; 0 when all processes share one.
    pub per_process: u32,
    /// Whether each instance of the target has its own.
    pub per_instance: bool,
}

impl StateLayout {
    fn index(self, owner: Owner, instance: u32) -> usize {
        let instance = if self.per_instance { instance } else { 0 };
        (self.base + owner.0 * self.per_process + instance) as usize
    }
}

/// Where a layer has a state for one owner.
#[derive(Clone, Copy, Debug)]
pub(super) struct StateRef {
    pub(super) layer: LayerId,
    index: usize,
}

/// A layer as it runs.
#[derive(Clone, Debug)]
struct Slot {
    config: Layer,
    state: StateLayout,
    /// How many states it has.
    count: u32,
    /// The layer inside it, unless it is the innermost.
    inner: Option<LayerId>,
    /// The budget that it asks.
    budget: Option<BudgetPlace>,
    draws: SiteKey,
}

impl Slot {
    fn opening_draws(&self, index: usize) -> OpeningDraws {
        OpeningDraws {
            site: self.draws,
            state: (index - self.state.base as usize) as u64,
        }
    }
}

/// A breaker, its settings, and where its draws come from.
pub(super) struct Tripping<'a> {
    pub(super) breaker: &'a mut Breaker,
    pub(super) config: &'a BreakerConfig,
    pub(super) draws: OpeningDraws,
    /// Which of all breakers it is.
    pub(super) index: u32,
}

impl Tripping<'_> {
    /// Tells the breaker the time, and whoever asks what that has changed.
    #[inline]
    pub(super) fn advance(
        &mut self,
        now: SimTime,
        asked: AskedBy,
        mut tell: impl FnMut(Transition),
    ) {
        let draws = self.draws;
        while let Some(transition) = self
            .breaker
            .advance(now, self.config, asked, |n| draws.draw(n))
        {
            tell(transition);
        }
    }
}

/// The draws of one breaker, one for each opening: they depend on nothing but its owner and on how
/// often it opened, so that no call moves them (rule 43).
#[derive(Clone, Copy, Debug)]
pub(super) struct OpeningDraws {
    site: SiteKey,
    state: u64,
}

impl OpeningDraws {
    /// The draw for the opening of this number.
    pub(super) fn draw(self, opening: u32) -> f64 {
        uniform(self.site, child_key(self.state, u64::from(opening), 0))
    }
}

/// Whether a layer has to know how long a call has been in it.
fn needs_elapsed(config: &Layer) -> bool {
    matches!(config, Layer::Retry(config) if config.max_elapsed < SimDuration::MAX)
}

/// Whether a layer itself has a say when an attempt inside it is sent.
fn needs_around(config: &Layer) -> bool {
    config.other_instance() || config.timeout().is_some_and(|timeout| timeout.propagate)
}

/// All layers and their states.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The budgets that layers ask.
    pub budgets: Budgets,
    slots: IdMap<LayerId, Slot>,
    states: Vec<LayerState>,
    /// Whether any layer has to be asked when an attempt leaves.
    needs_around: bool,
    /// Whether any layer has to know how long calls have been in it.
    needs_elapsed: bool,
    /// When states that come into being were made.
    began: SimTime,
}

impl Layers {
    /// States that come into being from now on were made at this instant, instead of at time zero.
    pub const fn began_at(&mut self, at: SimTime) {
        self.began = at;
    }

    /// Adds the next layer. `innermost` closes its pipeline; the states it needs, `count` from
    /// `state.base`, come into being if they do not exist yet.
    pub fn push(
        &mut self,
        config: Layer,
        state: StateLayout,
        count: u32,
        innermost: bool,
        draws: SiteKey,
    ) -> LayerId {
        let end = (state.base + count) as usize;
        if let Some(fresh) = config.state(self.began)
            && self.states.len() < end
        {
            self.states.resize(end, fresh);
        }
        let state = StateLayout {
            per_instance: state.per_instance && config.stops_with().is_some(),
            ..state
        };
        let inner = (!innermost).then(|| LayerId(self.slots.len() as u32 + 1));
        self.needs_around |= state.per_instance;
        self.expect(&config);
        self.slots.push(Slot {
            config,
            state,
            count,
            inner,
            budget: None,
            draws,
        })
    }

    /// A layer asks this budget from now on.
    pub fn bind_budget(&mut self, layer: LayerId, place: BudgetPlace) {
        self.slots[layer].budget = Some(place);
    }

    /// The budget that a layer asks, if it asks one.
    pub(super) fn budget(
        &mut self,
        layer: LayerId,
        owner: Owner,
    ) -> Option<(BudgetId, &mut Budget, &BudgetConfig)> {
        let place = self.slots[layer].budget?;
        let (budget, config) = self.budgets.at(place, owner);
        Some((place.budget, budget, config))
    }

    /// How many states there are: where those of the next layer begin that shares none.
    pub fn states(&self) -> u32 {
        self.states.len() as u32
    }

    /// Replaces the configuration of a layer; its states stay (rule 22).
    pub fn reconfigure(&mut self, layer: LayerId, config: Layer) {
        debug_assert_eq!(
            std::mem::discriminant(&self.slots[layer].config),
            std::mem::discriminant(&config)
        );
        self.expect(&config);
        self.slots[layer].config = config;
    }

    /// A layer has, or will be given, this configuration. What nobody expects, the passes under way
    /// when it comes do not follow: a limit on their time, or a deadline to be sent with them.
    pub fn expect(&mut self, config: &Layer) {
        self.needs_around |= needs_around(config);
        self.needs_elapsed |= needs_elapsed(config);
    }

    /// Whether any layer has to know how long calls have been in it.
    #[inline]
    pub(super) fn any_needs_elapsed(&self) -> bool {
        self.needs_elapsed
    }

    /// Whether any layer propagates a deadline, guards instances or leaves out instances, so that
    /// the layers around an attempt matter when it is sent.
    #[inline]
    pub(super) fn any_needs_around(&self) -> bool {
        self.needs_around
    }

    /// Forgets what a process knew: it has died (rule 19). What is shared with others stays.
    pub fn forget(&mut self, layer: LayerId, owner: Owner, now: SimTime) {
        let slot = &self.slots[layer];
        if let Some(place) = slot.budget {
            self.budgets.forget(now, place, owner);
        }
        if let Some(fresh) = slot.config.state(now) {
            let first = slot.state.index(owner, 0);
            self.states[first..first + slot.state.per_process as usize].fill(fresh);
        }
    }

    /// The configuration of a layer, and the layer inside it.
    #[inline]
    pub(super) fn at(&self, layer: LayerId) -> (&Layer, Option<LayerId>) {
        let slot = &self.slots[layer];
        (&slot.config, slot.inner)
    }

    /// A timeout that needs no frame of its own if the one around it lends its alarm, and the layer
    /// inside it.
    #[inline]
    pub(super) fn guest_at(
        &self,
        layer: Option<LayerId>,
    ) -> Option<(TimeoutConfig, Option<LayerId>)> {
        let slot = &self.slots[layer?];
        if let Layer::Timeout(timeout) = slot.config
            && !timeout.propagate
        {
            return Some((timeout, slot.inner));
        }
        None
    }

    /// Whether of two layers of one pipeline the second is the next one inward: they are numbered
    /// from the outside in.
    #[inline]
    pub(super) fn is_next(layer: LayerId, inner: LayerId) -> bool {
        layer.0 + 1 == inner.0
    }

    pub(super) fn inner(&self, layer: LayerId) -> Option<LayerId> {
        self.slots[layer].inner
    }

    pub(super) fn config(&self, layer: LayerId) -> &Layer {
        &self.slots[layer].config
    }

    pub(super) fn draws(&self, layer: LayerId) -> SiteKey {
        self.slots[layer].draws
    }

    /// Whether this layer has a state for each called instance.
    pub fn guards_instances(&self, layer: LayerId) -> bool {
        self.slots[layer].state.per_instance
    }

    pub(super) fn breaker(&mut self, layer: LayerId, owner: Owner, instance: u32) -> Tripping<'_> {
        let slot = &self.slots[layer];
        let Layer::Breaker(config) = &slot.config else {
            unreachable!("not a breaker")
        };
        let index = slot.state.index(owner, instance);
        let LayerState::Breaker(breaker) = &mut self.states[index] else {
            unreachable!("a breaker remembers as one")
        };
        Tripping {
            breaker,
            config,
            draws: slot.opening_draws(index),
            index: index as u32,
        }
    }

    /// A breaker is held open from now on, or no longer: the change, if it is one. A breaker for all
    /// instances does not care which.
    pub fn hold_breaker(
        &mut self,
        layer: LayerId,
        owner: Owner,
        instance: u32,
        holds: bool,
        now: SimTime,
    ) -> Option<Transition> {
        let guards = self.guards_instances(layer);
        let breaker = self
            .breaker(layer, owner, if guards { instance } else { 0 })
            .breaker;
        if holds {
            breaker.hold_open(now)
        } else {
            breaker.let_go(now)
        }
    }

    /// How many instances a layer that guards instances knows.
    pub(super) fn instances(&self, layer: LayerId) -> u32 {
        self.slots[layer].state.per_process
    }

    /// As [`Layer::has_timers`].
    pub(super) fn has_timers(&self, layer: LayerId) -> bool {
        self.slots[layer].config.has_timers()
    }

    /// Tells what timers and ticks have done to breakers until `now` that nobody asked since: at
    /// the end of a run. Each is told with the number of its process and the instance it guards.
    pub fn settle_breakers(
        &mut self,
        now: SimTime,
        mut tell: impl FnMut(LayerId, Owner, Option<u32>, Transition),
    ) {
        for (layer, slot) in self.slots.iter_enumerated() {
            let Layer::Breaker(config) = &slot.config else {
                continue;
            };
            for place in 0..if config.has_timers() { slot.count } else { 0 } {
                let index = (slot.state.base + place) as usize;
                let draws = slot.opening_draws(index);
                let stride = slot.state.per_process.max(1);
                let guarded = slot.state.per_instance.then_some(place % stride);
                let LayerState::Breaker(breaker) = &mut self.states[index] else {
                    unreachable!("a breaker remembers as one")
                };
                while let Some(transition) =
                    breaker.advance(now, config, AskedBy::Onlooker, |n| draws.draw(n))
                {
                    tell(layer, Owner(place / stride), guarded, transition);
                }
            }
        }
    }

    /// The last full answers that a fallback keeps.
    pub(super) fn last_good(
        &mut self,
        layer: LayerId,
        owner: Owner,
    ) -> (&mut LastGood, &FallbackConfig) {
        let slot = &self.slots[layer];
        let Layer::Fallback(config) = &slot.config else {
            unreachable!("not a fallback")
        };
        let LayerState::Fallback(last) = &mut self.states[slot.state.index(owner, 0)] else {
            unreachable!("a fallback remembers as one")
        };
        (last, config)
    }

    /// The latencies that a hedge remembers.
    pub(super) fn recent(
        &mut self,
        layer: LayerId,
        owner: Owner,
    ) -> (&mut RecentLatency, &HedgeConfig) {
        let slot = &self.slots[layer];
        let Layer::Hedge(config) = &slot.config else {
            unreachable!("not a hedge")
        };
        let LayerState::Hedge(recent) = &mut self.states[slot.state.index(owner, 0)] else {
            unreachable!("a hedge remembers as one")
        };
        (recent, config)
    }

    /// All layers.
    pub(super) fn ids(&self) -> impl Iterator<Item = LayerId> + use<> {
        self.slots.ids()
    }

    /// Where the state lies that a layer has for an owner and an instance.
    pub(super) fn state_of(&self, layer: LayerId, owner: Owner, instance: u32) -> StateRef {
        let index = self.slots[layer].state.index(owner, instance);
        StateRef { layer, index }
    }

    /// Where a state makes draws that belong to no call.
    pub(super) fn own_draws(&self, state: StateRef) -> SiteKey {
        let slot = &self.slots[state.layer];
        let number = state.index - slot.state.base as usize;
        SiteKey(child_key(slot.draws.0, number as u64, 1))
    }

    /// Where all states of a layer lie.
    pub(super) fn states_of(&self, layer: LayerId) -> impl Iterator<Item = StateRef> + use<> {
        let slot = &self.slots[layer];
        let first = slot.state.base as usize;
        (first..first + slot.count as usize).map(move |index| StateRef { layer, index })
    }

    /// The settings and the state of a layer.
    pub(super) fn state_at(&self, state: StateRef) -> (&Layer, &LayerState) {
        (&self.slots[state.layer].config, &self.states[state.index])
    }

    /// The same, to be changed.
    pub(super) fn state_at_mut(&mut self, state: StateRef) -> (&Layer, &mut LayerState) {
        (
            &self.slots[state.layer].config,
            &mut self.states[state.index],
        )
    }

    /// Grants not yet settled and passes under way in all budgets, for checks.
    pub fn granted(&self) -> (u32, u32) {
        self.budgets.held()
    }
}

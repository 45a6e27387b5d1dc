//! Guards as layers: each question goes to the guard of the kind that the layer is of.
//!
//! Who asks, a pipeline or the gate of a service, does not know the kinds: they are named in one
//! place, [`ask_guard`]. Every answer is `None` where the layer is no guard.

use crate::policy::{AppliedSet, Guard, GuardAnswer, Layer, LayerState, Left, Outcome, Visit};
use crate::time::SimTime;

/// Asks the guard of a layer, whatever its kind; `None`: the layer is no guard.
macro_rules! ask_guard {
    ($layer:expr, $state:expr, |$guard:ident, $config:ident| $question:expr) => {
        match ($layer, $state) {
            (Layer::Bulkhead($config), LayerState::Bulkhead($guard)) => Some($question),
            (Layer::RateLimit($config), LayerState::RateLimit($guard)) => Some($question),
            (Layer::ConcurrencyLimit($config), LayerState::ConcurrencyLimit($guard)) => {
                Some($question)
            }
            (Layer::Throttle($config), LayerState::Throttle($guard)) => Some($question),
            (Layer::Shed($config), LayerState::Shed($guard)) => Some($question),
            (
                Layer::Bulkhead(_)
                | Layer::RateLimit(_)
                | Layer::ConcurrencyLimit(_)
                | Layer::Throttle(_)
                | Layer::Shed(_),
                _,
            ) => {
                unreachable!("a guard remembers as one of its kind")
            }
            (
                Layer::Timeout(_)
                | Layer::Retry(_)
                | Layer::Breaker(_)
                | Layer::Fallback(_)
                | Layer::Hedge(_),
                _,
            ) => None,
        }
    };
}

/// What is asked of a layer that is a guard.
impl LayerState {
    /// As [`Guard::advance`].
    pub fn advance(&mut self, layer: &Layer, now: SimTime) {
        ask_guard!(layer, self, |guard, config| guard.advance(config, now));
    }

    /// As [`Guard::admits`].
    pub fn admits(&self, layer: &Layer, now: SimTime) -> Option<bool> {
        ask_guard!(layer, self, |guard, config| guard.admits(config, now))
    }

    /// As [`Guard::enter`].
    pub fn enter(&mut self, layer: &Layer, now: SimTime, visit: Visit) -> Option<GuardAnswer> {
        ask_guard!(layer, self, |guard, config| guard.enter(config, now, visit))
    }

    /// As [`Guard::leave`].
    pub fn leave(&mut self, layer: &Layer, now: SimTime, left: Left) {
        ask_guard!(layer, self, |guard, config| guard.leave(config, now, left));
    }

    /// As [`Guard::forget`].
    pub fn forget(&mut self, layer: &Layer, who: u32) {
        ask_guard!(layer, self, |guard, _config| guard.forget(who));
    }

    /// As [`Guard::next`].
    pub fn next(&mut self, layer: &Layer, now: SimTime) -> Option<u32> {
        ask_guard!(layer, self, |guard, config| guard.next(config, now)).flatten()
    }

    /// As [`Guard::turn`].
    pub fn turn(&mut self, layer: &Layer, now: SimTime) -> Option<(u32, SimTime)> {
        ask_guard!(layer, self, |guard, config| guard.turn(config, now)).flatten()
    }

    /// As [`Guard::due`].
    pub fn due(&mut self, layer: &Layer, who: u32) -> Option<Outcome> {
        ask_guard!(layer, self, |guard, _config| guard.due(who)).flatten()
    }

    /// As [`Guard::refused_by`].
    pub fn refused_by(&self, layer: &Layer) -> AppliedSet {
        ask_guard!(layer, self, |guard, config| guard.refused_by(config)).unwrap_or_default()
    }

    /// As [`Guard::limit`].
    pub fn limit(&self, layer: &Layer) -> Option<u32> {
        ask_guard!(layer, self, |guard, _config| guard.limit()).flatten()
    }

    /// As [`Guard::held`].
    pub fn held(&self, layer: &Layer) -> (u32, u32) {
        ask_guard!(layer, self, |guard, _config| guard.held()).unwrap_or_default()
    }
}

//! What a scenario asks for: how calls arrive at a client.

use super::batch::Batch;
use super::error::{TrafficError, positive};
use super::profile::RateProfile;
use crate::time::{SimDuration, SimTime};
use crate::units::Rate;
use std::sync::Arc;

/// A process of arrivals, valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Independent arrivals: unit exponentials of the cumulative rate apart.
    Poisson {
        /// Rate of arrivals.
        profile: RateProfile,
        /// Calls per arrival.
        batch: Batch,
    },
    /// Even arrivals: the n-th when n are expected.
    Constant {
        /// Rate of arrivals.
        profile: RateProfile,
        /// Calls per arrival.
        batch: Batch,
    },
    /// Poisson arrivals at a rate that jumps between states at random.
    MarkovModulated(Modulated),
    /// Arrivals at given instants.
    Recorded(Recorded),
}

/// One state of modulated arrivals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModulatedState {
    /// Rate of arrivals in this state \[1/s\].
    pub rate: Rate,
    /// Mean of the exponential time spent in it.
    pub mean_duration: SimDuration,
}

/// The states of modulated arrivals: at least two, with arrivals in some.
#[derive(Clone, Debug, PartialEq)]
pub struct Modulated {
    pub(super) states: Vec<ModulatedState>,
}

/// Instants of arrivals in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub(super) times: Arc<[SimTime]>,
}

impl Arrivals {
    /// Modulated Poisson arrivals. The first state is drawn by the share of time spent in each (with
    /// rule "next state uniform among the others", this is proportional to the mean durations).
    pub fn markov_modulated(states: Vec<ModulatedState>) -> Result<Self, TrafficError> {
        match states.len() {
            0 => {
                return Err(TrafficError::Empty {
                    parameter: "states",
                });
            }
            1 => return Err(TrafficError::OneState),
            _ => {}
        }
        for state in &states {
            positive("mean_duration", state.mean_duration)?;
        }
        let per_change = arrivals_per_change(&states);
        if per_change < 1e-6 {
            return Err(TrafficError::TooFewArrivals { per_change });
        }
        Ok(Self::MarkovModulated(Modulated { states }))
    }

    /// Arrivals at these instants, which must be in order; equal ones arrive one after another.
    pub fn recorded(times: Vec<SimTime>) -> Result<Self, TrafficError> {
        match times.windows(2).find(|pair| pair[0] > pair[1]) {
            Some(pair) => Err(TrafficError::Unsorted {
                parameter: "times",
                earlier: pair[0],
                at: pair[1],
            }),
            None => Ok(Self::Recorded(Recorded {
                times: times.into(),
            })),
        }
    }
}

/// Arrivals expected between two changes of state \[count\].
fn arrivals_per_change(states: &[ModulatedState]) -> f64 {
    let total = states.iter().fold(0.0, |sum, state| {
        sum + state.rate.get() * state.mean_duration.as_secs_f64()
    });
    total / states.len() as f64
}

//! The standard pipeline of .NET: what its library refuses at the start.
//!
//! An application whose options break these rules does not start, so a scenario that does would show
//! what can never be: an attempt may take no longer than the whole, and the breaker has to remember
//! at least two attempts that take their full time, or it would never see enough of them.

use super::Compiler;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::layer::{LayerFile, PolicyFile};
use crate::scenario::read::At;
use crate::time::SimDuration;

/// What `like` calls it.
const STANDARD: &str = "polly-standard";

impl Compiler<'_> {
    /// Warns about a policy with the breaker of a standard pipeline that .NET would refuse.
    pub(super) fn check_standard_pipeline(&mut self, layers: &PolicyFile) {
        let Some((place, sampling)) = layers
            .iter()
            .enumerate()
            .find_map(|(place, layer)| Some((place, sampling_of_standard(layer)?)))
        else {
            return;
        };
        let breaker = &layers[place];
        let total = layers[..place].iter().find_map(timeout);
        let Some((at, attempt)) = layers[place..]
            .iter()
            .rev()
            .find_map(|layer| Some((layer, timeout(layer)?)))
        else {
            return;
        };
        if attempt + attempt > sampling {
            self.refused_by_dotnet(
                breaker,
                &format!(
                    "remembers {sampling}, but an attempt may take {attempt}: .NET refuses a \
                     SamplingDuration below twice the AttemptTimeout"
                ),
                "make `window.time` at least twice the timeout of an attempt",
            );
        }
        if let Some(total) = total.filter(|&total| attempt > total) {
            self.refused_by_dotnet(
                at,
                &format!(
                    "lets an attempt take {attempt}, and the call as a whole {total}: .NET refuses \
                     an AttemptTimeout above the TotalRequestTimeout"
                ),
                "make the timeout of an attempt shorter than that of the call",
            );
        }
    }

    fn refused_by_dotnet(&mut self, layer: &At<LayerFile>, what: &str, hint: &'static str) {
        let message = format!("`{}` {what}", layer.path);
        let found = Diagnostic::warning("standard-pipeline", layer.span, message);
        self.found.push(found.hint(hint));
    }
}

/// How much time the breaker of a standard pipeline remembers.
fn sampling_of_standard(layer: &At<LayerFile>) -> Option<SimDuration> {
    let LayerFile::CircuitBreaker(breaker) = &layer.value else {
        return None;
    };
    let file = &breaker.0.value;
    let is_standard = file.like.as_ref().is_some_and(|like| like.0 == STANDARD);
    let window = file.window.as_ref().filter(|_| is_standard)?;
    window.value.time
}

fn timeout(layer: &At<LayerFile>) -> Option<SimDuration> {
    let LayerFile::Timeout(timeout) = &layer.value else {
        return None;
    };
    timeout.value.after
}

//! Connecting: who cannot be reached, and how long a caller tries.
//!
//! A request finds its instance, is refused (somebody is there and says no), or finds nobody: a
//! partition lies between, or the machine is gone. Then no packet ever comes back, and the caller
//! learns nothing until it has waited long enough: for the `connect` limit of a timeout layer, if one
//! is around the attempt, else for a timeout. The limit counts from the sending of the attempt.
//!
//! A paused instance is another case: its machine connects whoever comes, as far as the backlog of the
//! service goes; beyond it the packet is dropped without a word, and the caller's machine sends it again
//! 1, 3, 7, … s after the first one (Linux: an initial timeout of 1 s, doubled each time).
//!
//! A connection that stands already is not modelled: each attempt connects for itself, in no time
//! but the request's own.

use super::event::NetworkEvent;
use crate::id::{Id, IdMap, LayerId, SiteId};
use crate::kernel::Class;
use crate::model::attempt::{AttemptFlag, AttemptIx, Stage};
use crate::model::call::Then;
use crate::model::cx::Cx;
use crate::model::fact::{Cause, CauseKind, Ending, Fact, Observer, Place};
use crate::model::handoff::Handoff;
use crate::model::spec::ModelSpec;
use crate::policy::{Layer, Outcome};
use crate::time::{SimDuration, SimTime};

/// The shortest limit around the attempts of each site, and the layer that sets it.
#[derive(Clone, Debug)]
pub(super) struct ConnectLimits {
    layers: Vec<Option<SimDuration>>,
    sites: IdMap<SiteId, Option<(SimDuration, LayerId)>>,
}

impl ConnectLimits {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let mut limits = Self {
            layers: spec
                .layers
                .iter()
                .map(|layer| limit_of(&layer.kind))
                .collect(),
            sites: IdMap::new(),
        };
        limits.settle(spec);
        limits
    }

    /// Settings of layers have changed.
    pub(super) fn change(&mut self, spec: &ModelSpec, layers: &[LayerId], kind: &Layer) {
        for &layer in layers {
            self.layers[layer.index()] = limit_of(kind);
        }
        self.settle(spec);
    }

    fn settle(&mut self, spec: &ModelSpec) {
        let shortest = |pipeline| {
            let layers = spec.pipelines[pipeline].layers();
            let limits = layers.filter_map(|id| Some((self.layers[id.index()]?, id)));
            limits.min_by_key(|limit| limit.0)
        };
        let sites = spec.sites.iter().map(|site| shortest(site.pipeline));
        self.sites = sites.collect();
    }
}

fn limit_of(layer: &Layer) -> Option<SimDuration> {
    layer.timeout().and_then(|timeout| timeout.connect)
}

impl ConnectLimits {
    /// A request found nobody. The caller learns it when its limit is over, if it has one.
    pub(super) fn not_there<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        lose(cx, ix, false);
        let attempt = &cx.attempts[ix];
        if let Some((limit, _)) = self.sites[attempt.site] {
            let at = (attempt.sent_at + limit).max(cx.now);
            cx.attempts.message_sent(ix);
            cx.schedule(at, Class::Expiry, NetworkEvent::NoConnection(ix));
        }
        cx.attempts.callee_leaves(ix);
    }

    /// A request found a paused instance whose backlog is full. It comes again, unless its limit is over
    /// before.
    pub(super) fn knock<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        attempt.stage = Stage::Knocking;
        let (site, sent_at) = (attempt.site, attempt.sent_at);
        let seconds = cx.now.since(sent_at).as_ns() / 1_000_000_000;
        let again_at = cx.now + SimDuration::from_secs(1 << (seconds + 1).ilog2());
        let limit = self.sites[site];
        let given_up_at = limit.map_or(SimTime::NEVER, |(limit, _)| (sent_at + limit).max(cx.now));
        cx.attempts.message_sent(ix);
        if given_up_at <= again_at {
            cx.schedule(given_up_at, Class::Expiry, NetworkEvent::NoConnection(ix));
        } else {
            cx.schedule(again_at, Class::Start, NetworkEvent::Again(ix));
        }
    }

    /// An attempt has waited long enough for its connection.
    pub(super) fn no_connection<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let was_knocking = cx.attempts[ix].stage == Stage::Knocking;
        if was_knocking {
            cx.attempts.callee_leaves(ix);
        }
        let attempt = &cx.attempts[ix];
        let limit = self.sites[attempt.site].filter(|_| attempt.is_wanted());
        let Some((_, layer)) = limit else {
            // It was given up before, or the limit is no more: its timeout will end it.
            cx.attempts.message_gone(ix);
            return;
        };
        let (place, kind) = if was_knocking {
            (
                Place::Operation(cx.targets[attempt.site]),
                CauseKind::NotAccepted,
            )
        } else if attempt.flags.has(AttemptFlag::Unreachable) {
            (
                Place::Operation(cx.targets[attempt.site]),
                CauseKind::Unreachable,
            )
        } else {
            (
                Place::Network(cx.targets[attempt.site]),
                CauseKind::OnTheWay,
            )
        };
        let call = cx.calls[attempt.call].number;
        let ending = Ending::new(
            Outcome::TimeoutConnect,
            Place::Layer(layer),
            Cause { place, kind },
        );
        cx.tell(&Fact::TimedOut {
            call,
            layer,
            connect: true,
        });
        cx.work.push(Handoff::Answered(ix, ending));
    }
}

/// An attempt that was not heard comes again, if its caller has not given it up.
pub(super) fn again<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) {
    if cx.attempts[ix].is_wanted() {
        cx.attempts[ix].stage = Stage::OnTheWay;
        cx.work.push(Handoff::Arrive(ix));
    } else {
        cx.attempts.callee_leaves(ix);
    }
    cx.attempts.message_gone(ix);
}

/// A message will not arrive.
pub(super) fn lose<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx, answer: bool) {
    let attempt = &cx.attempts[ix];
    cx.tell(&Fact::MessageLost {
        attempt: attempt.number,
        site: attempt.site,
        answer,
    });
    let attempt = &cx.attempts[ix];
    if attempt.is_wanted()
        && let Then::Message(delivery) = cx.calls[attempt.call].reply.then()
    {
        cx.work.push(Handoff::Vanished(delivery));
    }
}

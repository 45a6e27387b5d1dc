//! Why it went wrong: a chain of causes, as sentences in the order of time.
//!
//! A failure is seldom where it hurts. A service slows, the queue before it grows beyond what its
//! callers have patience for, they time out and call again, and when the fault is over the queue is
//! full of work for those who have left. The record holds each of these facts with its time; the
//! chain sets them side by side.
//!
//! - **When there is one.** A run has a chain if something went wrong in it: an expectation failed,
//!   a finding is a warning or worse, a system did not recover or fell again, or useful calls fell
//!   by more than chance. A run in which nothing went wrong has none, whatever was injected.
//! - **Its links.** Each kind of link looks for itself at the whole run and is silent where the
//!   record does not show it: threads all busy, queues beyond patience, attempts that fail, more
//!   attempts than calls, what policies stopped, refused or replaced, and calls that fail. A fault,
//!   or a client that calls more than before, belongs to it only if another link begins while it lasts
//!   or soon after; so do its end, what it
//!   left behind, and what keeps the system down.
//! - **An expectation** that failed has those links which hold within its time or shortly before it,
//!   and where its failures began.
//!
//! Shares are those of an episode: from the first group of points that shows something to the last.
//! Rejected: one sentence pattern per scenario, which says what its author expected; and causes by
//! correlation of series, which finds what moves together, not what led to what.

mod calls;
mod demand;
mod layers;
mod link;
mod load;
mod outside;
#[cfg(test)]
mod tests;

pub use link::Link;

use super::expect::{Judged, span_of};
use super::findings::Finding;
use super::goodput_lines::falls;
use super::recovery::Recovery;
use super::run_view::RunView;
use super::verdict::{RecoveryVerdict, Severity, Verdict};
use super::words::seconds;
use crate::scenario::expect::Measure;
use link::{Kind, SOON};

/// At most so many links: what is longer is not read.
const MOST: usize = 16;

/// The chain of a whole run; empty if nothing went wrong.
pub(super) fn chain(
    view: &RunView<'_>,
    recoveries: &[Recovery],
    findings: &[Finding],
    expectations: &[Judged],
) -> Vec<Link> {
    let fallen = falls(view);
    if fallen.is_empty() && !went_wrong(recoveries, findings, expectations) {
        return Vec::new();
    }
    let mut links = load::links(view);
    links.extend(calls::links(view, &fallen));
    links.extend(demand::links(view));
    links.extend(layers::links(view));
    let around = outside::links(view, recoveries, &links);
    links.extend(around);
    after_causes(&mut links);
    make_room(&mut links);
    // A stable sort: the greatest of a kind come first.
    links.sort_by_key(|link| (link.at, link.kind));
    links
}

fn went_wrong(recoveries: &[Recovery], findings: &[Finding], expectations: &[Judged]) -> bool {
    let denied = |one: &Recovery| match one.verdict {
        RecoveryVerdict::NotRecovered | RecoveryVerdict::Relapsed => true,
        RecoveryVerdict::Recovered
        | RecoveryVerdict::SaturatedBefore
        | RecoveryVerdict::NoBaseline
        | RecoveryVerdict::TooShortToJudge
        | RecoveryVerdict::NeverEnded => false,
    };
    let mut failed = expectations.iter().map(|one| one.verdict);
    failed.any(|verdict| verdict == Verdict::Fail)
        || findings.iter().any(|one| one.severity < Severity::Note)
        || recoveries.iter().any(denied)
}

/// What a point shows began somewhere within it: no earlier than what may have led to it there.
fn after_causes(links: &mut [Link]) {
    links.sort_by_key(|link| link.kind);
    for place in 0..links.len() {
        let (causes, rest) = links.split_at_mut(place);
        let link = &mut rest[0];
        let led = causes.iter().filter(|cause| cause.kind < link.kind);
        let led = led.map(|cause| cause.at).filter(|at| *at < link.before);
        link.at = led.max().map_or(link.at, |at| at.max(link.at));
    }
}

/// Leaves out the most dispensable links, the last of them first.
fn make_room(links: &mut Vec<Link>) {
    while links.len() > MOST {
        let least = (0..links.len()).max_by_key(|&place| (links[place].kind.dispensable(), place));
        links.remove(least.unwrap_or_default());
    }
}

/// What of a run's chain led to the failure of a measure, each link with its time, and where its
/// failures began.
pub(super) fn causes(view: &RunView<'_>, chain: &[Link], measure: &Measure) -> Vec<String> {
    let (from, until) = span_of(view, measure);
    let near = from.before(SOON);
    let led = chain
        .iter()
        .filter(|link| link.at < until && link.until >= near);
    let mut texts: Vec<String> = led
        .clone()
        .map(|link| format!("t={} {}", seconds(link.at), link.text))
        .collect();
    if led.into_iter().all(|link| link.kind != Kind::Calls) {
        texts.extend(calls::first_causes(view));
    }
    texts
}

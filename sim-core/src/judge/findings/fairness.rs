//! One client's calls pay for another's, or one tenant's or class's.

use super::{About, Finding};
use crate::id::ClientId;
use crate::judge::recovery::{ENOUGH_CALLS, HEALTHY};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::verdict::Severity;
use crate::judge::words::percent;
use crate::model::record::{Calls, edges_of, label_name};
use crate::model::spec::{Groups, LabelFilter, Subject};
use crate::policy::{Outcome, OutcomeSet};
use crate::queueing::Discipline;
use std::mem::discriminant;

/// Under this share of useful calls a client is starved, as a system with fewer has collapsed.
const STARVED: f64 = 0.5;

/// A client that gets hardly anything from a service by which another one is served well. One that
/// gets more than the other, and has asked for more still, is not starved.
pub(super) fn starved_client(view: &RunView<'_>) -> Vec<Finding> {
    let clients = view.spec().clients.ids();
    clients.filter_map(|client| starved(view, client)).collect()
}

fn starved(view: &RunView<'_>, client: ClientId) -> Option<Finding> {
    let share = useful_share(view, client).filter(|share| *share < STARVED)?;
    let others = view.spec().clients.ids().filter(|&other| other != client);
    let (fed, fed_share) = others
        .filter(|&other| share_a_service(view, client, other))
        .filter(|&other| calls_of(view, other).useful() > calls_of(view, client).useful())
        .filter_map(|other| useful_share(view, other).map(|share| (other, share)))
        .find(|(_, share)| *share >= HEALTHY)?;
    let name = |id: ClientId| view.spec().clients[id].name.clone();
    Some(Finding {
        code: "starved-client",
        severity: Severity::Warning,
        place: About::client(view, client),
        text: format!(
            "{} of its calls are useful, and {} of those of {}, which calls the same service",
            percent(share),
            percent(fed_share),
            name(fed)
        ),
        remedy: "a bulkhead or a rate limit for each client, or services of their own",
    })
}

/// A tenant or a class that gets hardly anything while another one of its kind is served well.
pub(super) fn starved_label(view: &RunView<'_>) -> Vec<Finding> {
    let spec = view.spec();
    let shares: Vec<(LabelFilter, f64, u64)> = (spec.labelled.iter())
        .filter_map(|one| {
            let calls = &view.record.windows[one.window].calls;
            Some((one.label, enough(calls)?, calls.useful()))
        })
        .collect();
    let mut found = Vec::new();
    for &(label, share, useful) in shares.iter().filter(|one| one.1 < STARVED) {
        let kind = discriminant(&label);
        let fed = |other: &&(LabelFilter, f64, u64)| {
            discriminant(&other.0) == kind && other.1 >= HEALTHY && other.2 > useful
        };
        if let Some(&(fed, fed_share, _)) = shares.iter().find(fed) {
            found.extend(starved_one(view, (label, share), (fed, fed_share)));
        }
    }
    found
}

/// From this share of all calls on a tenant is the noisy one.
const MOST: f64 = 0.5;

/// A tenant that sends most of the calls, and others that send less than their part and do not get it.
pub(super) fn unfair_tenants(view: &RunView<'_>) -> Vec<Finding> {
    let spec = view.spec();
    let tenants: Vec<(LabelFilter, u64, f64)> = (spec.labelled.iter())
        .filter(|one| matches!(one.label, LabelFilter::Tenant(_)))
        .filter_map(|one| {
            let calls = &view.record.windows[one.window].calls;
            Some((one.label, calls.total(), enough(calls)?))
        })
        .collect();
    let all: u64 = tenants.iter().map(|it| it.1).sum();
    let share = |calls: u64| ratio(calls, all).unwrap_or(0.0);
    let Some(noisy) = tenants
        .iter()
        .find(|it| tenants.len() > 1 && share(it.1) > MOST)
    else {
        return Vec::new();
    };
    let part = 1.0 / tenants.len() as f64;
    let pays = tenants
        .iter()
        .find(|it| share(it.1) < part && it.2 < HEALTHY);
    let found = pays.map(|quiet| Finding {
        code: "unfair-tenants",
        severity: Severity::Warning,
        place: About::label(view, quiet.0),
        text: format!(
            "{} of its calls are useful, though they are only {} of all: {} sends {}",
            percent(quiet.2),
            percent(share(quiet.1)),
            label_name(spec, noisy.0),
            percent(share(noisy.1))
        ),
        remedy: "a limit for each tenant: `per: tenant` in the `admission` of the service",
    });
    found.into_iter().collect()
}

fn starved_one(
    view: &RunView<'_>,
    starved: (LabelFilter, f64),
    fed: (LabelFilter, f64),
) -> Option<Finding> {
    let by_priority = gives_way(view, starved.0, fed.0);
    let (code, remedy) = match starved.0 {
        LabelFilter::Any => return None,
        LabelFilter::Tenant(_) => (
            "starved-tenant",
            "a rate limit or a bulkhead for each tenant, or instances of their own",
        ),
        LabelFilter::Class(_) if by_priority => (
            "priority-starvation",
            "`aging`, so that who waits rises; or fewer calls of the higher class, by a limit of its own",
        ),
        LabelFilter::Class(_) => (
            "starved-class",
            "room kept free for each class: a bulkhead or instances of its own",
        ),
    };
    Some(Finding {
        code,
        severity: Severity::Warning,
        place: About::label(view, starved.0),
        text: format!(
            "{} of its calls are useful, and {} of those of {}",
            percent(starved.1),
            percent(fed.1),
            label_name(view.spec(), fed.0)
        ),
        remedy,
    })
}

/// Whether a service takes the calls of one class before those of another, which do not rise by
/// waiting.
fn gives_way(view: &RunView<'_>, starved: LabelFilter, fed: LabelFilter) -> bool {
    let (LabelFilter::Class(starved), LabelFilter::Class(fed)) = (starved, fed) else {
        return false;
    };
    view.spec().services.iter().any(|service| {
        let Groups::Ranks(ranks) = &service.queue.groups else {
            return false;
        };
        let rank = |class: u16| ranks.get(usize::from(class));
        let rises = matches!(
            service.queue.discipline,
            Discipline::Priority { aging: Some(_) }
        );
        !rises && rank(fed) < rank(starved)
    })
}

/// Share of useful calls among those that ended and were no mistakes of the caller, if there are
/// enough to say.
fn useful_share(view: &RunView<'_>, client: ClientId) -> Option<f64> {
    enough(&calls_of(view, client))
}

fn calls_of(view: &RunView<'_>, client: ClientId) -> Calls {
    let mut sum = Calls::default();
    for edge in edges_of(view.spec(), Subject::Client(client)) {
        sum.merge(&view.record.calls[edge]);
    }
    sum
}

fn enough(calls: &Calls) -> Option<f64> {
    let mistaken = Outcome::ALL.iter().filter(|outcome| outcome.is_mistake());
    let mistaken = mistaken.fold(OutcomeSet::EMPTY, |set, &outcome| set.with(outcome));
    let judged = calls.total() - calls.count(mistaken);
    ratio(calls.useful(), judged).filter(|_| judged >= ENOUGH_CALLS)
}

fn share_a_service(view: &RunView<'_>, one: ClientId, other: ClientId) -> bool {
    let spec = view.spec();
    let services = |client: ClientId| {
        let calls = spec.clients[client].calls.iter();
        calls.map(|call| spec.operations[spec.sites[call.site].target].service)
    };
    services(one).any(|service| services(other).any(|also| also == service))
}

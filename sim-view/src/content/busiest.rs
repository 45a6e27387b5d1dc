//! Of a large system, the part at which something happened: nobody reads a table of ten thousand
//! rows, and a page of them no browser opens.

use super::page::{Block, Section, Statement};
use crate::format;
use crate::table::Tone;
use sim_core::report::Report;
use std::borrow::Cow;
use std::cmp::Reverse;

/// Rows of one kind that are shown, at most.
const MOST: usize = 100;
/// Sections that lack rows then.
const SECTIONS: [&str; 9] = [
    "clients",
    "edges",
    "outcomes",
    "first-causes",
    "services",
    "work",
    "operations",
    "policies",
    "breakers",
];

/// The report with the busiest of each kind, and what to say of the others.
pub(super) fn of(report: &Report) -> (Cow<'_, Report>, Option<String>) {
    let kinds = [
        ("clients", report.clients.len()),
        ("edges", report.edges.len()),
        ("services", report.services.len()),
        ("layers", report.layers.len()),
        ("breakers", report.breakers.len()),
    ];
    let large = kinds.iter().filter(|kind| kind.1 > MOST);
    let large: Vec<String> = large
        .map(|(what, count)| format!("{} {what}", format::count(*count as u64)))
        .collect();
    if large.is_empty() {
        return (Cow::Borrowed(report), None);
    }
    let mut shown = report.clone();
    keep(&mut shown.clients, |one| one.calls.started_total);
    keep(&mut shown.edges, |one| one.attempts.sent_total);
    keep(&mut shown.services, |one| {
        let arrived = one.operations.iter().map(|it| it.arrived_total);
        arrived.sum::<u64>()
    });
    keep(&mut shown.layers, |one| {
        let acts: u64 = one.acts.iter().map(|act| act.total).sum();
        (!one.never_acted, acts)
    });
    keep(&mut shown.breakers, |one| one.opened_total);
    let note = format!(
        "Of {} the {MOST} at which most happened are shown; report.json has all of them.",
        large.join(", ")
    );
    (Cow::Owned(shown), Some(note))
}

/// Keeps those that weigh most, in their order; of equals the first.
fn keep<T, W: Ord>(all: &mut Vec<T>, weight: impl Fn(&T) -> W) {
    if all.len() <= MOST {
        return;
    }
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_cached_key(|&place| Reverse(weight(&all[place])));
    places.truncate(MOST);
    places.sort_unstable();
    let mut place = 0..;
    all.retain(|_| {
        place
            .next()
            .is_some_and(|place| places.binary_search(&place).is_ok())
    });
}

/// Says it below the tables that lack rows.
pub(super) fn say(note: &str, sections: &mut [Section]) {
    let lacking = |part: &&mut Section| SECTIONS.contains(&part.id) && !part.blocks.is_empty();
    for part in sections.iter_mut().filter(lacking) {
        part.blocks
            .push(Block::Text(Statement::new(note, Tone::Quiet)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_small_report_is_shown_whole() {
        let report = fixture::retry_storm();
        let (shown, note) = of(&report);
        assert!(matches!(shown, Cow::Borrowed(_)) && note.is_none());
    }

    #[test]
    fn of_many_services_the_busiest_are_shown_and_the_others_told() {
        let mut report = fixture::retry_storm();
        let service = report.services[0].clone();
        report.services = (0..3_000)
            .map(|number| {
                let mut one = service.clone();
                one.name = format!("s{number}");
                one.operations.truncate(1);
                one.operations[0].arrived_total = u64::from(number % 7 == 0) * (number + 1);
                one
            })
            .collect();
        let (shown, note) = of(&report);
        assert_eq!(shown.services.len(), MOST);
        assert!(
            shown
                .services
                .iter()
                .all(|one| one.operations[0].arrived_total > 2_000)
        );
        assert!(
            shown
                .services
                .is_sorted_by_key(|one| one.operations[0].arrived_total)
        );
        assert!(note.is_some_and(|note| note.starts_with("Of 3,000 services the 100")));
        let text = crate::markdown(&report);
        assert!(text.contains("report.json has all of them"), "{text}");
    }
}

//! How something spreads over runs: a histogram, counted in runs. Two hills mean two fates, which no
//! mean describes.

use super::axis::{Along, Scale};
use super::canvas::PX;
use super::draft::{Chart, Draft, PANELS_MAX, chart};
use super::frame::Sheet;
use super::panel::{Body, Line, Panel};
use super::theme;
use sim_core::report::{RecoveryOverRuns, ReplicationReport};

/// A whole, in millionths.
const WHOLE: u64 = 1_000_000;
/// Bars over all shares: 2 % each.
const SHARE_BARS: u64 = 50;
const SECOND_NS: u64 = 1_000_000_000;

/// The share of useful calls.
pub(super) fn of_useful_shares(report: &ReplicationReport) -> Option<Chart> {
    let shares = report.each.iter().filter_map(|run| run.useful_share);
    let places = shares.map(|share| (share.get() * WHOLE as f64) as u64);
    let (edges, runs) = histogram(places, WHOLE / SHARE_BARS, SHARE_BARS);
    let draft = Draft {
        file: "useful.svg",
        title: "Useful calls over runs",
        about: "How many runs have which share of useful calls. Runs at the far left collapsed; a hill \
                on either side means that luck decides.",
        panels: vec![panel("Runs".to_owned(), runs)],
    };
    let sheet = sheet(Along::Share, edges);
    (report.each.len() > 1).then(|| chart(&sheet, &draft))
}

/// The time to recover from each fault.
pub(super) fn of_recovery_times(report: &ReplicationReport) -> Option<Chart> {
    let times = |place: usize| {
        let runs = report.each.iter();
        runs.filter_map(move |run| *run.recovery_times_ns.get(place)?)
    };
    let shown: Vec<(usize, &RecoveryOverRuns)> = report
        .recovery
        .iter()
        .enumerate()
        .filter(|&(place, one)| one.of == "all clients" && times(place).next().is_some())
        .take(PANELS_MAX)
        .collect();
    let longest = shown
        .iter()
        .filter_map(|&(place, _)| times(place).max())
        .max()?;
    // Recovery begins at a whole second, so bars are whole seconds wide.
    let seconds = longest / SECOND_NS + 1;
    let bar_ns = seconds.div_ceil(40).max(1) * SECOND_NS;
    let bars = (longest / bar_ns + 1).max(10);
    let histograms = shown
        .iter()
        .map(|&(place, _)| histogram(times(place), bar_ns, bars));
    let histograms: Vec<_> = histograms.collect();
    let edges = histograms.first()?.0.clone();
    let panels = shown.iter().zip(histograms);
    let draft = Draft {
        file: "recovery.svg",
        title: "Time to recover over runs",
        about: "How many runs came back how long after a fault ended. Those that did not are in the \
                title of each panel.",
        panels: panels
            .map(|((_, one), (_, runs))| panel(title(one), runs))
            .collect(),
    };
    let sheet = sheet(Along::Recovery, edges);
    (report.each.len() > 1).then(|| chart(&sheet, &draft))
}

/// A sheet with these edges of bars.
fn sheet(along: Along, edges_ns: Vec<u64>) -> Sheet {
    Sheet {
        end_ns: edges_ns.last().copied().unwrap_or_default(),
        warmup_ns: 0,
        faults: Vec::new(),
        edges_ns,
        time: along.name(),
        along,
    }
}

fn title(one: &RecoveryOverRuns) -> String {
    let unknown = one.too_short + one.saturated_before + one.no_baseline + one.never_ended;
    format!(
        "{}: {} runs recovered, {} relapsed, {} did not, {unknown} cannot say",
        one.fault, one.recovered.runs, one.relapsed, one.not_recovered
    )
}

/// The edges of `bars` bars and how many of the places lie in each; the last includes its end.
fn histogram(places: impl Iterator<Item = u64>, bar: u64, bars: u64) -> (Vec<u64>, Vec<u64>) {
    let mut counts = vec![0; bars as usize];
    for place in places {
        counts[(place / bar).min(bars - 1) as usize] += 1;
    }
    ((0..=bars).map(|edge| edge * bar).collect(), counts)
}

fn panel(title: String, runs: Vec<u64>) -> Panel {
    let values: Vec<f64> = runs.into_iter().map(|count| count as f64).collect();
    let scale = Scale::up_to(values.iter().copied());
    let values = values.into_iter().map(Some).collect();
    Panel {
        title,
        body: Body::Lines(
            scale,
            vec![Line::new("runs", theme::series(0), values).filled()],
        ),
        height: 120 * PX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_in_one_bar() {
        let (edges, counts) = histogram([0, 19, 20, 99, 100].into_iter(), 20, 5);
        assert_eq!(edges, [0, 20, 40, 60, 80, 100]);
        assert_eq!(counts, [2, 1, 0, 0, 2]);
    }
}

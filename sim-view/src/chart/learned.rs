//! Limits that guards find for themselves, over time, and what they turned away.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{present, rates};
use crate::resample;
use sim_core::report::{LimitPoint, LimitReport, Report};

/// The chart; only limits that moved are in it.
pub(super) fn draft(report: &Report) -> Draft {
    let at_callees = report.services.iter().flat_map(|service| {
        let all = service.admission.iter();
        all.filter_map(move |one| Some((service.name.as_str(), one.limit.as_ref()?)))
    });
    let of_services = at_callees
        .filter(|(_, limit)| limit.owners_changed > 0)
        .map(|(service, limit)| {
            let mut series = report.series.services.iter();
            let refused = series.find(|one| one.name == service);
            let refused = refused.map(|one| rates(report, &one.rejected));
            let title = format!("Admission of {service}: calls at once");
            (title, limit, refused)
        });
    let of_layers = report.layers.iter().filter_map(|one| {
        let limit = one.limit.as_ref().filter(|it| it.owners_changed > 0)?;
        let (layer, caller, target) = (&one.layer, &one.caller, &one.target);
        Some((
            format!("{layer} of {caller} to {target}: calls at once"),
            limit,
            None,
        ))
    });
    let panels = of_services.chain(of_layers).take(PANELS_MAX);
    Draft {
        file: "learned-limits.svg",
        title: "Learned limits",
        about: "How many calls at once a guard lets in, which it finds out by itself; the band reaches \
                from its lowest owner to its highest. A limit that grows while calls take longer has \
                learned the overload; one that stays at its floor cannot do anything more. Turned away \
                are calls per second, by all that refuses at that service.",
        panels: panels
            .flat_map(|(title, limit, refused)| panels_of(report, title, limit, refused))
            .collect(),
    }
}

fn panels_of(
    report: &Report,
    title: String,
    limit: &LimitReport,
    refused: Option<Vec<Option<f64>>>,
) -> Vec<Panel> {
    let lowest = column(report, limit, |points| points.map(|it| it.lowest).min());
    let highest = column(report, limit, |points| points.map(|it| it.highest).max());
    let mut lines =
        vec![Line::new("limit", theme::USEFUL, highest.clone()).down_to(lowest.clone())];
    if lowest != highest {
        "highest".clone_into(&mut lines[0].name);
        lines.push(Line::new("lowest", theme::USEFUL_HALF, lowest));
    }
    let of_limit = Panel {
        title,
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 110 * PX,
    };
    let turned_away = refused.filter(|values| values.iter().flatten().any(|&value| value > 0.0));
    let turned_away = turned_away.map(|values| {
        let lines = vec![Line::new("turned away", theme::ATTEMPTS, values).filled()];
        Panel {
            title: "Turned away there: per second".to_owned(),
            body: Body::Lines(Scale::up_to(present(&lines)), lines),
            height: 64 * PX,
        }
    });
    std::iter::once(of_limit).chain(turned_away).collect()
}

/// A figure of the spans that meet each bucket.
fn column(
    report: &Report,
    limit: &LimitReport,
    figure: impl Fn(&mut dyn Iterator<Item = &LimitPoint>) -> Option<u32>,
) -> Vec<Option<f64>> {
    let series = &report.series;
    let end_of = |place: usize| {
        limit
            .points
            .get(place + 1)
            .map_or(u64::MAX, |next| next.from_ns)
    };
    (0..series.points as usize)
        .map(|bucket| {
            let from = resample::start_of(series, bucket);
            let until = resample::start_of(series, bucket + 1);
            let spans = limit.points.iter().enumerate();
            let mut met = spans
                .filter(|&(place, it)| it.from_ns < until && end_of(place) > from)
                .map(|(_, it)| it);
            figure(&mut met).map(f64::from)
        })
        .collect()
}

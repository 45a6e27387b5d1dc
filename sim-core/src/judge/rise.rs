//! Load that rises for a while, of itself and by no fault: a system has to recover from that, too.

use super::run_view::RunView;
use crate::id::ClientId;
use crate::model::spec::TrafficSpec;
use crate::time::{SimDuration, SimTime};
use crate::traffic::{Arrivals, RateProfile};

/// A rate has risen if it is so many times what it was first,
const RISEN: f64 = 1.3;
/// and is back if it is no more than this many times that.
const BACK: f64 = 1.05;

/// The load of a client rises, and comes back to what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rise {
    /// Whose.
    pub(super) client: ClientId,
    /// The first second of it.
    pub(super) began: SimTime,
    /// The first second after which it stays as it was.
    pub(super) ended: SimTime,
}

/// The rise of each client that has one and calls at a rate made of points. Several steps of one
/// client are one rise, as several spans are one fault.
pub(super) fn rises(view: &RunView<'_>) -> Vec<Rise> {
    let clients = view.spec().clients.iter_enumerated();
    let rises = clients.filter_map(|(client, it)| {
        let TrafficSpec::Arrivals(arrivals) = &it.traffic else {
            return None;
        };
        let profile = match arrivals {
            Arrivals::Poisson { profile, .. } | Arrivals::Constant { profile, .. } => profile,
            Arrivals::MarkovModulated(_) | Arrivals::Recorded(_) => return None,
        };
        let (began, ended) = rise(profile, view.spec().warmup, view.spec().duration)?;
        Some(Rise {
            client,
            began,
            ended,
        })
    });
    rises.collect()
}

fn rise(profile: &RateProfile, from: SimTime, end: SimTime) -> Option<(SimTime, SimTime)> {
    if !profile.is_of_points() {
        return None;
    }
    let at = |second: u64| SimTime::ZERO + SimDuration::from_secs(second);
    let rate = |second: &u64| profile.rate_at(at(*second)).get();
    let first = from.as_ns().div_ceil(1_000_000_000);
    let seconds = first..end.as_ns() / 1_000_000_000;
    let usual = rate(&first);
    let began = seconds
        .clone()
        .find(|second| rate(second) >= usual * RISEN)?;
    let last = seconds
        .clone()
        .rev()
        .find(|second| rate(second) > usual * BACK)?;
    (usual > 0.0 && last + 1 < seconds.end).then(|| (at(began), at(last + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Ramp, RatePoint};
    use crate::units::Rate;

    fn profile(points: &[(u64, f64)]) -> RateProfile {
        let point = |&(at_s, per_second): &(u64, f64)| RatePoint {
            at: s(at_s),
            rate: Rate::per_second(per_second).unwrap(),
            ramp: Ramp::Step,
        };
        RateProfile::points(&points.iter().map(point).collect::<Vec<_>>()).unwrap()
    }

    fn s(second: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(second)
    }

    #[test]
    fn a_rise_comes_back() {
        for (points, expected) in [
            (&[(0, 100.0), (40, 300.0), (70, 100.0)][..], Some((40, 70))),
            (&[(0, 100.0), (40, 130.0), (50, 105.0)], Some((40, 50))),
            (&[(0, 100.0), (40, 129.0), (50, 100.0)], None),
            (&[(0, 100.0), (40, 300.0), (70, 106.0)], None),
            (&[(0, 100.0), (40, 300.0)], None),
            (&[(0, 100.0), (40, 50.0), (70, 100.0)], None),
            (
                &[(0, 10.0), (20, 30.0), (30, 10.0), (40, 20.0), (50, 10.0)],
                Some((20, 50)),
            ),
        ] {
            let found = rise(&profile(points), SimTime::ZERO, s(100));
            let expected = expected.map(|(from, until)| (s(from), s(until)));
            assert_eq!(found, expected, "{points:?}");
        }
        assert_eq!(
            rise(
                &Rate::per_second(5.0).unwrap().into(),
                SimTime::ZERO,
                s(100)
            ),
            None
        );
    }
}

//! One distribution of each family and corner, for the tests that go through all of them.

use crate::random::{Dist, Draws, KeySource, SiteKey};
use crate::time::SimDuration;
use crate::units::Probability;

pub(super) fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

pub(super) fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

/// The site of one distribution's draws.
pub(super) fn site(name: &str) -> SiteKey {
    KeySource::new(1, 0).site(&["tests", name], "work")
}

/// The values that 0, 1, 2, ... take at the distribution's site.
pub(super) fn values<'a>(name: &str, dist: &'a Dist) -> impl Iterator<Item = SimDuration> + 'a {
    let site = site(name);
    (0..).map(move |key| dist.sample(&mut Draws::new(site, key)))
}

/// Distributions without lumps, which can be compared with their cdf.
pub(super) fn continuous() -> Vec<(&'static str, Dist)> {
    let named: [(&str, Result<Dist, crate::random::DistError>); 22] = [
        ("uniform", Dist::uniform(ms(5), ms(20))),
        ("exponential", Dist::exponential(ms(20))),
        ("normal", Dist::normal(ms(20), ms(4))),
        ("normal cut", Dist::normal(ms(4), ms(8))),
        ("normal half", Dist::normal(ms(0), ms(8))),
        ("lognormal p99", Dist::lognormal_mean_p99(ms(20), ms(90))),
        ("lognormal cv", Dist::lognormal_mean_cv(ms(20), 0.7)),
        ("lognormal sigma", Dist::lognormal_median_sigma(ms(20), 0.5)),
        ("gamma wide", Dist::gamma(ms(20), 1.3)),
        ("gamma", Dist::gamma(ms(20), 0.5)),
        ("gamma narrow", Dist::gamma(ms(20), 0.05)),
        ("erlang", Dist::erlang(ms(20), 4)),
        ("erlang of one", Dist::erlang(ms(20), 1)),
        ("weibull falling", Dist::weibull(ms(20), 0.7)),
        ("weibull rising", Dist::weibull(ms(20), 3.0)),
        ("pareto", Dist::pareto_mean(ms(20), 4.5, None)),
        ("pareto low", Dist::pareto_low(ms(20), 5.0, None)),
        (
            "pareto cut",
            Dist::pareto_mean(ms(20), 1.2, Some(ms(2_000))),
        ),
        (
            "pareto cut at one",
            Dist::pareto_low(ms(20), 1.0, Some(ms(900))),
        ),
        ("hyperexponential", Dist::hyperexponential_cv(ms(20), 3.0)),
        ("hyperexponential branches", branches()),
        (
            "shifted",
            Dist::shifted(ms(7), Dist::exponential(ms(3)).unwrap()),
        ),
    ];
    named.map(|(name, dist)| (name, dist.unwrap())).into()
}

fn branches() -> Result<Dist, crate::random::DistError> {
    Dist::hyperexponential(vec![
        (share(0.7), ms(2)),
        (share(0.2), ms(30)),
        (share(0.1), ms(100)),
    ])
}

/// Distributions with lumps.
pub(super) fn lumpy() -> Vec<(&'static str, Dist)> {
    vec![
        ("constant", ms(20).into()),
        // One value in a hundred is below half a nanosecond.
        ("gamma very wide", Dist::gamma(ms(20), 2.0).unwrap()),
        (
            "empirical",
            Dist::empirical(vec![ms(9), ms(1), ms(1), ms(4)]).unwrap(),
        ),
        ("mixture", mixture()),
    ]
}

fn mixture() -> Dist {
    let slow = Dist::shifted(ms(50), Dist::exponential(ms(50)).unwrap()).unwrap();
    Dist::mixture(vec![(share(0.95), ms(5).into()), (share(0.05), slow)]).unwrap()
}

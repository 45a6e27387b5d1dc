//! Balancers: random splitting leaves Poisson arrivals, and two choices have the tails of their fixed
//! point.

use super::closed_form::Mmc;
use super::*;

#[test]
fn random_splitting_makes_a_queue_of_each_instance() {
    // Three zones of ten threads at 64 %, as in the scenario zone-lost.
    let theory = Mmc {
        arrival_rate: 64.0,
        service_rate: 10.0,
        servers: 10,
    };
    assert!((theory.mean_wait() - 0.0039).abs() < 0.0001);
    let s = service(
        "s",
        "instances: 3, threads: 10, balance: random",
        "work: { exponential: { mean: 100ms } }",
    );
    agree(
        "M/M/10, three times",
        &open(192, PATIENT, &s),
        100,
        &[("response", Sums::response, theory.mean_response())],
    );
}

/// The mean time in a system of many instances with one thread each, in units of the work, where the
/// shorter of two queues is joined (Mitzenmacher 1996; Vvedenskaya, Dobrushin and Karpelevich 1996). Of the
/// shares of queues of at least i each is made by the one before: both are at least so long, or it is the
/// same one, drawn twice. The mean time is their sum over the load.
fn shorter_of_two(load: f64, drawn_twice: f64) -> f64 {
    let next =
        |share: &f64| Some(load * ((1.0 - drawn_twice) * share * share + drawn_twice * share));
    std::iter::successors(Some(load), next)
        .take(60)
        .sum::<f64>()
        / load
}

#[test]
fn two_choices_have_the_tails_of_their_fixed_point() {
    assert!(
        (shorter_of_two(0.5, 0.0) - 1.2657).abs() < 1e-4,
        "Mitzenmacher's table"
    );
    // With 100 instances in the place of infinitely many it is 0.13 % more, by that table.
    for (replace, drawn_twice) in [(true, 0.01), (false, 0.0)] {
        let settings = format!(
            "instances: 100, threads: 1, balance: {{ power_of_choices: {{ choices: 2, replace: {replace} }} }}"
        );
        let s = service("s", &settings, "work: { exponential: { mean: 100ms } }");
        agree(
            "the shorter of two of a hundred",
            &open(500, PATIENT, &s),
            30,
            &[(
                "response",
                Sums::response,
                0.1 * shorter_of_two(0.5, drawn_twice),
            )],
        );
    }
}

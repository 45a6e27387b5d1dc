//! One station: M/M/1, M/D/1, M/G/1, processor sharing, and many threads.

use super::closed_form::{Md1, Mg1, Mm1, Mmc, Mmck, erlang_b};
use super::*;

/// Calls per second; with work of 10 ms a thread is busy for 70 % of the time.
const RATE: u32 = 70;

fn one_thread(work: &str) -> String {
    open(
        RATE,
        PATIENT,
        &service("s", "threads: 1", &format!("work: {work}")),
    )
}

#[test]
fn m_m_1() {
    let theory = Mm1 {
        arrival_rate: 70.0,
        service_rate: 100.0,
    };
    agree(
        "M/M/1",
        &one_thread("{ exponential: { mean: 10ms } }"),
        500,
        &[
            ("wait", Sums::wait, theory.mean_wait()),
            ("response", Sums::response, theory.mean_response()),
            ("number present", Sums::mean_present, theory.mean_present()),
            ("throughput", Sums::throughput, 70.0),
        ],
    );
}

#[test]
fn the_mean_does_not_depend_on_the_discipline() {
    let theory = Mm1 {
        arrival_rate: 70.0,
        service_rate: 100.0,
    };
    for discipline in ["lifo", "random"] {
        let settings =
            format!("threads: 1, queue: {{ capacity: unlimited, discipline: {discipline} }}");
        let s = service("s", &settings, "work: { exponential: { mean: 10ms } }");
        agree(
            discipline,
            &open(RATE, PATIENT, &s),
            300,
            &[("response", Sums::response, theory.mean_response())],
        );
    }
}

#[test]
fn m_d_1() {
    let theory = Md1 {
        arrival_rate: 70.0,
        service: 0.01,
    };
    agree(
        "M/D/1",
        &one_thread("10ms"),
        400,
        &[
            ("wait", Sums::wait, theory.mean_wait()),
            ("response", Sums::response, theory.mean_response()),
        ],
    );
}

/// M/G/1 with work of 10 ms on average and this coefficient of variation.
fn general(cv: f64) -> Mg1 {
    Mg1 {
        arrival_rate: 70.0,
        service_mean: 0.01,
        service_second_moment: 0.0001 * (1.0 + cv * cv),
    }
}

#[test]
fn m_g_1() {
    for (work, cv, seconds) in [
        ("{ lognormal: { mean: 10ms, cv: 1.5 } }", 1.5, 800),
        ("{ hyperexponential: { mean: 10ms, cv: 2 } }", 2.0, 800),
        ("{ erlang: { mean: 10ms, stages: 4 } }", 0.5, 400),
    ] {
        let theory = general(cv);
        agree(
            work,
            &one_thread(work),
            seconds,
            &[
                ("wait", Sums::wait, theory.mean_wait()),
                ("response", Sums::response, theory.mean_response()),
            ],
        );
    }
}

#[test]
fn processor_sharing_depends_on_the_mean_alone() {
    for work in ["10ms", "{ hyperexponential: { mean: 10ms, cv: 2 } }"] {
        let s = service(
            "s",
            "threads: unlimited, cores: 1",
            &format!("work: {work}"),
        );
        agree(
            work,
            &open(RATE, PATIENT, &s),
            400,
            &[(
                "response",
                Sums::response,
                general(0.0).mean_response_shared(),
            )],
        );
    }
}

#[test]
fn m_m_c() {
    let theory = Mmc {
        arrival_rate: 320.0,
        service_rate: 100.0,
        servers: 4,
    };
    let s = service("s", "threads: 4", "work: { exponential: { mean: 10ms } }");
    agree(
        "M/M/4",
        &open(320, PATIENT, &s),
        150,
        &[
            ("wait", Sums::wait, theory.mean_wait()),
            ("response", Sums::response, theory.mean_response()),
            ("number present", Sums::mean_present, theory.mean_present()),
        ],
    );
}

#[test]
fn cores_shared_by_many_threads_wait_as_m_m_c_does() {
    // Exponential work: how the cores are shared does not change how many are present.
    let theory = Mmc {
        arrival_rate: 150.0,
        service_rate: 100.0,
        servers: 2,
    };
    let s = service(
        "s",
        "threads: unlimited, cores: 2",
        "work: { exponential: { mean: 10ms } }",
    );
    agree(
        "two cores",
        &open(150, PATIENT, &s),
        200,
        &[("response", Sums::response, theory.mean_response())],
    );
}

#[test]
fn m_m_c_k() {
    let theory = Mmck {
        arrival_rate: 400.0,
        service_rate: 100.0,
        servers: 3,
        waiting_places: 5,
    };
    let s = service(
        "s",
        "threads: 3, queue: { capacity: 5 }",
        "work: { exponential: { mean: 10ms } }",
    );
    agree(
        "M/M/3/8",
        &open(400, PATIENT, &s),
        100,
        &[
            ("blocking", Sums::blocking, theory.blocking()),
            ("throughput", Sums::throughput, theory.throughput()),
            ("wait", Sums::wait, theory.mean_wait()),
            ("response", Sums::response, theory.mean_response()),
        ],
    );
}

#[test]
fn erlang_loss_depends_on_the_mean_alone() {
    for work in ["10ms", "{ lognormal: { mean: 10ms, cv: 2 } }"] {
        let s = service(
            "s",
            "threads: 5, queue: { capacity: 0 }",
            &format!("work: {work}"),
        );
        agree(
            work,
            &open(400, PATIENT, &s),
            100,
            &[("blocking", Sums::blocking, erlang_b(5, 4.0))],
        );
    }
}

//! In which order one server takes those who wait: what that changes, and what it does not.

use super::closed_form::Mm1;
use super::*;

#[test]
fn the_newest_first_has_the_same_mean_and_a_greater_second_moment() {
    let theory = Mm1 {
        arrival_rate: 50.0,
        service_rate: 100.0,
    };
    for (discipline, second_moment) in [
        ("fifo", theory.wait_second_moment()),
        ("lifo", theory.wait_second_moment_newest_first()),
    ] {
        let settings =
            format!("threads: 1, queue: {{ capacity: unlimited, discipline: {discipline} }}");
        let s = service("s", &settings, "work: { exponential: { mean: 10ms } }");
        agree(
            discipline,
            &open(50, PATIENT, &s),
            1000,
            &[
                ("wait", Sums::wait, theory.mean_wait()),
                ("second moment", Sums::wait_squared, second_moment),
            ],
        );
    }
}

/// Calls per second of each class, the highest first; each works 10 ms on average.
const CLASSES: [(&str, f64); 3] = [("high", 30.0), ("middle", 30.0), ("low", 20.0)];

/// Cobham 1954, without preemption: who comes waits for the rest of the work at hand, R, for all of its
/// class and above that is there, and for all above that comes meanwhile: R / ((1 - s) (1 - s')), with s
/// the load of the classes above, and s' that of its own as well.
fn mean_wait(class: usize) -> f64 {
    let mean = 0.01;
    let loads = CLASSES.map(|(_, rate)| rate * mean);
    let rest = CLASSES
        .iter()
        .map(|(_, rate)| rate * mean * mean)
        .sum::<f64>();
    let above: f64 = loads[..class].iter().sum();
    rest / ((1.0 - above) * (1.0 - above - loads[class]))
}

/// Three classes at one server, this one first.
fn three_classes(first: usize, discipline: &str) -> String {
    let mut text = "clients:\n".to_owned();
    for offset in 0..3 {
        let (name, rate) = CLASSES[(first + offset) % 3];
        let client = format!(
            "  {name}: {{ arrivals: {{ poisson: {{ rate: {rate}/s }} }}, calls: s.op, class: {name}, policy: [{PATIENT}] }}\n"
        );
        text += &client;
    }
    let settings =
        format!("threads: 1, queue: {{ capacity: unlimited, discipline: {discipline} }}");
    text + "services:\n" + &service("s", &settings, "work: { exponential: { mean: 10ms } }")
}

#[test]
fn classes_wait_as_cobham_says() {
    let priority = "{ priority: { classes: [high, middle, low] } }";
    for (class, (name, _)) in CLASSES.iter().enumerate() {
        agree(
            name,
            &three_classes(class, priority),
            600,
            &[("response", Sums::response, mean_wait(class) + 0.01)],
        );
    }
}

#[test]
fn with_fast_ageing_classes_are_no_more() {
    // Who has waited for a microsecond is of the highest class, and there the first comes first.
    let theory = Mm1 {
        arrival_rate: 80.0,
        service_rate: 100.0,
    };
    let priority = "{ priority: { classes: [high, middle, low], aging: 1us } }";
    agree(
        "low, ageing at once",
        &three_classes(2, priority),
        600,
        &[("response", Sums::response, theory.mean_response())],
    );
}

#[test]
fn turns_share_a_server_among_those_who_ask_for_too_much() {
    // 20/s are half of what each may have of 80/s; 300/s get what is left.
    let system = "clients:
  quiet: { arrivals: { poisson: { rate: 20/s } }, calls: s.op, policy: [timeout: 2s] }
  noisy: { arrivals: { poisson: { rate: 300/s } }, calls: s.op, policy: [timeout: 2s] }
services:
";
    let settings =
        "threads: 1, queue: { capacity: unlimited, discipline: { fair: { per: client } } }";
    let s = service("s", settings, "work: 12500us");
    // It waits for the rest of one that works, and at most for one more of the noisy one's.
    let text = format!("scenario: theory\nrun: {{ duration: 100s, warmup: 10s }}\n{system}{s}");
    let spec = model(&text);
    let warmup = SimTime::from_ns(10_000_000_000);
    let sums = run(
        &spec,
        42,
        0,
        Sums::new(warmup, spec.duration),
        &mut |_, _| true,
    )
    .observer;
    assert!(sums.useful > 1600.0, "{}", sums.useful);
    assert!(sums.response() < 0.05, "{}", sums.response());
}

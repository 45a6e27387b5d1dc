//! gRPC's A50.

use super::*;

fn load(watch: &mut Watch, ms: u64, failed_of_100: &[(u32, u32)]) {
    for &(slot, failed) in failed_of_100 {
        watch.at(ms, bad(slot, failed));
        watch.at(ms, good(slot, 100 - failed));
    }
}

#[test]
fn rule_55_grpc_compares_strictly_with_the_share() {
    let mut watch = Watch::new(grpc(100.0), 5);
    load(
        &mut watch,
        0,
        &[(0, 85), (1, 86), (2, 86), (3, 85), (4, 85)],
    );
    let said = watch.at(10_000, On::Sweep);
    let expected = "1 out by failure_share k=1 until 40s, 2 out by failure_share k=1 until 40s";
    assert_eq!(said, expected);
}

#[test]
fn rule_55_grpc_ejects_one_beyond_the_ceiling_and_no_more() {
    let mut watch = Watch::new(grpc(10.0), 5);
    load(&mut watch, 0, &[(0, 100), (1, 100), (2, 0), (3, 0), (4, 0)]);
    let said = watch.at(10_000, On::Sweep);
    assert_eq!(
        said,
        "0 out by failure_share k=1 until 40s, 1 stopped by failure_share"
    );
}

#[test]
fn rule_55_grpc_judges_then_forgives_then_returns() {
    let mut watch = Watch::new(grpc(100.0), 5);
    let well = [(0, 0), (1, 0), (2, 0), (3, 0)];
    let ill = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 100)];
    let at = |s: u64| s * 1_000;
    load(&mut watch, 0, &ill);
    watch.plays(&[(at(10), On::Sweep, "4 out by success_rate k=1 until 40s")]);
    load(&mut watch, at(11), &well);
    watch.plays(&[
        (at(20), On::Sweep, ""),
        (at(30), On::Sweep, ""),
        (at(40), On::Sweep, "4 back by sweep after 30s"),
    ]);
    load(&mut watch, at(41), &ill);
    // It is judged before it would be forgiven.
    watch.plays(&[(at(50), On::Sweep, "4 out by success_rate k=2 until 110s")]);
    for s in 6..=10 {
        watch.plays(&[(at(s * 10), On::Sweep, "")]);
    }
    watch.plays(&[
        (at(110), On::Sweep, "4 back by sweep after 60s"),
        // Forgiven at each sweep that finds it in, without waiting.
        (at(120), On::Sweep, ""),
        (at(130), On::Sweep, ""),
    ]);
    load(&mut watch, at(131), &ill);
    watch.plays(&[(at(140), On::Sweep, "4 out by success_rate k=1 until 170s")]);
}

//! What is held, what is too much, and how much it slows.

use crate::queueing::{Filling, MemoryConfig};
use crate::time::{SimDuration, SimTime};
use crate::units::{Bytes, Factor};

const CONFIG: MemoryConfig = MemoryConfig {
    idle: Bytes::new(200),
    per_call: Bytes::new(2),
    limit: Some(Bytes::new(1000)),
    slow: None,
};

#[test]
fn rule_96_it_dies_of_the_first_byte_above_the_limit() {
    for (calls, held, too_much) in [(0, 200, false), (400, 1000, false), (401, 1002, true)] {
        assert_eq!(CONFIG.held(calls), Bytes::new(held));
        assert_eq!(CONFIG.is_too_much(Bytes::new(held)), too_much, "{calls}");
    }
    assert_eq!(CONFIG.percent(Bytes::new(999)), 99);
    assert_eq!(CONFIG.percent(Bytes::new(1000)), 100);
}

#[test]
fn rule_96_work_slows_linearly_from_a_share_of_the_limit_on() {
    let factor = |value| Factor::new(value).unwrap();
    let config = MemoryConfig {
        slow: Some((Bytes::new(800), factor(3.0))),
        ..CONFIG
    };
    for (held, expected) in [
        (0, 1.0),
        (800, 1.0),
        (850, 1.5),
        (900, 2.0),
        (1000, 3.0),
        (2000, 3.0),
    ] {
        assert_eq!(
            config.slowdown(Bytes::new(held)),
            factor(expected),
            "{held}"
        );
    }
    assert_eq!(CONFIG.slowdown(Bytes::new(1000)), Factor::ONE);
}

#[test]
fn rule_96_a_filling_grows_evenly() {
    let at = |ms: u64| SimTime::from_ns(ms * 1_000_000);
    let filling = Filling {
        bytes: Bytes::new(1000),
        over: SimDuration::from_secs(1),
        since: at(500),
    };
    for (ms, bytes) in [
        (500, 0),
        (501, 1),
        (1000, 500),
        (1499, 999),
        (1500, 1000),
        (9000, 1000),
    ] {
        assert_eq!(filling.by(at(ms)), Bytes::new(bytes), "{ms} ms");
    }
    let at_once = Filling {
        over: SimDuration::ZERO,
        ..filling
    };
    assert_eq!(at_once.by(at(500)), Bytes::new(1000));
}

//! Drop instants of each rule, to the event.

use crate::queueing::{Codel, CodelConfig, CodelRule, Taken};
use crate::random::congruential::next;
use crate::time::{SimDuration, SimTime};

const fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

const fn at(ns: u64) -> SimTime {
    SimTime::from_ns(ns)
}

const fn config(rule: CodelRule) -> CodelConfig {
    CodelConfig {
        target: ms(5),
        interval: ms(100),
        rule,
    }
}

fn taken(waited: SimDuration, left: u32) -> Taken {
    Taken {
        waited,
        left,
        busy_before: SimDuration::ZERO,
    }
}

/// Plays one taking per row: when \[ns\], how long it has waited, how many are left, dropped or not.
fn check(rule: CodelRule, rows: &[(u64, SimDuration, u32, bool)]) {
    let mut codel = Codel::new(rule);
    for (index, &(when, waited, left, dropped)) in rows.iter().enumerate() {
        let verdict = codel.drops(&config(rule), at(when), taken(waited, left));
        assert_eq!(verdict, dropped, "row {index} of {rule:?}, at {when}");
    }
}

const MS: u64 = 1_000_000;

#[test]
fn rule_58_routers_drop_after_an_interval_without_a_short_wait() {
    check(
        CodelRule::Rfc8289,
        &[
            // Short of the target by a nanosecond: nothing is remembered.
            (0, SimDuration::from_ns(5 * MS - 1), 10, false),
            // At the target it begins to count; the interval is over at 110 ms.
            (10 * MS, ms(5), 10, false),
            (110 * MS - 1, ms(9), 10, false),
            // At that instant one is dropped, and the next one is not, whatever it has waited.
            (110 * MS, ms(9), 10, true),
            (110 * MS, ms(9), 9, false),
            // The next drop is an interval later.
            (210 * MS - 1, ms(9), 10, false),
            (210 * MS, ms(9), 10, true),
            // Then 100 ms / sqrt(2) after the time that drop was due.
            (210 * MS, ms(9), 10, false),
            (210 * MS + 70_710_677, ms(9), 10, false),
            (210 * MS + 70_710_678, ms(9), 10, true),
            (210 * MS + 70_710_678, ms(9), 10, false),
            // And 100 ms / sqrt(3) after that, however late somebody is taken: two are due here.
            (
                210 * MS + 70_710_678 + 57_735_026 + 50 * MS,
                ms(9),
                10,
                true,
            ),
            (210 * MS + 70_710_678 + 57_735_026 + 50 * MS, ms(9), 9, true),
            (
                210 * MS + 70_710_678 + 57_735_026 + 50 * MS,
                ms(9),
                8,
                false,
            ),
        ],
    );
}

#[test]
fn rule_58_a_short_wait_or_a_short_line_ends_a_spell() {
    for (waited, left) in [(ms(4), 10), (ms(9), 1), (ms(9), 0)] {
        check(
            CodelRule::Rfc8289,
            &[
                (0, ms(9), 10, false),
                (100 * MS, ms(9), 10, true),
                (100 * MS, ms(9), 10, false),
                (150 * MS, waited, left, false),
                // The next drop would have been due; now an interval must pass again.
                (200 * MS, ms(9), 10, false),
                (300 * MS - 1, ms(9), 10, false),
                (300 * MS, ms(9), 10, true),
            ],
        );
    }
}

#[test]
fn rule_58_who_is_taken_in_the_place_of_another_may_end_the_spell() {
    check(
        CodelRule::Rfc8289,
        &[
            (0, ms(9), 10, false),
            (100 * MS, ms(9), 10, true),
            (100 * MS, ms(9), 10, false),
            (200 * MS, ms(9), 10, true),
            (200 * MS, ms(4), 10, false),
            (250 * MS, ms(9), 10, false),
            (350 * MS, ms(9), 10, true),
        ],
    );
}

#[test]
fn rule_58_a_spell_soon_after_another_goes_on_near_where_that_stood() {
    // Three drops in the first spell: at 100, 200 and 270.7 ms, the next one due at 328.4 ms.
    let first = [
        (0, ms(9), 10, false),
        (100 * MS, ms(9), 10, true),
        (100 * MS, ms(9), 10, false),
        (200 * MS, ms(9), 10, true),
        (200 * MS, ms(9), 10, false),
        (271 * MS, ms(9), 10, true),
        (271 * MS, ms(9), 10, false),
        (272 * MS, ms(4), 10, false),
    ];
    let due = 200 * MS + 70_710_678 + 57_735_026;
    // Sixteen intervals after that it is forgotten; one nanosecond before it is not: the count of the
    // new spell is then 3 - 1 = 2, and its second drop is due 100 ms / sqrt(2) after its first.
    for (begin, gap) in [
        (due + 1600 * MS - 1, 70_710_678),
        (due + 1600 * MS, 100 * MS),
    ] {
        let second = [
            (begin - 100 * MS, ms(9), 10, false),
            (begin, ms(9), 10, true),
            (begin, ms(9), 10, false),
            (begin + gap - 1, ms(9), 10, false),
            (begin + gap, ms(9), 10, true),
        ];
        check(CodelRule::Rfc8289, &[&first[..], &second[..]].concat());
    }
}

#[test]
fn rule_58_a_line_that_was_empty_forgets_its_long_wait() {
    let config = config(CodelRule::Rfc8289);
    let mut codel = Codel::new(CodelRule::Rfc8289);
    assert!(!codel.drops(&config, at(0), taken(ms(9), 10)));
    codel.found_empty();
    assert!(!codel.drops(&config, at(100 * MS), taken(ms(9), 10)));
    assert!(codel.drops(&config, at(200 * MS), taken(ms(9), 10)));
}

/// Drops of a line that stands, of which somebody is taken every so often, in the first `seconds`.
fn drops_within(seconds: u64, every_ms: u64) -> u32 {
    let config = config(CodelRule::Rfc8289);
    let mut codel = Codel::new(CodelRule::Rfc8289);
    let mut drops = 0;
    for tick in 0..seconds * 1000 / every_ms {
        let now = at(tick * every_ms * MS);
        while codel.drops(&config, now, taken(ms(500), 1000)) {
            drops += 1;
        }
    }
    drops
}

#[test]
fn rule_58_routers_drop_ever_faster_as_the_square_of_the_time() {
    // The sum of 1 / sqrt(k) up to n is 2 sqrt(n) - 1.46, so the drop after n others comes 100 ms times
    // that after the first one, which comes at 100 ms.
    for seconds in [1, 2, 4, 8] {
        let spell = (seconds as f64 - 0.1) / 0.1;
        let half = (spell + 1.46) * 0.5;
        let expected = 1.0 + half * half;
        let drops = f64::from(drops_within(seconds, 5));
        assert!(
            (drops - expected).abs() < 2.0 + 0.01 * expected,
            "{drops} in {seconds} s, not {expected}"
        );
    }
}

#[test]
fn rule_58_folly_decides_once_an_interval_by_the_least_wait() {
    check(
        CodelRule::Folly,
        &[
            // The very first opens an interval, which is over at once: the next one judges it.
            (0, ms(50), 10, false),
            // Overloaded by the least wait so far, 50 ms; but who opens an interval is spared.
            (10 * MS, ms(60), 10, false),
            (20 * MS, ms(60), 10, true),
            // Twice the target is not yet too long.
            (30 * MS, ms(10), 10, false),
            (31 * MS, SimDuration::from_ns(10 * MS + 1), 10, true),
            // Exactly at the end of the interval it still holds; after it, the least wait was 10 ms.
            (110 * MS, ms(60), 10, true),
            (110 * MS + 1, ms(60), 10, false),
            (120 * MS, ms(5), 10, false),
            // The least wait of this interval is the target itself: no overload.
            (211 * MS, ms(60), 10, false),
            (212 * MS, ms(60), 10, false),
        ],
    );
}

#[test]
fn rule_58_facebook_cuts_the_patience_of_who_joins_a_standing_queue() {
    let config = config(CodelRule::Facebook);
    let interval = ms(100);
    let over = SimDuration::from_ns(100 * MS + 1);
    for (busy_before, waited, dropped) in [
        (SimDuration::ZERO, ms(100), false),
        (SimDuration::ZERO, over, true),
        (interval, ms(100), false),
        (over, ms(5), false),
        (over, SimDuration::from_ns(5 * MS + 1), true),
    ] {
        let mut codel = Codel::new(CodelRule::Facebook);
        let taken = Taken {
            waited,
            left: 3,
            busy_before,
        };
        assert_eq!(
            codel.drops(&config, at(10_000 * MS), taken),
            dropped,
            "{taken:?}"
        );
    }
}

#[test]
fn rule_58_routers_drop_those_whom_another_program_drops() {
    // Worked out by a program that was written from RFC 8289, section 5, alone: which of 1200 that are
    // taken are dropped, where the line is long but for two spells.
    let expected = [
        23, 44, 59, 71, 82, 92, 117, 127, 135, 143, 151, 158, 166, 172, 179, 186, 192, 215, 222,
        230, 237, 244, 251, 258, 263, 269, 274, 279, 285, 310, 318, 325, 331, 418, 431, 443, 453,
        462, 472, 479, 506, 515, 525, 533, 541, 548, 555, 562, 568, 575, 581, 604, 611, 618, 624,
        630, 636, 642, 648, 655, 662, 668, 673, 678, 702, 711, 716, 722, 727, 820, 832, 840, 850,
        858, 865, 894, 904, 914, 923, 931, 938, 946, 954, 961, 968, 992, 1000, 1008, 1015, 1021,
        1028, 1034, 1040, 1047, 1053, 1059, 1064, 1090, 1097, 1104, 1111, 1116, 1123, 1128,
    ];
    let mut codel = Codel::new(CodelRule::Rfc8289);
    let (mut state, mut now, mut dropped) = (5, 0, false);
    let mut all = vec![];
    for n in 0..1_200_u32 {
        let gap = u64::from(3 + next(&mut state) % 5) * MS;
        let mut waited = 6 * MS + u64::from(next(&mut state) % 20_000_000);
        let more = next(&mut state) % 10;
        let left = if n % 97 == 0 { 1 } else { 2 + more };
        let last = next(&mut state);
        if n % 400 > 330 {
            waited = u64::from(last % 9) * MS;
        }
        if !dropped {
            now += gap;
        }
        let one = taken(SimDuration::from_ns(waited), left);
        dropped = codel.drops(&config(CodelRule::Rfc8289), at(now), one);
        if dropped {
            all.push(n);
        }
    }
    assert_eq!(all, expected);
}

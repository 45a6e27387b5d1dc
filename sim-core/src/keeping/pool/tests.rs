//! Tables: at this instant this happens, and the pool does that.

use super::PoolDoes::{Checks, Closes, Fails, Grants, TimesOut};
use super::*;

/// What happens to a pool.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// This one asks.
    Ask(u32),
    /// This one, who waits, gives up.
    Forget(u32),
    /// Who has this unit gives it back, whole or broken.
    Back(UnitIx),
    Broken(UnitIx),
    /// An opening succeeds, to here; the unit lives so many ms.
    Opened(u32, u64),
    Failed,
    /// A unit that was tried is good, or not.
    Good(UnitIx),
    Bad(UnitIx),
    /// Only time passes.
    Alarm,
}

use Event::{Alarm, Ask, Back, Bad, Broken, Failed, Forget, Good, Opened};

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn at(instant: u64) -> SimTime {
    SimTime::ZERO + ms(instant)
}

fn config() -> PoolConfig {
    PoolConfig {
        size: 2,
        min_idle: 0,
        max_idle: u32::MAX,
        max_wait: ms(30),
        order: Order::Fifo,
        overtaking: true,
        reuse: Reuse::Newest,
        open: Opening {
            at_once: 1,
            pause: ms(0),
            retry: ms(10),
            retry_max: ms(40),
            fails_waiter: false,
            serves_asker: false,
        },
        idle: SimDuration::MAX,
        check_after: SimDuration::MAX,
    }
}

const FOREVER: u64 = u64::MAX;

/// An opening, of whatever number.
const OPENS: PoolDoes = PoolDoes::Opens(0);

/// One line of a table: when, what happens, what the pool does, and when it wants to be woken.
type Row = (u64, Event, &'static [PoolDoes], Option<u64>);

fn check(title: &str, config: &PoolConfig, warm: &[u32], rows: &[Row]) {
    let mut pool = Pool::new();
    for &to in warm {
        pool.begin_with(config, SimTime::ZERO, to, SimTime::NEVER);
    }
    let mut places = std::collections::BTreeMap::new();
    let mut under_way = Vec::new();
    for (row, &(instant, event, expected, due)) in rows.iter().enumerate() {
        let now = at(instant);
        let mut does = Vec::new();
        match event {
            Ask(who) => match pool.ask(config, now, who) {
                PoolAnswer::Granted(unit) => does.push(Grants(who, unit)),
                PoolAnswer::Waits(place) => {
                    places.insert(who, place);
                }
            },
            Forget(who) => assert!(pool.forget(places[&who], who), "{title}, row {row}"),
            Back(unit) => pool.give_back(config, now, unit, Returned::Whole),
            Broken(unit) => pool.give_back(config, now, unit, Returned::Broken),
            Opened(to, FOREVER) => {
                let number = under_way.remove(0);
                pool.opened(config, now, number, (to, now), SimTime::NEVER);
            }
            Opened(to, lives) => {
                let number = under_way.remove(0);
                pool.opened(config, now, number, (to, now), now + ms(lives));
            }
            Failed => pool.opening_failed(config, now, under_way.remove(0)),
            Good(unit) => pool.checked(config, now, unit, Refill::Good),
            Bad(unit) => pool.checked(config, now, unit, Refill::Failed),
            Alarm => {}
        }
        while let Some(more) = pool.next(config, now, |n| n - 1) {
            does.push(match more {
                Closes(to, _) => Closes(to, SimTime::ZERO),
                PoolDoes::Opens(number) => {
                    under_way.push(number);
                    OPENS
                }
                Grants(..) | TimesOut(_) | Fails(_) | Checks(..) => more,
            });
        }
        assert_eq!(does, expected, "{title}, row {row}: {event:?} at {instant}");
        let woken = pool.due(config).map(|due| due.since(SimTime::ZERO));
        assert_eq!(
            woken,
            due.map(ms),
            "{title}, row {row}: due after {event:?}"
        );
        let level = pool.level();
        let all = level.free + level.given + level.opening;
        assert!(all <= config.size, "{title}, row {row}: {level:?}");
        assert!(
            level.waiting <= pool.checking || pool.free.is_empty(),
            "{title}, row {row}: nobody waits beside a free unit but for one that is tried"
        );
    }
}

#[test]
fn rule_66_a_return_goes_to_who_is_next_and_at_the_limit_before_the_limit() {
    check(
        "in order of asking",
        &config(),
        &[7, 8],
        &[
            (0, Ask(1), &[Grants(1, 1)], None),
            (0, Ask(2), &[Grants(2, 0)], None),
            (5, Ask(3), &[], Some(35)),
            (6, Ask(4), &[], Some(35)),
            (7, Ask(5), &[], Some(35)),
            (8, Forget(3), &[], Some(36)),
            (36, Back(0), &[Grants(4, 0)], Some(37)),
            (36, Alarm, &[], Some(37)),
            (37, Alarm, &[TimesOut(5)], None),
            (40, Back(1), &[], None),
            (41, Ask(6), &[Grants(6, 1)], None),
        ],
    );
    let lifo = PoolConfig {
        order: Order::Lifo,
        reuse: Reuse::Oldest,
        ..config()
    };
    check(
        "last come, first served; first back, first out",
        &lifo,
        &[7, 8],
        &[
            (0, Ask(1), &[Grants(1, 0)], None),
            (0, Ask(2), &[Grants(2, 1)], None),
            (5, Ask(3), &[], Some(35)),
            (6, Ask(4), &[], Some(35)),
            (10, Back(1), &[Grants(4, 1)], Some(35)),
            (11, Back(1), &[Grants(3, 1)], None),
            (12, Back(1), &[], None),
            (13, Back(0), &[], None),
            (14, Ask(5), &[Grants(5, 1)], None),
        ],
    );
    let random = PoolConfig {
        order: Order::Random,
        ..config()
    };
    check(
        "by the draw, here always the last of those numbered",
        &random,
        &[7, 8],
        &[
            (0, Ask(1), &[Grants(1, 1)], None),
            (0, Ask(2), &[Grants(2, 0)], None),
            (1, Ask(3), &[], Some(31)),
            (2, Ask(4), &[], Some(31)),
            (3, Back(0), &[Grants(4, 0)], Some(31)),
        ],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn rule_66_units_are_opened_for_who_waits_a_few_at_a_time() {
    let adder = PoolConfig {
        size: 3,
        open: Opening {
            pause: ms(30),
            ..config().open
        },
        max_wait: ms(1000),
        ..config()
    };
    check(
        "HikariCP: one opening at a time, 30 ms after each",
        &adder,
        &[],
        &[
            (0, Ask(1), &[OPENS], Some(1000)),
            (0, Ask(2), &[], Some(1000)),
            (5, Opened(7, FOREVER), &[Grants(1, 0)], Some(35)),
            (35, Alarm, &[OPENS], Some(1000)),
            (36, Back(0), &[Grants(2, 0)], None),
            (40, Opened(8, FOREVER), &[], None),
            (41, Ask(3), &[Grants(3, 1)], None),
        ],
    );
    let failing = PoolConfig {
        max_wait: ms(1000),
        ..config()
    };
    check(
        "failures double the wait for the next, up to a most; a success forgets them",
        &failing,
        &[],
        &[
            (0, Ask(1), &[OPENS], Some(1000)),
            (1, Failed, &[], Some(11)),
            (11, Alarm, &[OPENS], Some(1000)),
            (12, Failed, &[], Some(32)),
            (32, Alarm, &[OPENS], Some(1000)),
            (33, Failed, &[], Some(73)),
            (73, Alarm, &[OPENS], Some(1000)),
            (74, Failed, &[], Some(114)),
            (114, Alarm, &[OPENS], Some(1000)),
            (115, Opened(7, FOREVER), &[Grants(1, 0)], None),
            (116, Ask(2), &[OPENS], Some(1116)),
            (117, Failed, &[], Some(127)),
        ],
    );
    let on_demand = PoolConfig {
        size: u32::MAX,
        max_idle: 1,
        open: Opening {
            at_once: u32::MAX,
            fails_waiter: true,
            retry: ms(0),
            ..config().open
        },
        max_wait: SimDuration::MAX,
        ..config()
    };
    check(
        "Go: all at once, a failed one is its asker's, and few are kept",
        &on_demand,
        &[],
        &[
            (0, Ask(1), &[OPENS], None),
            (0, Ask(2), &[OPENS], None),
            (0, Ask(3), &[OPENS], None),
            (1, Failed, &[Fails(1)], None),
            (2, Opened(7, FOREVER), &[Grants(2, 0)], None),
            (2, Opened(7, FOREVER), &[Grants(3, 1)], None),
            (3, Back(1), &[], None),
            (3, Back(0), &[Closes(7, SimTime::ZERO)], None),
            (4, Ask(4), &[Grants(4, 1)], None),
        ],
    );
}

#[test]
fn rule_66_what_was_opened_for_somebody_is_his() {
    let own = PoolConfig {
        open: Opening {
            at_once: u32::MAX,
            fails_waiter: true,
            serves_asker: true,
            ..config().open
        },
        ..config()
    };
    check(
        "database/sql: who opens waits for that alone, who found all taken for what comes back",
        &own,
        &[],
        &[
            (0, Ask(1), &[OPENS], None),
            (1, Ask(2), &[OPENS], None),
            (2, Ask(3), &[], Some(32)),
            (3, Opened(7, FOREVER), &[Grants(1, 0)], Some(32)),
            (4, Back(0), &[Grants(3, 0)], None),
            (5, Ask(4), &[], Some(35)),
            // The failure is the asker's; there is room for the next at once, whatever `retry` says.
            (6, Failed, &[Fails(2), OPENS], None),
            (7, Opened(8, FOREVER), &[Grants(4, 1)], None),
            (8, Broken(0), &[Closes(7, SimTime::ZERO)], None),
            (9, Ask(5), &[OPENS], None),
            // Who gives up leaves it to the pool.
            (10, Forget(5), &[], None),
            (11, Opened(9, FOREVER), &[], None),
            (12, Ask(6), &[Grants(6, 0)], None),
        ],
    );
    let late = PoolConfig {
        size: u32::MAX,
        open: Opening {
            serves_asker: false,
            ..own.open
        },
        ..own
    };
    check(
        "net/http: whatever is there first; who asks opens all the same, and fails with his own alone",
        &late,
        &[],
        &[
            (0, Ask(1), &[OPENS], Some(30)),
            (1, Ask(2), &[OPENS], Some(30)),
            (2, Opened(7, FOREVER), &[Grants(1, 0)], Some(31)),
            (3, Back(0), &[Grants(2, 0)], None),
            (4, Ask(3), &[OPENS], Some(34)),
            (5, Opened(8, FOREVER), &[Grants(3, 1)], None),
            (6, Failed, &[], None),
            (7, Ask(4), &[OPENS], Some(37)),
            (8, Failed, &[Fails(4)], None),
        ],
    );
}

#[test]
fn rule_66_free_units_are_kept_up_and_end_by_age_and_boredom() {
    let kept = PoolConfig {
        size: 3,
        min_idle: 1,
        idle: ms(50),
        ..config()
    };
    check(
        "one is kept; more go after 50 ms; a broken one is replaced",
        &kept,
        &[7],
        &[
            (0, Alarm, &[], Some(50)),
            (10, Ask(1), &[Grants(1, 0), OPENS], Some(50)),
            (12, Opened(8, FOREVER), &[], Some(50)),
            (20, Back(0), &[], Some(50)),
            (50, Alarm, &[], Some(62)),
            (62, Alarm, &[Closes(8, SimTime::ZERO)], Some(70)),
            (70, Alarm, &[], None),
            (80, Ask(2), &[Grants(2, 0), OPENS], None),
            (81, Opened(9, FOREVER), &[], Some(131)),
            (82, Broken(0), &[Closes(7, SimTime::ZERO)], Some(131)),
        ],
    );
    check(
        "age counts when one comes back, and while it lies there",
        &config(),
        &[],
        &[
            (0, Ask(1), &[OPENS], Some(30)),
            (0, Opened(7, 20), &[Grants(1, 0)], Some(20)),
            (25, Back(0), &[Closes(7, SimTime::ZERO)], None),
            (26, Ask(2), &[OPENS], Some(56)),
            (26, Opened(8, 20), &[Grants(2, 0)], Some(46)),
            (30, Back(0), &[], Some(46)),
            (45, Ask(3), &[Grants(3, 0)], Some(46)),
            (45, Back(0), &[], Some(46)),
            (46, Ask(4), &[Closes(8, SimTime::ZERO), OPENS], Some(76)),
        ],
    );
}

#[test]
fn rule_66_a_unit_that_lay_there_longer_is_tried_before_use() {
    let tried = PoolConfig {
        check_after: ms(500),
        max_wait: ms(1000),
        ..config()
    };
    check(
        "at 500 ms not yet, beyond it; a bad one is closed and another opened",
        &tried,
        &[7, 8],
        &[
            (500, Ask(1), &[Grants(1, 1)], None),
            (501, Ask(2), &[Checks(0, 7)], Some(1501)),
            (502, Good(0), &[Grants(2, 0)], None),
            (503, Back(0), &[], None),
            (504, Back(1), &[], None),
            (1005, Ask(3), &[Checks(1, 8)], Some(2005)),
            (
                1006,
                Bad(1),
                &[Closes(8, SimTime::ZERO), Checks(0, 7)],
                Some(2005),
            ),
            (1007, Bad(0), &[Closes(7, SimTime::ZERO), OPENS], Some(2005)),
            (1008, Opened(9, FOREVER), &[Grants(3, 0)], None),
        ],
    );
}

#[test]
fn rule_66_without_overtaking_nobody_passes_those_who_wait() {
    for (overtaking, got) in [(true, true), (false, false)] {
        let config = PoolConfig {
            overtaking,
            size: 1,
            ..config()
        };
        let mut pool = Pool::new();
        pool.begin_with(&config, SimTime::ZERO, 7, SimTime::NEVER);
        let PoolAnswer::Granted(unit) = pool.ask(&config, at(0), 1) else {
            panic!("it is free")
        };
        assert!(matches!(pool.ask(&config, at(1), 2), PoolAnswer::Waits(_)));
        // The unit is back, but the process stands still before it can be given on.
        pool.give_back(&config, at(2), unit, Returned::Whole);
        let newcomer = pool.ask(&config, at(2), 3);
        assert_eq!(matches!(newcomer, PoolAnswer::Granted(_)), got);
    }
}

#[test]
fn rule_93_of_a_dead_process_nothing_is_left() {
    let config = config();
    let mut pool = Pool::new();
    pool.begin_with(&config, SimTime::ZERO, 7, SimTime::NEVER);
    pool.begin_with(&config, SimTime::ZERO, 8, SimTime::NEVER);
    for who in 1..=3 {
        let _ = pool.ask(&config, at(0), who);
    }
    assert_eq!(pool.lost(), [(7, SimTime::ZERO), (8, SimTime::ZERO)]);
    assert_eq!(pool.level(), PoolLevel::default());
    assert_eq!(pool.due(&config), None);
}

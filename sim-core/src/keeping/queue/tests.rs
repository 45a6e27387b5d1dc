//! Tables: at this instant this happens, and the queue does that.

use super::*;
use crate::time::{SimDuration, SimTime};

/// What happens to a queue. Messages are known by their number, from 1; `(1, 2)` is the second hand-out of
/// the first one. Times are milliseconds.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// One comes, with this key.
    Pub(u32),
    /// One of this identity comes.
    Again(u64),
    Ack(u32, u16),
    Nack(u32, u16, u64),
    Reject(u32, u16),
    Renew(u32, u16),
    /// A consumer is gone: its connection was reset, or nobody is told.
    Reset(MemberIx),
    Silent(MemberIx),
    Join(MemberIx),
    /// The queue's process dies, and what came after this instant is lost.
    Crash(u64),
    Open,
    Unpark,
    /// Only time passes.
    Alarm,
}

use Event::{
    Ack, Again, Alarm, Crash, Join, Nack, Open, Pub, Reject, Renew, Reset, Silent, Unpark,
};

type Row = (u64, Event, &'static str);

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn at(instant: u64) -> SimTime {
    SimTime::ZERO + ms(instant)
}

fn secs(secs: u64) -> SimDuration {
    ms(1000 * secs)
}

fn lease(lasts: SimDuration, late_ack: LateAck) -> LeaseConfig {
    LeaseConfig {
        lasts,
        from_start: false,
        check_every: SimDuration::ZERO,
        late_ack,
    }
}

/// A message that was stored gets its name; what else became of it is said.
fn stored_as(published: Published, name: u32, names: &mut Vec<(MessageIx, u32)>) -> Option<String> {
    if let Published::Stored(ix) = published {
        names.retain(|it| it.0 != ix);
        names.push((ix, name));
        return None;
    }
    Some(format!("{published:?}").to_lowercase())
}

/// A consumer has a hand-out no more.
fn let_go(queue: &mut Queue, had: &mut Vec<((u32, u16), MemberIx, u16)>, handout: (u32, u16)) {
    if let Some(at) = had.iter().position(|it| it.0 == handout) {
        let (_, member, life) = had.swap_remove(at);
        queue.lets_go(member, life);
    }
}

/// Plays a table against a queue whose consumers may have so many messages each.
#[expect(clippy::too_many_lines, reason = "one arm for each event of a table")]
fn play(config: &QueueConfig, credits: &[u32], rows: &[Row]) -> Queue {
    let mut queue = Queue::new(config);
    for &credit in credits {
        queue.add_member(credit);
    }
    queue.begin(config);
    let mut names: Vec<(MessageIx, u32)> = Vec::new();
    let mut seqs: Vec<(u32, MessageIx, u32)> = Vec::new();
    // Who has which hand-out: consumers let go what they have answered, and at once what is not theirs
    // any more.
    let mut had: Vec<((u32, u16), MemberIx, u16)> = Vec::new();
    let mut last = 0;
    for (number, &(time, event, expected)) in rows.iter().enumerate() {
        let now = at(time);
        let due = queue.due(config);
        assert!(
            due.is_none_or(|due| due >= now),
            "row {number}: an alarm at {due:?} is missing"
        );
        let of = |message: u32, nth: u16| {
            let &(_, message, seq) = seqs.iter().find(|it| it.0 == message).unwrap();
            Handout { message, seq, nth }
        };
        let mut said = Vec::new();
        if let Ack(message, nth) | Nack(message, nth, _) | Reject(message, nth) = event {
            let_go(&mut queue, &mut had, (message, nth));
        }
        match event {
            Pub(key) => {
                last += 1;
                let identity = u64::from(last);
                let published = queue.publish(
                    config,
                    now,
                    last,
                    NewMessage {
                        identity,
                        key,
                        with: 0,
                    },
                );
                said.extend(stored_as(published, last, &mut names));
            }
            Again(identity) => {
                last += 1;
                let again = NewMessage {
                    identity,
                    key: 0,
                    with: 0,
                };
                let published = queue.publish(config, now, last, again);
                said.extend(stored_as(published, last, &mut names));
            }
            Ack(message, nth) => {
                let answered = queue.ack(config, of(message, nth));
                if !matches!(answered, Answered::InTime) {
                    said.push(format!("{answered:?}").to_lowercase());
                }
            }
            Nack(message, nth, delay) => {
                if !queue.fail(
                    config,
                    now,
                    of(message, nth),
                    HandoutFailure::Nack,
                    ms(delay),
                ) {
                    said.push("toolate".to_owned());
                }
            }
            Reject(message, nth) => {
                let zero = SimDuration::ZERO;
                queue.fail(config, now, of(message, nth), HandoutFailure::Reject, zero);
            }
            Renew(message, nth) => {
                queue.renew(config, now, of(message, nth));
            }
            Reset(member) => queue.gone(config, now, member, true),
            Silent(member) => queue.gone(config, now, member, false),
            Join(member) => queue.joins(config, now, member),
            Crash(kept) => queue.crash(config, now, Some(at(kept))),
            Open => queue.open(),
            Unpark => {
                queue.unpark(config, now);
            }
            Alarm => {}
        }
        while let Some(does) = queue.next(config, now) {
            let name = |ix| names.iter().find(|it| it.0 == ix).unwrap().1;
            said.push(match does {
                QueueDoes::HandsOut(handout, member) => {
                    let name = name(handout.message);
                    seqs.retain(|it| it.0 != name);
                    seqs.push((name, handout.message, handout.seq));
                    had.push(((name, handout.nth), member, queue.life(member)));
                    format!("{name}.{}>{member}", handout.nth)
                }
                QueueDoes::Returns(handout, failure, delay) => {
                    let name = name(handout.message);
                    let_go(&mut queue, &mut had, (name, handout.nth));
                    let after = match delay.as_ns() {
                        0 => String::new(),
                        ns => format!("+{}", ns / 1_000_000),
                    };
                    format!("{name} {}{after}", format!("{failure:?}").to_lowercase())
                }
                QueueDoes::Ends(left, how) => {
                    let name = left.what.identity as u32;
                    let_go(&mut queue, &mut had, (name, left.handed_out));
                    format!(
                        "{} {}",
                        left.what.identity,
                        format!("{how:?}").to_lowercase()
                    )
                }
                QueueDoes::Stores(who, ix) => {
                    names.retain(|it| it.0 != ix);
                    names.push((ix, who));
                    format!("{who} stored")
                }
                QueueDoes::Reassigned => "reassigned".to_owned(),
            });
            assert!(queue.sums().agree_with(queue.level()), "row {number}");
        }
        assert_eq!(
            said.join(", "),
            expected,
            "row {number}: {event:?} at {time}"
        );
        assert!(queue.sums().agree_with(queue.level()), "row {number}");
    }
    queue
}

fn sqs(max: u32) -> QueueConfig {
    QueueConfig {
        lease: Some(lease(secs(30), LateAck::Accepted)),
        max_deliveries: max,
        give_up_when: GiveUpWhen::NextReceive,
        place: ReturnPlace::Tail,
        most_leased: 120_000,
        ..QueueConfig::PLAIN
    }
}

fn sqs_fifo(max: u32) -> QueueConfig {
    QueueConfig {
        lanes: Lanes::PerKey(4),
        holds: Holds::Unsettled,
        lease: Some(lease(secs(30), LateAck::Rejected)),
        place: ReturnPlace::Original,
        dedup: secs(300),
        ..sqs(max)
    }
}

fn rabbit_classic() -> QueueConfig {
    QueueConfig {
        counts: CountsSet::NONE,
        overflow: Overflow::DropOldest,
        ..QueueConfig::PLAIN
    }
}

fn rabbit_quorum(max: u32) -> QueueConfig {
    QueueConfig {
        lease: Some(LeaseConfig {
            lasts: secs(1800),
            from_start: false,
            check_every: secs(60),
            late_ack: LateAck::Rejected,
        }),
        max_deliveries: max,
        counts: CountsSet::NONE
            .with(HandoutFailure::Reject)
            .with(HandoutFailure::Lost),
        place: ReturnPlace::Head,
        overflow: Overflow::DropOldest,
        lost: LostConsumer {
            reset: SimDuration::ZERO,
            silent: Some(secs(60)),
        },
        ..QueueConfig::PLAIN
    }
}

fn kafka(assign: Assign, partitions: u32) -> QueueConfig {
    QueueConfig {
        lanes: Lanes::PerPartition(partitions),
        holds: Holds::Unsettled,
        assign,
        rebalance: secs(3),
        counts: CountsSet::NONE,
        lost: LostConsumer {
            reset: secs(45),
            silent: Some(secs(45)),
        },
        ..QueueConfig::PLAIN
    }
}

fn share_group() -> QueueConfig {
    QueueConfig {
        lease: Some(lease(secs(30), LateAck::Rejected)),
        max_deliveries: 5,
        most_leased: 200,
        ..QueueConfig::PLAIN
    }
}

fn jetstream(max: u32) -> QueueConfig {
    QueueConfig {
        lease: Some(lease(secs(30), LateAck::Accepted)),
        max_deliveries: max,
        give_up_to: GiveUpTo::Parks,
        place: ReturnPlace::Head,
        most_leased: 1000,
        dedup: secs(120),
        ..QueueConfig::PLAIN
    }
}

fn service_bus() -> QueueConfig {
    QueueConfig {
        lease: Some(lease(secs(60), LateAck::Rejected)),
        max_deliveries: 2,
        counts: CountsSet::NONE
            .with(HandoutFailure::Nack)
            .with(HandoutFailure::LeaseEnd)
            .with(HandoutFailure::Lost),
        ..QueueConfig::PLAIN
    }
}

/// Negative answers, in rows: what the last one comes to.
fn nacks(times: u16, last: &'static str) -> Vec<Row> {
    const OUT: [&str; 4] = [
        "1 nack, 1.2>0",
        "1 nack, 1.3>0",
        "1 nack, 1.4>0",
        "1 nack, 1.5>0",
    ];
    let mut rows = vec![(0, Pub(0), "1.1>0")];
    for nth in 1..times {
        rows.push((u64::from(nth), Nack(1, nth, 0), OUT[usize::from(nth) - 1]));
    }
    rows.push((u64::from(times), Nack(1, times, 0), last));
    rows
}

#[test]
fn rule_81_an_answer_at_the_very_end_of_a_lease_is_in_time() {
    play(
        &sqs(9),
        &[1],
        &[(0, Pub(0), "1.1>0"), (30_000, Ack(1, 1), "")],
    );
    play(
        &sqs(9),
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (30_000, Alarm, "1 leaseend, 1.2>0"),
            (60_000, Ack(1, 2), ""),
        ],
    );
    let short = QueueConfig {
        lease: Some(lease(secs(30), LateAck::Accepted)),
        ..QueueConfig::PLAIN
    };
    // Begun anew at 20 s, it ends at 50 s.
    play(
        &short,
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (20_000, Renew(1, 1), ""),
            (50_000, Alarm, "1 leaseend, 1.2>0"),
        ],
    );
}

#[test]
fn rule_81_a_late_answer_is_worth_what_the_product_says() {
    // Accepted while another works on it: his own answer then finds nothing.
    play(
        &sqs(9),
        &[1, 1],
        &[
            (0, Pub(0), "1.1>0"),
            (30_000, Alarm, "1 leaseend, 1.2>1"),
            (31_000, Ack(1, 1), "late"),
            (32_000, Ack(1, 2), "toolate"),
        ],
    );
    // Accepted while it is ready.
    play(
        &sqs(9),
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (1000, Pub(0), ""),
            (30_000, Alarm, "1 leaseend, 2.1>0"),
            (30_001, Ack(1, 1), "late"),
            (30_002, Ack(2, 1), ""),
        ],
    );
    for config in [sqs_fifo(9), share_group(), service_bus()] {
        let ends = config.lease.unwrap().lasts.as_ns() / 1_000_000;
        play(
            &config,
            &[1],
            &[
                (0, Pub(0), "1.1>0"),
                (ends, Alarm, "1 leaseend, 1.2>0"),
                (ends + 1, Ack(1, 1), "toolate"),
                (ends + 2, Ack(1, 2), ""),
            ],
        );
    }
}

#[test]
fn rule_81_deliveries_are_counted_as_each_product_counts() {
    // SQS: n, and the message is ready until it would be handed out once more.
    let rows = [
        (0, Pub(0), "1.1>0"),
        (30_000, Alarm, "1 leaseend, 1.2>0"),
        (40_000, Pub(0), ""),
        (60_000, Alarm, "1 leaseend, 2.1>0"),
        (61_000, Ack(2, 1), "1 givenup"),
    ];
    play(&sqs(2), &[1], &rows);
    // RabbitMQ's quorum queues: a limit of 4 is 5 hand-outs; of 4.3 on a nack does not count.
    let rejects = [
        (0, Pub(0), "1.1>0"),
        (1, Nack(1, 1, 0), "1 nack, 1.2>0"),
        (2, Reject(1, 2), "1 reject, 1.3>0"),
        (3, Reset(0), "1 lost"),
        (4, Join(0), "1.4>0"),
        (5, Reject(1, 4), "1 givenup"),
    ];
    play(&rabbit_quorum(3), &[1], &rejects);
    // Nothing counts with classic ones.
    play(&rabbit_classic(), &[1], &nacks(4, "1 nack, 1.5>0"));
    // JetStream: n, then it stays and is not handed out.
    let queue = play(&jetstream(3), &[1], &nacks(3, "1 parked"));
    assert_eq!(queue.level().parked, 1);
    // Share groups of Kafka: every acquisition.
    play(&share_group(), &[1], &nacks(5, "1 givenup"));
    let locks = [
        (0, Pub(0), "1.1>0"),
        (60_000, Alarm, "1 leaseend, 1.2>0"),
        (120_000, Alarm, "1 givenup"),
    ];
    play(&service_bus(), &[1], &locks);
}

#[test]
fn rule_81_ends_of_leases_are_noticed_when_somebody_looks() {
    // Handed out at 10 s, the end at 1810 s is noticed at 1860 s; an answer until then is in time.
    let config = rabbit_quorum(21);
    play(
        &config,
        &[1],
        &[
            (10_000, Pub(0), "1.1>0"),
            (1_859_999, Ack(1, 1), ""),
            (1_860_000, Alarm, ""),
        ],
    );
    play(
        &config,
        &[1],
        &[
            (10_000, Pub(0), "1.1>0"),
            (1_860_000, Alarm, "1 leaseend, 1.2>0"),
        ],
    );
    let from_start = QueueConfig {
        lease: Some(LeaseConfig {
            lasts: secs(30),
            from_start: true,
            check_every: SimDuration::ZERO,
            late_ack: LateAck::Rejected,
        }),
        ..QueueConfig::PLAIN
    };
    play(
        &from_start,
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (90_000, Renew(1, 1), ""),
            (120_000, Alarm, "1 leaseend, 1.2>0"),
        ],
    );
}

#[test]
fn rule_82_what_comes_back_stands_where_the_product_has_it() {
    let rows = |first: &'static str, second: &'static str| {
        [
            (0, Pub(0), "1.1>0"),
            (1, Pub(0), "2.1>0"),
            (2, Pub(0), ""),
            (3, Pub(0), ""),
            (4, Nack(2, 1, 100), "2 nack+100, 3.1>0"),
            (5, Nack(1, 1, 100), "1 nack+100, 4.1>0"),
            (104, Alarm, ""),
            (105, Alarm, ""),
            (106, Pub(0), ""),
            (107, Ack(3, 1), first),
            (108, Ack(4, 1), second),
        ]
    };
    let placed = |place| QueueConfig {
        place,
        ..QueueConfig::PLAIN
    };
    play(
        &placed(ReturnPlace::Original),
        &[2],
        &rows("1.2>0", "2.2>0"),
    );
    play(&placed(ReturnPlace::Head), &[2], &rows("2.2>0", "1.2>0"));
    play(&placed(ReturnPlace::Tail), &[2], &rows("2.2>0", "1.2>0"));
    let tail = [
        (0, Pub(0), "1.1>0"),
        (1, Pub(0), ""),
        (2, Nack(1, 1, 0), "1 nack, 2.1>0"),
    ];
    play(&placed(ReturnPlace::Tail), &[1], &tail);
    let original = [
        (0, Pub(0), "1.1>0"),
        (1, Pub(0), ""),
        (2, Nack(1, 1, 0), "1 nack, 1.2>0"),
    ];
    play(&placed(ReturnPlace::Original), &[1], &original);
}

#[test]
fn rule_82_a_loss_is_noticed_when_the_product_notices_it() {
    // A reset channel: at once. A consumer that fell silent: after 60 s, or when it comes back.
    let quorum = rabbit_quorum(21);
    play(
        &quorum,
        &[1, 1],
        &[
            (0, Pub(0), "1.1>0"),
            (1000, Silent(0), ""),
            (61_000, Alarm, "1 lost, 1.2>1"),
        ],
    );
    play(
        &quorum,
        &[1, 1],
        &[
            (0, Pub(0), "1.1>0"),
            (1000, Silent(0), ""),
            (20_000, Join(0), "1 lost, 1.2>1"),
        ],
    );
    // Where there is only a lease, its end alone brings the message back.
    let leases = QueueConfig {
        lost: LostConsumer {
            reset: SimDuration::from_ns(crate::time::MAX_NS),
            silent: None,
        },
        ..sqs(9)
    };
    play(
        &leases,
        &[1, 1],
        &[
            (0, Pub(0), "1.1>0"),
            (1000, Reset(0), ""),
            // That it is there again says nothing of what it had.
            (7000, Join(0), ""),
            (30_000, Alarm, "1 leaseend, 1.2>1"),
        ],
    );
}

#[test]
fn rule_82_who_is_told_to_stop_does_what_it_has() {
    let config = rabbit_classic();
    let mut queue = Queue::new(&config);
    queue.add_member(1);
    queue.add_member(1);
    queue.begin(&config);
    let new = |identity| NewMessage {
        identity,
        key: 0,
        with: 0,
    };
    queue.publish(&config, at(0), 1, new(1));
    let Some(QueueDoes::HandsOut(first, 0)) = queue.next(&config, at(0)) else {
        panic!("the first consumer is not handed it");
    };
    queue.leaves(0);
    queue.publish(&config, at(1), 2, new(2));
    queue.publish(&config, at(1), 3, new(3));
    let next = queue.next(&config, at(1));
    assert!(matches!(next, Some(QueueDoes::HandsOut(_, 1))));
    assert_eq!(queue.next(&config, at(1)), None);
    // Its answer is on its way when it ends.
    queue.gone(&config, at(2), 0, true);
    assert_eq!(queue.next(&config, at(2)), None);
    assert_eq!(queue.ack(&config, first), Answered::InTime);
}

#[test]
fn rule_84_what_has_reached_nobody_counts_for_nothing() {
    let config = QueueConfig {
        max_deliveries: 1,
        ..sqs(1)
    };
    let mut queue = Queue::new(&config);
    queue.add_member(1);
    queue.begin(&config);
    let new = NewMessage {
        identity: 1,
        key: 0,
        with: 0,
    };
    queue.publish(&config, at(0), 1, new);
    for round in 0..5 {
        let now = at(100 * round);
        while let Some(does) = queue.next(&config, now) {
            if let QueueDoes::HandsOut(handout, member) = does {
                let life = queue.life(member);
                queue.lets_go(member, life);
                assert!(queue.not_reached(&config, now, handout, ms(100)));
            }
        }
        assert_eq!(queue.level().delayed, 1, "round {round}");
    }
}

#[test]
fn rule_85_the_oldest_is_parked_if_that_is_what_giving_up_means() {
    let config = QueueConfig {
        most_ready: 2,
        overflow: Overflow::GiveUpOldest,
        give_up_to: GiveUpTo::Parks,
        ..QueueConfig::PLAIN
    };
    let rows = [
        (0, Pub(0), ""),
        (1, Pub(0), ""),
        (2, Pub(0), "1 parked"),
        (3, Pub(0), "2 parked"),
    ];
    assert_eq!(play(&config, &[], &rows).level().parked, 2);
}

#[test]
fn rule_83_the_next_one_of_a_key_waits() {
    // SQS FIFO: also while an earlier one is delayed; other keys go on.
    play(
        &sqs_fifo(9),
        &[9],
        &[
            (0, Pub(1), "1.1>0"),
            (1, Pub(1), ""),
            (2, Pub(2), "3.1>0"),
            (3, Nack(1, 1, 1000), "1 nack+1000"),
            (1003, Alarm, "1.2>0"),
            (1004, Ack(1, 2), "2.1>0"),
        ],
    );
    let overtake = QueueConfig {
        holds: Holds::Leased,
        ..sqs_fifo(9)
    };
    play(
        &overtake,
        &[9],
        &[
            (0, Pub(1), "1.1>0"),
            (1, Pub(1), ""),
            (3, Nack(1, 1, 1000), "1 nack+1000, 2.1>0"),
            (1003, Alarm, ""),
            (1004, Ack(2, 1), "1.2>0"),
        ],
    );
    // A message that is given up holds nobody back.
    play(
        &sqs_fifo(1),
        &[9],
        &[
            (0, Pub(1), "1.1>0"),
            (1, Pub(1), ""),
            (30_000, Alarm, "1 leaseend, 1 givenup, 2.1>0"),
        ],
    );
}

#[test]
fn rule_83_partitions_have_owners() {
    // Three partitions, two consumers: 0 and 2 are the first one's.
    let eager = kafka(Assign::Eager, 3);
    play(
        &eager,
        &[9, 9],
        &[
            (0, Pub(0), "1.1>0"),
            (0, Pub(1), "2.1>1"),
            (0, Pub(2), "3.1>0"),
            (0, Pub(0), ""),
            // Its loss is noticed after 45 s; the other one has an answer to give first.
            (1000, Reset(1), ""),
            (2000, Ack(1, 1), "4.1>0"),
            (46_000, Alarm, "2 lost"),
            (46_500, Pub(0), ""),
            (47_000, Ack(4, 1), ""),
            (48_000, Ack(3, 1), ""),
            (51_000, Alarm, "reassigned, 2.2>0, 5.1>0"),
        ],
    );
    // Cooperative: only what moves stops.
    let cooperative = kafka(Assign::Cooperative, 3);
    play(
        &cooperative,
        &[9, 9],
        &[
            (0, Pub(1), "1.1>1"),
            (1000, Reset(1), ""),
            (2000, Pub(0), "2.1>0"),
            (46_000, Alarm, "1 lost"),
            (46_100, Ack(2, 1), ""),
            (46_200, Pub(0), "3.1>0"),
            (49_000, Alarm, "reassigned, 1.2>0"),
            // It comes back: it gets the highest one of who has too many.
            (50_000, Join(1), ""),
            (50_100, Pub(2), ""),
            (53_000, Alarm, "reassigned, 4.1>1"),
        ],
    );
}

#[test]
fn rule_83_a_change_begins_anew_with_the_next_one() {
    let eager = QueueConfig {
        lost: LostConsumer {
            reset: SimDuration::ZERO,
            silent: None,
        },
        ..kafka(Assign::Eager, 3)
    };
    play(
        &eager,
        &[9, 9, 9],
        &[
            (0, Reset(2), ""),
            (1, Pub(2), ""),
            (2000, Reset(1), ""),
            (5000, Alarm, "reassigned, 1.1>0"),
        ],
    );
}

#[test]
fn rule_85_room_is_looked_for_when_a_message_comes() {
    let full = |overflow| QueueConfig {
        most_ready: 1,
        overflow,
        ..QueueConfig::PLAIN
    };
    let rows = |third: &'static str, next: &'static str| {
        [
            (0, Pub(0), "1.1>0"),
            (1, Pub(0), ""),
            (2, Pub(0), third),
            (3, Ack(1, 1), next),
        ]
    };
    play(&full(Overflow::Reject), &[1], &rows("rejected", "2.1>0"));
    play(
        &full(Overflow::DropOldest),
        &[1],
        &rows("2 dropped", "3.1>0"),
    );
    play(
        &full(Overflow::GiveUpOldest),
        &[1],
        &rows("2 givenup", "3.1>0"),
    );
    let block = rows("waits", "2.1>0, 3 stored");
    play(&full(Overflow::Block), &[1], &block);
    // What expires at this very instant makes room.
    let ttl = QueueConfig {
        ttl: Some(secs(1)),
        ..full(Overflow::Reject)
    };
    play(
        &ttl,
        &[],
        &[
            (0, Pub(0), ""),
            (1000, Pub(0), "1 expired"),
            (1001, Pub(0), "rejected"),
        ],
    );
}

#[test]
fn rule_80_what_is_ready_expires() {
    let at_once = QueueConfig {
        ttl: Some(secs(1)),
        ..QueueConfig::PLAIN
    };
    // What is handed out does so when it comes back.
    play(
        &at_once,
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (1, Pub(0), ""),
            (1000, Alarm, ""),
            (1001, Alarm, "2 expired"),
            (1500, Nack(1, 1, 0), "1 nack, 1 expired"),
        ],
    );
    // At the head: who stands behind a younger one waits for its turn.
    let at_head = QueueConfig {
        expires_at_head: true,
        ..at_once
    };
    play(
        &at_head,
        &[0],
        &[
            (0, Pub(0), ""),
            (500, Pub(0), ""),
            (1000, Alarm, "1 expired"),
        ],
    );
}

#[test]
fn rule_85_an_identity_is_remembered_from_first_sight() {
    play(
        &jetstream(9),
        &[9],
        &[
            (0, Again(7), "1.1>0"),
            (119_999 - 90_000, Again(7), "duplicate"),
            (29_999, Ack(1, 1), ""),
            (119_999, Again(7), "duplicate"),
            (120_000, Again(7), "4.1>0"),
        ],
    );
}

#[test]
fn rule_98_a_crash_returns_what_was_handed_out_and_loses_what_was_not_written() {
    let queue = play(
        &QueueConfig::PLAIN,
        &[1],
        &[
            (0, Pub(0), "1.1>0"),
            (100, Pub(0), ""),
            (300, Pub(0), ""),
            (350, Crash(200), "1 lost, 3 lost"),
            (400, Pub(0), ""),
            (500, Open, "1.2>0"),
            (600, Ack(1, 1), "toolate"),
        ],
    );
    assert_eq!(queue.sums().lost, 1);
}

#[test]
fn rule_80_a_parked_message_comes_back_as_new() {
    let mut rows = nacks(3, "1 parked");
    rows.extend([
        (10, Alarm, ""),
        (20, Unpark, "1.4>0"),
        (21, Nack(1, 4, 0), "1 nack, 1.5>0"),
        (22, Ack(1, 5), ""),
    ]);
    play(&jetstream(3), &[1], &rows);
}

#[test]
fn no_more_are_out_than_may_be() {
    let config = QueueConfig {
        most_leased: 2,
        ..QueueConfig::PLAIN
    };
    play(
        &config,
        &[2, 2],
        &[
            (0, Pub(0), "1.1>0"),
            (0, Pub(0), "2.1>1"),
            (0, Pub(0), ""),
            (1, Ack(2, 1), "3.1>0"),
        ],
    );
}

/// So many messages live through a long run of all that can happen, and none is lost sight of.
#[test]
fn rule_94_every_message_is_accounted_for() {
    let configs = [
        sqs(3),
        sqs_fifo(3),
        rabbit_quorum(4),
        kafka(Assign::Eager, 5),
        kafka(Assign::Cooperative, 5),
        jetstream(2),
        QueueConfig {
            most_ready: 3,
            overflow: Overflow::Block,
            ttl: Some(secs(20)),
            ..sqs(2)
        },
    ];
    for config in configs {
        for seed in 1..40 {
            wander(&config, seed);
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each step of a walk")]
fn wander(config: &QueueConfig, seed: u64) {
    let mut state = seed;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut queue = Queue::new(config);
    for _ in 0..3 {
        queue.add_member(2);
    }
    queue.begin(config);
    let (mut now, mut out) = (SimTime::ZERO, Vec::<(Handout, MemberIx, u16)>::new());
    for step in 0..400 {
        let next = now + ms(draw(8000));
        now = queue.due(config).map_or(next, |due| due.min(next)).max(now);
        let at = (!out.is_empty()).then(|| draw(out.len() as u64) as usize);
        let handout = at.map(|at| out[at].0);
        let member = draw(3) as MemberIx;
        match (draw(12), handout) {
            (0..=4, _) => {
                let new = NewMessage {
                    identity: step,
                    key: draw(4) as u32,
                    with: 0,
                };
                queue.publish(config, now, step as u32, new);
            }
            (5 | 6, Some(handout)) => {
                queue.ack(config, handout);
                let (_, member, life) = out.swap_remove(at.unwrap());
                queue.lets_go(member, life);
            }
            (7, Some(handout)) => {
                let delay = ms(draw(3) * 500);
                queue.fail(config, now, handout, HandoutFailure::Nack, delay);
                let (_, member, life) = out.swap_remove(at.unwrap());
                queue.lets_go(member, life);
            }
            (8, _) => queue.gone(config, now, member, draw(2) == 0),
            (9, _) => queue.joins(config, now, member),
            (10, _) if draw(4) == 0 => queue.crash(config, now, Some(now.before(secs(3)))),
            _ => queue.open(),
        }
        while let Some(does) = queue.next(config, now) {
            if let QueueDoes::HandsOut(handout, member) = does {
                out.push((handout, member, queue.life(member)));
            }
            assert!(
                queue.sums().agree_with(queue.level()),
                "{config:?} {seed} {step}"
            );
        }
        assert!(queue.level().leased <= 6);
    }
    // LeftMessage alone with consumers that answer, it empties.
    queue.open();
    for member in 0..3 {
        queue.joins(config, now, member);
    }
    for (handout, member, life) in out {
        queue.ack(config, handout);
        queue.lets_go(member, life);
    }
    for _ in 0..5000 {
        while let Some(does) = queue.next(config, now) {
            if let QueueDoes::HandsOut(handout, member) = does {
                queue.ack(config, handout);
                let life = queue.life(member);
                queue.lets_go(member, life);
            }
        }
        let Some(due) = queue.due(config) else {
            break;
        };
        now = due.max(now);
    }
    let left = queue.level();
    assert_eq!(
        (left.ready, left.delayed, left.waiting),
        (0, 0, 0),
        "{config:?} {seed}"
    );
}

//! Smooth turns after failures: nginx' effective weight, against its loop as it is written.

use super::*;

/// A peer as nginx has it.
#[derive(Clone, Copy)]
struct Peer {
    weight: i64,
    effective: i64,
    current: i64,
}

/// `ngx_http_upstream_get_peer` among peers that are there and not tried.
fn get_peer(peers: &mut [Peer], there: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut best, mut total) = (None, 0);
    for at in (0..peers.len()).filter(|&at| there(at)) {
        peers[at].current += peers[at].effective;
        total += peers[at].effective;
        if peers[at].effective < peers[at].weight {
            peers[at].effective += 1;
        }
        if best.is_none_or(|best: usize| peers[at].current > peers[best].current) {
            best = Some(at);
        }
    }
    let best = best?;
    peers[best].current -= total;
    Some(best)
}

/// The failed half of `ngx_http_upstream_free_round_robin_peer`.
fn fail(peer: &mut Peer, max_fails: i64) {
    peer.effective = (peer.effective - peer.weight / max_fails).max(0);
}

#[test]
fn rule_55_a_failure_cuts_the_weight_of_nginx_and_each_turn_gives_one_back() {
    for (weights, max_fails) in [
        (&[5, 1, 1][..], 1),
        (&[5, 1, 1], 3),
        (&[10, 7, 3, 1], 2),
        (&[1, 1], 1),
        (&[100, 1], 4),
        (&[3, 3, 3], 10),
    ] {
        let config = BalanceConfig {
            weights: Weights::new(weights),
            ..BalanceConfig::of(BalanceWay::Smooth)
        };
        let slots: Vec<u32> = (0..weights.len() as u32).collect();
        let mut peers: Vec<Peer> = weights
            .iter()
            .map(|&weight| Peer {
                weight: weight.into(),
                effective: weight.into(),
                current: 0,
            })
            .collect();
        let mut balancer = Balancer::new();
        let mut u = SplitMix(7);
        for turn in 0..3_000 {
            // Now and then one has been tried; in the last third nobody fails, and turns are those of old.
            let tried = u
                .next_u64()
                .is_multiple_of(5)
                .then(|| u.below(slots.len() as u64) as u32);
            let of = rotation(&slots, 0);
            let asker = Asker {
                takes_any: tried.is_none(),
                ..Asker::default()
            };
            let chosen = balancer
                .choose_by_more(&config, of, asker, |it| Some(it) != tried, &mut Never)
                .unwrap();
            let expected = get_peer(&mut peers, |it| Some(it as u32) != tried).unwrap();
            assert_eq!(
                chosen as usize, expected,
                "{weights:?} {max_fails} turn {turn}"
            );
            if turn < 2_000 && u.next_u64().is_multiple_of(3) {
                fail(&mut peers[expected], max_fails);
                let weight = weights[expected];
                balancer.on_failed(chosen, weight, weight / max_fails as u32);
            }
        }
    }
}

#[test]
fn rule_55_who_is_alone_in_rotation_gets_its_weight_back_turn_by_turn() {
    let config = BalanceConfig {
        weights: Weights::new(&[4, 1]),
        ..BalanceConfig::of(BalanceWay::Smooth)
    };
    let mut balancer = Balancer::new();
    balancer.on_failed(0, 4, 4);
    for _ in 0..4 {
        balancer.took_turn_alone(0);
    }
    let of = rotation(&[0, 1], 0);
    let mut turn = || {
        let asker = Asker {
            takes_any: true,
            ..Asker::default()
        };
        balancer.choose_by_more(&config, of, asker, |_| true, &mut Never)
    };
    let turns: Vec<Option<u32>> = (0..5).map(|_| turn()).collect();
    assert_eq!(turns, [Some(0), Some(0), Some(1), Some(0), Some(0)]);
}

#[test]
fn rule_48_the_next_in_a_slot_has_all_its_weight_and_an_empty_account() {
    let config = BalanceConfig {
        weights: Weights::new(&[2, 2]),
        ..BalanceConfig::of(BalanceWay::Smooth)
    };
    let mut balancer = Balancer::new();
    let of = rotation(&[0, 1], 0);
    balancer.on_failed(0, 2, 2);
    balancer.forget(0);
    let mut turn = || {
        let asker = Asker {
            takes_any: true,
            ..Asker::default()
        };
        balancer.choose_by_more(&config, of, asker, |_| true, &mut Never)
    };
    let turns: Vec<Option<u32>> = (0..4).map(|_| turn()).collect();
    assert_eq!(turns, [Some(0), Some(1), Some(0), Some(1)]);
}

/// `ngx_http_upstream_get_least_conn_peer`, where nobody is down or has been tried.
fn get_least_conn_peer(peers: &mut [Peer], conns: &[u32]) -> usize {
    let load = |at: usize| i64::from(conns[at]);
    let (mut best, mut many) = (0, false);
    for at in 1..peers.len() {
        let (mine, least) = (load(at) * peers[best].weight, load(best) * peers[at].weight);
        if mine < least {
            (best, many) = (at, false);
        } else if mine == least {
            many = true;
        }
    }
    if !many {
        return best;
    }
    let weights: Vec<i64> = peers.iter().map(|peer| peer.weight).collect();
    let is_equal = |at: usize| load(at) * weights[best] == load(best) * weights[at];
    get_peer(peers, is_equal).unwrap()
}

#[test]
fn rule_55_a_failure_cuts_the_weight_of_nginx_among_equals_of_the_least_loaded() {
    for (weights, max_fails) in [
        (&[5, 1, 1][..], 1),
        (&[10, 7, 3, 1], 2),
        (&[1, 1], 1),
        (&[4, 4, 4, 2, 2], 3),
    ] {
        let config = BalanceConfig {
            weights: Weights::new(weights),
            ..BalanceConfig::of(BalanceWay::WeightedLeast(LeastRule::PerWeight))
        };
        let slots: Vec<u32> = (0..weights.len() as u32).collect();
        let full = |&weight: &u32| Peer {
            weight: weight.into(),
            effective: weight.into(),
            current: 0,
        };
        let mut peers: Vec<Peer> = weights.iter().map(full).collect();
        let mut conns = vec![0; weights.len()];
        let mut out = Vec::new();
        let mut balancer = Balancer::new();
        let mut u = SplitMix(7);
        for turn in 0..3_000 {
            let of = rotation(&slots, 0);
            let asker = Asker {
                takes_any: true,
                ..Asker::default()
            };
            let chosen = balancer
                .choose_by_more(&config, of, asker, |_| true, &mut Never)
                .unwrap();
            let expected = get_least_conn_peer(&mut peers, &conns);
            assert_eq!(chosen as usize, expected, "{weights:?} turn {turn}");
            balancer.on_sent(chosen);
            conns[expected] += 1;
            out.push(chosen);
            while out.len() as u64 > u.below(2 * weights.len() as u64) {
                let ended = out.swap_remove(u.below(out.len() as u64) as usize);
                balancer.on_ended(ended, SimTime::ZERO, SimTime::ZERO);
                conns[ended as usize] -= 1;
                // In the last third nobody fails, and turns are those of old.
                if turn < 2_000 && u.next_u64().is_multiple_of(3) {
                    let peer = &mut peers[ended as usize];
                    fail(peer, max_fails);
                    let weight = weights[ended as usize];
                    balancer.on_failed(ended, weight, weight / max_fails as u32);
                }
            }
        }
    }
}

#[test]
fn a_failure_before_the_first_choice_knows_what_is_outstanding() {
    let mut balancer = Balancer::new();
    balancer.on_sent(0);
    balancer.on_sent(0);
    balancer.on_ended(0, SimTime::ZERO, SimTime::ZERO);
    balancer.on_failed(0, 4, 2);
    balancer.on_ended(0, SimTime::ZERO, SimTime::ZERO);
    assert_eq!(balancer.outstanding(0), 0);
}

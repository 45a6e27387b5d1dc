use super::*;
use crate::experiment::{NeverStops, Threads};
use crate::scenario::Loaded;
use crate::scenario::fixture::draft;

const SHOP: &str = "\
scenario: shop
run: { duration: 8s, seed: 7 }
clients:
  users: { arrivals: { poisson: { rate: 60/s } }, calls: shop.buy, policy: careful }
services:
  shop:
    threads: 2
    queue: { capacity: 50 }
    operations:
      buy: { steps: [ { work: { exponential: { mean: 20ms } } } ] }
policies:
  careful: [ { retry: { max_attempts: 3, backoff: { constant: 20ms } } }, { timeout: 300ms } ]
faults:
  slow: { at: 2s, for: 1s, service: shop, slow: { factor: 3 } }
  load: { at: 4s, for: 1s, client: users, load: { factor: 2 } }
";

fn loaded(settings: &[&[(&str, &str)]]) -> Vec<Loaded> {
    let draft = draft(SHOP);
    let with = |set: &&[(&str, &str)]| draft.with(set.iter().copied()).unwrap();
    settings.iter().map(with).collect()
}

fn experiments(loaded: &[Loaded]) -> Vec<Experiment<'_>> {
    loaded
        .iter()
        .map(|one| Experiment::new(&one.scenario, 7, Threads::Exactly(1)))
        .collect()
}

const LENGTH: &str = "faults.slow.for";
const FACTOR: &str = "faults.load.load.factor";

const SETTINGS: [&[(&str, &str)]; 7] = [
    &[(LENGTH, "1s")],
    &[(LENGTH, "1s"), (FACTOR, "3")],
    &[(LENGTH, "2s")],
    &[("services.shop.threads", "3")],
    &[(LENGTH, "1500ms"), (FACTOR, "3")],
    &[("services.shop.threads", "3"), (FACTOR, "5")],
    &[(LENGTH, "1500ms")],
];

/// What came of each, by place.
fn together(all: &[Experiment<'_>], groups: &[Vec<Member>]) -> Vec<Replications> {
    let mut found = vec![Replications::default(); all.len()];
    for group in groups {
        play_together(all, group, 5, &NeverStops, &mut |place, one| {
            found[place] = one;
        });
    }
    found
}

#[test]
fn whoever_begins_alike_is_played_together_and_nobody_can_tell() {
    let loaded = loaded(&SETTINGS);
    let all = experiments(&loaded);
    let family = Family::of(&all);
    let groups = family.groups(usize::MAX, |_| true);
    let mut sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 5]);
    let alone = together(&all, &family.groups(1, |_| true));
    assert!(alone.iter().all(|one| one.runs.len() == 1));
    assert!(
        alone[0] != alone[2] && alone[0] != alone[1],
        "settings that do nothing"
    );
    assert_eq!(together(&all, &groups), alone);
    assert_eq!(together(&all, &family.groups(2, |_| true)), alone);
}

#[test]
fn neighbours_have_most_in_common() {
    let loaded = loaded(&SETTINGS);
    let all = experiments(&loaded);
    let family = Family::of(&all);
    let shared = |wanted: &[usize]| -> Vec<u64> {
        let groups = family.groups(usize::MAX, |place| wanted.contains(&place));
        let members = groups.into_iter().flatten();
        let mut shared: Vec<u64> = members.map(|one| one.shared.as_ns() / 1_000_000).collect();
        shared.sort_unstable();
        shared
    };
    // Pairs of equal length part when the load does; lengths part at the end of the shorter one.
    assert_eq!(shared(&[0, 1]), [0, 4_000]);
    assert_eq!(shared(&[0, 2, 6]), [0, 3_000, 3_500]);
    assert_eq!(shared(&[0, 1, 2, 4, 6]), [0, 3_000, 3_500, 4_000, 4_000]);
    assert_eq!(shared(&[0, 3]), [0, 0]);
}

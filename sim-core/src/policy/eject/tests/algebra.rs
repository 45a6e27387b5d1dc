//! What follows from mean - 1.9 standard deviations alone.

use super::*;

/// Who is out after one sweep over instances with so many failures of 1000 each.
fn out(failed: &[u32]) -> Vec<usize> {
    let mut config = envoy(100.0);
    change(&mut config, |rules| rules.consecutive.clear());
    let mut watch = Watch::new(config, failed.len() as u32);
    for (slot, &failed) in (0..).zip(failed) {
        watch.at(0, bad(slot, failed));
        watch.at(0, good(slot, 1_000 - failed));
    }
    watch.at(10_000, On::Sweep);
    let slots = 0..failed.len();
    slots
        .filter(|&slot| watch.ejection.is_out(slot as u32))
        .collect()
}

#[test]
fn rule_55_from_five_instances_on_a_single_worse_one_is_out_by_any_margin() {
    for count in 5..40 {
        for (others, worse) in [
            (0, 1),
            (0, 1_000),
            (0, 20),
            (500, 501),
            (998, 999),
            (3, 700),
        ] {
            let mut failed = vec![others; count];
            failed[count / 2] = worse;
            assert_eq!(out(&failed), [count / 2], "{count}: {others}, {worse}");
        }
    }
    // Of four it would not be: 1.9 sd of (0, 0, 0, 1) are more than the distance from their mean.
    let mut config = envoy(100.0);
    change(&mut config, |rules| {
        if let Some(rate) = &mut rules.success_rate {
            rate.min_instances = 4;
        }
    });
    let mut watch = Watch::new(config, 4);
    watch.at(0, bad(0, 4));
    for slot in 0..4 {
        watch.at(1, good(slot, 100));
    }
    assert_eq!(watch.at(10_000, On::Sweep), "");
}

#[test]
fn rule_55_nobody_is_out_when_more_than_a_fifth_are_equally_bad() {
    // m of n: out while m/n is below 1/(1 + 1.9²) = 21.69 %.
    for count in 5_usize..60 {
        for bad_ones in 1..count {
            let failed: Vec<u32> = (0..count)
                .map(|n| u32::from(n < bad_ones) * 1_000)
                .collect();
            let expected = if 461 * bad_ones < 100 * count {
                bad_ones
            } else {
                0
            };
            assert_eq!(out(&failed).len(), expected, "{bad_ones} of {count}");
        }
    }
}

#[test]
fn rule_55_equals_are_no_outliers_whatever_their_rate() {
    for failed in 0..1_000 {
        assert_eq!(out(&[failed; 7]), [] as [usize; 0], "{failed}");
    }
}

use super::*;
use crate::id::ProcessId;
use crate::model::record::fixture::{BANK, SHOP, s, shop};
use crate::model::spec::{CallerGroup, RefreshSpec};
use crate::time::SimDuration;

fn news(instance: u32, mark: Mark, holds: bool) -> News {
    News {
        instance: InstanceId(instance),
        incarnation: instance + 1,
        mark,
        holds,
    }
}

fn slots(directory: &Directory, view: ViewIx) -> Vec<u32> {
    directory.view(view).slots().to_vec()
}

#[test]
fn a_marked_member_is_in_no_view_until_the_mark_is_lifted() {
    let mut directory = Directory::new(&shop(60, 0));
    let [of_shop, of_bank] = [SHOP, BANK].map(ViewPlan::shared);
    assert_eq!(slots(&directory, of_shop), [0, 1]);
    for _ in 0..2 {
        directory.mark(news(0, Mark::Dead, true));
        directory.hear(SimTime::ZERO, of_shop, news(0, Mark::Dead, true));
        assert!(directory.member(InstanceId(0)).marks.has(Mark::Dead));
        assert_eq!(slots(&directory, of_shop), [1]);
    }
    for _ in 0..2 {
        directory.mark(news(0, Mark::Dead, false));
        directory.hear(SimTime::ZERO, of_shop, news(0, Mark::Dead, false));
        assert_eq!(slots(&directory, of_shop), [0, 1]);
    }
    // The first instance of another service has slot 0 there.
    directory.hear(SimTime::ZERO, of_bank, news(2, Mark::Dead, true));
    assert_eq!(slots(&directory, of_bank), [] as [u32; 0]);
    assert_eq!(slots(&directory, of_shop), [0, 1]);
}

#[test]
fn rule_49_each_owner_lifts_its_own_mark_and_the_last_one_brings_the_member_back() {
    let mut directory = Directory::new(&shop(60, 0));
    let steps = [
        (Mark::Failing(0), true, Turn::Rotation),
        (Mark::Failing(0), true, Turn::Nothing),
        (Mark::Failing(3), true, Turn::Mark),
        (Mark::Leaving, true, Turn::Mark),
        (Mark::Failing(0), false, Turn::Mark),
        (Mark::Ejected, false, Turn::Nothing),
        (Mark::Leaving, false, Turn::Mark),
        (Mark::Failing(3), false, Turn::Rotation),
    ];
    for (mark, holds, expected) in steps {
        let turn = directory.mark(news(1, mark, holds));
        assert_eq!(turn, expected, "{mark:?} {holds}");
    }
}

/// A shop of ten whose callers panic below a half.
fn of_ten(panic_below: u32) -> View {
    let mut spec = shop(60, 0);
    spec.services[SHOP].instances = 10;
    spec.services[SHOP].membership.panic_below = panic_below;
    View::new(&spec.services[SHOP])
}

#[test]
fn rule_51_panic_begins_strictly_below_the_share_and_takes_in_the_marked() {
    let mut view = of_ten(500_000);
    for slot in 0..5 {
        assert_eq!(
            view.hear(SimTime::ZERO, slot, Mark::Dead, true).1,
            None,
            "{slot}"
        );
    }
    assert_eq!(view.slots(), [5, 6, 7, 8, 9], "just a half is no panic");
    assert_eq!(
        view.hear(SimTime::ZERO, 5, Mark::Ejected, true).1,
        Some(true)
    );
    assert_eq!(view.slots().len(), 10);
    // One that leaves is no part of the whole, and never takes part: 4 of 9, then 3 of 8.
    assert_eq!(view.hear(SimTime::ZERO, 0, Mark::Leaving, true).1, None);
    assert_eq!(view.slots().len(), 9);
    assert_eq!(view.hear(SimTime::ZERO, 9, Mark::Unlisted, true).1, None);
    assert_eq!(view.slots(), [1, 2, 3, 4, 5, 6, 7, 8]);
    // 4 of 8 end it.
    assert_eq!(
        view.hear(SimTime::ZERO, 5, Mark::Ejected, false).1,
        Some(false)
    );
    assert_eq!(view.slots(), [5, 6, 7, 8]);
}

#[test]
fn rule_51_without_a_threshold_nothing_is_left() {
    let mut view = of_ten(0);
    for slot in 0..10 {
        assert_eq!(view.hear(SimTime::ZERO, slot, Mark::Dead, true).1, None);
    }
    assert_eq!(view.slots(), [] as [u32; 0]);
}

#[test]
fn rule_51_a_share_of_two_thirds_is_compared_as_it_is_written() {
    // 2 of 3 is more than 66.6666 % and less than 66.6667 %.
    for (below, expected) in [(666_666, None), (666_667, Some(true))] {
        let mut spec = shop(60, 0);
        spec.services[SHOP].instances = 3;
        spec.services[SHOP].membership.panic_below = below;
        let mut view = View::new(&spec.services[SHOP]);
        assert_eq!(
            view.hear(SimTime::ZERO, 0, Mark::Dead, true).1,
            expected,
            "{below}"
        );
    }
}

/// The shop, whose callers ask anew each 5 s, and after errors.
fn asking(at_error: bool) -> (Directory, Readers) {
    let mut spec = shop(60, 0);
    spec.services[SHOP].membership.refresh = Some(RefreshSpec {
        every: SimDuration::from_secs(5),
        at_error,
    });
    let directory = Directory::new(&spec);
    let group = CallerGroup::Client(crate::id::ClientId(0));
    let readers = directory.plan().readers(&spec, SHOP, group);
    (directory, readers)
}

#[test]
fn rule_50_a_view_is_renewed_whole_when_it_is_used_and_old_enough() {
    let (mut directory, readers) = asking(true);
    let [one, other] = [0, 1].map(|process| readers.view_of(ProcessId(process)));
    directory.mark(news(0, Mark::Leaving, true));
    let early = s(5).as_ns() - 1;
    directory.renew(SimTime::from_ns(early), &readers, ProcessId(0));
    assert_eq!(slots(&directory, one), [0, 1]);
    directory.renew(s(5), &readers, ProcessId(0));
    assert_eq!(slots(&directory, one), [1]);
    assert_eq!(slots(&directory, other), [0, 1], "each for itself");
    directory.doubt(&readers, ProcessId(1));
    directory.renew(s(1), &readers, ProcessId(1));
    assert_eq!(slots(&directory, other), [1], "it has met an error");
}

#[test]
fn rule_50_an_error_renews_nothing_where_only_age_counts() {
    let (mut directory, readers) = asking(false);
    directory.mark(news(0, Mark::Leaving, true));
    directory.doubt(&readers, ProcessId(0));
    directory.renew(s(1), &readers, ProcessId(0));
    let view = readers.view_of(ProcessId(0));
    assert_eq!(slots(&directory, view), [0, 1]);
}

#[test]
fn rule_50_a_process_s_own_verdict_acts_in_its_view_alone_and_outlives_a_renewal() {
    let (mut directory, readers) = asking(true);
    let [one, other] = [0, 1].map(|process| readers.view_of(ProcessId(process)));
    assert_eq!(directory.plan().own_view(SHOP, ProcessId(1)), Some(other));
    let (turn, _) = directory.mark_own(SimTime::ZERO, one, news(1, Mark::Ejected, true));
    assert_eq!(turn, Turn::Rotation);
    assert_eq!(
        (slots(&directory, one), slots(&directory, other)),
        (vec![0], vec![0, 1])
    );
    assert!(directory.member(InstanceId(1)).marks.is_empty());
    directory.renew(s(5), &readers, ProcessId(0));
    assert_eq!(slots(&directory, one), [0]);
    directory.mark_own(SimTime::ZERO, one, news(1, Mark::Ejected, false));
    assert_eq!(slots(&directory, one), [0, 1]);
}

#[test]
fn every_view_knows_its_reader() {
    let (directory, readers) = asking(true);
    let plan = directory.plan();
    assert_eq!(plan.reader(ViewPlan::shared(BANK)), (BANK, None));
    for process in [0, 1].map(ProcessId) {
        assert_eq!(plan.reader(readers.view_of(process)), (SHOP, Some(process)));
    }
    let heard: Vec<ViewIx> = plan.heard_by(SHOP).collect();
    assert_eq!(heard.len(), 3);
}

/// The shop, whose callers ask anew each 5 s, and whose first slot is filled anew.
fn filling() -> (Directory, Readers) {
    use crate::model::spec::{FaultKind, FaultSpec, LifeFault, ServiceTarget};
    let mut spec = shop(60, 0);
    spec.services[SHOP].membership.refresh = Some(RefreshSpec {
        every: SimDuration::from_secs(5),
        at_error: false,
    });
    let target = ServiceTarget {
        services: vec![SHOP],
        operation: None,
        instances: vec![InstanceId(0)],
    };
    spec.faults.push(FaultSpec {
        name: "fewer".to_owned(),
        spans: vec![(s(1), s(2))],
        random: None,
        kind: FaultKind::Life(target, LifeFault::Stop),
    });
    let directory = Directory::new(&spec);
    let group = CallerGroup::Client(crate::id::ClientId(0));
    let readers = directory.plan().readers(&spec, SHOP, group);
    (directory, readers)
}

#[test]
fn rule_48_a_view_means_who_was_there_before_until_it_hears_of_the_new_one() {
    let (mut directory, readers) = filling();
    let [renewed, told] = [0, 1].map(|process| readers.view_of(ProcessId(process)));
    let means = |directory: &Directory, view: ViewIx, who| directory.view(view).means(0, who);
    assert!(means(&directory, renewed, 1) && means(&directory, told, 1));
    // The first ends, and another comes into its slot and up, of which no view has heard.
    directory.mark(news(0, Mark::Unlisted, true));
    directory.fill(s(1), InstanceId(0), 3);
    directory.mark(news(0, Mark::Unlisted, false));
    assert!(!means(&directory, renewed, 3) && !means(&directory, told, 3));
    assert_eq!(slots(&directory, renewed), [0, 1], "it takes it for there");
    // Word of a mark is not word of who is listed.
    let of_third = |mark, holds| News {
        incarnation: 3,
        ..news(0, mark, holds)
    };
    directory.hear(s(2), told, of_third(Mark::Failing(0), true));
    assert!(!means(&directory, told, 3));
    directory.hear(s(2), told, of_third(Mark::Unlisted, false));
    assert!(means(&directory, told, 3) && !means(&directory, renewed, 3));
    directory.renew(s(5), &readers, ProcessId(0));
    assert!(means(&directory, renewed, 3));
}

#[test]
fn rule_48_a_view_that_is_renewed_while_nobody_is_listed_means_nobody_new() {
    let (mut directory, readers) = filling();
    let view = readers.view_of(ProcessId(0));
    directory.mark(news(0, Mark::Unlisted, true));
    directory.fill(s(1), InstanceId(0), 3);
    directory.renew(s(5), &readers, ProcessId(0));
    assert_eq!(slots(&directory, view), [1]);
    assert!(!directory.view(view).means(0, 3));
    directory.mark(news(0, Mark::Unlisted, false));
    directory.renew(s(10), &readers, ProcessId(0));
    assert_eq!(slots(&directory, view), [0, 1]);
    assert!(directory.view(view).means(0, 3));
}

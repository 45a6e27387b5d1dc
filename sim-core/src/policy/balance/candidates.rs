//! Who is compared, and who of them has the least to do.
//!
//! Drawing two of a hundred instances must not cost as much as looking at a hundred. So the draw
//! first supposes that every instance is allowed, which is nearly always true, and looks only at
//! those it drew. If one of them is not allowed, it starts over among the allowed ones, written
//! down once. Both ways draw every set of allowed instances with the same chance, so the mixture
//! does too.
//!
//! The rule: candidates are distinct and drawn one after another; of equal loads the first drawn
//! wins, which is a tie broken at random without a draw of its own. Where all are compared, a tie
//! is broken by one draw.
//!
//! Rejected: drawing until the instances are allowed and distinct (never ends when none is),
//! shuffling the rotation for each choice (a draw for every instance).

use crate::random::Uniforms;

/// The instance with the least load of all that are allowed.
#[inline(never)]
pub(super) fn fewest<U: Uniforms, L: PartialOrd + Copy>(
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    mut load: impl FnMut(u32) -> L,
    tied: &mut Vec<u32>,
    u: &mut U,
) -> Option<u32> {
    let mut least = None;
    tied.clear();
    for &instance in rotation.iter().filter(|&&instance| allowed(instance)) {
        let load = load(instance);
        if least.is_none_or(|least| load < least) {
            least = Some(load);
            tied.clear();
        }
        if least.is_some_and(|least| load <= least) {
            tied.push(instance);
        }
    }
    match tied.len() {
        0 => None,
        1 => Some(tied[0]),
        several => Some(tied[u.below(several as u64) as usize]),
    }
}

/// Any of the instances that are allowed.
#[inline]
pub(super) fn any<U: Uniforms>(
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    scratch: &mut Vec<u32>,
    u: &mut U,
) -> Option<u32> {
    let instance = rotation[u.below(rotation.len() as u64) as usize];
    if allowed(instance) {
        return Some(instance);
    }
    fewest_of_allowed(1, rotation, allowed, |_| 0_u32, scratch, u)
}

/// The instance with the least load of `choices` distinct ones that are allowed.
#[inline(never)]
pub(super) fn fewest_of<U: Uniforms, L: PartialOrd + Copy>(
    choices: usize,
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    mut load: impl FnMut(u32) -> L,
    scratch: &mut Vec<u32>,
    u: &mut U,
) -> Option<u32> {
    if choices >= rotation.len() {
        return fewest(rotation, allowed, load, scratch, u);
    }
    scratch.clear();
    let mut best = Best::NOBODY;
    for _ in 0..choices {
        let place = draw_new_place(rotation.len(), scratch, u);
        let instance = rotation[place as usize];
        if !allowed(instance) {
            return fewest_of_allowed(choices, rotation, allowed, load, scratch, u);
        }
        best.offer(instance, load(instance));
    }
    best.instance()
}

/// The instance with the least load of `choices` drawn, each of all that are allowed: the same one may be
/// drawn again. With two instances and two choices, the busier one gets a quarter.
pub(super) fn fewest_replaced<U: Uniforms, L: PartialOrd + Copy>(
    choices: u32,
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    mut load: impl FnMut(u32) -> L,
    scratch: &mut Vec<u32>,
    u: &mut U,
) -> Option<u32> {
    let draw = |among: &[u32], u: &mut U| among[u.below(among.len() as u64) as usize];
    let mut best = Best::NOBODY;
    for _ in 0..choices {
        let instance = draw(rotation, u);
        if !allowed(instance) {
            best = Best::NOBODY;
            scratch.clear();
            scratch.extend(rotation.iter().filter(|&&instance| allowed(instance)));
            for _ in 0..if scratch.is_empty() { 0 } else { choices } {
                let instance = draw(scratch, u);
                best.offer(instance, load(instance));
            }
            break;
        }
        best.offer(instance, load(instance));
    }
    best.instance()
}

/// The same, after a draw has shown that not all are allowed.
fn fewest_of_allowed<U: Uniforms, L: PartialOrd + Copy>(
    choices: usize,
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    mut load: impl FnMut(u32) -> L,
    left: &mut Vec<u32>,
    u: &mut U,
) -> Option<u32> {
    left.clear();
    left.extend(rotation.iter().filter(|&&instance| allowed(instance)));
    let mut best = Best::NOBODY;
    for _ in 0..choices.min(left.len()) {
        let place = match left.len() {
            1 => 0,
            several => u.below(several as u64) as usize,
        };
        let instance = left.swap_remove(place);
        best.offer(instance, load(instance));
    }
    best.instance()
}

/// A place below `places` that was not drawn before, each as likely; `drawn` is kept sorted.
fn draw_new_place<U: Uniforms>(places: usize, drawn: &mut Vec<u32>, u: &mut U) -> u32 {
    let mut place = u.below((places - drawn.len()) as u64) as u32;
    let mut at = 0;
    // The draw counts places that are left: step over each that is gone.
    while at < drawn.len() && drawn[at] <= place {
        place += 1;
        at += 1;
    }
    drawn.insert(at, place);
    place
}

/// The least loaded instance offered so far, the first of equals.
struct Best<L>(Option<(u32, L)>);

impl<L: PartialOrd + Copy> Best<L> {
    const NOBODY: Self = Self(None);

    fn offer(&mut self, instance: u32, load: L) {
        if self.0.is_none_or(|(_, least)| load < least) {
            self.0 = Some((instance, load));
        }
    }

    fn instance(&self) -> Option<u32> {
        self.0.map(|(instance, _)| instance)
    }
}

/// Attempts outstanding at an instance; none where the list ends.
pub(super) fn outstanding(lines: &[u32], instance: u32) -> u32 {
    lines.get(instance as usize).copied().unwrap_or(0)
}

/// The next allowed instance in the order of numbers, beginning again after the last.
#[inline(never)]
pub(super) fn in_turn<U: Uniforms>(
    turn: &mut Option<u32>,
    rotation: &[u32],
    allowed: impl Fn(u32) -> bool,
    u: &mut U,
) -> Option<u32> {
    let start = match *turn {
        None => u.below(rotation.len() as u64) as usize,
        Some(turn) => rotation.partition_point(|&instance| instance < turn),
    };
    let (before, from_start) = rotation.split_at(start);
    let mut in_order = from_start.iter().chain(before).copied();
    let chosen = in_order.find(|&instance| allowed(instance))?;
    *turn = Some(chosen + 1);
    Some(chosen)
}

//! Groups of files that use each other, directly or around.

use std::collections::BTreeSet;

use super::uses::Uses;

/// The largest groups in which every file reaches every other.
pub(super) fn circles(uses: &Uses) -> Vec<Vec<usize>> {
    let reached: Vec<BTreeSet<usize>> = (0..uses.len()).map(|from| reach(uses, from)).collect();
    let mut found: Vec<Vec<usize>> = Vec::new();
    for file in 0..uses.len() {
        let known = found.iter().any(|circle| circle.contains(&file));
        if !known && reached[file].contains(&file) {
            let back = |other: &usize| reached[*other].contains(&file);
            found.push(reached[file].iter().copied().filter(back).collect());
        }
    }
    found
}

/// The files that `from` uses, directly or around.
fn reach(uses: &Uses, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(
            uses[file]
                .keys()
                .copied()
                .filter(|&used| found.insert(used)),
        );
    }
    found
}

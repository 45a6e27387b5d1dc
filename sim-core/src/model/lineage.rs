//! What goes down from a root call to all that is done for it: which root call it is, and the way down.
//!
//! An effect is carried out for a root call, whoever carries it out and however often it is asked: so
//! its number goes down with every call. The *identity* of a call says more: the root call, and the
//! steps, branches and rounds that lead down to it, but no passes. A retry of whatever stands around it
//! makes the same call again, under the same identity.
//!
//! Only scenarios with effects, with keys of calls in blocks, or with queues of messages hand it down.

use crate::random::child_key;
use crate::side_table::Absent;

/// A root call, by its number among those of the run.
pub(crate) type RootIx = u32;

/// For what a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// The root call.
    pub(crate) root: RootIx,
    /// A number that is drawn for the root call: keys of what is done for it come from this.
    pub(crate) mark: u32,
    /// The root call, and the steps, branches and rounds down to here.
    pub(crate) identity: u64,
}

const _: () = assert!(size_of::<Lineage>() == 16, "one for each call and attempt");

impl Absent for Lineage {
    const ABSENT: Self = Self {
        root: RootIx::MAX,
        mark: 0,
        identity: 0,
    };
}

impl Lineage {
    /// The place that draws marks.
    const MARK: u64 = 0x6d61_726b;

    /// Of a root call; `key` is that of the call.
    pub(crate) const fn of_root(root: RootIx, key: u64) -> Self {
        Self {
            root,
            mark: (child_key(key, Self::MARK, 0) >> 32) as u32,
            identity: key,
        }
    }

    /// Of a call that is made for this one, at a site with this key; `fold` says in which branches and
    /// rounds, zero for none.
    pub(crate) const fn child(self, site: u64, fold: u64) -> Self {
        Self {
            root: self.root,
            mark: self.mark,
            identity: child_key(self.identity, site, fold),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_86_an_identity_is_the_root_and_the_way_down() {
        let root = Lineage::of_root(4, 77);
        let one = root.child(1, 0);
        assert_eq!(one, root.child(1, 0), "a further pass makes the same call");
        assert_ne!(one, root.child(2, 0), "another step");
        assert_ne!(one, root.child(1, 9), "another branch, or round");
        assert_ne!(one, Lineage::of_root(4, 78).child(1, 0), "another root");
        assert_eq!(one.child(3, 0).root, 4);
        assert_eq!(
            one.child(3, 0).mark,
            root.mark,
            "one mark for all of a root"
        );
    }
}

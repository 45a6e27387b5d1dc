//! The directory: which instances belong to each service, and what those who choose believe of it.
//!
//! Each instance is a *member* of its service, known there by its *slot*. Who chooses an instance reads
//! a *view*: the slots in rotation. A member is in rotation while it has no marks; each mark has one
//! owner, who sets it and alone lifts it (rules 25, 49). What is done to members is a `Change`: it is
//! written here when the world applies it, and by nobody else, so that all who read see the same.
//!
//! Each service has one view, which all read and which a change reaches at once. What is to come has its
//! place here: of a member its incarnation, weight, zone, role and state; of a view its age (readers
//! that hear late, rule 50) and its weights (rule 52); views for each caller process.
//!
//! Rejected: asking the instances themselves, since a dead one stays in rotation until somebody has
//! noticed; and a list in each balancer, which would have to be told by everybody.

use super::flags::{Flag, Flags};
use super::spec::ModelSpec;
use crate::id::{Id, IdMap, InstanceId, ServiceId};

/// All members and views.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    members: IdMap<InstanceId, Member>,
    views: IdMap<ViewIx, View>,
}

/// An instance as a member of its service.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// Its place in the service, from 0.
    slot: u32,
    /// Where it is listed.
    view: ViewIx,
    /// Why it is not in rotation.
    marks: Flags<Mark>,
}

/// Why a member is not in rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It was found dead. The owner is its life.
    Dead,
}

impl Flag for Mark {
    fn place(self) -> u8 {
        self as u8
    }
}

/// The number of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ViewIx(u32);

impl Id for ViewIx {
    #[inline]
    fn from_index(index: usize) -> Self {
        Self(index as u32)
    }

    #[inline]
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What those who choose believe.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The slots in rotation, ascending.
    slots: Vec<u32>,
}

impl View {
    /// The slots in rotation, ascending.
    #[inline]
    pub(crate) fn slots(&self) -> &[u32] {
        &self.slots
    }
}

impl Directory {
    /// All instances in rotation.
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let member = |(id, &service): (InstanceId, &ServiceId)| Member {
            slot: id.0 - spec.services[service].first_instance.0,
            view: Self::view_of(service),
            marks: Flags::NONE,
        };
        let view = |instances| View {
            slots: (0..instances).collect(),
        };
        let services = spec.services.iter();
        let mut views: IdMap<ViewIx, View> =
            services.map(|service| view(service.instances)).collect();
        views.push(View { slots: Vec::new() });
        Self {
            members: spec.instances.iter_enumerated().map(member).collect(),
            views,
        }
    }

    /// Where callers of a service look: all at the same view.
    pub(crate) const fn view_of(service: ServiceId) -> ViewIx {
        ViewIx(service.0)
    }

    /// A view of nobody, for those who have no choice.
    pub(crate) fn nobody(spec: &ModelSpec) -> ViewIx {
        ViewIx(spec.services.len() as u32)
    }

    #[inline]
    pub(crate) fn view(&self, view: ViewIx) -> &View {
        &self.views[view]
    }

    pub(crate) fn has_mark(&self, instance: InstanceId, mark: Mark) -> bool {
        self.members[instance].marks.has(mark)
    }

    /// Sets or lifts a mark: what `Change::Mark` means.
    pub(super) fn mark(&mut self, instance: InstanceId, mark: Mark, holds: bool) {
        let member = &mut self.members[instance];
        if holds {
            member.marks.add(mark);
        } else {
            member.marks.remove(mark);
        }
        let slots = &mut self.views[member.view].slots;
        match slots.binary_search(&member.slot) {
            Ok(at) if !member.marks.is_empty() => {
                slots.remove(at);
            }
            Err(at) if member.marks.is_empty() => slots.insert(at, member.slot),
            Ok(_) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::fixture::{BANK, SHOP, shop};

    #[test]
    fn a_marked_member_is_in_no_view_until_the_mark_is_lifted() {
        let mut directory = Directory::new(&shop(60, 0));
        let slots = |directory: &Directory, service| {
            let view = directory.view(Directory::view_of(service));
            view.slots().to_vec()
        };
        assert_eq!(slots(&directory, SHOP), [0, 1]);
        for _ in 0..2 {
            directory.mark(InstanceId(0), Mark::Dead, true);
            assert!(directory.has_mark(InstanceId(0), Mark::Dead));
            assert_eq!(slots(&directory, SHOP), [1]);
        }
        for _ in 0..2 {
            directory.mark(InstanceId(0), Mark::Dead, false);
            assert_eq!(slots(&directory, SHOP), [0, 1]);
        }
        // The first instance of another service has slot 0 there.
        directory.mark(InstanceId(2), Mark::Dead, true);
        assert_eq!(slots(&directory, BANK), [] as [u32; 0]);
        assert_eq!(slots(&directory, SHOP), [0, 1]);
    }
}

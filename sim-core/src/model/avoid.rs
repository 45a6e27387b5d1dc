//! Instances that a call must not use again, while another is left.
//!
//! Two reasons share one mechanism: a retry with `other_instance` leaves out what its call has
//! tried, and a `parallel` with `distinct_instances` leaves out what its branches have taken. Lists
//! exist only for calls that need one; a list that nobody uses any more is used again.

use super::arena::NONE;

/// All lists of instances to be avoided.
#[derive(Clone, Debug, Default)]
pub(crate) struct AvoidLists {
    lists: Vec<List>,
    free: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct List {
    instances: Vec<u32>,
    users: u32,
}

impl AvoidLists {
    /// An empty list with one user.
    pub(crate) fn open(&mut self) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.lists.push(List::default());
            self.lists.len() as u32 - 1
        });
        self.lists[id as usize].users = 1;
        id
    }

    /// One more user.
    pub(crate) fn join(&mut self, id: u32) {
        if id != NONE {
            self.lists[id as usize].users += 1;
        }
    }

    /// One user less.
    pub(crate) fn leave(&mut self, id: u32) {
        if id == NONE {
            return;
        }
        let list = &mut self.lists[id as usize];
        list.users -= 1;
        if list.users == 0 {
            list.instances.clear();
            self.free.push(id);
        }
    }

    pub(crate) fn add(&mut self, id: u32, instance: u32) {
        self.lists[id as usize].instances.push(instance);
    }

    pub(crate) fn instances(&self, id: u32) -> &[u32] {
        if id == NONE {
            &[]
        } else {
            &self.lists[id as usize].instances
        }
    }
}

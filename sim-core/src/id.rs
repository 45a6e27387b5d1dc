//! Typed indices: `services[service_id]` compiles, `services[client_id]` does not.

mod sparse;

pub use sparse::{Sparse, SparseRow};

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A dense index of one kind of thing.
pub trait Id: Copy + Ord {
    /// The id with this number.
    fn from_index(index: usize) -> Self;
    /// The number of this id.
    fn index(self) -> usize;
}

/// Defines id types: 32-bit numbers that cannot be mixed up.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl Id for $name {
            #[inline]
            fn from_index(index: usize) -> Self {
                Self(index as u32)
            }
            #[inline]
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A client: a source of calls outside the system.
    ClientId;
    /// A service.
    ServiceId;
    /// An operation, numbered through all services.
    OperationId;
    /// An instance, numbered through all services.
    InstanceId;
    /// A process (a client's, or an instance), numbered through all clients, then all services.
    ProcessId;
    /// A place in the scenario that makes calls: a step, or an entry of a client's `calls`.
    SiteId;
    /// A caller and an operation it calls: what reports count by.
    EdgeId;
    /// A policy as bound to one group of callers and one called service.
    PipelineId;
    /// A layer of a bound policy, numbered through all pipelines.
    LayerId;
    /// A layer through which calls come into a service, numbered through all services.
    AdmissionId;
    /// A budget of the scenario.
    BudgetId;
    /// A fault of the scenario.
    FaultId;
    /// Something kept by the processes of a service: a pool of connections.
    KeptId;
    /// An effect that has a name.
    EffectId;
    /// Effects that are to be equal for each root call.
    InvariantId;
    /// A saga of an operation, numbered through all operations.
    SagaId;
    /// An expectation of the scenario.
    ExpectationId;
    /// A span of time over which something is measured.
    WindowId;
    /// A health check of a service, numbered through all services.
    CheckId;
    /// A queue of messages, numbered through all services.
    QueueId;
    /// Who is handed messages: a service's entry of `consumes`, numbered through all services.
    ConsumerId;
}

/// A vector indexed by its own id.
#[derive(Clone, Debug, PartialEq)]
pub struct IdMap<I, T> {
    items: Vec<T>,
    id: PhantomData<I>,
}

impl<I: Id, T> IdMap<I, T> {
    /// An empty map.
    pub const fn new() -> Self {
        Self {
            items: Vec::new(),
            id: PhantomData,
        }
    }

    /// Adds an item and returns its id.
    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::from_index(self.items.len() - 1)
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in the order of their ids.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// The items in the order of their ids, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// All ids in order.
    pub fn ids(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::from_index)
    }

    /// Ids and items in order.
    pub fn iter_enumerated(&self) -> impl Iterator<Item = (I, &T)> {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (I::from_index(index), item))
    }

    /// The item of this id, if there is one.
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }
}

impl<I: Id, T> Default for IdMap<I, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: Id, T> Index<I> for IdMap<I, T> {
    type Output = T;
    #[inline]
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for IdMap<I, T> {
    #[inline]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I: Id, T> FromIterator<T> for IdMap<I, T> {
    fn from_iter<It: IntoIterator<Item = T>>(items: It) -> Self {
        Self {
            items: items.into_iter().collect(),
            id: PhantomData,
        }
    }
}

impl<'a, I: Id, T> IntoIterator for &'a mut IdMap<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

impl<'a, I: Id, T> IntoIterator for &'a IdMap<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

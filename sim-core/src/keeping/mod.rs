//! Keeping: what is asked for by a step, held for a while, and given back.
//!
//! Machines with an explicit `now`, which know no run: who asks has a number, and so has what it gets.
//! The model asks, gives back, and carries out what they say.

mod pool;
pub mod queue;
mod saga;

pub use pool::{
    Opening, Order, Pool, PoolAnswer, PoolConfig, PoolDoes, PoolLevel, Refill, Returned, Reuse,
    UnitIx,
};
pub use saga::{Saga, SagaCallEnd, SagaDoes, SagaEnd, SagaShape};

//! `balance`: how an instance is chosen, by a policy or by the service itself.
//!
//! - `file`: what is written;
//! - `compile`: what it comes to, and what does not go together.

mod compile;
mod file;
#[cfg(test)]
mod tests;

pub(in crate::scenario) use compile::Balance;
pub(in crate::scenario) use file::BalanceFile;

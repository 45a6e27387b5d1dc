//! The `squall` command from outside: what it prints, writes and returns.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod bad_input;
mod binary;
mod channels;
mod checking;
mod files;
mod interrupt;
mod replay;
mod sample;

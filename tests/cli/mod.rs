//! The `squall` command from outside: what it prints, writes and returns.

mod backoff;
mod backtest;
mod bad_input;
mod binary;
mod channels;
mod checking;
mod comparison;
mod files;
mod guides;
mod interrupt;
mod judging;
mod limits;
mod modelling;
mod readme;
mod replay;
mod replications;
mod reproduce;
mod sample;
mod sweep;
mod testing;
mod tracing;
mod tune;

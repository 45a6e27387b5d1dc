//! What a person writes: file types, validation, compilation, diagnostics.

pub mod diagnostic;
pub mod expect;
mod file;
mod read;
mod shape;
mod tree;
mod value;

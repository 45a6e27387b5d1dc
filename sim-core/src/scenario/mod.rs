//! What a person writes: file types, validation, compilation, diagnostics.

pub mod expect;

//! Tables of what the lines do: who is taken, and who is dropped, at which instant.

mod codel;
mod memory;
mod orders;

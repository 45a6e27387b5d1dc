//! placeholder
/// Who is taken next from a waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// first come
    Fifo,
    /// last come
    Lifo,
    /// any
    Random,
}

//! Judgement of a run: pure functions of its record.

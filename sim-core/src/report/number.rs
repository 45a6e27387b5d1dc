//! Numbers as a report holds them: finite floats, and 64-bit integers that survive a browser.
//!
//! JSON has no word for NaN or infinity, and some writers turn them into `null` in silence; here
//! such a number cannot be made. Seeds use all 64 bits, of which a browser keeps 53, so they are
//! written as text.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A float that is neither NaN nor infinite, and never -0.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Finite(f64);

impl Finite {
    /// Zero.
    pub const ZERO: Self = Self(0.0);

    /// `None` for NaN and infinities.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// `part / whole`, if `whole` is not zero.
    pub fn ratio(part: f64, whole: f64) -> Option<Self> {
        Self::new(part / whole)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| D::Error::custom("a number must be finite"))
    }
}

/// Serializes a `u64` as decimal text, for fields marked `#[serde(with = "text_u64")]`.
pub(super) mod text_u64 {
    use super::{Deserialize, Deserializer, Error, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes fields by reference"
    )]
    pub(in crate::report) fn serialize<S: Serializer>(
        value: &u64,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u64, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_exist() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Finite::new(value), None);
        }
        assert_eq!(Finite::ratio(1.0, 0.0), None);
        assert_eq!(Finite::new(-0.0).unwrap().get().to_bits(), 0);
    }

    #[test]
    fn a_seed_keeps_all_its_bits() {
        #[derive(Serialize, Deserialize)]
        struct Seeded {
            #[serde(with = "text_u64")]
            seed: u64,
        }
        let text = serde_json::to_string(&Seeded { seed: u64::MAX }).unwrap();
        assert_eq!(text, r#"{"seed":"18446744073709551615"}"#);
        assert_eq!(
            serde_json::from_str::<Seeded>(&text).unwrap().seed,
            u64::MAX
        );
    }
}

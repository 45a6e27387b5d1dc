//! JSON lines: an object for each call, with the columns as keys.
//!
//! Numbers are taken as they are written: read as a float, an instant of today in seconds would lose
//! its last hundred nanoseconds.

use super::cells::{self, Cell, Column, Row};
use super::trouble::Trouble;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Attempts of one call, at most.
const MOST_ATTEMPTS: usize = 10_000;

/// The cells of a line.
pub(super) fn cells(line: &str) -> Result<Row<'_>, Trouble> {
    let keys: Keys<'_> = serde_json::from_str(line).map_err(|error| no_object(&error))?;
    for column in Column::ALL {
        if column.is_required() && matches!(keys.0[column as usize], Cell::Absent) {
            return Err(cells::no_key(column));
        }
    }
    Ok(keys.0)
}

fn no_object(error: &serde_json::Error) -> Trouble {
    let text = error.to_string();
    let cause = text.split(" at line ").next().unwrap_or_default();
    let message = format!("not a JSON object: {cause} (character {})", error.column());
    Trouble::new(message)
}

/// The columns of an object; all other keys are passed over.
struct Keys<'a>(Row<'a>);

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"start\": 0.5, \"latency\": 0.1, \"outcome\": \"ok\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys<'de>, A::Error> {
        let mut row: Row<'de> = Default::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value: &'de RawValue = map.next_value()?;
            let Some((column, unit)) = Column::named(&key) else {
                continue;
            };
            if !matches!(row[column as usize], Cell::Absent) {
                let message = format!("`{}` stands there twice", column.name());
                return Err(serde::de::Error::custom(message));
            }
            row[column as usize] = match value.get().as_bytes().first() {
                Some(b'[') => {
                    let all: Vec<&'de RawValue> =
                        serde_json::from_str(value.get()).map_err(serde::de::Error::custom)?;
                    Cell::Many(
                        all.iter()
                            .take(MOST_ATTEMPTS)
                            .map(|it| scalar(it))
                            .collect(),
                        unit,
                    )
                }
                _ if value.get() == "null" => Cell::Absent,
                _ => Cell::One(scalar(value), unit),
            };
        }
        Ok(Keys(row))
    }
}

/// A text without its quotes; everything else as it is written.
fn scalar(value: &RawValue) -> Cow<'_, str> {
    let text = value.get();
    match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
        Some(_) => serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned),
        None => Cow::Borrowed(text),
    }
}

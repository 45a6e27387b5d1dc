//! What the tests of the rooms that play scenarios have in common.

use super::{Draft, Source};

/// A shop with one service, good for 200 calls per second and asked for 100.
pub(crate) const SHOP: &str = "\
scenario: shop
run: { duration: 3s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 100/s } }
    calls: shop.buy
    policy: patient
services:
  shop:
    threads: 4
    queue: { capacity: 8 }
    operations:
      buy: { steps: [ { work: { exponential: { mean: 20ms } } } ] }
policies:
  patient: [ { timeout: 1s } ]
";

/// The draft of a text that names no files.
pub(crate) fn draft(text: &str) -> Draft {
    let source = Source {
        name: "shop".to_owned(),
        text: text.to_owned(),
    };
    Draft::read(&source, &[], &|_| Err("no files".to_owned())).unwrap()
}

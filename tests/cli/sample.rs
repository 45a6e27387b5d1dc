//! A scenario that is played in no time, and variations of it.

/// A shop with one service, good for 200 calls per second and asked for 100.
pub(crate) const SHOP: &str = "\
scenario: shop
question: Are four threads enough?
run: { duration: 4s, seed: 7 }
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
      buy:
        steps:
          - work: { exponential: { mean: 20ms } }
policies:
  patient:
    - timeout: 1s
expect:
  useful: { success: { client: users, at_least: 50% } }
";

/// The shop with one text replaced, which must be there.
#[track_caller]
pub(crate) fn shop_with(from: &str, to: &str) -> String {
    assert!(SHOP.contains(from), "`{from}` is not in the sample");
    SHOP.replace(from, to)
}

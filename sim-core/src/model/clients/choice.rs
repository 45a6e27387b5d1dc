//! What a client's call is: which entry, which process, which tenant. Drawn from the call's key,
//! and only where there is a choice.

use crate::id::SiteId;
use crate::model::call::Labels;
use crate::model::spec::ClientSpec;
use crate::random::{Draws, KeySource, SiteKey, Uniforms, uniform};
use crate::units::Probability;

/// Keys of the choices of a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    process: SiteKey,
    entry: SiteKey,
    tenant: SiteKey,
}

impl Choice {
    pub(super) fn new(spec: &ClientSpec, keys: &KeySource) -> Self {
        let path = ["client", &spec.name];
        Self {
            process: keys.site(&path, "process"),
            entry: keys.site(&path, "entry"),
            tenant: keys.site(&path, "tenant"),
        }
    }

    /// The number of the process within the client.
    #[inline]
    pub(super) fn process(&self, spec: &ClientSpec, key: u64) -> u32 {
        match spec.processes {
            1 => 0,
            n => Draws::new(self.process, key).below(u64::from(n)) as u32,
        }
    }

    /// The place of the call and its labels.
    #[inline]
    pub(super) fn call(&self, spec: &ClientSpec, key: u64) -> (SiteId, Labels) {
        match (&spec.calls[..], &spec.tenants[..]) {
            ([call], &[(tenant, _)]) => (
                call.site,
                Labels {
                    class: call.class.unwrap_or(spec.class),
                    tenant: call.tenant.unwrap_or(tenant),
                },
            ),
            _ => self.drawn_call(spec, key),
        }
    }

    fn drawn_call(&self, spec: &ClientSpec, key: u64) -> (SiteId, Labels) {
        let entry = pick(spec.calls.iter().map(|call| call.share), || {
            uniform(self.entry, key)
        });
        let call = &spec.calls[entry];
        let tenant = call.tenant.unwrap_or_else(|| {
            let shares = spec.tenants.iter().map(|&(_, share)| share);
            spec.tenants[pick(shares, || uniform(self.tenant, key))].0
        });
        (
            call.site,
            Labels {
                class: call.class.unwrap_or(spec.class),
                tenant,
            },
        )
    }
}

/// The item into whose share a draw falls; draws nothing when there is one item only.
fn pick(shares: impl ExactSizeIterator<Item = Probability>, draw: impl FnOnce() -> f64) -> usize {
    let last = shares.len() - 1;
    if last == 0 {
        return 0;
    }
    let u = draw();
    let mut below = 0.0;
    for (item, share) in shares.enumerate() {
        below += share.get();
        if u < below {
            return item;
        }
    }
    last
}

//! Pools of connections that can wait for themselves, or make others wait in vain.

use super::Lint;
use crate::id::{Id, KeptId};
use crate::model::spec::{Execution, KeptKind, PoolSpec};
use crate::scenario::diagnostic::{Span, quoted};
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn connections(&mut self) {
        for id in self.model.kept.ids() {
            self.pool_too_small(id);
            self.pool_waits_too_long(id);
            self.pool_to_itself(id);
        }
        let unused = self.places.unused_pools.clone();
        for (name, span) in unused {
            let message = format!("pool {} is not used", quoted(&name));
            self.warn("unused-pool", span, message, "use it, or remove it");
        }
    }

    fn pool_span(&self, id: KeptId) -> Span {
        self.places
            .kept
            .get(id.index())
            .copied()
            .unwrap_or_default()
    }

    /// So many threads that hold so many connections each can hold all, and wait for one more.
    fn pool_too_small(&mut self, id: KeptId) {
        let kept = &self.model.kept[id];
        let KeptKind::Pool(PoolSpec { config, .. }) = &kept.kind;
        let owner = &self.model.services[kept.owner];
        let operations = self.model.operations.iter_enumerated();
        let own = operations.filter(|(_, operation)| operation.service == kept.owner);
        let held = own.map(|(operation, _)| self.model.most_held(operation, id));
        let holds = held.max().unwrap_or(0);
        if holds < 2 || config.size == u32::MAX {
            return;
        }
        let threads = owner
            .threads
            .filter(|_| owner.execution == Execution::Blocking);
        let enough = threads.map(|threads| u64::from(threads) * u64::from(holds - 1) + 1);
        if enough.is_some_and(|enough| u64::from(config.size) >= enough) {
            return;
        }
        let (who, needs) = match (threads, enough) {
            (Some(threads), Some(enough)) => {
                (format!("{threads} threads"), format!("{enough} are"))
            }
            _ => (
                "operations without limit".to_owned(),
                "no number is".to_owned(),
            ),
        };
        let message = format!(
            "{who} of `{}` can hold all {} connections of pool {} and each wait for another: {needs} \
             enough for {holds} at once",
            owner.name,
            config.size,
            quoted(&kept.name)
        );
        let hint =
            "give it threads x (connections held at once - 1) + 1, or let operations hold one";
        self.warn("pool-can-deadlock", self.pool_span(id), message, hint);
    }

    /// Who holds a connection to its own service waits for a thread of those that may all do so.
    fn pool_to_itself(&mut self, id: KeptId) {
        let kept = &self.model.kept[id];
        let KeptKind::Pool(PoolSpec { to, .. }) = &kept.kind;
        if *to != kept.owner {
            return;
        }
        let name = quoted(&kept.name);
        let message = format!(
            "pool {name} leads from `{}` to itself: each call over it takes a connection and a second \
             thread of the same service",
            self.model.services[*to].name
        );
        let hint = "name the service that is called in `to`, or do in one operation what it does";
        self.warn("pool-to-itself", self.pool_span(id), message, hint);
    }

    /// Who waits for a connection longer than its caller waits for it waits in vain.
    fn pool_waits_too_long(&mut self, id: KeptId) {
        let kept = &self.model.kept[id];
        let KeptKind::Pool(PoolSpec { config, .. }) = &kept.kind;
        let sites = self.model.sites.iter();
        let uses = |operation| self.model.most_held(operation, id) > 0;
        let calls = sites.filter(|site| self.model.edges[site.edge].block.is_none());
        let calls = calls.filter(|site| site.holds.is_none() && uses(site.target));
        let patience: Vec<SimDuration> = calls
            .filter_map(|site| {
                let layers = self.model.pipelines[site.pipeline].layers();
                let limits = layers.filter_map(|it| self.model.layers[it].kind.timeout()?.limit());
                limits.min()
            })
            .collect();
        let Some(&least) = patience.iter().min() else {
            return;
        };
        if config.max_wait <= least {
            return;
        }
        let waits = if config.max_wait == SimDuration::MAX {
            "for ever".to_owned()
        } else {
            format!("up to {}", config.max_wait)
        };
        let message = format!(
            "who asks pool {} waits {waits}, but a caller gives up after {least}: the wait goes on, and holds \
             its thread, for nobody",
            quoted(&kept.name)
        );
        let hint = "a shorter `max_wait`";
        self.warn("pool-waits-too-long", self.pool_span(id), message, hint);
    }
}

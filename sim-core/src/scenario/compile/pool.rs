//! `pools`, and the steps that hold one.

use super::Compiler;
use super::pool_draft::PoolDraft;
use crate::id::{KeptId, ServiceId};
use crate::keeping::{Opening, Order, PoolConfig, Reuse};
use crate::model::spec::{KeptKind, KeptSpec, PoolSpec};
use crate::policy::{BalanceConfig, BalanceWay};
use crate::scenario::diagnostic::{Diagnostic, Span, quoted};
use crate::scenario::file::pool::{
    OnOpenFailureFile, OpenFile, OpenServesFile, PoolFile, PoolOrderFile, ReuseFile,
};
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;

impl Compiler<'_> {
    /// Checks the pools; each service that uses one gets its own.
    pub(super) fn pools(&mut self) {
        let file = self.file;
        for item in &file.pools.0 {
            let spec = item.item.as_ref().and_then(|pool| self.pool(item, pool));
            self.pool_drafts.push(PoolDraft {
                name: item.name.clone(),
                spec,
                span: item.span,
                is_used: false,
            });
        }
    }

    fn pool(&mut self, item: &NamedItem<PoolFile>, file: &PoolFile) -> Option<PoolSpec> {
        debug_assert!(
            file.like.is_none_or(|like| !like.0.is_empty()),
            "its settings stand in for those that are missing"
        );
        let to = self.find_service(&file.to)?;
        let size = file.size.value.or_any();
        let min_idle = file.min_idle.value.get();
        let open = &file.open;
        let before = self.found.all().len();
        self.check_pool(&item.name, file);
        self.check_opening(open);
        if self.found.all().len() > before {
            return None;
        }
        let retry = open.retry.initial.value;
        Some(PoolSpec {
            to,
            config: PoolConfig {
                size,
                min_idle,
                max_idle: file.max_idle.value.or_any(),
                max_wait: file.max_wait.value.or_forever(),
                order: match file.order {
                    PoolOrderFile::Fifo => Order::Fifo,
                    PoolOrderFile::Lifo => Order::Lifo,
                    PoolOrderFile::Random => Order::Random,
                },
                overtaking: file.overtaking,
                reuse: match file.reuse {
                    ReuseFile::Newest => Reuse::Newest,
                    ReuseFile::Oldest => Reuse::Oldest,
                },
                open: Opening {
                    at_once: open.at_once.0.map_or(u32::MAX, Count::get),
                    pause: open.pause,
                    retry,
                    retry_max: open.retry.max.as_ref().map_or(retry, |max| max.value),
                    fails_waiter: open.on_failure == OnOpenFailureFile::Fail,
                    serves_asker: open.serves.value == OpenServesFile::Asker,
                },
                idle: file.idle.value.or_forever(),
                check_after: file.check.as_ref().map_or(SimDuration::MAX, |it| it.idle),
            },
            open_time: open.time.0.clone(),
            // Known once all services are.
            balance: BalanceConfig::of(BalanceWay::RoundRobin),
            open_timeout: open.timeout.value.or_forever(),
            max_age: file.max_age.value.0.as_ref().map(|age| age.0.clone()),
            site: None,
        })
    }

    fn refuse<T>(&mut self, at: &At<T>, message: String, hint: &str) {
        self.found
            .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
    }

    /// How many connections there are, and for how long.
    fn check_pool(&mut self, name: &str, file: &PoolFile) {
        let (min_idle, size) = (file.min_idle.value.get(), file.size.value.or_any());
        let max_idle = file.max_idle.value.or_any();
        if min_idle > size {
            let message = format!(
                "`{}` is {min_idle}, but `pools.{name}` has {size} connections at most",
                file.min_idle.path
            );
            self.refuse(&file.min_idle, message, "lower `min_idle`, or raise `size`");
        } else if max_idle < min_idle {
            let message = format!(
                "`{}` is {max_idle}, but `min_idle` is {min_idle}: what is opened ahead would be closed \
                 when it first comes back",
                file.max_idle.path
            );
            self.refuse(
                &file.max_idle,
                message,
                "raise `max_idle`, or lower `min_idle`",
            );
        }
        let hint = "give it some time, or `unlimited`";
        if file.idle.value.0.is_some_and(SimDuration::is_zero) {
            let message = closed_at_once(&file.idle);
            self.refuse(&file.idle, message, hint);
        }
        let age = file.max_age.value.0.as_ref();
        if age.is_some_and(|age| age.0.mean().is_zero()) {
            let message = closed_at_once(&file.max_age);
            self.refuse(&file.max_age, message, hint);
        }
    }

    /// What becomes of those who wait for connections that cannot be opened.
    fn check_opening(&mut self, open: &OpenFile) {
        let fails_waiter = open.on_failure == OnOpenFailureFile::Fail;
        let retry = &open.retry.initial;
        if retry.value.is_zero() && !fails_waiter {
            let message = format!(
                "`{}` is 0s: while no connection can be opened, one after another would be tried at one \
                 instant",
                retry.path
            );
            self.refuse(
                retry,
                message,
                "give it some time, or set `on_failure: fail`",
            );
        }
        if let Some(max) = open
            .retry
            .max
            .as_ref()
            .filter(|max| max.value < retry.value)
        {
            let message = format!(
                "`{}` is {}, but it begins with {}, which is longer",
                max.path, max.value, retry.value
            );
            self.refuse(max, message, "raise `max`, or lower `initial`");
        }
        if open.timeout.value.0.is_some_and(SimDuration::is_zero) {
            let message = format!(
                "`{}` is 0s: every opening would be given up at once",
                open.timeout.path
            );
            let hint = "give it some time, or `unlimited`";
            self.refuse(&open.timeout, message, hint);
        }
        if open.serves.value == OpenServesFile::Asker && !fails_waiter {
            let message = format!(
                "`{}` is asker, who has left the line: there is nobody who could wait on when the opening \
                 fails",
                open.serves.path
            );
            let hint = "set `on_failure: fail`, or `serves: line`";
            self.refuse(&open.serves, message, hint);
        }
    }

    /// The pool of this name as a service uses it; none after a mistake, which was reported.
    pub(super) fn find_pool(&mut self, at: &At<Reference>, owner: ServiceId) -> Option<KeptId> {
        let name = at.value.0.as_str();
        let drafts = self.pool_drafts.iter_mut();
        let Some(draft) = drafts.into_iter().find(|draft| draft.name == name) else {
            let names = self.pool_drafts.iter();
            let names: Vec<(String, Span)> = names
                .map(|draft| (draft.name.clone(), draft.span))
                .collect();
            self.no_such_pool(at, &names);
            return None;
        };
        draft.is_used = true;
        let spec = draft.spec.clone()?;
        let is_it = |it: &KeptSpec| it.owner == owner && it.name == name;
        let kept = &self.spec.kept;
        if let Some(id) = kept.ids().find(|&id| is_it(&kept[id])) {
            return Some(id);
        }
        self.places.kept.push(draft_span(&self.pool_drafts, name));
        Some(self.spec.kept.push(KeptSpec {
            name: name.to_owned(),
            owner,
            kind: KeptKind::Pool(spec),
        }))
    }

    /// Complains about a pool that is not there, or that nobody uses.
    pub(super) fn find_used_pool(&mut self, at: &At<Reference>) {
        let names = self.pool_drafts.iter();
        let names: Vec<(String, Span)> = names
            .map(|draft| (draft.name.clone(), draft.span))
            .collect();
        if names.iter().all(|(name, _)| *name != at.value.0) {
            return self.no_such_pool(at, &names);
        }
        if self.found.has_errors() || self.names.is_incomplete {
            return;
        }
        let message = format!("`{}` names a pool that no step uses", at.path);
        self.error("unknown-name", at.span, message);
    }

    /// Pools that nobody uses.
    pub(super) fn unused_pools(&self) -> Vec<(String, Span)> {
        let unused = self.pool_drafts.iter().filter(|draft| !draft.is_used);
        unused
            .map(|draft| (draft.name.clone(), draft.span))
            .collect()
    }

    /// A call cannot be made over a pool that leads elsewhere.
    pub(super) fn leads_elsewhere(
        &mut self,
        at: &At<Reference>,
        kept: KeptId,
        to: ServiceId,
    ) -> bool {
        let KeptKind::Pool(pool) = &self.spec.kept[kept].kind;
        if pool.to == to {
            return false;
        }
        let leads = quoted(self.service_name(pool.to));
        let message = format!(
            "`{}` names pool {}, which leads to {leads}, but the call goes to {}",
            at.path,
            quoted(&at.value.0),
            quoted(self.service_name(to)),
        );
        let hint = "name a pool that leads there, or leave `pool` out";
        let error = Diagnostic::error("bad-value", at.span, message);
        self.found.push(error.hint(hint));
        true
    }
}

fn closed_at_once<T>(at: &At<T>) -> String {
    format!(
        "`{}` is 0s: each connection would be closed as it opens, and opened anew",
        at.path
    )
}

fn draft_span(drafts: &[PoolDraft], name: &str) -> Span {
    let draft = drafts.iter().find(|draft| draft.name == name);
    draft.map_or_else(Span::default, |draft| draft.span)
}

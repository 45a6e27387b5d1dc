//! Whose an attempt is, for those who tell attempts apart.

use crate::id::SiteId;
use crate::model::call::Labels;
use crate::model::spec::{Caller, Groups, ModelSpec, Per};

/// The key of an attempt among all of a scenario: dense, from 0. A client is who calls: the clients
/// come first, then the services that call others.
pub(crate) fn key_of(spec: &ModelSpec, site: SiteId, labels: Labels, per: Per) -> u32 {
    match per {
        Per::Tenant => u32::from(labels.tenant),
        Per::Class => u32::from(labels.class),
        Per::Client => match spec.edges[spec.sites[site].edge].caller {
            Caller::Client(client) => client.0,
            // A check is its own service's.
            Caller::Checker(_) => {
                let asked = spec.operations[spec.sites[site].target].service;
                spec.clients.len() as u32 + asked.0
            }
            Caller::Operation(operation) => {
                spec.clients.len() as u32 + spec.operations[operation].service.0
            }
        },
    }
}

/// The group of an attempt in a waiting room.
pub(crate) fn group_of(spec: &ModelSpec, site: SiteId, labels: Labels, groups: &Groups) -> u32 {
    match groups {
        Groups::One => 0,
        Groups::Ranks(ranks) => ranks.get(usize::from(labels.class)).copied().unwrap_or(0),
        Groups::Per(per) => key_of(spec, site, labels, *per),
    }
}

//! The sections of a service that can be like a product's.

use super::ejection::EJECTIONS;
use super::fill::entry_of;
use super::health::HEALTH;
use super::lives::{LIFECYCLES, MEMBERSHIPS};
use super::messages::QUEUES;
use super::table::Preset;
use crate::scenario::tree::{Kind, Node};

/// The tables of a section of a service.
#[derive(Clone, Copy, Debug)]
pub struct SectionPresets {
    /// The key of the section in a service.
    pub section: &'static str,
    /// What the documentation calls them.
    pub title: &'static str,
    /// All of them, by name.
    pub presets: &'static [Preset],
    /// Whether it holds several of the kind, by names of the scenario's choice.
    named: bool,
}

/// The sections that can be like a product's.
const SECTIONS: &[SectionPresets] = &[
    SectionPresets {
        section: "ejection",
        title: "Outlier ejection",
        presets: EJECTIONS,
        named: false,
    },
    SectionPresets {
        section: "health",
        title: "Health checks",
        presets: HEALTH,
        named: true,
    },
    SectionPresets {
        section: "lifecycle",
        title: "Lifecycles",
        presets: LIFECYCLES,
        named: false,
    },
    SectionPresets {
        section: "membership",
        title: "Membership",
        presets: MEMBERSHIPS,
        named: false,
    },
    SectionPresets {
        section: "queues",
        title: "Queues of messages",
        presets: QUEUES,
        named: true,
    },
];

/// The tables of all sections.
pub fn section_presets() -> &'static [SectionPresets] {
    SECTIONS
}

/// Every section of every service that can be like a product's.
pub(super) fn each_section(tree: &mut Node, visit: &mut impl FnMut(&mut Node, &'static [Preset])) {
    let Some(Node {
        kind: Kind::Map(services),
        ..
    }) = entry_of(tree, "services")
    else {
        return;
    };
    for service in services {
        for kind in SECTIONS {
            let Some(section) = entry_of(&mut service.value, kind.section) else {
                continue;
            };
            match &mut section.kind {
                Kind::Map(entries) if kind.named => {
                    for entry in entries {
                        visit(&mut entry.value, kind.presets);
                    }
                }
                Kind::Map(_) => visit(section, kind.presets),
                Kind::Scalar { .. } | Kind::List(_) => {}
            }
        }
    }
}

//! Choosing by more than the rotation: by weight, ramp, zone, key and time.
//!
//! What is looked at in turn: who is sticky; then which zone the caller sends to; then the way, for the
//! rotation, or for the part of it in one zone, with turns of its own.

use super::balancer::Balancer;
use super::config::BalanceConfig;
use super::head::{Common, Head, Own};
use super::memory::Memory;
use super::rotation::{Asker, Rotation};
use super::zones::{Reach, ZoneRule};
use crate::random::Uniforms;

impl Balancer {
    /// The instance for the next attempt, by all that a configuration looks at; `None` if no instance
    /// in rotation is allowed. As [`Self::choose`], which it is where nothing but the rotation counts.
    pub fn choose_by_more<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let slots = rotation.slots;
        if let [] | [_] = slots {
            return slots.first().copied().filter(|&only| allowed(only));
        }
        let Some(sticky) = &config.sticky else {
            return self.choose_in_zone(config, rotation, asker, allowed, u);
        };
        let memory = self.remember();
        let same = memory.common.kept.of(sticky, asker.sticky, rotation.now);
        let stays = |&same: &u32| slots.binary_search(&same).is_ok() && allowed(same);
        let chosen = match same.filter(stays) {
            Some(same) => same,
            None => self.choose_in_zone(config, rotation, asker, allowed, u)?,
        };
        let memory = self.remember();
        memory.common.kept.keep(asker.sticky, chosen, rotation.now);
        Some(chosen)
    }

    /// What it remembers; it begins with what it has outstanding already.
    pub(super) fn remember(&mut self) -> &mut Memory {
        let outstanding = &self.outstanding;
        self.memory.get_or_insert_with(|| {
            let mut memory = Box::<Memory>::default();
            memory.common.active = outstanding.iter().sum();
            memory
        })
    }

    fn choose_in_zone<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        self.remember();
        let mut memory = self.memory.take().unwrap_or_default();
        let home = usize::from(asker.home);
        let mut reach = Reach::All;
        if config.zone != ZoneRule::Any && home < config.zones.callers.len() {
            let Rotation { slots, version, .. } = rotation;
            memory
                .cut
                .make(config.zone, &config.zones, home, slots, version);
            reach = memory.cut.reach(home, u);
        }
        let chosen = match reach {
            Reach::All => {
                let Memory { head, common, .. } = &mut *memory;
                self.by_way(config, common, head, rotation, asker, &allowed, u)
            }
            Reach::Part(zone) => {
                self.in_part(config, &mut memory, zone, rotation, asker, &allowed, u)
            }
        };
        self.memory = Some(memory);
        chosen
    }

    /// Among those of a part; among all, if none of them is allowed.
    #[expect(clippy::too_many_arguments, reason = "what is known of one choice")]
    fn in_part<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        memory: &mut Memory,
        zone: usize,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: &impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        if memory.parts.len() <= zone {
            memory.parts.resize_with(zone + 1, Default::default);
        }
        let Memory {
            head,
            cut,
            parts,
            common,
        } = memory;
        let (turn, of_part) = &mut parts[zone];
        let part = Rotation {
            slots: &cut.parts[zone],
            ..rotation
        };
        std::mem::swap(turn, &mut self.turn);
        let chosen = self.by_way(config, common, of_part, part, asker, allowed, u);
        std::mem::swap(turn, &mut self.turn);
        if chosen.is_some() {
            return chosen;
        }
        self.by_way(config, common, head, rotation, asker, allowed, u)
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of one choice")]
    fn by_way<U: Uniforms>(
        &mut self,
        config: &BalanceConfig,
        common: &mut Common,
        head: &mut Head,
        rotation: Rotation<'_>,
        asker: Asker<'_>,
        allowed: &impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let own = Own {
            outstanding: &self.outstanding,
            turn: &mut self.turn,
            scratch: &mut self.scratch,
        };
        head.choose(config, common, own, rotation, asker, allowed, u)
    }
}

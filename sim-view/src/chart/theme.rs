//! Colours. The series are Okabe and Ito's palette, which stays distinct for colour-blind eyes;
//! outcomes of one kind share a hue. The page's style sheet maps each of these colours to a lighter
//! one in dark mode, so a new colour here needs a line there.

/// A colour and how much it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    /// Red, green, blue.
    pub(super) rgb: (u8, u8, u8),
    /// How much it covers [%].
    pub(super) cover: u8,
}

impl Colour {
    const fn new(hex: u32) -> Self {
        Self {
            rgb: ((hex >> 16) as u8, (hex >> 8) as u8, hex as u8),
            cover: 100,
        }
    }

    /// The same colour, covering less.
    pub(super) const fn covering(self, percent: u8) -> Self {
        Self {
            cover: percent,
            ..self
        }
    }

    /// Whether light ink is read better on it.
    pub(super) const fn is_dark(self) -> bool {
        let (red, green, blue) = self.rgb;
        // Weights of ITU-R BT.601.
        red as u32 * 299 + green as u32 * 587 + blue as u32 * 114 < 140_000
    }
}

/// What is written on.
pub(super) const PAPER: Colour = Colour::new(0x00FF_FFFF);
/// Titles and names.
pub(super) const INK: Colour = Colour::new(0x001F_2933);
/// Marks of the axes.
pub(super) const FAINT_INK: Colour = Colour::new(0x005B_6770);
/// Lines of the grid.
pub(super) const GRID: Colour = Colour::new(0x00E1_E6EA);
/// The line everything stands on.
pub(super) const AXIS: Colour = Colour::new(0x008A_949E);
/// Where a fault acts.
pub(super) const FAULT: Colour = Colour::new(0x00F2_C14E);
/// Where totals do not count yet.
pub(super) const WARM_UP: Colour = Colour::new(0x00AE_B8C2);

/// What people asked for.
pub(super) const OFFERED: Colour = Colour::new(0x0040_4B55);
/// What they got.
pub(super) const USEFUL: Colour = Colour::new(0x0000_9E73);
/// What it took.
pub(super) const ATTEMPTS: Colour = Colour::new(0x00D5_5E00);
/// What was done again.
pub(super) const RETRIES: Colour = Colour::new(0x00E6_9F00);

/// The faster half of it.
pub(super) const USEFUL_HALF: Colour = Colour::new(0x0056_B4E9);

/// A breaker that lets calls pass.
pub(super) const CLOSED: Colour = Colour::new(0x00C3_CCD4);
/// A breaker that rejects calls.
pub(super) const OPEN: Colour = Colour::new(0x00D5_5E00);
/// A breaker that probes.
pub(super) const HALF_OPEN: Colour = Colour::new(0x00E6_9F00);

/// An instance that callers are told not to choose.
pub(super) const MARKED: Colour = Colour::new(0x00CC_79A7);

/// A cell of a sweep in which no run collapses.
pub(super) const STABLE: Colour = Colour::new(0x005F_BF9F);
/// One in which no run collapses, and which misses expectations all the same.
pub(super) const UNWANTED: Colour = Colour::new(0x0056_B4E9);
/// One in which some do.
pub(super) const VULNERABLE: Colour = Colour::new(0x00F2_C14E);
/// One in which half of them do, or more.
pub(super) const METASTABLE: Colour = Colour::new(0x00DB_7A3C);
/// One that has no result.
pub(super) const NO_CELL: Colour = Colour::new(0x00CF_D6DC);
/// Lines of equal value on a map.
pub(super) const ISO: Colour = Colour::new(0x0014_1A20);
/// Numbers on light fields of a map, in light and dark pages alike.
pub(super) const DARK_NUMBER: Colour = Colour::new(0x0012_181E);
/// Numbers on dark fields.
pub(super) const LIGHT_NUMBER: Colour = Colour::new(0x00FD_FDFD);

/// Colours from the least to the greatest value of a map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    low: u32,
    high: u32,
}

/// Much of it is good.
pub(super) const GOOD_RAMP: Ramp = Ramp {
    low: 0x00EE_F6F3,
    high: 0x0000_6B4F,
};
/// Much of it is bad.
pub(super) const BAD_RAMP: Ramp = Ramp {
    low: 0x00FD_F3E7,
    high: 0x00A8_4300,
};
/// Much of it is neither.
pub(super) const PLAIN_RAMP: Ramp = Ramp {
    low: 0x00EE_F3F8,
    high: 0x0000_528A,
};

impl Ramp {
    /// The colour so far up, from 0 to 1, in whole steps: the same on every machine.
    pub(super) fn at(self, share: f64) -> Colour {
        let step = (share.clamp(0.0, 1.0) * 64.0).round() as u32;
        let part = |shift: u32| {
            let (low, high) = (self.low >> shift & 0xFF, self.high >> shift & 0xFF);
            (low * (64 - step) + high * step) / 64
        };
        Colour::new(part(16) << 16 | part(8) << 8 | part(0))
    }
}

/// For things of equal rank, in order.
const SERIES: [Colour; 6] = [
    Colour::new(0x0000_72B2),
    Colour::new(0x00D5_5E00),
    Colour::new(0x0000_9E73),
    Colour::new(0x00CC_79A7),
    Colour::new(0x00E6_9F00),
    Colour::new(0x0056_B4E9),
];

/// How many lines one panel can tell apart.
pub(super) const SERIES_MAX: usize = SERIES.len();

/// The colour of the n-th thing.
pub(super) const fn series(index: usize) -> Colour {
    SERIES[index % SERIES.len()]
}

/// The colour of an outcome: its group's hue, and a shade of its own.
pub(super) fn outcome(name: &str) -> Colour {
    let hex = match name {
        "ok" => 0x0000_9E73,
        "degraded" => 0x0079_C9AE,
        "negative" => 0x00B9_D98C,
        "error.internal" => 0x00D5_5E00,
        "error.unavailable" => 0x00B0_4A00,
        "error.invalid" => 0x00F0_A070,
        "error.dependency" => 0x00E8_7F3A,
        "error.refused" => 0x008F_3B00,
        "error.reset" => 0x00C4_6A35,
        "timeout.connect" => 0x00F4_D06F,
        "timeout.response" => 0x00E6_9F00,
        "timeout.deadline" => 0x00B8_7F00,
        "rejected.queue_full" => 0x00CC_79A7,
        "rejected.queue_timeout" => 0x00A3_527F,
        "rejected.rate_limited" => 0x00E3_B3CF,
        "rejected.shed" => 0x007D_3A60,
        "stopped.breaker_open" => 0x0000_72B2,
        "stopped.bulkhead_full" => 0x0056_B4E9,
        "stopped.bulkhead_timeout" => 0x002F_93D0,
        "stopped.rate_limited" => 0x0000_4F7D,
        "stopped.throttled" => 0x009F_D3F2,
        "stopped.pool_timeout" => 0x006A_6FB3,
        _ => 0x0099_9999,
    };
    Colour::new(hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::policy::Outcome;
    use std::collections::BTreeSet;

    #[test]
    fn every_outcome_has_its_own_colour() {
        let colours: BTreeSet<_> = Outcome::ALL
            .iter()
            .map(|one| outcome(one.name()).rgb)
            .collect();
        assert_eq!(colours.len(), Outcome::COUNT);
    }
}

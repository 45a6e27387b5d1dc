//! Maps: a field for each pair of values, its colour and, where there is room, its number.

use super::curve::kinds;
use super::field::{Field, shown};
use super::iso;
use crate::chart::canvas::{self, Anchor, Canvas, Lettering, PX, Point, WIDTH, times};
use crate::chart::panel::lettering;
use crate::chart::theme::{self, Colour};
use crate::format;
use sim_core::report::sweep::{Better, MeasureReport, SweepReport};

/// Room for the values of the axis that lies upwards.
const LEFT: i32 = 96 * PX;
/// Room for the legend.
const RIGHT: i32 = 150 * PX;
const TOP: i32 = 44 * PX;
const BOTTOM: i32 = 46 * PX;
/// Between two maps.
const GAP: i32 = 26 * PX;
/// Maps in a row, at most.
const IN_A_ROW: usize = 3;
/// Height of the fields of a map, at most.
const HEIGHT_MAX: i32 = 420 * PX;
/// A field is not higher than this.
const FIELD_MAX: i32 = 46 * PX;
/// A field is wide enough for a number from here on.
const NUMBER_WIDTH: i32 = 44 * PX;
const NUMBER_HEIGHT: i32 = 14 * PX;
/// Lines of equal value are drawn from so many values on each axis.
const LINES_FROM: usize = 4;

/// What a field looks like.
struct Look {
    colour: Colour,
    text: String,
}

/// A mark of the legend.
struct Key {
    colour: Colour,
    text: String,
}

/// Where a map lies.
struct Frame {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
}

/// The look of the field at a column and a row of a map.
type Looks<'a> = dyn Fn(usize, (usize, usize)) -> Option<Look> + 'a;

/// The map of phases: how often runs collapse, and where expectations are missed.
pub(super) fn phases(report: &SweepReport, shares: &[Field], misses: &[Field]) -> String {
    let look = |map: usize, (column, row): (usize, usize)| {
        let value = shares[map].value(column, row)?;
        let is_wanted = misses[map]
            .value(column, row)
            .is_none_or(|some| some <= 0.0);
        Some(Look {
            colour: match value {
                value if value >= 0.5 => theme::METASTABLE,
                value if value > 0.0 => theme::VULNERABLE,
                _ if is_wanted => theme::STABLE,
                _ => theme::UNWANTED,
            },
            text: format::share(value),
        })
    };
    let kinds = kinds().into_iter().chain([(theme::NO_CELL, "no result")]);
    let keys: Vec<Key> = kinds
        .map(|(colour, text)| Key {
            colour,
            text: text.to_owned(),
        })
        .collect();
    draw(report, "Probability of collapse", shares, &look, &keys, &[])
}

/// The map of a measure. One that is the same everywhere, or differs by no more than chance, is all
/// of one colour: a ramp from white to dark would show noise as if it were something.
pub(super) fn measure(
    report: &SweepReport,
    fields: &[Field],
    measure: &MeasureReport,
    title: &str,
) -> String {
    let present = || fields.iter().flat_map(Field::present);
    let least = present().fold(f64::INFINITY, f64::min);
    let greatest = present().fold(f64::NEG_INFINITY, f64::max);
    let is_flat = title != measure.name || greatest <= least;
    let ramp = match measure.better {
        Better::Higher => theme::GOOD_RAMP,
        Better::Lower => theme::BAD_RAMP,
        Better::Neither => theme::PLAIN_RAMP,
    };
    let share = |value: f64| {
        if is_flat {
            0.0
        } else {
            (value - least) / (greatest - least)
        }
    };
    let look = |map: usize, (column, row): (usize, usize)| {
        let value = fields[map].value(column, row)?;
        Some(Look {
            colour: ramp.at(share(value)),
            text: shown(value, measure.unit),
        })
    };
    let key = |share: f64| Key {
        colour: ramp.at(share),
        text: shown(least + share * (greatest - least), measure.unit),
    };
    if is_flat {
        return draw(report, title, fields, &look, &[], &[]);
    }
    let keys = [0.0, 0.25, 0.5, 0.75, 1.0].map(key);
    let levels: Vec<(f64, String)> = iso::levels(least, greatest)
        .into_iter()
        .map(|level| (level, shown(level, measure.unit)))
        .collect();
    draw(report, title, fields, &look, &keys, &levels)
}

fn draw(
    report: &SweepReport,
    title: &str,
    fields: &[Field],
    look: &Looks<'_>,
    keys: &[Key],
    levels: &[(f64, String)],
) -> String {
    let columns = fields.len().min(IN_A_ROW);
    let rows = fields.len().div_ceil(IN_A_ROW);
    let inside = WIDTH - LEFT - RIGHT - times(columns - 1, LEFT);
    let width = part(inside, 1, columns);
    let ups = fields.first().map_or(1, |field| field.ups.len());
    let height = times(ups, FIELD_MAX).min(HEIGHT_MAX);
    let sheet = (WIDTH, TOP + times(rows, height + BOTTOM + GAP));
    let averaged = report.design.axes.len().saturating_sub(3);
    canvas::picture(sheet, title, |canvas| {
        canvas.fill((0, 0), sheet, theme::PAPER);
        let head = match averaged {
            0 => title.to_owned(),
            _ => format!("{title} (mean over {averaged} more axes)"),
        };
        canvas.text(
            &head,
            (LEFT, 14 * PX),
            lettering(Anchor::Left, true, theme::INK),
            100,
        );
        for (place, field) in fields.iter().enumerate() {
            let frame = Frame {
                left: LEFT + times(place % IN_A_ROW, width + LEFT),
                top: TOP + times(place / IN_A_ROW, height + BOTTOM + GAP),
                width,
                height,
            };
            frame.draw(canvas, field, &|at| look(place, at));
            let shown = if has_room_for_lines(field) {
                levels
            } else {
                &[]
            };
            for (number, (level, text)) in shown.iter().enumerate() {
                // Names stand at different places along their lines, to leave each other room.
                let share = (number + 1, levels.len() + 1);
                frame.iso_line(canvas, field, *level, (text, share));
            }
        }
        legend(canvas, keys);
    })
}

/// Lines of equal value need a few values each way; between two columns they only hide the numbers.
fn has_room_for_lines(field: &Field) -> bool {
    field.ups.len() >= LINES_FROM && field.acrosses.len() >= LINES_FROM
}

fn legend(canvas: &Canvas<'_>, keys: &[Key]) {
    let left = WIDTH - RIGHT + 24 * PX;
    for (row, key) in keys.iter().enumerate() {
        let middle = TOP + times(row, 18 * PX) + 8 * PX;
        canvas.fill(
            (left, middle - 6 * PX),
            (left + 16 * PX, middle + 6 * PX),
            key.colour,
        );
        let at = (left + 22 * PX, middle);
        canvas.text(
            &key.text,
            at,
            lettering(Anchor::Left, false, theme::INK),
            16,
        );
    }
}

impl Frame {
    fn x(&self, field: &Field, column: usize) -> i32 {
        self.left + part(self.width, column, field.acrosses.len())
    }

    /// Rows go upwards.
    fn y(&self, field: &Field, row: usize) -> i32 {
        self.top + self.height - part(self.height, row, field.ups.len())
    }

    fn draw(
        &self,
        canvas: &Canvas<'_>,
        field: &Field,
        look: &dyn Fn((usize, usize)) -> Option<Look>,
    ) {
        let field_width = part(self.width, 1, field.acrosses.len());
        let field_height = part(self.height, 1, field.ups.len());
        let has_numbers = field_width >= NUMBER_WIDTH && field_height >= NUMBER_HEIGHT;
        for row in 0..field.ups.len() {
            for column in 0..field.acrosses.len() {
                let from = (self.x(field, column), self.y(field, row + 1));
                let to = (self.x(field, column + 1), self.y(field, row));
                let Some(look) = look((column, row)) else {
                    canvas.fill(from, to, theme::NO_CELL);
                    continue;
                };
                canvas.fill(from, to, look.colour);
                if has_numbers {
                    let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
                    canvas.text(&look.text, middle, number_on(look.colour), 9);
                }
            }
        }
        self.axes(canvas, field);
    }

    fn axes(&self, canvas: &Canvas<'_>, field: &Field) {
        let faint = |anchor| lettering(anchor, false, theme::FAINT_INK);
        let bottom = self.top + self.height;
        for column in every(field.acrosses.len(), self.width, 58 * PX) {
            let x = i32::midpoint(self.x(field, column), self.x(field, column + 1));
            canvas.text(
                &field.acrosses[column],
                (x, bottom + 11 * PX),
                faint(Anchor::Center),
                10,
            );
        }
        let middle = self.left + self.width / 2;
        let name = lettering(Anchor::Center, false, theme::INK);
        canvas.text(&field.across, (middle, bottom + 28 * PX), name, 60);
        for row in every(field.ups.len(), self.height, 14 * PX) {
            let y = i32::midpoint(self.y(field, row), self.y(field, row + 1));
            canvas.text(
                &field.ups[row],
                (self.left - 6 * PX, y),
                faint(Anchor::Right),
                13,
            );
        }
        let above = self.top - 10 * PX;
        let name = lettering(Anchor::Right, false, theme::INK);
        canvas.text(&field.up, (self.left - 6 * PX, above), name, 16);
        let title = lettering(Anchor::Left, false, theme::INK);
        canvas.text(&field.title, (self.left, above), title, 40);
    }

    fn iso_line(
        &self,
        canvas: &Canvas<'_>,
        field: &Field,
        level: f64,
        (text, share): (&str, (usize, usize)),
    ) {
        let stretches = iso::lines(field, level);
        let at = |spot: iso::Spot| -> Point {
            let across = (spot.0 + 0.5) / field.acrosses.len() as f64;
            let up = (spot.1 + 0.5) / field.ups.len() as f64;
            (
                self.left + (across * f64::from(self.width)).round() as i32,
                self.top + self.height - (up * f64::from(self.height)).round() as i32,
            )
        };
        for (from, to) in &stretches {
            canvas.line(vec![at(*from), at(*to)], theme::ISO, PX + PX / 2);
        }
        let few = field.acrosses.len() * field.ups.len() > 64;
        if let Some((from, to)) = stretches
            .get(stretches.len() * share.0 / share.1)
            .filter(|_| few)
        {
            let (a, b) = (at(*from), at(*to));
            let middle = (i32::midpoint(a.0, b.0), i32::midpoint(a.1, b.1) - 7 * PX);
            canvas.text(text, middle, lettering(Anchor::Center, true, theme::ISO), 9);
        }
    }
}

/// So many parts of a length that is divided.
fn part(length: i32, parts: usize, of: usize) -> i32 {
    (length as u64 * parts as u64 / of.max(1) as u64) as i32
}

/// Places that get a mark, so that marks have room.
fn every(count: usize, length: i32, room: i32) -> impl Iterator<Item = usize> {
    let fit = (length / room).max(1) as usize;
    (0..count).step_by(count.div_ceil(fit).max(1))
}

/// Ink that can be read on a colour. It has shades of its own, which dark pages leave alone.
fn number_on(colour: Colour) -> Lettering {
    let ink = if colour.is_dark() {
        theme::LIGHT_NUMBER
    } else {
        theme::DARK_NUMBER
    };
    lettering(Anchor::Center, false, ink)
}

//! A panel: one plot with a title, values on the left and names on the right.
//!
//! Names stand in a column beside the plot, so that they never cover data and nothing needs to know
//! how wide a word is. Values are drawn as steps, one per bucket: what a report holds are counts and
//! means of buckets, and a slanted line would invent values in between. A run of one bucket is then
//! simply a level line.

use super::axis::{Scale, TimeAxis};
use super::canvas::{Anchor, Canvas, Lettering, PX, Point, times};
use super::theme::{self, Colour};

/// Height of a row of names.
pub(super) const NAME_ROW: i32 = 15 * PX;
/// From the top of a panel to the top of its plot: room for the title.
pub(super) const TITLE: i32 = 22 * PX;
/// Room for the name of a state.
const STATE: i32 = 82 * PX;
/// Characters of a name that fit beside the plot.
const NAME_CHARS: usize = 33;

/// A plot and what it says.
pub(super) struct Panel {
    /// What is shown, with its unit.
    pub(super) title: String,
    /// What lies on top of what.
    pub(super) body: Body,
    /// Height of the plot, at least.
    pub(super) height: i32,
}

/// How values are shown.
pub(super) enum Body {
    /// Each for itself.
    Lines(Scale, Vec<Line>),
    /// On top of each other, the first at the bottom.
    Stack(Scale, Vec<Line>),
    /// A row for each, with bars where it is in some state.
    Bars(Vec<BarRow>),
}

/// Values over time.
pub(super) struct Line {
    /// What they are of.
    pub(super) name: String,
    /// More about it, below the name; may be empty.
    pub(super) note: String,
    /// Its colour.
    pub(super) colour: Colour,
    /// One value for each bucket that has one.
    pub(super) values: Vec<Option<f64>>,
    /// Whether the area below is tinted.
    pub(super) filled: bool,
    /// The area down to these values is tinted, if there are any.
    pub(super) floor: Vec<Option<f64>>,
}

/// Something with states over time.
pub(super) struct BarRow {
    /// What it is.
    pub(super) name: String,
    /// Bars from one instant to another \[ns\].
    pub(super) bars: Vec<Bar>,
}

/// A state and how long it lasted.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    /// From this instant \[ns\],
    pub(super) from_ns: u64,
    /// until before this one \[ns\].
    pub(super) until_ns: u64,
    /// Name of the state.
    pub(super) state: &'static str,
    /// Colour of the state.
    pub(super) colour: Colour,
    /// States differ in height as well [% of the row].
    pub(super) height: i32,
}

/// Where the buckets begin and the last one ends, as positions on the sheet.
pub(super) struct Columns {
    /// One more than there are buckets.
    pub(super) edges: Vec<i32>,
    /// The axis they lie on.
    pub(super) axis: TimeAxis,
}

impl Line {
    /// A line without a note.
    pub(super) fn new(name: &str, colour: Colour, values: Vec<Option<f64>>) -> Self {
        Self {
            name: name.to_owned(),
            note: String::new(),
            colour,
            values,
            filled: false,
            floor: Vec::new(),
        }
    }

    /// The same, with the area down to lower values tinted.
    pub(super) fn down_to(self, floor: Vec<Option<f64>>) -> Self {
        Self { floor, ..self }
    }

    /// The same, with the area below tinted.
    pub(super) fn filled(self) -> Self {
        Self {
            filled: true,
            ..self
        }
    }

    /// The same, with a note.
    pub(super) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }
}

impl Panel {
    /// Height of plot and title together.
    pub(super) fn full_height(&self) -> i32 {
        TITLE + self.plot_height()
    }

    /// Height of the plot: as wished, or as its names need.
    pub(super) fn plot_height(&self) -> i32 {
        let rows: i32 = match &self.body {
            Body::Lines(_, lines) | Body::Stack(_, lines) => lines.iter().map(rows_of).sum(),
            Body::Bars(rows) => return times(rows.len().max(1), NAME_ROW),
        };
        self.height.max(rows * NAME_ROW)
    }

    /// Draws what belongs behind the data: title, grid and marks.
    pub(super) fn draw_grid(&self, canvas: &Canvas<'_>, axis: TimeAxis, top: i32) {
        let title = lettering(Anchor::Left, true, theme::INK);
        canvas.text(&self.title, (axis.left, top - TITLE / 2), title, 100);
        let bottom = top + self.plot_height();
        for at in axis.marks() {
            let x = axis.x(at);
            canvas.line(vec![(x, top), (x, bottom)], theme::GRID, PX / 2);
        }
        let (Body::Lines(scale, _) | Body::Stack(scale, _)) = &self.body else {
            return;
        };
        for (value, mark) in scale.marks() {
            let y = bottom - scale.height_of(value, bottom - top);
            canvas.line(vec![(axis.left, y), (axis.right, y)], theme::GRID, PX / 2);
            let how = lettering(Anchor::Right, false, theme::FAINT_INK);
            canvas.text(&mark, (axis.left - 6 * PX, y), how, 12);
        }
    }

    /// Draws data and names.
    pub(super) fn draw_data(&self, canvas: &Canvas<'_>, columns: &Columns, top: i32) {
        let plot = Plot {
            canvas,
            columns,
            top,
            bottom: top + self.plot_height(),
        };
        match &self.body {
            Body::Lines(scale, lines) => plot.lines(scale, lines),
            Body::Stack(scale, lines) => plot.stack(scale, lines),
            Body::Bars(rows) => {
                plot.bars(rows);
                plot.states(rows);
            }
        }
        let axis = columns.axis;
        canvas.line(
            vec![(axis.left, plot.bottom), (axis.right, plot.bottom)],
            theme::AXIS,
            PX,
        );
    }
}

/// Text of the usual size.
pub(super) const fn lettering(anchor: Anchor, bold: bool, colour: Colour) -> Lettering {
    Lettering {
        anchor,
        size_px: if bold { 12 } else { 11 },
        bold,
        colour,
    }
}

/// Rows that a name takes: the name and its note.
fn rows_of(line: &Line) -> i32 {
    1 + i32::from(!line.note.is_empty())
}

/// A plot while it is drawn.
struct Plot<'a, 'b> {
    canvas: &'a Canvas<'b>,
    columns: &'a Columns,
    top: i32,
    bottom: i32,
}

impl Plot<'_, '_> {
    fn lines(&self, scale: &Scale, lines: &[Line]) {
        for line in lines {
            let heights: Vec<_> = line
                .values
                .iter()
                .map(|value| self.y(scale, *value))
                .collect();
            if !line.floor.is_empty() {
                let floor = line.floor.iter().map(|value| self.y(scale, *value));
                let floor: Vec<_> = floor.collect();
                self.band(&floor, &heights, line.colour.covering(22));
            }
            for steps in self.steps(&heights) {
                if line.filled {
                    self.canvas
                        .polygon(self.closed(&steps), line.colour.covering(18));
                }
                self.canvas.line(steps, line.colour, 6);
            }
        }
        self.names(lines.iter());
    }

    fn stack(&self, scale: &Scale, lines: &[Line]) {
        let buckets = self.columns.edges.len() - 1;
        let mut sums = vec![0.0; buckets];
        let mut below = vec![Some(self.bottom); buckets];
        for line in lines {
            for (sum, value) in sums.iter_mut().zip(&line.values) {
                *sum += value.unwrap_or(0.0);
            }
            let above: Vec<_> = sums.iter().map(|&sum| self.y(scale, Some(sum))).collect();
            if above != below {
                self.band(&below, &above, line.colour);
            }
            below = above;
        }
        self.names(lines.iter().rev());
    }

    /// The area between two rows of steps.
    fn band(&self, below: &[Option<i32>], above: &[Option<i32>], colour: Colour) {
        for (mut outline, floor) in self.steps(above).into_iter().zip(self.steps(below)) {
            outline.extend(floor.into_iter().rev());
            self.canvas.polygon(outline, colour);
        }
    }

    fn bars(&self, rows: &[BarRow]) {
        for (index, row) in rows.iter().enumerate() {
            let middle = self.top + times(index, NAME_ROW) + NAME_ROW / 2;
            for bar in &row.bars {
                let half = bar.height * NAME_ROW / 200;
                let from = self.columns.axis.x(bar.from_ns);
                let until = self.columns.axis.x(bar.until_ns).max(from + PX / 2);
                self.canvas
                    .fill((from, middle - half), (until, middle + half), bar.colour);
            }
            self.name(&row.name, middle, theme::INK);
        }
    }

    /// What the bars mean, above the right end of the plot.
    fn states(&self, rows: &[BarRow]) {
        let mut states: Vec<Bar> = Vec::new();
        for bar in rows.iter().flat_map(|row| &row.bars) {
            if states.iter().all(|known| known.state != bar.state) {
                states.push(*bar);
            }
        }
        let middle = self.top - TITLE / 2;
        let mut left = self.columns.axis.right - times(states.len(), STATE);
        for state in states {
            let half = state.height * NAME_ROW / 200;
            self.canvas.fill(
                (left, middle - half),
                (left + 12 * PX, middle + half),
                state.colour,
            );
            let how = lettering(Anchor::Left, false, theme::INK);
            self.canvas
                .text(state.state, (left + 17 * PX, middle), how, 12);
            left += STATE;
        }
    }

    /// Height of a value on the sheet.
    fn y(&self, scale: &Scale, value: Option<f64>) -> Option<i32> {
        value.map(|value| self.bottom - scale.height_of(value, self.bottom - self.top))
    }

    /// Steps through these heights, one polyline for each stretch without a gap. Neighbours of one
    /// height share a step.
    fn steps(&self, heights: &[Option<i32>]) -> Vec<Vec<Point>> {
        let mut stretches: Vec<Vec<Point>> = Vec::new();
        let mut open = false;
        for (height, sides) in heights.iter().zip(self.columns.edges.windows(2)) {
            let Some(y) = *height else {
                open = false;
                continue;
            };
            if !open {
                stretches.push(vec![(sides[0], y)]);
                open = true;
            }
            if let Some(stretch) = stretches.last_mut() {
                step_to(stretch, sides[0], sides[1], y);
            }
        }
        stretches
    }

    /// The area between steps and the bottom.
    fn closed(&self, steps: &[Point]) -> Vec<Point> {
        let mut outline = steps.to_vec();
        if let (Some(first), Some(last)) = (steps.first(), steps.last()) {
            outline.extend([(last.0, self.bottom), (first.0, self.bottom)]);
        }
        outline
    }

    /// The column of names beside the plot.
    fn names<'l>(&self, lines: impl Iterator<Item = &'l Line>) {
        let mut middle = self.top + NAME_ROW / 2;
        for line in lines {
            let left = self.columns.axis.right + 14 * PX;
            let swatch = 4 * PX;
            self.canvas.fill(
                (left, middle - swatch),
                (left + 3 * swatch, middle + swatch),
                line.colour,
            );
            self.name(&line.name, middle, theme::INK);
            middle += NAME_ROW;
            if !line.note.is_empty() {
                self.name(&line.note, middle, theme::FAINT_INK);
                middle += NAME_ROW;
            }
        }
    }

    fn name(&self, name: &str, middle: i32, colour: Colour) {
        let at = (self.columns.axis.right + 32 * PX, middle);
        self.canvas
            .text(name, at, lettering(Anchor::Left, false, colour), NAME_CHARS);
    }
}

/// Goes on to a bucket at this height, and to its end.
fn step_to(stretch: &mut Vec<Point>, from: i32, until: i32, y: i32) {
    let level = stretch.last().is_some_and(|last| last.1 == y);
    if level && stretch.len() > 1 {
        stretch.pop();
    } else if !level {
        stretch.push((from, y));
    }
    stretch.push((until, y));
}

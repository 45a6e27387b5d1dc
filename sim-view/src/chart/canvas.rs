//! A sheet of paper for one chart: the SVG writer of `plotters`, in our units.
//!
//! This module alone knows the crates. It draws through `plotters-backend` and `plotters-svg`, the
//! writer without the library in front of it: the library measures text with the fonts it finds, and
//! in a browser it asks the document, which a worker has not. Nothing here measures text.
//!
//! The writer knows whole pixels only, which shows as jags in slanted lines. So the sheet is four
//! times as fine as a pixel of the page, and the `viewBox` scales it back. All positions here are
//! quarter pixels, computed with integers wherever time is involved. The writer escapes text and
//! attributes.

use super::theme::Colour;
use crate::safe::{cut, display_safe};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendStyle, BackendTextStyle, DrawingBackend, FontFamily, FontStyle,
};
use plotters_svg::SVGBackend;
use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Debug;

/// Units of the sheet per pixel of the page.
pub(super) const PX: i32 = 4;

/// How wide charts are.
pub(super) const WIDTH: i32 = 980 * PX;

/// A point, in units of the sheet.
pub(super) type Point = (i32, i32);

/// Where a line of text is held: the point that is given for it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    /// It begins there.
    Left,
    /// It stands around there.
    Center,
    /// It ends there.
    Right,
}

/// How text stands at its point.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    /// Which point of the line is given; it is always centred vertically.
    pub(super) anchor: Anchor,
    /// Height of the letters [px].
    pub(super) size_px: i32,
    /// Thick letters.
    pub(super) bold: bool,
    /// Ink.
    pub(super) colour: Colour,
}

/// The sheet. Drawing changes what is written alone, so that those who draw may share it.
pub(super) struct Canvas<'a> {
    writer: RefCell<SVGBackend<'a>>,
}

/// Draws on a sheet of this size and returns the picture as SVG, with its title for those who
/// cannot see it.
pub(super) fn picture(size: Point, title: &str, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut text = String::new();
    let canvas = Canvas {
        writer: SVGBackend::with_string(&mut text, (size.0 as u32, size.1 as u32)).into(),
    };
    draw(&canvas);
    done(canvas.writer.borrow_mut().present());
    drop(canvas);
    with_head(&text, size, title)
}

/// Replaces the writer's first tag by one that scales with the page and names the picture.
fn with_head(text: &str, (width, height): Point, title: &str) -> String {
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         stroke-linejoin=\"round\">\n<title>{}</title>\n{body}",
        escaped(&display_safe(title))
    )
}

/// So many things of one size.
pub(super) fn times(count: usize, size: i32) -> i32 {
    i32::try_from(count)
        .unwrap_or(i32::MAX)
        .saturating_mul(size)
}

/// Text that XML does not take for markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A drawing into memory cannot fail.
fn done<E: Debug>(result: Result<(), E>) {
    result.expect("drawing into a string");
}

impl Canvas<'_> {
    /// A filled rectangle between two opposite corners.
    pub(super) fn fill(&self, one: Point, other: Point, colour: Colour) {
        let least = (one.0.min(other.0), one.1.min(other.1));
        let greatest = (one.0.max(other.0), one.1.max(other.1));
        let mut writer = self.writer.borrow_mut();
        done(writer.draw_rect(least, greatest, &colour.ink(), true));
    }

    /// A line through these points.
    pub(super) fn line(&self, points: Vec<Point>, colour: Colour, width: i32) {
        if points.len() > 1 {
            let stroke = Stroke {
                ink: colour.ink(),
                width: width as u32,
            };
            done(self.writer.borrow_mut().draw_path(points, &stroke));
        }
    }

    /// The area inside these points.
    pub(super) fn polygon(&self, points: Vec<Point>, colour: Colour) {
        if points.len() > 2 {
            let mut writer = self.writer.borrow_mut();
            done(writer.fill_polygon(points, &colour.ink()));
        }
    }

    /// A line of text, cut to so many characters.
    pub(super) fn text(&self, text: &str, at: Point, how: Lettering, length: usize) {
        let safe = display_safe(text);
        let mut writer = self.writer.borrow_mut();
        done(writer.draw_text(&cut(&safe, length), &how, at));
    }
}

impl Colour {
    /// As the writer wants it.
    fn ink(self) -> BackendColor {
        BackendColor {
            rgb: self.rgb,
            alpha: f64::from(self.cover) / 100.0,
        }
    }
}

/// A line's ink and width.
struct Stroke {
    ink: BackendColor,
    width: u32,
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.ink
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

/// The writer takes a name, a size and an anchor, and leaves letters to who looks at the picture.
impl BackendTextStyle for Lettering {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.colour.ink()
    }

    fn size(&self) -> f64 {
        // The writer divides sizes by 1.24.
        f64::from(self.size_px * PX) * 1.24
    }

    fn style(&self) -> FontStyle {
        if self.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        }
    }

    fn anchor(&self) -> Pos {
        let side = match self.anchor {
            Anchor::Left => HPos::Left,
            Anchor::Center => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        Pos::new(side, VPos::Center)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::SansSerif
    }

    /// Only for back ends that draw letters themselves; this one never asks.
    fn layout_box(&self, _: &str) -> Result<(Point, Point), Infallible> {
        Ok(((0, 0), (0, 0)))
    }

    /// As above.
    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: Point,
        _: F,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::theme::INK;

    #[test]
    fn text_stays_text() {
        let how = Lettering {
            anchor: Anchor::Left,
            size_px: 11,
            bold: false,
            colour: INK,
        };
        let hostile = "</title></svg><script>alert('\u{1b}\"&')</script>";
        let svg = picture((400, 400), hostile, |canvas| {
            canvas.text(hostile, (1, 1), how, 100);
        });
        assert_eq!(svg.matches("<script").count(), 0, "{svg}");
        assert_eq!(svg.matches("</svg>").count(), 1, "{svg}");
        assert_eq!(svg.matches('\u{1b}').count(), 0, "{svg}");
        assert!(svg.contains("font-size=\"44\""), "{svg}");
    }
}

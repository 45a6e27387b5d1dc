//! A sheet of paper for one chart: plotters' SVG backend, in our units.
//!
//! The backend draws at whole pixels only, which shows as jags in slanted lines. So the sheet is four
//! times as fine as a pixel of the page, and the `viewBox` scales it back. All positions here are
//! quarter pixels, computed with integers wherever time is involved; nothing measures text, since
//! that would depend on the fonts found. The backend escapes text and attributes.

use super::theme::Colour;
use crate::safe::{cut, display_safe};
use plotters::coord::Shift;
use plotters::prelude::{
    Color, DrawingArea, IntoDrawingArea, PathElement, Polygon, Rectangle, SVGBackend, ShapeStyle,
    Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, TextStyle};
use std::fmt::Debug;

/// Units of the sheet per pixel of the page.
pub(super) const PX: i32 = 4;

/// A point, in units of the sheet.
pub(super) type Point = (i32, i32);

/// How text stands at its point.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    /// Which point of the line is given; it is always centred vertically.
    pub(super) side: HPos,
    /// Height of the letters [px].
    pub(super) size_px: i32,
    /// Thick letters.
    pub(super) bold: bool,
    /// Ink.
    pub(super) colour: Colour,
}

/// The sheet.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a sheet of this size and returns the picture as SVG, with its title for those who
/// cannot see it.
pub(super) fn picture(size: Point, title: &str, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, (size.0 as u32, size.1 as u32));
    let canvas = Canvas {
        area: backend.into_drawing_area(),
    };
    draw(&canvas);
    done(canvas.area.present());
    drop(canvas);
    with_head(&text, size, title)
}

/// Replaces the backend's first tag by one that scales with the page and names the picture.
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
    /// A filled rectangle.
    pub(super) fn fill(&self, from: Point, to: Point, colour: Colour) {
        done(
            self.area
                .draw(&Rectangle::new([from, to], colour.rgba().filled())),
        );
    }

    /// A line through these points.
    pub(super) fn line(&self, points: Vec<Point>, colour: Colour, width: i32) {
        if points.len() > 1 {
            let style = ShapeStyle {
                color: colour.rgba(),
                filled: false,
                stroke_width: width as u32,
            };
            done(self.area.draw(&PathElement::new(points, style)));
        }
    }

    /// The area inside these points.
    pub(super) fn polygon(&self, points: Vec<Point>, colour: Colour) {
        if points.len() > 2 {
            done(
                self.area
                    .draw(&Polygon::new(points, colour.rgba().filled())),
            );
        }
    }

    /// A line of text, cut to so many characters.
    pub(super) fn text(&self, text: &str, at: Point, how: Lettering, length: usize) {
        // The backend divides sizes by 1.24.
        let size = f64::from(how.size_px * PX) * 1.24;
        let weight = if how.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let ink = how.colour.rgba();
        let style = TextStyle::from(FontDesc::new(FontFamily::SansSerif, size, weight))
            .color(&ink)
            .pos(Pos::new(how.side, VPos::Center));
        let safe = display_safe(text);
        done(
            self.area
                .draw(&Text::new(cut(&safe, length).into_owned(), at, style)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::theme::INK;

    #[test]
    fn text_stays_text() {
        let how = Lettering {
            side: HPos::Left,
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

//! Where a lane is drawn before it is shown.
//!
//! A canvas that is drawn on itself is copied for the screen in every frame, whether it was drawn or not,
//! where a browser makes its pixels without a graphics card. One that is given a finished picture is copied
//! once. Twenty lanes in sight are a quarter of a frame (`BENCH_ONLY=redraw make bench-web`).

use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmapRenderingContext, OffscreenCanvas,
};

/// One sheet, on which one lane is drawn after the other.
#[derive(Default)]
pub(super) enum Sheet {
    /// None was asked for yet.
    #[default]
    Unasked,
    /// The browser has sheets.
    Ready(OffscreenCanvas, CanvasRenderingContext2d),
    /// It has none: each canvas is drawn on itself.
    Missing,
}

impl Sheet {
    fn new() -> Self {
        let made = OffscreenCanvas::new(1, 1).ok();
        let context = made
            .as_ref()
            .and_then(|sheet| sheet.get_context("2d").ok()?);
        // Its context is of a type of its own, which has all that drawing takes of the other.
        match made.zip(context) {
            Some((sheet, context)) => Self::Ready(sheet, context.unchecked_into()),
            None => Self::Missing,
        }
    }

    /// Has a canvas show what `draw` draws in a context, in the size of the canvas in pixels.
    pub(super) fn show(
        &mut self,
        on: &HtmlCanvasElement,
        draw: impl FnOnce(&CanvasRenderingContext2d, (u32, u32)),
    ) {
        if matches!(self, Self::Unasked) {
            *self = Self::new();
        }
        let size = (on.width(), on.height());
        let Self::Ready(sheet, context) = self else {
            // A browser without a canvas shows the server's picture.
            if let Some(context) = dom::context(on, "2d") {
                draw(&context, size);
            }
            return;
        };
        if (sheet.width(), sheet.height()) != size {
            sheet.set_width(size.0);
            sheet.set_height(size.1);
        }
        draw(context, size);
        let shown: Option<ImageBitmapRenderingContext> = dom::context(on, "bitmaprenderer");
        if let (Some(shown), Ok(picture)) = (shown, sheet.transfer_to_image_bitmap()) {
            shown.transfer_from_image_bitmap(&picture);
        }
    }
}

//! A canvas on the page, and what it is drawn on.
//!
//! Where a browser makes its pixels without a graphics card, a canvas that is drawn on itself is copied for
//! the screen in every frame, whether it was drawn or not. One that is drawn out of the page is copied when it
//! was. With twenty lanes in sight that is a quarter of a frame (`BENCH_ONLY=redraw make bench-web`).

use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, OffscreenCanvas};

/// A canvas.
pub(super) struct Sheet {
    /// On the page.
    pub(super) canvas: HtmlCanvasElement,
    /// What takes its size and is drawn on, where the browser has such.
    out_of_page: Option<OffscreenCanvas>,
    context: CanvasRenderingContext2d,
    /// Pixels across and down.
    size: (u32, u32),
}

impl Sheet {
    /// On no page yet; `None` where the browser has no canvas, and shows the server's picture.
    pub(super) fn new() -> Option<Self> {
        let canvas: HtmlCanvasElement = dom::document()
            .create_element("canvas")
            .ok()?
            .dyn_into()
            .ok()?;
        canvas.set_class_name("lane-canvas");
        let out_of_page = canvas.transfer_control_to_offscreen().ok();
        let context = match &out_of_page {
            Some(canvas) => canvas.get_context("2d"),
            None => canvas.get_context("2d"),
        };
        Some(Self {
            // The two contexts are of two types, and have all that drawing takes in common.
            context: context.ok()??.unchecked_into(),
            size: (canvas.width(), canvas.height()),
            out_of_page,
            canvas,
        })
    }

    /// Gives it its size on the page, CSS pixels, and in the pixels of the screen.
    pub(super) fn fit(&mut self, width: u32, height: f64, scale: f64) {
        let pixels = |css: f64| (css * scale).round() as u32;
        let size = (pixels(f64::from(width)), pixels(height));
        if self.size != size {
            self.size = size;
            if let Some(canvas) = &self.out_of_page {
                canvas.set_width(size.0);
                canvas.set_height(size.1);
            } else {
                self.canvas.set_width(size.0);
                self.canvas.set_height(size.1);
            }
        }
        dom::style(&self.canvas, "height", &format!("{height:.3}px"));
    }

    /// Has it drawn, with its context and its size in pixels.
    pub(super) fn draw(&self, draw: impl FnOnce(&CanvasRenderingContext2d, (u32, u32))) {
        draw(&self.context, self.size);
    }
}

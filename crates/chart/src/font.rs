//! The typeface that texts are measured with. The viewer's own sans-serif draws them, so every
//! width gets some room on top ([`ROOM`]).

/// Family that styles name. On a canvas the browser resolves it.
pub(crate) const FAMILY: &str = "sans-serif";

/// Widths are multiplied by this: `DejaVu` Sans, the widest common fallback, is a ninth wider than
/// Inter over the labels of a chart.
pub(crate) const ROOM: f64 = 1.12;

/// Makes the embedded typeface known to plotters, once.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn register() {
    use plotters::style::{FontStyle, register_font};
    use std::sync::Once;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A failure leaves texts measured by the fallback of `Pen::width`; a test shows that the
        // embedded file is good.
        let font = include_bytes!("../assets/Inter-Regular-subset.otf");
        let _ = register_font(FAMILY, FontStyle::Normal, font);
    });
}

/// In the browser plotters asks the browser.
#[cfg(target_arch = "wasm32")]
pub(crate) fn register() {}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::IntoFont;

    #[test]
    fn the_embedded_typeface_measures() {
        register();
        let font = (FAMILY, 100.0).into_font();
        let (wide, _) = font.box_size("MMMM").unwrap();
        let (narrow, _) = font.box_size("iiii").unwrap();
        assert!(wide > 2 * narrow && narrow > 0);
    }
}

//! Colours by what they mean. The hues are those of Okabe and Ito's palette (Color Universal
//! Design, 2008), which eyes of every colour vision tell apart, darkened for white ground and
//! lightened for dark ground to a contrast of at least 3 : 1 for lines and 4.5 : 1 for text
//! (WCAG 2.2, 1.4.3 and 1.4.11).

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

/// The custom properties that [`crate::svg()`] refers to, light and dark.
pub const TOKENS_CSS: &str = include_str!("../assets/tokens.css");

/// Which of the two sets of colours a canvas draws with; SVG holds both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// On white.
    #[default]
    Light,
    /// On dark.
    Dark,
}

/// A colour by its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ink {
    /// Labels of axes.
    Text,
    /// Labels of marks and events.
    Strong,
    /// Grid lines.
    Grid,
    /// Base lines.
    Axis,
    /// First curve.
    #[default]
    S1,
    /// Second curve.
    S2,
    /// Third curve.
    S3,
    /// Fourth curve.
    S4,
    /// Fifth curve.
    S5,
    /// Change points and levels.
    Change,
    /// When people felt it.
    Impact,
    /// When the provider throttled.
    Throttled,
    /// Notes.
    Note,
    /// Suspects.
    Suspect,
    /// Events.
    Event,
    /// Text on a suspect, an event or a note.
    On,
}

/// What every ink is: its custom property, light and dark.
const INKS: [(Ink, &str, u32, u32); 16] = [
    (Ink::Text, "text", 0x59_63_6e, 0x9d_a7_b3),
    (Ink::Strong, "strong", 0x1f_24_2b, 0xe4_e9_ef),
    (Ink::Grid, "grid", 0xe6_e9_ed, 0x26_2d_36),
    (Ink::Axis, "axis", 0x9a_a4_b0, 0x56_61_6d),
    (Ink::S1, "s1", 0x00_6b_ab, 0x58_b4_ee),
    (Ink::S2, "s2", 0xc4_4f_00, 0xf0_8a_4b),
    (Ink::S3, "s3", 0x00_80_60, 0x35_c4_9b),
    (Ink::S4, "s4", 0xa1_4f_83, 0xdf_98_c4),
    (Ink::S5, "s5", 0x8a_6a_00, 0xe0_b3_40),
    (Ink::Change, "change", 0x3d_46_51, 0xc2_ca_d3),
    (Ink::Impact, "impact", 0xc6_28_3c, 0xf2_6d_7d),
    (Ink::Throttled, "throttled", 0xa3_5b_00, 0xe3_9b_45),
    (Ink::Note, "note", 0x6a_4f_b3, 0xb3_9d_f0),
    (Ink::Suspect, "suspect", 0xb8_42_00, 0xff_94_57),
    (Ink::Event, "event", 0x5c_6f_86, 0x8f_a5_bf),
    (Ink::On, "on", 0xff_ff_ff, 0x10_14_19),
];

/// Colours of curves in the order in which they are given out.
pub(crate) const CURVES: [Ink; 5] = [Ink::S1, Ink::S2, Ink::S3, Ink::S4, Ink::S5];

impl Ink {
    /// The colour in a theme.
    pub fn colour(self, theme: Theme) -> RGBColor {
        let rgb = INKS
            .iter()
            .find(|(ink, ..)| *ink == self)
            .map_or(0, |(_, _, light, dark)| match theme {
                Theme::Light => *light,
                Theme::Dark => *dark,
            });
        RGBColor((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
    }
}

/// The paint of a colour of the light theme: its custom property, with the colour itself for
/// viewers that know no custom properties. Any other colour is written as it is.
pub(crate) fn paint((r, g, b): (u8, u8, u8)) -> String {
    let rgb = u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b);
    match INKS.iter().find(|(_, _, light, _)| *light == rgb) {
        Some((_, name, ..)) => format!("var(--chart-{name},#{rgb:06x})"),
        None => format!("#{rgb:06x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_has_a_colour_of_its_own_and_the_tokens_say_the_same() {
        let dark_at = TOKENS_CSS.find("@media").unwrap();
        let (light_css, dark_css) = TOKENS_CSS.split_at(dark_at);
        for (i, (ink, name, light, dark)) in INKS.iter().enumerate() {
            assert!(
                light_css.contains(&format!("--chart-{name}: #{light:06x};")),
                "{name}"
            );
            let line = format!("--chart-{name}: #{dark:06x};");
            assert_eq!(dark_css.matches(&line).count(), 2, "{name}");
            assert!(
                INKS[..i].iter().all(|(_, _, other, _)| other != light),
                "{name}"
            );
            let RGBColor(r, g, b) = ink.colour(Theme::Light);
            assert_eq!(
                paint((r, g, b)),
                format!("var(--chart-{name},#{light:06x})")
            );
        }
    }

    /// WCAG 2.2: relative luminance of an sRGB colour.
    fn luminance(rgb: u32) -> f64 {
        let part = |shift: u32| {
            let c = f64::from((rgb >> shift) & 0xff) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_and_lines_stand_out_on_their_ground() {
        for (ink, name, light, dark) in INKS {
            let least = match ink {
                Ink::Grid | Ink::On => continue,
                Ink::Axis => 2.0,
                _ => 4.5,
            };
            assert!(contrast(light, 0xff_ff_ff) >= least, "{name} on white");
            assert!(contrast(dark, 0x10_14_19) >= least, "{name} on dark");
        }
    }
}

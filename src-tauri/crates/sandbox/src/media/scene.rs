//! Small landscapes from the words of a prompt: the same words always give the same picture, and every word changes it.

use std::f64::consts::TAU;

use crate::chance::Chance;

/// What decides a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene<'prompt> {
    pub(crate) prompt: &'prompt str,
    /// Which of several pictures of one prompt.
    pub(crate) number: u64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) vivid: bool,
    /// More hills, more trees, finer lines.
    pub(crate) fine: bool,
}

/// Hue, saturation and lightness: degrees, and from 0 to 1.
type Colour = (f64, f64, f64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Tree,
    House,
    Lighthouse,
    Boat,
    Cloud,
    Mountain,
    Balloon,
}

const WORDS: &[(&[&str], Thing)] = &[
    (&["tree", "forest", "wood", "garden", "park", "orchard", "palm"], Thing::Tree),
    (&["house", "cabin", "cottage", "nook", "village", "town", "city", "home", "room"], Thing::House),
    (&["lighthouse", "tower", "castle", "rocket"], Thing::Lighthouse),
    (&["boat", "ship", "sail", "harbour", "harbor", "sea", "ocean", "lake", "water"], Thing::Boat),
    (&["cloud", "storm", "rain", "weather", "fog"], Thing::Cloud),
    (&["mountain", "peak", "hill", "snow", "alp", "cliff"], Thing::Mountain),
    (&["balloon", "bird", "kite", "dragon", "planet", "festival"], Thing::Balloon),
];

const HUES: &[(&str, f64)] = &[
    ("red", 2.0),
    ("orange", 28.0),
    ("yellow", 50.0),
    ("gold", 46.0),
    ("green", 125.0),
    ("teal", 178.0),
    ("blue", 215.0),
    ("violet", 268.0),
    ("purple", 280.0),
    ("pink", 330.0),
];

/// Red, green and blue of each pixel, row after row.
pub(crate) fn draw(scene: &Scene<'_>) -> Vec<u8> {
    let lower = scene.prompt.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let hash = lower
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    let mut chance = Chance::new(hash.wrapping_add(scene.number.wrapping_mul(0x5851_F42D)));
    let hue = HUES.iter().find(|(word, _)| has(&[word])).map_or(chance.fraction() * 360.0, |(_, hue)| *hue);
    let night = has(&["night", "moon", "star", "dark", "midnight"]);
    let dusk = has(&["dusk", "dawn", "sunset", "sunrise", "evening", "autumn", "warm"]);
    let mut things: Vec<Thing> = WORDS.iter().filter(|(words, _)| has(words)).map(|(_, thing)| *thing).collect();
    if things.is_empty() {
        things.extend((0..2).map(|_| WORDS[chance.below(WORDS.len())].1));
    }
    let mut canvas = Canvas {
        width: scene.width as usize,
        height: scene.height as usize,
        pixels: vec![[0; 3]; scene.width as usize * scene.height as usize],
        saturation: if scene.vivid { 1.25 } else { 0.75 },
    };
    canvas.sky(hue, night, dusk, &mut chance);
    if things.contains(&Thing::Mountain) {
        canvas.mountains(hue, night, &mut chance);
    }
    let layers = if scene.fine { 5 } else { 3 };
    for layer in 0..layers {
        canvas.hill(layer, layers, hue, night, scene.fine, &mut chance);
    }
    if things.contains(&Thing::Boat) {
        canvas.sea(hue, night, scene.fine);
    }
    let several = if scene.fine { 2 } else { 1 };
    for thing in things {
        let count = match thing {
            Thing::Tree => 5 * several,
            Thing::Cloud => 3 * several,
            Thing::House | Thing::Boat | Thing::Balloon => 1 + several,
            Thing::Lighthouse => 1,
            Thing::Mountain => 0,
        };
        for _ in 0..count {
            canvas.thing(thing, hue, night, &mut chance);
        }
    }
    canvas.pixels.concat()
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
    saturation: f64,
}

impl Canvas {
    fn colour(&self, (hue, saturation, lightness): Colour) -> [u8; 3] {
        let saturation = (saturation * self.saturation).min(1.0);
        let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
        let sixth = hue.rem_euclid(360.0) / 60.0;
        let middle = chroma * (1.0 - (sixth % 2.0 - 1.0).abs());
        let [red, green, blue] = match sixth as u8 {
            0 => [chroma, middle, 0.0],
            1 => [middle, chroma, 0.0],
            2 => [0.0, chroma, middle],
            3 => [0.0, middle, chroma],
            4 => [middle, 0.0, chroma],
            _ => [chroma, 0.0, middle],
        };
        let byte = |part: f64| ((part + lightness - chroma / 2.0).clamp(0.0, 1.0) * 255.0).round() as u8;
        [byte(red), byte(green), byte(blue)]
    }

    /// Part of a row; what is outside of the picture is left out.
    fn span(&mut self, row: f64, from: f64, to: f64, colour: [u8; 3]) {
        let (width, height) = (self.width as f64, self.height as f64);
        if row < 0.0 || row >= height || to <= 0.0 || from >= width || to <= from {
            return;
        }
        let start = row as usize * self.width;
        let (from, to) = (from.max(0.0) as usize, to.min(width).ceil() as usize);
        self.pixels[start + from..start + to].fill(colour);
    }

    fn rectangle(&mut self, left: f64, top: f64, right: f64, bottom: f64, colour: Colour) {
        let colour = self.colour(colour);
        for row in top as i64..bottom as i64 {
            self.span(row as f64, left, right, colour);
        }
    }

    fn disc(&mut self, x: f64, y: f64, radius: f64, colour: Colour) {
        let colour = self.colour(colour);
        for row in (y - radius) as i64..=(y + radius) as i64 {
            let half = (radius * radius - (row as f64 - y).powi(2)).max(0.0).sqrt();
            self.span(row as f64, x - half, x + half, colour);
        }
    }

    /// A triangle that stands on its base.
    fn peak(&mut self, x: f64, top: f64, bottom: f64, half: f64, colour: Colour) {
        let colour = self.colour(colour);
        for row in top as i64..bottom as i64 {
            let wide = half * (row as f64 - top) / (bottom - top);
            self.span(row as f64, x - wide, x + wide, colour);
        }
    }

    fn sky(&mut self, hue: f64, night: bool, dusk: bool, chance: &mut Chance) {
        let (top, bottom) = match (night, dusk) {
            (true, _) => ((hue, 0.5, 0.08), (hue + 20.0, 0.45, 0.25)),
            (false, true) => ((hue, 0.45, 0.35), (28.0, 0.9, 0.72)),
            (false, false) => ((hue, 0.6, 0.62), (hue + 30.0, 0.6, 0.9)),
        };
        for row in 0..self.height {
            let share = row as f64 / self.height as f64;
            let mix = |one: f64, other: f64| one + (other - one) * share;
            let colour = self.colour((mix(top.0, bottom.0), mix(top.1, bottom.1), mix(top.2, bottom.2)));
            self.span(row as f64, 0.0, self.width as f64, colour);
        }
        let (width, height) = (self.width as f64, self.height as f64);
        if night {
            for _ in 0..90 {
                let (x, y) = (chance.fraction() * width, chance.fraction() * height * 0.6);
                self.disc(x, y, 0.5 + chance.fraction() * height / 350.0, (50.0, 0.2, 0.9));
            }
        }
        let (x, y) = (width * (0.15 + 0.7 * chance.fraction()), height * (0.12 + 0.25 * chance.fraction()));
        let light = if night { (50.0, 0.1, 0.88) } else { (45.0, 0.9, if dusk { 0.65 } else { 0.8 }) };
        self.disc(x, y, height * (0.05 + 0.06 * chance.fraction()), light);
    }

    fn mountains(&mut self, hue: f64, night: bool, chance: &mut Chance) {
        let (width, height) = (self.width as f64, self.height as f64);
        for _ in 0..4 {
            let (x, top) = (chance.fraction() * width, height * (0.2 + 0.2 * chance.fraction()));
            let lightness = if night { 0.16 } else { 0.45 };
            let half = width * (0.2 + 0.15 * chance.fraction());
            self.peak(x, top, height * 0.75, half, (hue + 10.0, 0.15, lightness));
            self.peak(x, top, top + height * 0.09, half * 0.09 / 0.45, (hue, 0.1, if night { 0.5 } else { 0.95 }));
        }
    }

    fn hill(&mut self, layer: u32, layers: u32, hue: f64, night: bool, fine: bool, chance: &mut Chance) {
        let depth = f64::from(layer + 1) / f64::from(layers);
        let lightness = if night { 0.20 - 0.12 * depth } else { 0.62 - 0.34 * depth };
        let colour = self.colour((hue + 90.0 + 25.0 * depth, 0.4, lightness));
        let line = self.colour((hue + 90.0 + 25.0 * depth, 0.4, lightness * 0.85));
        let base = self.height as f64 * (0.5 + 0.32 * depth);
        let swing = self.height as f64 * 0.06;
        let waves: Vec<_> = (1..=3)
            .map(|of| (f64::from(of) * (0.6 + chance.fraction()), chance.fraction() * TAU, f64::from(of)))
            .collect();
        for column in 0..self.width {
            let x = column as f64 / self.width as f64;
            let rise: f64 = waves.iter().map(|(rate, shift, of)| (x * rate * TAU + shift).sin() / of).sum();
            let top = (base - swing * rise).max(0.0) as usize;
            for row in top..self.height {
                let lined = fine && (row - top) % 14 == 13;
                self.pixels[row * self.width + column] = if lined { line } else { colour };
            }
        }
    }

    fn sea(&mut self, hue: f64, night: bool, fine: bool) {
        let (width, height) = (self.width as f64, self.height as f64);
        let lightness = if night { 0.15 } else { 0.5 };
        let top = height * 0.76;
        self.rectangle(0.0, top, width, height, (205.0 + hue / 20.0, 0.55, lightness));
        let step = if fine { 0.02 } else { 0.04 };
        for wave in 0..(0.24 / step) as u32 {
            let y = top + height * step * f64::from(wave);
            let shift = width * 0.13 * f64::from(wave % 4);
            for part in 0..4 {
                let x = shift + width * 0.27 * f64::from(part);
                self.rectangle(x, y, x + width * 0.1, y + (height / 256.0).max(1.0), (205.0, 0.4, lightness + 0.15));
            }
        }
    }

    fn thing(&mut self, thing: Thing, hue: f64, night: bool, chance: &mut Chance) {
        let (width, height) = (self.width as f64, self.height as f64);
        let x = width * (0.08 + 0.84 * chance.fraction());
        let size = height * (0.07 + 0.08 * chance.fraction());
        let ground = height * (0.66 + 0.1 * chance.fraction());
        let dim = if night { 0.45 } else { 1.0 };
        match thing {
            Thing::Tree => {
                self.rectangle(x - size * 0.07, ground - size * 0.3, x + size * 0.07, ground, (25.0, 0.5, 0.25 * dim));
                for part in 0..3 {
                    let top = ground - size * (1.5 - 0.35 * f64::from(part));
                    let green = (115.0 + 30.0 * chance.fraction(), 0.45, 0.3 * dim);
                    self.peak(x, top, top + size * 0.6, size * (0.28 + 0.08 * f64::from(part)), green);
                }
            }
            Thing::House => {
                self.rectangle(x - size * 0.5, ground - size * 0.6, x + size * 0.5, ground, (hue, 0.35, 0.7 * dim));
                self.peak(x, ground - size * 1.1, ground - size * 0.6, size * 0.65, (hue + 170.0, 0.6, 0.4 * dim));
                let lit = (48.0, 0.9, if night { 0.7 } else { 0.35 });
                self.rectangle(x - size * 0.3, ground - size * 0.4, x - size * 0.1, ground - size * 0.2, lit);
                self.rectangle(x + size * 0.1, ground - size * 0.35, x + size * 0.3, ground, (20.0, 0.5, 0.25 * dim));
            }
            Thing::Lighthouse => {
                let (size, half) = (size * 2.6, size * 0.28);
                for part in 0..5 {
                    let colour = if part % 2 == 0 { (2.0, 0.7, 0.5 * dim) } else { (40.0, 0.2, 0.93 * dim) };
                    let top = ground - size * (1.0 - 0.2 * f64::from(part));
                    self.rectangle(x - half, top, x + half, top + size * 0.2 + 1.0, colour);
                }
                self.disc(x, ground - size * 1.06, half * 0.9, (50.0, 0.95, 0.7));
                self.peak(x, ground - size * 1.3, ground - size * 1.1, half * 1.2, (2.0, 0.7, 0.35 * dim));
            }
            Thing::Boat => {
                let y = height * (0.8 + 0.12 * chance.fraction());
                self.peak(x, y - size, y - size * 0.1, size * 0.45, (hue + 180.0, 0.3, 0.92 * dim));
                self.rectangle(
                    x - size * 0.6,
                    y - size * 0.08,
                    x + size * 0.6,
                    y + size * 0.2,
                    (15.0, 0.6, 0.35 * dim),
                );
            }
            Thing::Cloud => {
                let y = height * (0.1 + 0.25 * chance.fraction());
                for part in 0..4 {
                    let shift = size * 0.5 * (f64::from(part) - 1.5);
                    self.disc(x + shift, y + size * 0.1 * f64::from(part % 2), size * 0.4, (hue, 0.1, 0.9 * dim));
                }
            }
            Thing::Balloon => {
                let y = height * (0.15 + 0.25 * chance.fraction());
                let own = chance.fraction() * 360.0;
                self.disc(x, y, size * 0.6, (own, 0.75, 0.55 * dim));
                self.disc(x, y, size * 0.25, (own + 40.0, 0.75, 0.65 * dim));
                self.rectangle(x - size * 0.12, y + size * 0.8, x + size * 0.12, y + size, (25.0, 0.5, 0.3 * dim));
            }
            Thing::Mountain => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: Scene<'_> =
        Scene { prompt: "A lighthouse at dusk, blue sea", number: 0, width: 64, height: 48, vivid: true, fine: false };

    #[test]
    fn every_parameter_and_every_word_shows() {
        let first = draw(&SCENE);
        assert_eq!(first.len(), 64 * 48 * 3);
        assert_eq!(draw(&SCENE), first, "the same again");
        for other in [
            Scene { prompt: "A lighthouse at night, blue sea", ..SCENE },
            Scene { prompt: "A lighthouse at dusk, blue sea!", ..SCENE },
            Scene { number: 1, ..SCENE },
            Scene { vivid: false, ..SCENE },
            Scene { fine: true, ..SCENE },
        ] {
            let drawn = draw(&other);
            let apart = drawn.iter().zip(&first).filter(|(one, two)| one.abs_diff(**two) > 8).count();
            assert!(apart > first.len() / 50, "{other:?} differs in {apart}");
        }
    }

    #[test]
    fn any_size_and_any_prompt_can_be_drawn() {
        for (prompt, width, height) in
            [("", 1, 1), ("日本 \\ \"", 1, 300), ("forest castle ship", 300, 1), ("fog", 17, 5)]
        {
            let scene = Scene { prompt, width, height, ..SCENE };
            assert_eq!(draw(&scene).len(), (width * height * 3) as usize);
        }
    }
}

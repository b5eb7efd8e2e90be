//! Texts as vectors: what they consist of, thrown onto as many numbers as the model has. Texts that share words or
//! letters share numbers.

use crate::chance::Chance;

/// Numbers that one feature of a text touches.
const TOUCHED: usize = 24;

/// Numbers that hold more than the others.
const FIRST: usize = 128;

/// How a model looks at texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Eye {
    pub(crate) dimensions: usize,
    pub(crate) seed: u64,
    /// How much three letters count beside a word.
    pub(crate) letters: f64,
}

impl Eye {
    /// Not normalised, and never all zeros.
    pub(crate) fn text(&self, text: &str) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimensions];
        let lower = text.to_lowercase();
        let words = lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut seen = false;
        for word in words {
            seen = true;
            // Short words are in every text and say little.
            let weight = if word.chars().count() <= 3 { 0.3 } else { 1.0 };
            self.throw(&mut sum, word.as_bytes(), weight);
            let letters: Vec<char> = format!(" {word} ").chars().collect();
            for three in letters.windows(3) {
                let three: String = three.iter().collect();
                self.throw(&mut sum, format!("…{three}").as_bytes(), weight * self.letters * 0.5);
            }
        }
        if !seen {
            self.throw(&mut sum, text.as_bytes(), 1.0);
        }
        sum.into_iter().map(|number| number as f32).collect()
    }

    /// The same for text that is given as tokens.
    pub(crate) fn tokens(&self, tokens: &[u64]) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimensions];
        for token in tokens {
            self.throw(&mut sum, &token.to_le_bytes(), 1.0);
        }
        sum.into_iter().map(|number| number as f32).collect()
    }

    fn throw(&self, sum: &mut [f64], feature: &[u8], weight: f64) {
        // FNV-1a
        let hash = feature.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let mut chance = Chance::new(hash ^ self.seed.wrapping_mul(0x9E37_79B9));
        for touch in 0..TOUCHED {
            // Half of them are among the first, so that a vector that is cut short still tells texts apart.
            let place = chance.below(if touch % 2 == 0 { sum.len() } else { sum.len().min(FIRST) });
            sum[place] += weight * (2.0 * chance.fraction() - 1.0);
        }
    }
}

/// Shortens to length 1; zeros stay zeros.
pub(crate) fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|number| f64::from(number * number)).sum::<f64>().sqrt();
    if length > 0.0 {
        for number in vector {
            *number = (f64::from(*number) / length) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(one: &[f32], other: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
    }

    #[test]
    fn texts_that_are_alike_are_near() {
        for eye in [
            Eye { dimensions: 64, seed: 6, letters: 0.5 },
            Eye { dimensions: 384, seed: 2, letters: 2.0 },
            Eye { dimensions: 1_536, seed: 1, letters: 0.5 },
        ] {
            let near = |one: &str, other: &str| cosine(&eye.text(one), &eye.text(other));
            let cat = "The cat sleeps on the warm kitchen floor.";
            assert!((near(cat, cat) - 1.0).abs() < 1e-6);
            let far = near(cat, "Quarterly revenue grew by twelve percent");
            let (nearest, near_by) =
                (near(cat, "A cat is sleeping on the kitchen floor"), near(cat, "the dog sleeps in the kitchen"));
            assert!(nearest > far + 0.3 && near_by > far + 0.1, "{eye:?}: {nearest}, {near_by}, {far}");
            assert!(near("photograph", "photographs") > near("photograph", "umbrella") + 0.2);
            for text in ["", "!", "日本", "\\", " "] {
                assert!(eye.text(text).iter().any(|number| *number != 0.0), "{text:?}");
            }
        }
    }
}

//! Numbers and words that are the same at each start.

/// How many words there are.
pub const VOCABULARY: usize = 30_000;

/// The same numbers at each start.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Words as often as in a language: the n-th most frequent comes 1 ÷ n as often as the first.
pub struct Words {
    /// The most frequent first.
    pub words: Vec<String>,
    sums: Vec<f64>,
}

impl Words {
    pub fn new() -> Self {
        const SYLLABLES: [&str; 40] = [
            "re", "mo", "ta", "ing", "con", "de", "pro", "ser", "vi", "ce", "al", "tion", "in", "er", "st", "ur", "le",
            "ma", "pa", "di", "no", "ry", "th", "qu", "el", "an", "or", "es", "bi", "ga", "lu", "fe", "ki", "po", "sa",
            "us", "ent", "é", "ü", "ño",
        ];
        let mut chance = Chance(7);
        let mut words: Vec<String> = Vec::new();
        let mut known = std::collections::HashSet::new();
        while words.len() < VOCABULARY {
            let count = [1, 2, 2, 3, 3, 4][chance.below(6) as usize];
            let word: String = (0..count).map(|_| SYLLABLES[chance.below(40) as usize]).collect();
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let sums = (0..VOCABULARY)
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 2.7);
                sum
            })
            .collect();
        Self { words, sums }
    }

    pub fn word(&self, chance: &mut Chance) -> &str {
        let at = chance.share() * self.sums[VOCABULARY - 1];
        &self.words[self.sums.partition_point(|sum| *sum < at).min(VOCABULARY - 1)]
    }

    pub fn text(&self, chance: &mut Chance, length: usize) -> String {
        let mut text = String::with_capacity(length + 20);
        while text.len() < length {
            text.push_str(self.word(chance));
            text.push_str(match chance.below(14) {
                0 => ". ",
                1 => ", ",
                2 => "\n",
                _ => " ",
            });
        }
        text
    }
}

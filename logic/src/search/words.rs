//! Words, of a message and of a search. Pure.
//!
//! Text is folded first (NFKC, lower case, no accents on letters), so that `Ｃafé` is found by `cafe`. Scripts that are written without
//! spaces give each character and each pair of neighbours; everything else gives words, which PostgreSQL takes as they are and as English
//! stems. A search for one character, a pair or a longer run of such a script is then a look-up, and for a run the text itself says whether
//! the characters stand next to each other.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word is cut here, in bytes: nobody types more of it, and PostgreSQL takes 2,046.
const MAX_WORD: usize = 64;

/// The text of a message, cut up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Words with spaces between them.
    pub spaced: String,
    /// Characters and pairs.
    pub dense: Vec<String>,
}

/// What a search asks for. All of it must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Words; the last one may be the beginning of a word.
    pub spaced: Vec<String>,
    /// Runs of characters that stand next to each other.
    pub runs: Vec<String>,
}

/// One stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stretch {
    Word(String),
    Run(String),
}

/// The words of a message.
#[must_use]
pub fn words(text: &str) -> Words {
    let mut words = Words::default();
    for stretch in stretches(text) {
        match stretch {
            Stretch::Word(word) => {
                if !words.spaced.is_empty() {
                    words.spaced.push(' ');
                }
                words.spaced.push_str(&word);
            }
            Stretch::Run(run) => words.dense.extend(grams(&run)),
        }
    }
    words.dense.sort_unstable();
    words.dense.dedup();
    words
}

impl Query {
    /// What `text` asks for; none when it has no word.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (mut spaced, mut runs) = (Vec::new(), Vec::new());
        for stretch in stretches(text) {
            match stretch {
                Stretch::Word(word) => spaced.push(word),
                Stretch::Run(run) => runs.push(run),
            }
        }
        (!spaced.is_empty() || !runs.is_empty()).then_some(Self { spaced, runs })
    }

    /// What the index is asked for: every character of a run that stands alone, and every pair of the others.
    #[must_use]
    pub fn grams(&self) -> Vec<String> {
        let mut grams: Vec<String> = self
            .runs
            .iter()
            .flat_map(|run| {
                let pairs = pairs(run);
                if pairs.is_empty() {
                    vec![run.clone()]
                } else {
                    pairs
                }
            })
            .collect();
        grams.sort_unstable();
        grams.dedup();
        grams
    }

    /// Whether the runs stand in `text` as they were asked for. The index has answered for the words.
    #[must_use]
    pub fn has_runs(&self, text: &str) -> bool {
        if self.runs.is_empty() {
            return true;
        }
        let found: Vec<String> = stretches(text)
            .filter_map(|stretch| match stretch {
                Stretch::Run(run) => Some(run),
                Stretch::Word(_) => None,
            })
            .collect();
        self.runs
            .iter()
            .all(|run| found.iter().any(|text| text.contains(run.as_str())))
    }
}

fn stretches(text: &str) -> impl Iterator<Item = Stretch> {
    let folded = fold(text);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut is_open = false;
    for character in folded.chars() {
        if !character.is_alphanumeric() {
            is_open = false;
            continue;
        }
        match (stretches.last_mut(), is_dense(character)) {
            (Some(Stretch::Run(run)), true) if is_open => run.push(character),
            (Some(Stretch::Word(word)), false) if is_open => {
                if word.len() + character.len_utf8() <= MAX_WORD {
                    word.push(character);
                }
            }
            (_, true) => stretches.push(Stretch::Run(character.to_string())),
            (_, false) => stretches.push(Stretch::Word(character.to_string())),
        }
        is_open = true;
    }
    stretches.into_iter()
}

/// One form for what people take for the same.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc().flat_map(char::to_lowercase) {
        if is_dense(character) {
            folded.push(character);
        } else {
            let letters = std::iter::once(character).nfd();
            folded.extend(letters.filter(|letter| !is_combining_mark(*letter)));
        }
    }
    folded
}

/// Han, kana, Hangul, Thai, Lao, Khmer, Myanmar: written without spaces, or with spaces that do not part words.
fn is_dense(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x3100..=0x312F | 0x31A0..=0x31BF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

fn grams(run: &str) -> Vec<String> {
    let mut grams = pairs(run);
    grams.extend(run.chars().map(String::from));
    grams
}

fn pairs(run: &str) -> Vec<String> {
    let characters: Vec<char> = run.chars().collect();
    characters
        .windows(2)
        .map(|pair| pair.iter().collect())
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// D16
    #[test]
    fn words_are_folded_and_dense_scripts_give_characters_and_pairs() {
        let words = words("Ｃafé-au-lait, 消息系统 v2!");
        assert_eq!(words.spaced, "cafe au lait v2");
        assert_eq!(
            words.dense,
            ["息", "息系", "消", "消息", "系", "系统", "统"]
        );
    }

    /// D16
    #[test]
    fn a_search_asks_for_pairs_and_the_text_says_whether_they_stand_together() {
        let query = Query::new("消息系统").unwrap();
        assert_eq!(query.grams(), ["息系", "消息", "系统"]);
        assert!(query.has_runs("分布式消息系统很快"));
        assert!(!query.has_runs("消息系，息系统"));
        assert_eq!(Query::new("快").unwrap().grams(), ["快"]);
        let mixed = Query::new("Rust 消息").unwrap();
        assert_eq!(mixed.spaced, ["rust"]);
        assert_eq!(mixed.runs, ["消息"]);
    }

    /// D16
    #[test]
    fn a_search_without_a_word_is_none() {
        for empty in ["", "  ", "?!…", "🙂"] {
            assert_eq!(Query::new(empty), None, "{empty:?}");
        }
    }

    proptest! {
        /// D16: whatever stands in a text is found by any of its pieces.
        #[test]
        fn a_piece_of_a_run_is_always_found(text in "[一-十a-z ，]{1,40}", from in 0_usize..40, length in 1_usize..6) {
            let piece: String = text.chars().skip(from).take(length).collect();
            if let Some(query) = Query::new(&piece) {
                let indexed = words(&text);
                prop_assert!(query.grams().iter().all(|gram| indexed.dense.contains(gram)));
                prop_assert!(query.has_runs(&text));
            }
        }

        #[test]
        fn no_text_panics_and_words_stay_short(text in ".{0,300}") {
            let words = words(&text);
            prop_assert!(words.spaced.split(' ').all(|word| word.len() <= MAX_WORD));
        }
    }
}

//! The last few things that were looked at.

use std::sync::{Arc, Mutex};

use juxta_wire::error::AppError;

use crate::run::feed::lock;

/// Something whose memory is counted.
pub(super) trait Weigh {
    /// Bytes, about.
    fn weight(&self) -> usize;
}

/// Keeps what was used last, as long as it is neither too many nor too heavy. The newest always stays.
pub(super) struct Recent<K, V> {
    most: usize,
    heaviest: usize,
    /// The newest first.
    entries: Mutex<Vec<Entry<K, V>>>,
}

struct Entry<K, V> {
    key: K,
    value: Arc<Mutex<V>>,
    /// As it was when it could be asked last.
    weight: usize,
}

impl<K: PartialEq, V: Weigh> Recent<K, V> {
    pub fn new(most: usize, heaviest: usize) -> Self {
        Self { most, heaviest, entries: Mutex::default() }
    }

    /// The value of `key`, made if it is not there. Others are not kept waiting meanwhile; of two that make the same at
    /// once, the second one's is dropped.
    pub fn get(&self, key: K, make: impl FnOnce() -> Result<V, AppError>) -> Result<Arc<Mutex<V>>, AppError> {
        if let Some(value) = self.find(&key) {
            return Ok(value);
        }
        let made = Arc::new(Mutex::new(make()?));
        if let Some(value) = self.find(&key) {
            return Ok(value);
        }
        let mut entries = lock(&self.entries);
        entries.insert(0, Entry { key, value: Arc::clone(&made), weight: 0 });
        self.shed(&mut entries);
        Ok(made)
    }

    /// What was used now counts as new.
    fn find(&self, key: &K) -> Option<Arc<Mutex<V>>> {
        let mut entries = lock(&self.entries);
        let at = entries.iter().position(|entry| entry.key == *key)?;
        let entry = entries.remove(at);
        let value = Arc::clone(&entry.value);
        entries.insert(0, entry);
        // Values grow while they are looked at.
        self.shed(&mut entries);
        Some(value)
    }

    fn shed(&self, entries: &mut Vec<Entry<K, V>>) {
        let mut sum = 0;
        let mut kept = 0;
        for entry in entries.iter_mut() {
            // One that is at work now keeps the weight it had.
            if let Ok(value) = entry.value.try_lock() {
                entry.weight = value.weight();
            }
            sum += entry.weight;
            if kept > 0 && (sum > self.heaviest || kept >= self.most) {
                break;
            }
            kept += 1;
        }
        entries.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    fn held(recent: &Recent<&'static str, usize>) -> Vec<&'static str> {
        lock(&recent.entries).iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_or_they_weigh_too_much() {
        let recent = Recent::new(3, 100);
        for key in ["a", "b", "c", "a", "d"] {
            recent.get(key, || Ok(10)).unwrap();
        }
        assert_eq!(held(&recent), ["d", "a", "c"], "what was used again counts as new");
        recent.get("heavy", || Ok(95)).unwrap();
        assert_eq!(held(&recent), ["heavy"]);
        recent.get("heavier", || Ok(500)).unwrap();
        assert_eq!(held(&recent), ["heavier"], "the newest stays whatever it weighs");
    }

    #[test]
    fn a_value_that_cannot_be_made_leaves_nothing_behind() {
        let recent: Recent<&str, usize> = Recent::new(3, 100);
        assert!(recent.get("a", || Err(AppError::NotFound { what: "It".into() })).is_err());
        assert_eq!(held(&recent), [] as [&str; 0]);
    }
}

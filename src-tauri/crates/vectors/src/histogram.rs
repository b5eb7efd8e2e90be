//! How the cosines of all pairs are spread.

/// Counts of equally wide steps from `least` to `most`; the last step holds its end too.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    pub counts: Vec<u32>,
    pub least: f64,
    pub most: f64,
    pub mean: f64,
}

/// `steps` steps from the least cosine to the greatest. `NaN` is not counted; `None` when there is nothing else.
pub fn histogram(cosines: &[f64], steps: usize) -> Option<Histogram> {
    let sound = || cosines.iter().copied().filter(|cosine| !cosine.is_nan());
    let count = sound().count();
    if count == 0 || steps == 0 {
        return None;
    }
    let least = sound().fold(f64::INFINITY, f64::min);
    let most = sound().fold(f64::NEG_INFINITY, f64::max);
    let width = (most - least) / steps as f64;
    let mut counts = vec![0; steps];
    for cosine in sound() {
        let step = if width > 0.0 { ((cosine - least) / width) as usize } else { 0 };
        counts[step.min(steps - 1)] += 1;
    }
    Some(Histogram { counts, least, most, mean: sound().sum::<f64>() / count as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_counted_once() {
        let found = histogram(&[0.0, f64::NAN, 0.24, 0.25, 1.0, 0.5], 4).unwrap();
        assert_eq!((found.counts, found.least, found.most), (vec![2, 1, 1, 1], 0.0, 1.0));
        assert_eq!(histogram(&[0.5, 0.5], 3).unwrap().counts, [2, 0, 0]);
        assert_eq!(histogram(&[f64::NAN], 3), None);
    }
}

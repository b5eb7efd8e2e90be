//! Intervals, chances and sizes are those of statsmodels, scipy and exact fractions.

use std::fs;

use juxta_stats::{Interval, Rate, Z_95, all_of, any_of, median, repeats_to_tell};
use serde::{Deserialize, Serialize};

use crate::{Numbers, printed};

#[derive(Serialize)]
struct Cases {
    rates: Vec<RateCase>,
    /// k, passed, total.
    several: Vec<[u32; 3]>,
    medians: Vec<Vec<f64>>,
    sizes: Vec<[f64; 2]>,
}

#[derive(Serialize)]
struct RateCase {
    one: [u32; 2],
    other: [u32; 2],
    alpha: f64,
}

#[derive(Deserialize)]
struct Told {
    rates: Vec<ToldRate>,
    several: Vec<ToldSeveral>,
    medians: Vec<ToldMedian>,
    sizes: Vec<ToldSize>,
}

#[derive(Deserialize)]
struct ToldRate {
    z: f64,
    one: [f64; 2],
    other: [f64; 2],
    difference: [f64; 2],
}

#[derive(Deserialize)]
struct ToldSeveral {
    any: f64,
    all: f64,
}

#[derive(Deserialize)]
struct ToldMedian {
    value: f64,
    /// Bounds from twelve seeds.
    low: Vec<f64>,
    high: Vec<f64>,
}

#[derive(Deserialize)]
struct ToldSize {
    exact: f64,
    /// With so many repeats, and with one less.
    power: [f64; 2],
}

/// Fifty pairs of rates: the ends and the ones of the tables, then by chance; and as many cases of each other kind.
fn cases() -> Cases {
    let mut numbers = Numbers(17);
    let by_hand = [
        ([16, 20], [15, 20]),
        ([7, 20], [15, 20]),
        ([0, 20], [20, 20]),
        ([20, 20], [20, 20]),
        ([0, 1], [0, 1]),
        ([1, 1], [0, 1]),
        ([1, 3], [999, 1_000]),
        ([56, 70], [48, 80]),
        ([9, 10], [3, 10]),
        ([0, 10], [0, 20]),
    ];
    let alphas = [0.05, 0.05, 0.05, 0.1, 0.01];
    let mut share = || {
        let total = 1 + numbers.below(400) as u32;
        [numbers.below(total as usize + 1) as u32, total]
    };
    let mut rates: Vec<RateCase> = by_hand.map(|(one, other)| RateCase { one, other, alpha: 0.05 }).into();
    rates.extend((rates.len()..50).map(|at| RateCase { one: share(), other: share(), alpha: alphas[at % 5] }));
    let several = (0..50).map(|at| {
        let [passed, total] = share();
        [[1, 2, 5, 10][at % 4].min(total), passed, total]
    });
    let several = several.collect();
    let sizes = (0..50).map(|at| match at {
        0 => [0.8, 0.75],
        1 => [0.5, 0.9],
        _ => {
            let [[one, all], [other, whole]] = [share(), share()];
            [f64::from(one) / f64::from(all), f64::from(other) / f64::from(whole)]
        }
    });
    let sizes = sizes.filter(|[one, other]| one != other).collect();
    let medians = (0..10).map(|at| (0..5 + at * 4).map(|_| 200.0 + f64::from(numbers.part()).exp() * 300.0).collect());
    Cases { rates, several, medians: medians.collect(), sizes }
}

fn is_near(found: Interval, [low, high]: [f64; 2]) -> bool {
    (found.low - low).abs() < 1e-6 && (found.high - high).abs() < 1e-6
}

#[test]
fn intervals_chances_and_sizes_are_those_of_other_packages() {
    let cases = cases();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cases.json");
    fs::write(&file, serde_json::to_vec(&cases).expect("JSON")).expect("written");
    let told: Told = serde_json::from_str(&printed("statistics.py", &file)).expect("answers");
    assert_eq!((cases.rates.len(), told.rates.len()), (50, 50));

    for (RateCase { one, other, alpha }, told) in cases.rates.iter().zip(&told.rates) {
        let why = format!("{one:?} {other:?} {alpha}");
        let rate = |[passed, total]: [u32; 2]| Rate::new(passed, total).expect("a rate");
        let (one, other) = (rate(*one), rate(*other));
        assert!(is_near(one.wilson(told.z), told.one), "{why}: {:?} for {:?}", one.wilson(told.z), told.one);
        assert!(is_near(other.wilson(told.z), told.other), "{why}: {:?} for {:?}", other.wilson(told.z), told.other);
        let difference = one.minus(other, told.z).interval;
        assert!(is_near(difference, told.difference), "{why}: {difference:?} for {:?}", told.difference);
        assert!(*alpha != 0.05 || (told.z - Z_95).abs() < 1e-12, "the quantile is the same");
    }
    assert_eq!(told.several.len(), 50);
    for ([k, passed, total], told) in cases.several.iter().zip(&told.several) {
        let (any, all) = (any_of(*k, *passed, *total).expect("enough"), all_of(*k, *passed, *total).expect("enough"));
        assert!((any - told.any).abs() < 1e-6 && (all - told.all).abs() < 1e-6, "{k} {passed} {total}: {any} {all}");
    }
    for ([one, other], told) in cases.sizes.iter().zip(&told.sizes) {
        let repeats = repeats_to_tell(*one, *other).expect("they differ");
        assert_eq!(repeats, told.exact.ceil() as u64, "{one} {other}");
        // The other package counts the side nobody looks at too, which weighs something for a handful of repeats only.
        let [power, less] = told.power;
        assert!(power >= 0.8 - 1e-9 && (less < 0.8 || repeats < 5), "{one} {other}: {power}, {less} with one less");
    }
    for (figures, told) in cases.medians.iter().zip(&told.medians) {
        let found = median(figures).expect("figures");
        assert!((found.value - told.value).abs() < 1e-9, "{figures:?}");
        // Draws are another generator's, so bounds are compared with those that its seeds give, and with how far these lie
        // apart.
        let interval = found.interval.expect("several figures");
        for (bound, others) in [(interval.low, &told.low), (interval.high, &told.high)] {
            let (least, most) = others.iter().fold((f64::MAX, f64::MIN), |(a, b), one| (a.min(*one), b.max(*one)));
            let room = (most - least) / 2.0 + 1e-9;
            assert!((least - room..=most + room).contains(&bound), "{figures:?}: {bound} for {least} to {most}");
        }
    }
}

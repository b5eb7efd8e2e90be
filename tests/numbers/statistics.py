"""Rates, differences, medians and sizes of samples by statsmodels, scipy and exact fractions.

statistics.py FILE: FILE holds lists of cases; prints what those packages say of each, as JSON.
"""

import json
import sys
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, power_proportions_2indep, proportion_confint


def rate(case: dict) -> dict:
    """Wilson's intervals of both rates, Newcombe's of their difference."""
    alpha = case["alpha"]
    one, other = case["one"], case["other"]
    low, high = confint_proportions_2indep(*one, *other, method="newcomb", compare="diff", alpha=alpha)
    return {
        "z": float(stats.norm.ppf(1 - alpha / 2)),
        "one": [float(bound) for bound in proportion_confint(*one, alpha=alpha, method="wilson")],
        "other": [float(bound) for bound in proportion_confint(*other, alpha=alpha, method="wilson")],
        "difference": [float(low), float(high)],
    }


def several(case: list) -> dict:
    """pass@k and pass^k by counting, with no rounding before the end."""
    k, passed, total = case
    ways = comb(total, k)
    return {
        "any": float(1 - Fraction(comb(total - passed, k), ways)),
        "all": float(Fraction(comb(passed, k), ways)),
    }


def median(figures: list) -> dict:
    """The median, and bootstrap intervals from several seeds, between whose bounds others must lie."""
    sample = (np.array(figures),)
    found = [
        stats.bootstrap(sample, np.median, n_resamples=9_999, method="percentile", rng=np.random.default_rng(seed))
        for seed in range(12)
    ]
    intervals = [found.confidence_interval for found in found]
    return {
        "value": float(np.median(figures)),
        "low": [float(interval.low) for interval in intervals],
        "high": [float(interval.high) for interval in intervals],
    }


def size(case: list) -> dict:
    """The closed form, and the power that statsmodels finds for that size and for one repeat less."""
    one, other = case
    mean = (one + other) / 2
    same = (2 * mean * (1 - mean)) ** 0.5
    apart = (one * (1 - one) + other * (1 - other)) ** 0.5
    exact = ((stats.norm.ppf(0.975) * same + stats.norm.ppf(0.8) * apart) / (one - other)) ** 2
    repeats = int(np.ceil(exact))
    power = [
        float(power_proportions_2indep(one - other, other, count, alternative="two-sided", return_results=False))
        for count in (repeats, repeats - 1)
    ]
    return {"exact": float(exact), "power": power}


if __name__ == "__main__":
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = {"rates": rate, "several": several, "medians": median, "sizes": size}
    print(json.dumps({name: [answer(case) for case in cases[name]] for name, answer in answers.items()}))

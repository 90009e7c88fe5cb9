"""The constant bar: how many standard errors prove a change when somebody looks every day (step 6).

With a final baseline the standardised change is a Brownian motion in information, and one constant
holds at every look, for ever. It depends on how much more precise the pilot can ever get than it
was at its first look. Sources: Siegmund 1985; Jennison & Turnbull 2000.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from math import log
from statistics import NormalDist

RATIOS = (1, 1.5, 2, 3, 5, 9, 17, 33, 60)  # 1 + v at the first look / v of the baseline

PRINTED: dict[float, tuple[float, ...]] = {
    0.05: (1.645, 2.01, 2.13, 2.25, 2.37, 2.46, 2.55, 2.62, 2.67),
    0.025: (1.96, 2.30, 2.43, 2.55, 2.66, 2.75, 2.82, 2.89, 2.95),
    0.0167: (2.13, 2.47, 2.60, 2.70, 2.81, 2.91, 2.99, 3.05, 3.09),
    0.01: (2.33, 2.67, 2.79, 2.90, 3.00, 3.09, 3.16, 3.21, 3.25),
}

# Made by benchmarks/bar_table.py, which reproduces the printed rows within 0.02.
TABLE: dict[float, tuple[float, ...]] = PRINTED | {
    0.2: (0.841, 1.227, 1.360, 1.495, 1.623, 1.737, 1.836, 1.922, 1.988),
    0.15: (1.036, 1.418, 1.547, 1.678, 1.801, 1.912, 2.006, 2.088, 2.151),
    0.1: (1.282, 1.656, 1.782, 1.909, 2.027, 2.131, 2.221, 2.298, 2.358),
    0.075: (1.440, 1.810, 1.934, 2.057, 2.172, 2.273, 2.360, 2.435, 2.492),
    0.035: (1.812, 2.174, 2.292, 2.409, 2.516, 2.610, 2.690, 2.758, 2.810),
    0.0125: (2.242, 2.593, 2.705, 2.814, 2.914, 3.000, 3.073, 3.135, 3.182),
    0.007: (2.457, 2.804, 2.913, 3.019, 3.115, 3.198, 3.267, 3.326, 3.371),
    0.005: (2.576, 2.919, 3.027, 3.131, 3.225, 3.306, 3.374, 3.432, 3.475),
    0.0035: (2.697, 3.038, 3.144, 3.246, 3.338, 3.417, 3.483, 3.540, 3.582),
    0.0025: (2.807, 3.145, 3.250, 3.351, 3.441, 3.518, 3.583, 3.638, 3.679),
    0.00167: (2.935, 3.270, 3.373, 3.472, 3.560, 3.636, 3.699, 3.753, 3.792),
    0.001: (3.090, 3.422, 3.524, 3.620, 3.706, 3.780, 3.841, 3.892, 3.931),
    0.0005: (3.290, 3.618, 3.717, 3.811, 3.894, 3.965, 4.023, 4.073, 4.110),
    0.0002: (3.540, 3.862, 3.959, 4.049, 4.128, 4.196, 4.252, 4.300, 4.335),
    0.0001: (3.719, 4.037, 4.132, 4.219, 4.297, 4.363, 4.417, 4.463, 4.497),
}

ALPHAS = tuple(sorted(TABLE, reverse=True))
LOG_RATIOS = tuple(map(log, RATIOS))


def bar(alpha: float, ratio: float) -> float:
    """Return the bar for one side at `alpha`, when information grows at most `ratio`-fold.

    Between ratios it is read on their logarithms, between alphas on normal quantiles; beyond the
    last ratio its column holds, beyond the last alphas the line of the last two goes on.
    """
    row = _row(alpha)
    at = log(min(max(ratio, 1.0), RATIOS[-1]))
    high = max(1, bisect_left(LOG_RATIOS, at))
    return _between(at, LOG_RATIOS[high - 1 : high + 1], row[high - 1 : high + 1])


@cache
def _row(alpha: float) -> tuple[float, ...]:
    if alpha in TABLE:
        return TABLE[alpha]
    after = next((place for place, known in enumerate(ALPHAS) if known < alpha), len(ALPHAS) - 1)
    around = ALPHAS[max(after, 1) - 1], ALPHAS[max(after, 1)]
    z, ends = _quantile(alpha), tuple(map(_quantile, around))
    return tuple(_between(z, ends, bars) for bars in zip(*(TABLE[a] for a in around), strict=True))


def _quantile(alpha: float) -> float:
    return -NormalDist().inv_cdf(alpha)


def _between(x: float, ends: tuple[float, ...], values: tuple[float, ...]) -> float:
    (left, right), (low, high) = ends, values
    return low + (high - low) * (x - left) / (right - left)

"""The table of bars in `pilots/evaluation/bars.py`, and how it is made. Prints its rows; about four minutes.

The standardised change is a Brownian motion in information, looked at on a grid equally spaced in
the logarithm of information, from 1 to r. A bar is the constant that it ever passes with
probability alpha. The density below the bar is carried from look to look by numerical integration
(Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000, chapter 19). Forty looks an e-fold, less
two for the short ranges, is the grid that reproduces the rows printed in the design.
"""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from pilots.evaluation.bars import RATIOS, TABLE

LOWEST = -7.0  # standard deviations: nothing comes back from below
GRID = 400


def looks(ratio: float) -> int:
    """Return the number of looks after the first while information grows `ratio`-fold."""
    return max(1, round(40 * log(ratio)) - 2)


def crossing_probability(bar: float, ratio: float, *, grid: int = GRID) -> float:
    """Return the probability of ever passing a bar while information grows `ratio`-fold."""
    width = (bar - LOWEST) / grid
    edges: NDArray[np.float64] = LOWEST + np.arange(grid + 1, dtype=np.float64) * width
    density = np.diff(np.array([0.5 * (1 + erf(edge / sqrt(2))) for edge in edges]))
    if ratio > 1:
        kernel = _kernel(edges[:-1] + width / 2, log(ratio) / looks(ratio)) * width
        for _ in range(looks(ratio)):
            density = kernel @ density
    return float(1 - density.sum())


def _kernel(z: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Return the transition density between two looks whose information differs by a factor e^step."""
    correlation, spread = exp(-step / 2), sqrt(1 - exp(-step))
    distance = (z[:, None] - correlation * z[None, :]) / spread
    density: NDArray[np.float64] = np.exp(-(distance**2) / 2) / (spread * sqrt(2 * pi))
    return density


def solve(alpha: float, ratio: float) -> float:
    """Return the bar that is passed with probability `alpha`."""
    low, high = 0.5, 6.5
    for _ in range(14):
        middle = (low + high) / 2
        if crossing_probability(middle, ratio) > alpha:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def main() -> None:
    for alpha in TABLE:
        bars = ", ".join(f"{solve(alpha, ratio):.3f}" for ratio in RATIOS)
        print(f"    {alpha}: ({bars}),", flush=True)


if __name__ == "__main__":
    main()

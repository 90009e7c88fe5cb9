"""Direct standardisation: a window's level on the baseline's mix of cases (steps 2, 3 and 14).

Symbols are those of the design. Per cell: the weight w, the cases N, the mean m, the spread cv². Over
the window: the level μ, and the relative variance v that chance within days alone would give. Cases
held as log(1 + x) are on the logarithmic scale already: there variances and residuals are not divided
by the level.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pilots.evaluation.moments import Moments
from pilots.evaluation.windows import Cell, Cells

Sums = Mapping[Cell, Moments]
Weights = Mapping[Cell, float]


@dataclass(frozen=True, slots=True)
class Standard:
    """A window on the baseline's mix: its level, its variance, and the residual of each calendar day."""

    level: float
    variance: float
    residuals: tuple[float, ...]


def sums_by_cell(cells: Cells) -> dict[Cell, Moments]:
    """Add a window up by cell, in order of the cells; only cells with cases exist."""
    sums: dict[Cell, tuple[int, float, float]] = {}
    for day in cells.days:
        for cell, x in day.items():
            n, s, q = sums.get(cell, (0, 0.0, 0.0))
            sums[cell] = (n + x.n, s + x.total, q + x.total_sq)
    return {cell: Moments(*moments) for cell, moments in sorted(sums.items()) if moments[0] > 0}


def shares(baseline: Sums) -> dict[Cell, float]:
    """Return each cell's share of the baseline's cases."""
    cases = sum(moments.n for moments in baseline.values())
    return {cell: moments.n / cases for cell, moments in baseline.items()}


def shared_out(weights: Weights, live: Collection[Cell]) -> dict[Cell, float]:
    """Keep the weights of the live cells, and share the others' out over them."""
    held = sum(weight for cell, weight in weights.items() if cell in live)
    return {cell: weight / held for cell, weight in weights.items() if cell in live}


def own_spread(moments: Moments, *, logs: bool) -> float:
    """Return cv², the squared coefficient of variation of a cell's cases; of logarithms, their variance."""
    N, m = moments.n, moments.total / moments.n
    variance = max(moments.total_sq - N * m**2, 0.0) / max(N - 1, 1)
    if logs:
        return variance
    return variance / m**2 if m else 0.0


def pooled_spread(moments: Moments, baseline: Moments, *, logs: bool) -> float:
    """Return a pilot cell's spread, never below the one pooled with the baseline's."""
    own, base = own_spread(moments, logs=logs), own_spread(baseline, logs=logs)
    return max(own, (moments.n * own + baseline.n * base) / (moments.n + baseline.n))


def standardise(
    cells: Cells, sums: Sums, w: Weights, spreads: Mapping[Cell, float], *, logs: bool
) -> Standard:
    """Bring a window onto the weights of its live cells; where the level is not positive, v is 0."""
    N = {c: sums[c].n for c in w}
    m = {c: sums[c].total / sums[c].n for c in w}
    mu = sum(w[c] * m[c] for c in w)
    scale = 1.0 if logs else mu
    if scale <= 0:
        return Standard(mu, 0.0, (0.0,) * len(cells.days))
    v = sum(w[c] ** 2 * spreads[c] * (1.0 if logs else m[c] ** 2) / N[c] for c in w) / scale**2

    a = {c: w[c] / N[c] / scale for c in w}

    def residual(cases: Mapping[Cell, Moments]) -> float:
        return sum([a[c] * (x.total - x.n * m[c]) for c, x in cases.items() if c in a])

    v = max(v, clustered_variance([residual(cases) for cases in cells.accounts.values()]))
    return Standard(mu, v, tuple(map(residual, cells.days)))


def clustered_variance(by_account: Collection[float]) -> float:
    """Return the variance that cases of one account, which are alike, give the level."""
    A = len(by_account)
    return A / (A - 1) * sum(x**2 for x in by_account) if A > 1 else 0.0

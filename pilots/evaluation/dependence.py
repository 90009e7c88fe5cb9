"""How much more the days vary together than chance within days would let them (steps 4 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from pilots.evaluation.standardising import Standard

LAGS = 4
MAX_PHI = 0.9
SAFETY = 1.05
BANDWIDTH = 5
FIXED_B = (1.96, 2.9694, 0.4160, -0.5324)  # the 97.5 % quantile under fixed-b, by powers of b


def lagged(x: Sequence[float], lag: int) -> float:
    return sum(a * b for a, b in zip(x, x[lag:], strict=False))


def persistence(windows: Sequence[Standard]) -> float:
    """Return φ, the autocorrelation of the days, without its small-sample bias (Marriott & Pope 1954)."""
    T = sum(len(W.residuals) for W in windows)
    phi = 0.0
    for W in windows:
        r, T_W = W.residuals, len(W.residuals)
        energy = lagged(r, 0)
        own = lagged(r, 1) / energy if energy > 0 else 0.0
        phi += T_W * (own + (1 + 3 * own) / max(T_W, 5)) / T
    return min(max(phi, 0.0), MAX_PHI)


def long_run_effect(windows: Sequence[Standard], phi: float) -> float:
    """Return the prewhitened long-run variance over v, weighted by length (Andrews & Monahan 1992)."""
    T = sum(len(W.residuals) for W in windows)
    hac = 0.0
    for W in windows:
        r, T_W = W.residuals, len(W.residuals)
        if T_W < 2:
            continue
        u = [later - phi * r_d for r_d, later in pairwise(r)]
        together = sum((1 - lag / (LAGS + 1)) * lagged(u, lag) for lag in range(1, LAGS + 1))
        lrv = max(0.0, lagged(u, 0) + 2 * together) / (1 - phi) ** 2 * T_W / (T_W - 1)
        hac += T_W * (lrv / W.variance) / T
    return hac


def first_order_effect(windows: Sequence[Standard]) -> float:
    """Return the design effect of a first-order process with the residuals' first two moments."""
    T = sum(len(W.residuals) for W in windows)
    gamma0, gamma1 = (
        sum(len(W.residuals) * lagged(W.residuals, lag) / W.variance for W in windows) / T for lag in (0, 1)
    )
    deff = 1.0
    for _ in range(3):
        e0 = max(gamma0 - 1 + 2 * deff / T, 0.0)
        e1 = max(gamma1 + 2 * deff / T - 1 / T, 0.0)
        phi = min(e1 / (max(e0, e1) + 0.5 / sqrt(T)), MAX_PHI)
        deff = 1 + e0 + 2 * e1 / (1 - phi)
    return deff


def design_effect(windows: Sequence[Standard]) -> float:
    """Return how many times the variance within days underrates that of the level; at least 1."""
    return max(1.0, long_run_effect(windows, persistence(windows)), first_order_effect(windows))


def standard_error(v: float, deff: float, days: int) -> float:
    """Return the standard error of the log change, wider as the days do depend on each other.

    `v` is the variance within days of both windows together, `days` their calendar length. The
    long-run variance is itself estimated, and fixed-b allows for that (Kiefer & Vogelsang 2005).
    """
    b = min(1.0, BANDWIDTH / days)
    kv = sum(factor * b**power for power, factor in enumerate(FIXED_B)) / FIXED_B[0]
    return SAFETY * (1 + (kv - 1) * (1 - 1 / deff)) * sqrt(deff * v)

"""Steps 4 and 5 for many looks at once; what each line means stands in `dependence`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pilots.evaluation.arithmetic import lagged, ratio
from pilots.evaluation.batch_standards import Standard
from pilots.evaluation.dependence import BANDWIDTH, FIXED_B, LAGS, MAX_PHI, SAFETY
from pilots.evaluation.stacks import Floats, Ints


def design_effect(windows: Sequence[Standard]) -> Floats:
    T = np.sum([W.days for W in windows], axis=0)
    phi = _persistence(windows, T)
    return np.maximum(1.0, np.maximum(_long_run_effect(windows, phi, T), _first_order_effect(windows, T)))


def _persistence(windows: Sequence[Standard], T: Ints) -> Floats:
    phi = np.zeros(len(T))
    for W in windows:
        own = ratio(lagged(W.r, 1), lagged(W.r, 0))
        phi = phi + W.days * (own + (1 + 3 * own) / np.maximum(W.days, 5)) / T
    return np.clip(phi, 0.0, MAX_PHI)


def _long_run_effect(windows: Sequence[Standard], phi: Floats, T: Ints) -> Floats:
    hac = np.zeros(len(T))
    for W in windows:
        inside = np.arange(1, len(W.r))[:, None] < W.days
        u = (W.r[1:] - phi * W.r[:-1]) * inside
        together = np.sum([(1 - lag / (LAGS + 1)) * lagged(u, lag) for lag in range(1, LAGS + 1)], axis=0)
        lrv = np.maximum(0.0, lagged(u, 0) + 2 * together) / (1 - phi) ** 2 * ratio(W.days, W.days - 1)
        hac = hac + W.days * ratio(lrv, W.v) / T
    return hac


def _first_order_effect(windows: Sequence[Standard], T: Ints) -> Floats:
    gamma0, gamma1 = (
        np.sum([W.days * ratio(lagged(W.r, lag), W.v) for W in windows], axis=0) / T for lag in (0, 1)
    )
    deff = np.ones(len(T))
    for _ in range(3):
        e0 = np.maximum(gamma0 - 1 + 2 * deff / T, 0.0)
        e1 = np.maximum(gamma1 + 2 * deff / T - 1 / T, 0.0)
        phi = np.minimum(e1 / (np.maximum(e0, e1) + 0.5 / np.sqrt(T)), MAX_PHI)
        deff = 1 + e0 + 2 * e1 / (1 - phi)
    return deff


def standard_error(v: Floats, deff: Floats, days: Ints) -> Floats:
    b = np.minimum(1.0, BANDWIDTH / days)
    kv = sum(factor * b**power for power, factor in enumerate(FIXED_B)) / FIXED_B[0]
    error: Floats = SAFETY * (1 + (kv - 1) * (1 - 1 / deff)) * np.sqrt(deff * v)
    return error

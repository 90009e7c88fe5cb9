"""The scenarios of the suite, and what is asked of the method in each."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from benchmarks.simulation.mishaps import (
    Mishap,
    days_late,
    missing_days,
    none,
    worst_days_missing,
    wrong_unit,
)
from benchmarks.simulation.worlds import EASIER, HARDER, World


@dataclass(frozen=True, slots=True)
class Goal:
    """A share of pilots, and whether two Monte-Carlo errors are allowed."""

    at_most: float | None = None
    at_least: float | None = None
    with_error: bool = True

    def is_met(self, share: float, trials: int) -> bool:
        limit = self.at_least if self.at_most is None else self.at_most
        assert limit is not None
        room = 2 * sqrt(limit * (1 - limit) / trials) if self.with_error else 0.0
        return share >= limit - room if self.at_most is None else share <= limit + room

    def __str__(self) -> str:
        return f"≥ {self.at_least:.0%}" if self.at_most is None else f"≤ {self.at_most:.1%}"


RARE = Goal(at_most=0.05)
NEVER = Goal(at_most=0.005, with_error=False)  # 0 per 100, rounded
SURE = Goal(at_least=0.85)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world, what goes wrong on the way, and the goals; where there is none, the share is information."""

    name: str
    world: World
    mishap: Mishap = none
    scale_up: Goal | None = RARE
    stop: Goal | None = RARE
    driver: Goal | None = None
    driver_within: int | None = None  # the day of the pilot, at the median
    maturity_days: int = 0
    note: str = ""


def _harm(percent: int) -> Scenario:
    return Scenario(f"{percent} % worse", World(effect=percent / 100), scale_up=NEVER, stop=None)


def _gain(percent: int, goal: Goal | None = None) -> Scenario:
    return Scenario(f"{percent} % better", World(effect=-percent / 100), scale_up=goal)


def _mix(name: str, world: World, *, within: int | None = None) -> Scenario:
    return Scenario(name, world, scale_up=NEVER, driver=SURE, driver_within=within)


def _known_limit(name: str, world: World) -> Scenario:
    """Describe where the method is known to be blind or slow: shown, not asked."""
    return Scenario(name, world, scale_up=None, stop=None, note="a stated limit")


SCENARIOS = (
    Scenario("A/A normal", World(kind="normal", spread=0.3, day_spread=0), driver=RARE),
    Scenario("A/A lognormal, log-sd 1", World(day_spread=0), driver=RARE),
    Scenario("A/A lognormal, log-sd 1.5", World(spread=1.5, day_spread=0), driver=RARE),
    Scenario("A/A rate", World(kind="rate"), driver=RARE),
    Scenario("A/A days AR .6", World(), driver=RARE),
    Scenario(
        "A/A days AR .8",
        World(persistence=0.8),
        scale_up=Goal(at_most=0.08),
        stop=Goal(at_most=0.09),
        driver=RARE,
    ),
    Scenario("A/A days AR .6, days vary by 10 %", World(day_spread=0.1), driver=RARE),
    Scenario("A/A 12 cases a day", World(cases=12), driver=RARE),
    Scenario("A/A a fifth of the days missing", World(), missing_days(share=0.2), driver=RARE),
    Scenario("A/A the mix strays by 10 % a day", World(mix_wobble=0.1), driver=RARE),
    Scenario("exactly 5 % better", World(effect=-0.05)),
    Scenario("exactly 5 % worse", World(effect=0.05), stop=None, note="on its limit a stop may fire"),
    _mix("easier cases, at once", World(mix=EASIER), within=7),
    _mix("easier cases, from day 31", World(mix=EASIER, mix_from=31), within=37),
    _mix("easier cases, over 60 days", World(mix=EASIER, mix_days=60)),
    _mix("harder cases, at once", World(mix=HARDER), within=7),
    _mix("harder cases, from day 31", World(mix=HARDER, mix_from=31), within=37),
    _mix("harder cases, over 60 days", World(mix=HARDER, mix_days=60)),
    Scenario("15 % worse, hidden by easier cases", World(mix=EASIER, effect=0.15), scale_up=NEVER, stop=SURE),
    Scenario("20 % worse, hidden by easier cases", World(mix=EASIER, effect=0.2), scale_up=NEVER, stop=SURE),
    Scenario("minutes for hours on 1 day in 10", World(), wrong_unit(share=0.1, factor=60), NEVER),
    Scenario("hours for minutes on 1 day in 10", World(), wrong_unit(share=0.1, factor=1 / 60), NEVER),
    Scenario("the worst 15 % of days missing", World(), worst_days_missing(share=0.15), NEVER),
    Scenario("days up to 5 days late", World(), days_late(at_most=5), NEVER),
    Scenario(
        "slow cases last, 7 days to mature", World(slow_cases_last=True), scale_up=NEVER, maturity_days=7
    ),
    _known_limit("slow cases last, not declared", World(slow_cases_last=True)),
    _gain(10),
    _gain(15, SURE),
    _gain(20, SURE),
    _gain(25, SURE),
    _harm(15),
    _harm(20),
    _harm(25),
    _known_limit("20 % better from day 8", World(effect=-0.2, effect_from=8)),
    _known_limit("20 % worse from day 31", World(effect=0.2, effect_from=31)),
    _known_limit("40 % worse from day 31", World(effect=0.4, effect_from=31)),
    Scenario("drift to −20 %, with control", World(drift=-0.2, has_control=True)),
    Scenario("drift to +20 %, with control", World(drift=0.2, has_control=True)),
    Scenario("drift to −4 %, no control", World(drift=-0.04)),
    _known_limit("drift to −20 %, no control", World(drift=-0.2)),
)

"""One-pagers, pilot files and readings files with working defaults."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pilots.evaluation.vocabulary import MetricKind
from pilots.importing.errors import BadInput, Problem
from pilots.importing.pilot_files import PilotFile, load
from pilots.importing.readings import ReadingContext, Row, read_readings

TODAY = date(2026, 3, 31)
AGGREGATE_HEADER = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq"
RAW_HEADER = "observed_on,as_of,arm,segment,metric,value,account"

RETURNS_HEAD = """\
Skip to content
K0210: Parcel Returns Desk
Some words under the title
"""

# One block a section, so that tests can put them in any order.
RETURNS_BLOCKS = (
    "Name variants\n\nEnglish\nK0210: Parcel Returns Desk\nKatakana\nリターン デスク\nKanji\n返品 / 窓口\n",
    "Quality / Updated / Source / COI\n\nQuality\nDraft\nUpdated\nSource\nwarehouse interviews\nCOI\nnone\n",
    "Context\n\nContext: shops argue over refund time, cost per return and the reliability of parcel value, "
    "season. The customer patience versus margin choice is made by whoever is on shift.\n",
    "Options\n\n• Option A: Leave the desk as it is.\n• Option B: Try it in two shops first.\n"
    "• Option C: Close every desk.\n",
    "Decision\n\nDecision: Select Option B. Validate refund time, cost per return early, revisit if "
    "parcel value, season shift, and document stop rules.\n",
    "Rationale\n\nRationale: two shops show what customer patience versus margin costs.\n",
    "Risks\n\n• Clerks forget to scan.\n• A slow start makes shops lose interest.\n",
    "Next\n\nNext: Name owners, finalise baselines for refund time, cost per return, and record "
    "parcel value, season with update rules. Book the first review and define escalation paths.\n",
)
RETURNS_DESK = RETURNS_HEAD + "\n" + "\n".join(RETURNS_BLOCKS)

SUPPORT_PILOT = """\
version: 1
decision:
  ref: faster-help
  title: Faster help for some
  framework: B0174
  statement: We try it on a few accounts.
  options:
    - {key: A, title: One queue}
    - {key: B, title: In stages, chosen: true}
pilot:
  ref: faster-help-1
  title: Faster help
  timezone: Europe/Paris
  start: 2026-01-05
  end: 2026-04-04
  people:
    decision_owner: mei@example.org
    pilot_owner: tomas@example.org
    informed: [ada@example.org, lin@example.org]
  dimensions: {tier: [gold, basic], severity: [low, high]}
  stages:
    - {name: first accounts, exposure: 10 %, min_days: 14, min_sample: 200}
    - {name: gold, exposure: [25 %, severity=high|tier=gold]}
metrics:
  - {ref: hours, name: Resolution time, unit: h, maturity_days: 3,
     baseline: {from: 2025-11-10, to: 2026-01-04}}
  - {ref: health, direction: higher_is_better, kind: rate, owner: ada@example.org}
  - {ref: tickets, kind: total}
drivers:
  - {ref: severity_mix, dimension: severity, update_every_days: 7}
  - {ref: price, value: 12.5, material_change: 4 %, required: false}
thresholds:
  - {ref: T1, metric: hours, improve_by: 5 %, rationale: worth the work}
stop_conditions:
  - {ref: S1, metric: hours, worsen_by: 2.5%, clear: 1 %, scope: "each:tier", must_watch: true}
  - {ref: S2, metric: hours, above: 40, scope: tier=gold}
  - {ref: S3, metric: tickets, worsen_by: 20 %}
escalation_triggers:
  - {ref: E1, metric: health, below: 0.6, sustained: 2, severity: SEV1, notify: [reviewer, ops@example.org]}
  - {ref: E2, driver: price, above: 15, observe_only: true}
reviews: {first: 2026-02-02, every_days: 28}
"""

# Everything a file may say beyond the one above.
FULL_PILOT = """\
version: 1
pilot:
  ref: night-desk
  title: Night desk
  hypothesis: "Two people at night answer sooner.\\nNobody waits for the morning."
  start: 2026-01-05
  cadence_days: 7
  pause_on_stop: true
  people:
    decision_owner: mei@example.org
    decision_maker: [ada@example.org, lin@example.org]
    reviewer: [rita@example.org, omar@example.org]
    communicator: kim@example.org
  dimensions: {discount: [none, 10 %]}
  stages:
    - {name: one town, exposure: [10 %, discount=10 %], start: 2026-01-05, end: 2026-02-01}
    - {name: one town, start: 2026-02-02}
metrics:
  - {ref: wait, min_sample: 50, baseline: {from: 2025-11-10, to: 2026-01-04}}
  - {ref: errors, kind: total, no_entry_is_zero: true, no_entry_reason: The desk reports errors only.}
drivers:
  - {ref: discounts, dimension: discount, mix: {none: 70 %, 10 %: 30 %}}
thresholds:
  - {ref: T1, name: Shorter waits, metric: wait, improve_by: 5 %, method: point, min_days: 0, min_sample: 0}
stop_conditions:
  - {ref: S1, metric: wait, worsen_by: 5 %, clear: -1 %, sustained_days: 3, alpha: 0.001}
escalation_triggers:
  - {ref: E1, metric: wait, data_state: stale, recover: 1, notify: [communicator]}
"""

SMALLEST_PILOT = """\
version: 1
pilot: {ref: small, start: 2026-01-05}
metrics:
  - {ref: hours, baseline: {from: 2025-12-01, to: 2026-01-04}}
thresholds:
  - {ref: T1, metric: hours, improve_by: 5 %}
"""


def a_pilot_file(text: str = SUPPORT_PILOT) -> PilotFile:
    return load(text, file="pilot.yaml")


def known(**changes: Any) -> ReadingContext:
    """Hours, a rate, a total and a geometric mean, by severity, read in Paris on the last of March."""
    defaults: dict[str, Any] = {
        "metrics": {
            "hours": MetricKind.MEAN,
            "solved": MetricKind.RATE,
            "tickets": MetricKind.TOTAL,
            "wait": MetricKind.GEOMETRIC_MEAN,
        },
        "dimensions": {"severity": ("low", "high")},
        "timezone": "Europe/Paris",
        "today": TODAY,
    }
    return ReadingContext(**{**defaults, **changes})


def a_file(*rows: str, header: str = AGGREGATE_HEADER) -> bytes:
    return "\n".join((header, *rows, "")).encode()


def read(data: bytes, **options: Any) -> list[Row | Problem]:
    context = options.pop("known", known())
    return list(read_readings(io.BytesIO(data), file="readings.csv", known=context, **options))


def rows_of(items: Sequence[Row | Problem]) -> list[Row]:
    return [item for item in items if isinstance(item, Row)]


def problems_of(items: Sequence[Row | Problem]) -> list[Problem]:
    return [item for item in items if isinstance(item, Problem)]


def said(error: BadInput) -> Iterator[tuple[int | None, str, str]]:
    """Yield line, field and reason of everything a refused file was told."""
    return ((problem.line, problem.field, problem.reason) for problem in error.problems)

"""The JSON that scripts and clients are written against."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from pilots.evaluation.documents import as_json, canonical_bytes, instant_text
from pilots.evaluation.specs import DriverSpec
from tests.evaluation.builders import a_pilot, a_stop, a_threshold, days_of, look

PROMISED = [
    *("ref", "kind", "scope", "metric", "data_state", "truth", "episode"),
    *("value", "baseline", "change", "low", "high", "limit", "n", "since", "why", "sentence"),
]
RESULT = look(
    a_pilot(a_threshold(), a_stop(), drivers=(DriverSpec("D1", "Seats"),)), days_of([20.0] * 20), on_day=20
)


def test_a_pilot_has_the_promised_names_first_and_in_order() -> None:
    document = as_json(RESULT)
    assert [name for name in document if name not in ("sentence", "metrics")] == [
        "pilot",
        "verdict",
        "reason",
        "badges",
        "conditions",
        "drivers",
        "next_look_at",
    ]
    assert list(document["conditions"][0])[: len(PROMISED)] == PROMISED


def test_values_are_plain_json() -> None:
    document = json.loads(json.dumps(as_json(RESULT)))
    stop = document["conditions"][1]
    assert document["verdict"] == "on_track"
    assert document["next_look_at"] == "2026-01-25T00:00:00Z"
    assert (stop["kind"], stop["truth"], stop["episode"]) == ("stop_condition", "false", "clear")
    assert (stop["value"], stop["baseline"], stop["change"], stop["limit"]) == (20.0, 20.0, 0.0, 0.2)
    assert (stop["low"], stop["since"], stop["why"]) == (None, None, None)
    assert document["drivers"][0]["state"] == "unknown"


def test_bytes_are_utf8_and_name_the_instant_of_the_look() -> None:
    document = json.loads(canonical_bytes(RESULT))
    assert document["as_of"] == "2026-01-24T23:59:59.999999Z"


def test_instants_are_told_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert instant_text(datetime(2026, 1, 5, 9, tzinfo=tokyo)) == "2026-01-05T00:00:00Z"
    assert instant_text(None) is None

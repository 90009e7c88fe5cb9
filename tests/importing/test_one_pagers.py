"""The text of a decision becomes things to own, measure and check, and nothing of it gets lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.importing.errors import BadInput, Problem
from pilots.importing.one_pager_sections import FIELDS, SECTIONS, sort_lines
from pilots.importing.one_pagers import OnePager, read_one_pager
from tests.importing.builders import RETURNS_BLOCKS, RETURNS_DESK, RETURNS_HEAD

CLINIC = """\
# Booking at the clinic

## DECISION：Choose option 2. Validate no-show share, wait for a visit, calls per booking and nurse hours \
early; reconsider it when patient age mix drifts. Set thresholds for each clinic.

## rationale
We weigh access against nothing else here.

## Trade-off: patient access vs. staff calm

## Next steps
1. Appoint owners
2. Finalise baselines of no-show share, wait for a visit, calls per booking and nurse hours
3) Describe the stages and schedule a review with the ward
* Tell the unions

## options:
- 1) Phones only, as today
- 2) A booking page in one clinic,
  later in all of them
- Option 3 – Walk-in days

## Updated
2026-02-01

## Conflicts of interest: the vendor is a former colleague
"""


def read(text: str | bytes) -> OnePager:
    return read_one_pager(text.encode() if isinstance(text, str) else text, file="pager.txt")


class TestTheReturnsDesk:
    pager = read(RETURNS_DESK)

    def test_is_named_in_three_ways(self) -> None:
        assert (self.pager.framework, self.pager.title) == ("K0210", "Parcel Returns Desk")
        names = self.pager.names
        assert (names.en, names.katakana, names.kanji) == (
            "Parcel Returns Desk",
            "リターン デスク",
            "返品 / 窓口",
        )

    def test_tells_an_empty_label_from_the_word_none(self) -> None:
        assert (self.pager.quality, self.pager.updated, self.pager.coi) == ("Draft", None, "none")
        assert self.pager.source == "warehouse interviews"

    def test_drops_the_label_repeated_inside_its_section(self) -> None:
        assert self.pager.context is not None
        assert self.pager.context.startswith("shops argue")

    def test_marks_the_option_its_decision_selects(self) -> None:
        assert [(o.key, o.chosen) for o in self.pager.options] == [("A", False), ("B", True), ("C", False)]
        assert self.pager.options[1].text == "Try it in two shops first."

    def test_names_what_is_measured_and_what_must_hold(self) -> None:
        assert self.pager.metrics == ("refund time", "cost per return")
        assert self.pager.drivers == ("parcel value", "season")
        assert self.pager.trade_off == ("customer patience", "margin")
        assert self.pager.doubts == ()

    def test_lists_each_step_with_the_check_it_answers(self) -> None:
        assert [(step.text, step.readiness, step.done) for step in self.pager.next] == [
            ("Name owners", "owners", False),
            ("Finalise baselines for refund time, cost per return", "baselines", False),
            ("Record parcel value, season with update rules", "drivers", False),
            ("Book the first review", "first_review", False),
            ("Define escalation paths", "escalation_triggers", False),
            ("Document stop rules", "stop_conditions", False),
        ]

    def test_lists_what_it_could_not_place_with_its_line(self) -> None:
        assert [(line.line, line.text) for line in self.pager.unplaced] == [
            (1, "Skip to content"),
            (3, "Some words under the title"),
        ]


@pytest.mark.parametrize(
    ("top", "framework", "title"),
    [
        pytest.param("Title: Pay by phone", None, "Pay by phone", id="after its label"),
        pytest.param("Title\nPay by phone", None, "Pay by phone", id="under its label"),
        pytest.param("**Title:** Q0007: Pay by phone", "Q0007", "Pay by phone", id="with its code"),
        pytest.param("Some site\n\n# TITLE： Pay by phone", None, "Pay by phone", id="below other words"),
    ],
)
def test_a_label_gives_the_title(top: str, framework: str | None, title: str) -> None:
    pager = read(f"{top}\nContext: two tills, one clerk.\n")
    assert (pager.framework, pager.title, pager.context) == (framework, title, "two tills, one clerk.")
    assert "Pay by phone" not in [line.text for line in pager.unplaced]


class TestTheClinic:
    pager = read(CLINIC)

    def test_has_a_title_but_no_framework(self) -> None:
        assert (self.pager.framework, self.pager.title) == (None, "Booking at the clinic")
        assert self.pager.unplaced == ()

    def test_joins_a_wrapped_option_and_reads_numbers_as_keys(self) -> None:
        assert [(option.key, option.chosen) for option in self.pager.options] == [
            ("1", False),
            ("2", True),
            ("3", False),
        ]
        assert self.pager.options[1].text == "A booking page in one clinic,\nlater in all of them"

    def test_reads_lists_that_end_in_and(self) -> None:
        assert self.pager.metrics == ("no-show share", "wait for a visit", "calls per booking", "nurse hours")
        assert self.pager.drivers == ("patient age mix",)
        assert self.pager.trade_off == ("patient access", "staff calm")

    def test_splits_bulleted_steps_and_adds_what_the_decision_asks_for(self) -> None:
        assert [(step.text, step.readiness) for step in self.pager.next] == [
            ("Appoint owners", "owners"),
            (
                "Finalise baselines of no-show share, wait for a visit, calls per booking and nurse hours",
                "baselines",
            ),
            ("Describe the stages", "stages"),
            ("Schedule a review with the ward", "first_review"),
            ("Tell the unions", None),
            ("Set thresholds for each clinic", "thresholds"),
        ]

    def test_says_what_is_missing_by_none(self) -> None:
        assert (self.pager.context, self.pager.source, self.pager.names.kanji) == (None, None, None)
        assert (self.pager.updated, self.pager.coi) == ("2026-02-01", "the vendor is a former colleague")


@pytest.mark.parametrize(
    ("text", "metrics", "drivers"),
    [
        pytest.param(
            "Next\nFinalise baselines for scrap rate, rework and record alloy with update rules.",
            ("scrap rate", "rework"),
            ("alloy",),
            id="the next steps alone are enough",
        ),
        pytest.param(
            "Context: they disagree about scrap rate and the reliability of alloy, shift.",
            ("scrap rate",),
            ("alloy", "shift"),
            id="the context serves where nothing binds",
        ),
        pytest.param(
            "Metrics\n- scrap rate\n- rework\nDrivers: alloy",
            ("scrap rate", "rework"),
            ("alloy",),
            id="lists of their own are read as they stand",
        ),
        pytest.param(
            "Decision: validate search and match rate, log volume, plan changes early.",
            ("search and match rate", "log volume", "plan changes"),
            (),
            id="an and within a term stays where lists are written with commas",
        ),
        pytest.param("Decision: not yet taken.", (), (), id="nothing is invented"),
    ],
)
def test_metrics_and_drivers(text: str, metrics: tuple[str, ...], drivers: tuple[str, ...]) -> None:
    pager = read(text)
    assert (pager.metrics, pager.drivers) == (metrics, drivers)


def test_a_verb_within_a_metric_starts_no_step() -> None:
    pager = read(
        "Decision: validate log volume, plan changes, set time early.\n"
        "Next: finalise baselines for log volume, plan changes, set time, and assign owners."
    )
    assert [step.text for step in pager.next] == [
        "Finalise baselines for log volume, plan changes, set time",
        "Assign owners",
    ]


def test_sections_that_disagree_are_told() -> None:
    pager = read(
        "Decision: select option D. Validate rework early.\n"
        "Options\nOption A: nothing\n"
        "Rationale: it avoids misreading churn when season is odd."
    )
    assert pager.metrics == ("rework",)
    assert pager.doubts == (
        "Rationale names 'churn', which is not among the metrics",
        "Decision selects option D, which is not among the options",
    )
    assert not any(option.chosen for option in pager.options)


@pytest.mark.parametrize(
    ("decision", "chosen"),
    [
        ("Select Option B.", ["B"]),
        ("we go with option c", ["C"]),
        ("Do not select option A; select option B", ["B"]),
        ("Option B, in two steps", ["B"]),
        ("Option A or option B, undecided", []),
        ("To be taken in May", []),
    ],
)
def test_the_chosen_option_comes_from_the_decision(decision: str, chosen: list[str]) -> None:
    pager = read(f"Options\nOption A: stay\nOption B: try\nOption C: rebuild\nDecision\n{decision}")
    assert [option.key for option in pager.options if option.chosen] == chosen


@pytest.mark.parametrize(
    ("text", "trade_off"),
    [
        pytest.param(
            "Rationale: this balances speed and reach versus cost and allows learning.",
            ("speed and reach", "cost"),
            id="one place: a side ends where the sentence links on",
        ),
        pytest.param(
            "Context: the depth versus breadth decision is open.",
            ("depth", "breadth"),
            id="the word decision is no part of it",
        ),
        pytest.param(
            "Risks\n- the downside of speed versus safety and care\n- A speed versus safety and care feud",
            ("speed", "safety and care"),
            id="several places: what they share",
        ),
        pytest.param("Context: nobody says.", None, id="none"),
    ],
)
def test_the_trade_off_is_drawn_from_the_text(text: str, trade_off: tuple[str, str] | None) -> None:
    assert read(text).trade_off == trade_off


def test_a_second_value_of_a_field_is_listed() -> None:
    pager = read("Decision: wait.\nQuality\nDraft\nQuality\nReviewed\n")
    assert pager.quality == "Draft"
    assert [(line.line, line.text) for line in pager.unplaced] == [(5, "Reviewed")]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + RETURNS_DESK.replace("\n", "\r\n").encode()
    assert read(windows) == read(RETURNS_DESK)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        pytest.param(b" \n\n", 1, "the file is empty", id="empty"),
        pytest.param(b"Decision\nfine\nna\xefve", 3, "byte 3 of the line is 0xEF", id="another encoding"),
        pytest.param(b"Decision\n\x00\x01", 2, "not a text file", id="a picture"),
        pytest.param(b"Dear all,\nlunch is at noon.", 1, "no section of a one-pager", id="some other text"),
    ],
)
def test_what_is_no_one_pager_is_refused_with_its_place(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(data)
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == ("pager.txt", line)
    assert reason in problem.reason


LABELS = sorted({word for table in (SECTIONS, FIELDS) for words in table.values() for word in words})


def recased(block: str, case: str) -> str:
    """Write a block's own label in another case."""
    label, _, rest = block.partition("\n")
    return f"{getattr(label, case)()}\n{rest}"


@settings(deadline=None)
@given(
    blocks=st.permutations(RETURNS_BLOCKS),
    case=st.sampled_from(["upper", "lower", "title", "swapcase"]),
)
def test_the_order_of_sections_and_the_case_of_labels_mean_nothing(blocks: list[str], case: str) -> None:
    shuffled = read(RETURNS_HEAD + "\n" + "\n".join(recased(block, case) for block in blocks))
    assert replace(shuffled, unplaced=()) == replace(read(RETURNS_DESK), unplaced=())
    assert {line.text for line in shuffled.unplaced} == {"Skip to content", "Some words under the title"}


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(LABELS).map(str.title),
            st.builds(
                "{}{} {}".format, st.sampled_from(LABELS), st.sampled_from([":", "："]), st.text(max_size=9)
            ),
            st.sampled_from(
                ["", "---", "K0001: A name", "• Option A: stay", "- Option B: go", "Names", "  "]
            ),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
        )
    )
)
def test_every_line_is_used_or_listed(lines: list[str]) -> None:
    text = "\n".join(line.replace("\n", " ") for line in lines)
    sections = sort_lines(text)
    placed = {line.number for lines in sections.placed.values() for line in lines}
    accounted = placed | {line.number for line in sections.unplaced} | set(sections.label_lines)
    written = {number for number, line in enumerate(text.split("\n"), start=1) if line.strip()}
    assert accounted == written


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    told: tuple[Problem, ...] = ()
    try:
        read(b"Decision: " + data)
    except BadInput as refusal:
        told = refusal.problems
    assert all(problem.file and problem.line and problem.reason for problem in told)


def test_the_reference_one_pager(seeds: Path) -> None:
    pager = read((seeds / "001_b20f76e5656da85e.txt").read_bytes())
    assert pager.framework == "B0174"
    assert [option.key for option in pager.options if option.chosen] == ["B"]
    assert len(pager.options) == 3
    assert pager.metrics == ("resolution time", "support cost per account", "customer health score")
    assert pager.drivers == ("usage criticality", "contract tier", "issue severity mix")
    assert pager.trade_off == ("service differentiation", "fairness")
    assert len(pager.risks) == 2
    assert all((pager.names.en, pager.names.katakana, pager.names.kanji))
    assert (pager.quality, pager.updated, pager.source, pager.coi) == ("Reviewed", None, None, "none")
    assert [step.readiness for step in pager.next] == [
        "owners",
        "baselines",
        "drivers",
        "first_review",
        "escalation_triggers",
        "stop_conditions",
    ]
    assert [line.line for line in pager.unplaced] == [1, 2, 6]
    assert pager.doubts == ()

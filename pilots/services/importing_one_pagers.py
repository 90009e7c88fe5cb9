"""A one-pager's text into a draft decision and a draft pilot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from pilots.evaluation.vocabulary import Direction, MetricKind
from pilots.importing.one_pagers import OnePager
from pilots.importing.timestamps import day_of
from pilots.models import Decision, Framework, NextStep, Pilot, User
from pilots.services.assigning import person
from pilots.services.deciding import create_decision, save_risk
from pilots.services.errors import Reason, Refused
from pilots.services.guessing import direction_of, signal_of
from pilots.services.measuring import save_driver, save_metric
from pilots.services.piloting import create_pilot
from pilots.services.saving import save, write

LONGEST_REF = 60
LONGEST_TITLE = 400  # of an option; what is longer stands in its summary


@dataclass(frozen=True, slots=True)
class ImportedOnePager:
    """The drafts of a one-pager, whether they are new, and what was assumed where the text is silent."""

    decision: Decision
    pilot: Pilot | None
    is_new: bool
    assumed: tuple[str, ...] = ()


@transaction.atomic
def import_one_pager(
    *,
    page: OnePager,
    by: User,
    now: datetime,
    ref: str = "",
    owner: str = "",
    reason: str = "One-pager",
) -> ImportedOnePager:
    """Draft the decision and the pilot of a one-pager; `owner` is an address. Again changes nothing.

    Raises Refused where another decision has its ref already.
    """
    ref = ref or _ref_of(page)
    known = Decision.objects.filter(ref=ref).first()
    if known:
        if not _says_the_same(known, page):
            raise Refused(
                Reason(f"There is another decision “{ref}” already; give this one another ref.", "decision")
            )
        return ImportedOnePager(known, known.pilots.order_by("pk").first(), is_new=False)
    act = _Act(page, by, now, reason)
    decision = act.draft_decision(ref, owner)
    return ImportedOnePager(decision, act.draft_pilot(decision), is_new=True, assumed=tuple(act.assumed))


def _ref_of(page: OnePager) -> str:
    for name in (page.names.en, page.title, page.framework):
        if name and (ref := slugify(name)[:LONGEST_REF].strip("-")):
            return ref
    raise Refused(Reason("The text has no title to make a ref of; give one.", "decision", "ref"))


def _says_the_same(decision: Decision, page: OnePager) -> bool:
    """Compare a text with what its decision first said: people may have edited it since."""
    first = decision.history.earliest()
    said = (first.context, first.statement, first.rationale)
    return said == (page.context or "", page.decision or "", page.rationale or "")


@dataclass
class _Act:
    """One import under way."""

    page: OnePager
    by: User
    now: datetime
    reason: str
    assumed: list[str] = field(default_factory=list)

    def draft_decision(self, ref: str, owner: str) -> Decision:
        page = self.page
        fields = {
            "ref": ref,
            "title": page.title or page.names.en or ref,
            "name_katakana": page.names.katakana or "",
            "name_kanji": page.names.kanji or "",
            "framework": self._framework(page.framework) if page.framework else None,
            "quality": Decision.Quality.REVIEWED if _is_reviewed(page) else Decision.Quality.DRAFT,
            "context": page.context or "",
            "statement": page.decision or "",
            "rationale": page.rationale or "",
            "coi": page.coi or "",
            "source": page.source or "",
            "owner": person(owner) if owner else None,
        }
        if page.trade_off:
            fields["trade_off_a"], fields["trade_off_b"] = page.trade_off
        decision = create_decision(by=self.by, fields=fields, options=list(_options(page)), now=self.now)
        decision.unplaced = [{"line": line.line, "text": line.text} for line in page.unplaced]
        save(decision, by=self.by, reason=self.reason)
        self._draft_risks(decision)
        self._draft_next_steps(decision)
        return decision

    def _framework(self, code: str) -> Framework:
        """Return the framework of that code; one that is new, or known by its code only, is filled in."""
        known = Framework.objects.filter(code=code).first()
        if known and known.name_en != code:
            return known
        framework = known or Framework(code=code)
        write(framework, self._framework_fields(code), by=self.by, where="decision", reason=self.reason)
        return framework

    def _framework_fields(self, code: str) -> dict[str, Any]:
        page = self.page
        return {
            "name_en": page.names.en or page.title or code,
            "name_katakana": page.names.katakana or "",
            "name_kanji": page.names.kanji or "",
            "quality": page.quality or "",
            "source": page.source or "",
            "coi": page.coi or "",
            "updated": self._updated(),
            "metrics": list(page.metrics),
            "drivers": list(page.drivers),
            "trade_off": list(page.trade_off or ()),
            "next_checklist": [step.text for step in page.next],
        }

    def _updated(self) -> date | None:
        if not self.page.updated:
            return None
        try:
            return day_of(self.page.updated)
        except ValueError as error:
            self.assumed.append(f"Updated is left empty: {error}.")
            return None

    def _draft_risks(self, decision: Decision) -> None:
        for text in self.page.risks:
            signal = signal_of(text)
            fields = {"text": text, "signal": signal}
            save_risk(decision_id=decision.pk, by=self.by, fields=fields, reason=self.reason, now=self.now)
            watched = f"shows as “{signal.label.lower()}”" if signal else "is not watched yet"
            self.assumed.append(f"Risk “{text}” {watched}.")

    def _draft_next_steps(self, decision: Decision) -> None:
        for order, step in enumerate(self.page.next, start=1):
            fields = {"order": order, "text": step.text, "readiness": step.readiness or "", "done": step.done}
            write(NextStep(decision=decision), fields, by=self.by, where="decision", reason=self.reason)

    def draft_pilot(self, decision: Decision) -> Pilot:
        fields = {"ref": decision.ref, "title": decision.title}
        pilot = create_pilot(decision_id=decision.pk, by=self.by, fields=fields, now=self.now)
        why: dict[str, Any] = {"by": self.by, "reason": self.reason, "now": self.now}
        for ref, name in _named(self.page.metrics, "metric"):
            guess = self._direction(name)
            metric = {
                "ref": ref,
                "name": _capital(name),
                "direction": guess.value,
                "kind": MetricKind.MEAN.value,
            }
            save_metric(pilot_id=pilot.pk, fields=metric, **why)
        for ref, name in _named(self.page.drivers, "driver"):
            save_driver(pilot_id=pilot.pk, fields={"ref": ref, "name": _capital(name)}, **why)
        return pilot

    def _direction(self, name: str) -> Direction:
        guess = direction_of(name)
        better = "higher" if guess is Direction.HIGHER_IS_BETTER else "lower"
        why = "as its name says" if guess else "which its name does not say: please check"
        self.assumed.append(f"Metric “{name}”: a mean, {better} is better, {why}.")
        return guess or Direction.LOWER_IS_BETTER


def _is_reviewed(page: OnePager) -> bool:
    return (page.quality or "").strip().lower() == Decision.Quality.REVIEWED.value


def _options(page: OnePager) -> Iterator[dict[str, Any]]:
    for option in page.options:
        is_long = len(option.text) > LONGEST_TITLE
        yield {
            "key": option.key,
            "title": option.text[: LONGEST_TITLE - 1] + "…" if is_long else option.text,
            "summary": option.text if is_long else "",
            "chosen": option.chosen,
        }


def _named(names: Sequence[str], kind: str) -> Iterator[tuple[str, str]]:
    """Yield a ref of its own for each name."""
    taken: set[str] = set()
    for place, name in enumerate(names, start=1):
        ref = slugify(name).replace("-", "_")[: LONGEST_REF - 3] or f"{kind}_{place}"
        ref = f"{ref}_{place}" if ref in taken else ref
        taken.add(ref)
        yield ref, name


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]

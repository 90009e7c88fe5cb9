from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.importing.one_pagers import OnePager, read_one_pager
from pilots.management.answering import Answer, AnsweringCommand, content_of
from pilots.services.importing_one_pagers import ImportedOnePager, import_one_pager
from pilots.services.operating import operator


class Command(AnsweringCommand):
    help = "Turn the text of a one-pager into a draft decision and a draft pilot."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the text; - reads standard input")
        parser.add_argument("--ref", default="", help="short name of the decision and its pilot")
        parser.add_argument("--owner", default="", metavar="EMAIL", help="who owns the decision")

    def answer(self, *, file: str, ref: str, owner: str, **_: Any) -> Answer:
        page = read_one_pager(content_of(file), file=file)
        imported = import_one_pager(
            page=page,
            by=operator(),
            now=timezone.now(),
            ref=ref,
            owner=owner,
            reason=f"One-pager {file}",
        )
        return Answer(_described(page, imported), "\n".join(_in_words(page, imported)))


def _described(page: OnePager, imported: ImportedOnePager) -> dict[str, Any]:
    drafts = {"decision": imported.decision.ref, "pilot": imported.pilot.ref if imported.pilot else None}
    created = drafts if imported.is_new else dict.fromkeys(drafts)
    return asdict(page) | {"assumed": list(imported.assumed), "created": created, "drafts": drafts}


def _in_words(page: OnePager, imported: ImportedOnePager) -> Iterator[str]:
    if not imported.is_new:
        yield f"The decision {imported.decision.ref} is there already. Nothing was changed."
        return
    yield f"Drafted the decision {imported.decision.ref} and its pilot."
    yield from _understood(page)
    yield from _listed("Assumed, where the text does not say", imported.assumed)
    yield from _listed("Not clear", page.doubts)
    yield from _listed("Not placed", [f"line {line.line}: {line.text}" for line in page.unplaced])


def _understood(page: OnePager) -> Iterator[str]:
    single = {
        "Framework": page.framework,
        "Title": page.title,
        "Katakana": page.names.katakana,
        "Kanji": page.names.kanji,
        "Quality": page.quality,
        "Updated": page.updated,
        "Source": page.source,
        "COI": page.coi,
        "Trade-off": " versus ".join(page.trade_off or ()) or None,
    }
    yield from (f"{label}: {text or 'not said'}" for label, text in single.items())
    yield from _listed(
        "Options", [f"{o.key}: {o.text}{' (chosen)' if o.chosen else ''}" for o in page.options]
    )
    yield from _listed("Metrics", page.metrics)
    yield from _listed("Drivers", page.drivers)
    yield from _listed("Risks", page.risks)
    yield from _listed("Still to do", [step.text for step in page.next])


def _listed(label: str, items: tuple[str, ...] | list[str]) -> Iterator[str]:
    yield f"{label}: {'' if items else 'none'}".rstrip()
    yield from (f"  - {item}" for item in items)

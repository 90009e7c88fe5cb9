"""What an alert does to customers, each number with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pilots.evaluation.wording import counted, number, percent
from pilots.models import Basis, ImpactAssessment

BASES = {
    Basis.ACTUAL: "counted",
    Basis.ESTIMATE: "estimate",
    Basis.UNKNOWN: "not known, provisional",
    Basis.NONE: "none",
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str
    basis: str


def impact_facts(newest: ImpactAssessment) -> Iterator[Fact]:
    """Yield what an assessment says, each number with what it rests on."""
    yield _fact("Customers", _accounts(newest), newest.accounts_basis)
    yield _fact("Complaints", _counted(newest.tickets, "case"), newest.tickets_basis)
    yield _fact("Cost", _cost(newest), newest.cost_basis)
    if newest.criticality is not None:
        why = f", {newest.criticality_reason}" if newest.criticality_reason else ""
        yield Fact("Severity", f"{newest.severity}{why}", f"weight {newest.criticality} of 4")


def _accounts(newest: ImpactAssessment) -> str:
    share = "" if newest.share is None else percent(newest.share)
    accounts = _counted(newest.accounts, "account")
    return ", ".join(part for part in (accounts, f"{share} of all" if share else "") if part)


def _cost(newest: ImpactAssessment) -> str:
    if newest.cost is None:
        return ""
    about = "about " if newest.cost_basis == Basis.ESTIMATE else ""
    method = f", {newest.cost_method}" if newest.cost_method else ""
    return f"{about}{number(float(newest.cost))} {newest.cost_currency}".strip() + method


def _counted(count: int | None, noun: str) -> str:
    return "" if count is None else counted(count, noun)


def _fact(name: str, text: str, basis: str) -> Fact:
    if not text or basis in (Basis.UNKNOWN, Basis.NONE):
        return Fact(name, BASES[Basis(basis)] if basis in (Basis.UNKNOWN, Basis.NONE) else "not said", "")
    return Fact(name, text, BASES[Basis(basis)])

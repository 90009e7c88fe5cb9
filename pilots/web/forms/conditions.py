"""A limit in words: what is watched, across what, how much, and what happens then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from pilots.evaluation.vocabulary import ConditionKind
from pilots.importing.fields import number
from pilots.importing.pilot_parts import DEFAULT_SEVERITY
from pilots.models import Condition, EscalationPolicy, Pilot, Role
from pilots.web.forms.editing import EditForm
from pilots.web.forms.fields import AddressesField, read_percent
from pilots.web.forms.limit_words import KINDS, RELATIVE, STATE, limit_text, next_ref, scopes

TOLD = (
    Role.DECISION_OWNER,
    Role.PILOT_OWNER,
    Role.METRIC_OWNER,
    Role.ESCALATION_CONTACT,
    Role.REVIEWER,
    Role.INFORMED,
)


class ConditionForm(EditForm):
    watch = forms.ChoiceField(label="Watch", error_messages={"required": "Choose what to watch."})
    scope = forms.ChoiceField(label="Across")
    when = forms.ChoiceField(label="When it")
    limit = forms.CharField(
        label="How much",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="“5 %” for better or worse by; a plain number otherwise.",
    )
    clear_limit = forms.CharField(
        label="Over again at",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Empty: the limit itself.",
    )
    told = forms.MultipleChoiceField(
        label="Who is told",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in TOLD],
    )
    told_also = AddressesField(label="And these people", required=False, help_text="One address a line.")
    rationale = forms.CharField(
        label="Why this limit?",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One line that a reviewer can check a year from now.",
        error_messages={
            "required": "Say why. A limit without a reason is hard to defend on the day it counts."
        },
    )
    unsent = EditForm.unsent | {"watch", "when", "told", "told_also"}
    typed_in = {
        "metric": "watch",
        "driver": "watch",
        "comparison": "when",
        "data_state": "when",
        "notify": "told_also",
    }
    finer = ("min_sample", "min_days", "window_days", "sustained_periods", "sustained_days", "clear_limit")

    class Meta:
        model = Condition
        fields = (
            "name",
            "severity",
            "sustained_periods",
            "sustained_days",
            "recover_periods",
            "window_days",
            "min_sample",
            "min_days",
            "must_watch",
            "observe_only",
            "policy",
        )
        labels = {
            "name": "In words",
            "severity": "How grave",
            "sustained_periods": "Holds for",
            "sustained_days": "And for at least",
            "recover_periods": "Over after",
            "window_days": "Judged over the last",
            "min_sample": "Not before",
            "min_days": "First look on day",
            "must_watch": "Tell somebody when it can't be judged",
            "observe_only": "Only watch: show it, but act on nothing",
            "policy": "Who is told next",
        }
        help_texts = {
            "name": "Such as “No tier is left behind”.",
            "window_days": "Empty: as the metric says.",
            "min_sample": "Empty: 200.",
            "min_days": "Empty: 14 for scaling up, 7 otherwise.",
            "policy": "While nobody answers. Policies are written in the next step.",
        }
        widgets = {
            name: forms.TextInput(attrs={"inputmode": "numeric"})
            for name in (
                "sustained_periods",
                "sustained_days",
                "recover_periods",
                "window_days",
                "min_sample",
                "min_days",
            )
        }

    UNITS = {
        "sustained_periods": "readings in a row",
        "sustained_days": "days",
        "recover_periods": "calm readings",
        "window_days": "days",
        "min_sample": "cases",
    }

    def __init__(self, *args: Any, pilot: Pilot, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pilot, self.kind = pilot, KINDS[kind]
        self.metrics = {f"metric:{metric.pk}": metric for metric in pilot.metrics.all()}
        self.drivers = {
            f"driver:{driver.pk}": driver for driver in pilot.drivers.all() if not driver.dimension
        }
        self._offer()
        if self.instance.pk:
            self._fill(self.instance)
        else:
            self.initial.setdefault("told", [Role.DECISION_OWNER.value, Role.PILOT_OWNER.value])
            self.initial["severity"] = DEFAULT_SEVERITY[ConditionKind(kind)].value

    def _offer(self) -> None:
        watched = [*self.metrics.items(), *self.drivers.items()]
        choices: dict[str, Sequence[tuple[str, object]]] = {
            "watch": watched,
            "scope": scopes(self.pilot),
            "when": self.kind.when,
        }
        for name, offered in choices.items():
            self.fields[name].choices = list(offered)  # type: ignore[attr-defined]
        for name, unit in self.UNITS.items():
            self.fields[name].unit = unit  # type: ignore[attr-defined]
        policies = EscalationPolicy.objects.filter(Q(pilot=self.pilot) | Q(pilot=None))
        self.fields["policy"].queryset = policies  # type: ignore[attr-defined]
        self.fields["policy"].empty_label = "As every alert of this pilot"  # type: ignore[attr-defined]
        if self.kind.value == ConditionKind.THRESHOLD:
            del self.fields["severity"]

    def _fill(self, condition: Condition) -> None:
        roles = {role.value for role in TOLD}
        watched = f"metric:{condition.metric_id}" if condition.metric_id else f"driver:{condition.driver_id}"
        known = {
            "watch": watched,
            "scope": condition.scope,
            "when": condition.comparison or f"{STATE}{condition.data_state}",
            "limit": limit_text(condition.comparison, condition.limit),
            "clear_limit": limit_text(condition.comparison, condition.clear_limit),
            "told": [who for who in condition.notify if who in roles],
            "told_also": [who for who in condition.notify if who not in roles],
            "rationale": condition.rationale,
        }
        self.initial = {**self.initial, **known}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        when = cleaned.get("when", "")
        state = when.removeprefix(STATE) if when.startswith(STATE) else ""
        for name in ("limit", "clear_limit"):
            cleaned[name] = None if state else self._read_limit(name, when, cleaned.get(name, ""))
        if when and not state and cleaned["limit"] is None and "limit" not in self.errors:
            self.add_error("limit", "Say how much.")
        return cleaned

    def _read_limit(self, name: str, when: str, text: str) -> float | None:
        """Read `5 %` or `5` as a share where the limit is a change, a plain number otherwise."""
        if not text or not when:
            return None
        try:
            return read_percent(text) if when in RELATIVE else number(text.strip())
        except ValueError:
            wanted = (
                "a percentage, such as 5 or 2.5 %" if when in RELATIVE else "a number in the metric's unit"
            )
            self.add_error(name, f"Write {wanted}.")
            return None

    @property
    def values(self) -> dict[str, Any]:
        cleaned, when = self.cleaned_data, self.cleaned_data["when"]
        state = when.removeprefix(STATE) if when.startswith(STATE) else ""
        return {
            **super().values,
            "kind": self.kind.value,
            "ref": self.instance.ref or next_ref(self.pilot, self.kind),
            "metric": self.metrics.get(cleaned["watch"]),
            "driver": self.drivers.get(cleaned["watch"]),
            "data_state": state,
            "comparison": "" if state else when,
            "notify": [*cleaned["told"], *cleaned["told_also"]],
        }

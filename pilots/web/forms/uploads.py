"""A file of readings as it is pasted or chosen, what its columns mean, and whether to store it."""

from __future__ import annotations

from typing import Any

from django import forms

from pilots.importing.column_maps import FIELDS, FIXABLE, ColumnMap
from pilots.importing.segments import segments_of
from pilots.models import ImportJob
from pilots.web.forms.editing import PlainForm

LARGEST = 5 * 1024**2  # bytes
TOO_LARGE = (
    "This holds {size:.1f} MB; a page takes 5 MB. Send it in parts, or ask whoever runs this product to "
    "import it on the command line."
)
LABELS = {
    "observed_on": ("Day", "The day on which the cases were opened."),
    "as_of": ("Known since", "The day on which these numbers were known. Without it: the day itself."),
    "metric": ("Metric", ""),
    "segment": ("Kind of case", ""),
    "arm": ("Group", "Pilot or comparison group. Without it: the pilot."),
    "n": ("Number of cases", ""),
    "sum": ("Sum", "Of a rate: how many of the cases."),
    "sum_sq": ("Sum of squares", "Not needed for a rate."),
    "value": ("Value of a single case", "Only where each row is one case."),
    "account": ("Account", "Only where each row is one case."),
}


class UploadForm(PlainForm):
    mostly_optional = True
    rows = forms.CharField(
        label="Paste rows",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "mono", "spellcheck": "false", "wrap": "off", "maxlength": LARGEST}
        ),
        help_text="With the header line, as it comes out of a spreadsheet or an export.",
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        allow_empty_file=True,
        help_text="CSV or NDJSON in UTF-8, up to 5 MB.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        pasted, chosen = cleaned.get("rows", ""), cleaned.get("file")
        if pasted.strip() and chosen is not None:
            raise forms.ValidationError("There are both pasted rows and a file. Send one of them.")
        if not pasted.strip() and chosen is None and "file" not in self.errors:
            self.add_error("rows", "Paste some rows, or choose a file.")
        for name, size in (("rows", len(pasted.encode())), ("file", chosen.size if chosen else 0)):
            if size > LARGEST:
                self.add_error(name, TOO_LARGE.format(size=size / 1024**2))
        return cleaned

    @property
    def content(self) -> tuple[bytes, str]:
        """Return what was sent, with its name."""
        chosen = self.cleaned_data["file"]
        if chosen is not None:
            return chosen.read(), chosen.name
        return self.cleaned_data["rows"].encode(), "pasted rows"


class ColumnsForm(PlainForm):
    """Which column of the file is which field; a metric, group or kind may be the same for all rows."""

    mostly_optional = True

    def __init__(self, job: ImportJob, data: Any = None) -> None:
        super().__init__(data)
        self.pilot, self.header = job.pilot, list(job.header)
        columns = ColumnMap.of(job.columns)
        for name in self._asked():
            self._ask(name, *LABELS[name], self._choices(name), self._chosen(name, columns))
            for dimension in self._spread() if name == "segment" else ():
                chosen = self._place(columns.categories.get(dimension))
                self._ask(f"dim_{dimension}", f"Or its {dimension}", "", self._columns(), chosen)

    @property
    def columns(self) -> ColumnMap:
        chosen = {name: str(value) for name, value in self.cleaned_data.items() if value}
        at = {name: self.header[int(v[1:])] for name, v in chosen.items() if v.startswith("c")}
        categories = {name.removeprefix("dim_"): at.pop(name) for name in list(at) if name.startswith("dim_")}
        fixed = {name: v[2:] for name, v in chosen.items() if v.startswith("v:")}
        return ColumnMap(at, fixed, {} if "segment" in at or "segment" in fixed else categories)

    def _asked(self) -> list[str]:
        return [name for name in LABELS if name in FIELDS and (name != "segment" or self.pilot.dimensions)]

    def _ask(self, name: str, label: str, hint: str, choices: list[tuple[str, str]], chosen: str) -> None:
        field = forms.ChoiceField(label=label, help_text=hint, required=False, choices=choices)
        self.fields[name], self.initial[name] = field, chosen

    def _spread(self) -> list[str]:
        """Return the dimensions that may each have a column; a single one is the kind of case itself."""
        return list(self.pilot.dimensions) if len(self.pilot.dimensions) > 1 else []

    def _columns(self) -> list[tuple[str, str]]:
        named = ((f"c{at}", f"Column “{name}”") for at, name in enumerate(self.header))
        return [("", "Not in this file"), *named]

    def _choices(self, name: str) -> list[tuple[str, str]]:
        return [*self._columns(), *((f"v:{value}", f"All rows: {word}") for value, word in self._fixed(name))]

    def _fixed(self, name: str) -> list[tuple[str, str]]:
        match name:
            case "metric":
                return [(metric.ref, metric.name) for metric in self.pilot.metrics.all()]
            case "segment":
                dimensions = {key: tuple(value) for key, value in self.pilot.dimensions.items()}
                return [(segment, segment) for segment in segments_of(dimensions)]
            case "arm":
                return [("control", "the comparison group")]
        return []

    def _chosen(self, name: str, columns: ColumnMap) -> str:
        if name in FIXABLE and columns.fixed.get(name):
            return f"v:{columns.fixed[name]}"
        return self._place(columns.columns.get(name))

    def _place(self, column: str | None) -> str:
        return f"c{self.header.index(column)}" if column in self.header else ""


class StoreForm(PlainForm):
    mostly_optional = True
    correction_reason = forms.CharField(
        label="Why are these numbers corrected?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
        help_text="It is kept beside the old and the new number.",
    )
    leave_out = forms.BooleanField(label="Leave these rows out; what is known stays", required=False)

"""The operations guide names every round, every check and every variable that there is."""

from __future__ import annotations

import re
from pathlib import Path

from pilots.services.inspecting import TITLES
from tracker import env

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()


def test_the_guide_says_what_to_do_about_every_check() -> None:
    assert [name for name in TITLES if f"`{name}`" not in GUIDE] == []


def test_the_guide_names_every_round_with_the_period_it_has() -> None:
    told = re.findall(r"^\| `(\w+)` \| `\w+_EVERY`, (\d+) \|", GUIDE, re.MULTILINE)
    assert {name: float(seconds) for name, seconds in told} == env.periods()


def test_every_variable_that_is_read_stands_in_the_guide_or_the_readme() -> None:
    files = [ROOT / "tracker" / name for name in ("env.py", "settings.py", "celery.py")]
    reader = re.compile(r'(?:text|flag|words|seconds|web_address)\("([A-Z_]+)"')
    read = {name for file in files for name in reader.findall(file.read_text())}
    assert {"DATABASE_URL", "HEARTBEAT_URL", "WATCH_EVERY"} <= read
    assert {name for name in read if f"`{name}`" not in README + GUIDE} == set()

from __future__ import annotations

import re
from pathlib import Path

from django.contrib.staticfiles.finders import find


def tokens(sheet: str) -> dict[str, str]:
    found = find(sheet)
    assert found
    css = Path(found).read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    root = css[css.index(":root {") : css.index("}")]
    return {name: " ".join(value.split()) for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", root)}


def test_the_admin_wears_the_colours_of_the_pages() -> None:
    pages, admin = tokens("pilots/app.css"), tokens("pilots/admin.css")
    shared = pages.keys() & admin.keys()
    assert len(shared) > 30
    assert {name: admin[name] for name in shared} == {name: pages[name] for name in shared}

"""Run a command of the product with its waits shortened, so that a story need not last for minutes.

`python -m tests.faults.hurried '{"LEASE": 3}' celery worker …` or `… manage.py engine`: every constant
of that name becomes that many seconds. The product has no such switch.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from types import ModuleType

import django


def shorten(waits: dict[str, float]) -> None:
    """Replace constants by name wherever a module of the product holds them; each must be there."""
    for name, seconds in waits.items():
        holders = [m for m in _modules() if isinstance(m.__dict__.get(name), timedelta)]
        if not holders:
            raise LookupError(f"The product has no wait called {name} any more.")
        for module in holders:
            setattr(module, name, timedelta(seconds=seconds))


def _modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith("pilots.")]


def main() -> None:
    waits, (program, *words) = json.loads(sys.argv[1]), sys.argv[2:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    from django.conf import settings

    import pilots.tasks  # noqa: F401  (loads what it rings for)
    from tracker.celery import app

    settings.EMAIL_TIMEOUT = waits.pop("EMAIL_TIMEOUT", settings.EMAIL_TIMEOUT)
    shorten(waits)
    if program == "celery":
        app.start(argv=words)
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line([program, *words])


if __name__ == "__main__":
    main()

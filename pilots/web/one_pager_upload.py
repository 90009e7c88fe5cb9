"""Begin with a one-pager that exists as text: read it, show what was understood, then make the drafts."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilots.importing.decoding import decoded
from pilots.importing.errors import BadInput
from pilots.importing.one_pagers import OnePager, read_one_pager
from pilots.models import Decision
from pilots.services.errors import Reason, Refused
from pilots.services.importing_one_pagers import ImportedOnePager, import_one_pager
from pilots.web.editing import attempt, editor, mend_in_decision, sent, show
from pilots.web.forms.one_pagers import OnePagerForm
from pilots.web.frame import SignedInRequest


@editor
def upload(request: SignedInRequest) -> HttpResponse:
    """Read the text; only the second button keeps anything."""
    form = OnePagerForm(sent(request), request.FILES or None)
    if not form.is_valid():
        return show(request, "pilots/edit_from_text.html", {"form": form})
    content, name = form.content
    try:
        page = read_one_pager(content, file=name)
    except BadInput as bad:
        return show(request, "pilots/edit_from_text.html", {"form": form, "problems": bad.problems})
    again = form.put_in_field(request.POST, decoded(content, file=name))
    keep = "create" in request.POST
    drafts = attempt(again, lambda: _draft(request, again, page, keep=keep), mend=mend_in_decision(None))
    if drafts is not None and keep:
        messages.success(request, "Two drafts: the decision, and its pilot. Complete them step by step.")
        return redirect("decision", ref=drafts.decision.ref)
    return show(request, "pilots/edit_from_text.html", {"form": again, "page": page, "drafts": drafts})


def _draft(request: SignedInRequest, form: OnePagerForm, page: OnePager, *, keep: bool) -> ImportedOnePager:
    """Make the drafts, and take them back unless they are to be kept: so the page shows what would be."""
    drafts = import_one_pager(
        page=page,
        by=request.user,
        owner=request.user.email,
        now=timezone.now(),
        ref=form.cleaned_data.get("ref", ""),
    )
    if not Decision.objects.visible_to(request.user).filter(pk=drafts.decision.pk).exists():
        taken = f"“{drafts.decision.ref}” is the short name of another decision. Choose one."
        raise Refused(Reason(taken, field="ref"))
    if not keep:
        transaction.set_rollback(True)
    return drafts

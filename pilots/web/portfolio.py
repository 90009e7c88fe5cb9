"""The portfolio: every pilot a person has a part in, the most urgent first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.reports.portfolio import ORDERS, Filters, overview_for, pilots_for
from pilots.reports.portfolio_rows import rows_for
from pilots.web.frame import SignedInRequest

PILOTS_A_PAGE = 50


@require_safe
@login_required
def portfolio(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    filters = Filters.of(request.GET)
    found = pilots_for(request.user, filters, today=today)
    page = Paginator(found, PILOTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": "pilots",
        "filters": filters,
        "orders": ORDERS,
        "overview": overview_for(request.user, today=today),
        "page": page,
        "rows": rows_for(list(page), today=today),
    }
    return render(request, "pilots/portfolio.html", context)

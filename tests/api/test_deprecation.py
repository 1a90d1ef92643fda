"""How an operation ends: told by its headers and its description, a year before. Tried on one made up here."""

from __future__ import annotations

from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.deprecation import NOTICE, deprecated, deprecation_of
from api.schema import answers
from api.v1.status import StatusSerializer
from api.views import PublicView

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
SINCE, ENDS = date(2026, 3, 1), date(2027, 6, 1)


class Ending(PublicView):
    """One method ends, the other stays."""

    @deprecated(since=SINCE, ends=ENDS, instead="/api/v2/things/")
    @extend_schema(operation_id="ending", responses=answers(StatusSerializer))
    def get(self, request: Request, name: str) -> Response:
        if name == "absent":
            raise NotFound
        return Response({})

    @extend_schema(operation_id="staying", request=None, responses=answers(StatusSerializer))
    def post(self, request: Request, name: str) -> Response:
        return Response({})


urlpatterns = [path("things/<str:name>/", Ending.as_view()), path("api/v1/", include("api.v1.urls"))]


@pytest.mark.parametrize(("name", "status"), [("here", 200), ("absent", 404)])
def test_each_of_its_answers_says_since_when_until_when_and_what_instead(name: str, status: int) -> None:
    """Fails without the headers in `finalize_response`; a refusal has them too."""
    answer = Client().get(f"/things/{name}/")
    assert answer.status_code == status
    assert answer.headers["Deprecation"] == "@1772323200"
    assert parsedate_to_datetime(answer.headers["Sunset"]).date() == ENDS
    assert '</api/v2/things/>; rel="successor-version"' in answer.headers["Link"]
    assert '/api/v1/docs/>; rel="deprecation"' in answer.headers["Link"]


def test_what_stays_says_nothing_of_an_end() -> None:
    answer = Client().post("/things/here/")
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers)


def test_the_description_marks_it() -> None:
    generator: Any = SchemaGenerator(patterns=urlpatterns[:1])
    described = generator.get_schema(request=None, public=True)["paths"]["/things/{name}/"]
    assert described["get"]["deprecated"] is True
    assert "deprecated" not in described["post"]


def test_nothing_ends_within_a_year_of_its_announcement() -> None:
    """Fails without the question in `Deprecation`."""
    deprecated(since=SINCE, ends=SINCE + NOTICE, instead="/")
    with pytest.raises(ValueError, match="within a year"):
        deprecated(since=SINCE, ends=SINCE + NOTICE - timedelta(days=1), instead="/")


def test_the_page_says_truly_that_nothing_is_deprecated_today() -> None:
    for pattern in get_resolver("api.v1.urls").url_patterns:
        view = pattern.callback.view_class  # type: ignore[union-attr]
        assert not [m for m in ("get", "post", "put", "patch", "delete") if deprecation_of(view, m)]

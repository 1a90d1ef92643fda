"""The site, and beside it the least that DRF can do: one row by its primary key."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.models import Intermediary


class MinimalView(APIView):
    """No login, no budget, no log: one read."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request, pk: int) -> Response:
        """Answer the row."""
        row = Intermediary.objects.only("orias_number", "name").get(pk=pk)
        return Response({"orias_number": row.orias_number, "name": row.name})


urlpatterns = [path("bench/<int:pk>/", MinimalView.as_view()), path("", include("settings.urls"))]

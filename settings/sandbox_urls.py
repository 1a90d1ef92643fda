"""What the sandbox answers: the API and the partner web service; there is no page, no login and no admin."""

from django.urls import include, path, re_path

from api.views import NotFoundView

urlpatterns = [
    path("api/v1/", include("api.v1.urls")),
    path("", include("api.partner_urls")),
    re_path("", NotFoundView.as_view()),
]

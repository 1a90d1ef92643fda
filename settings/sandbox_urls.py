"""What the sandbox answers: the API and the partner web service; there is no page, no login and no admin."""

from django.urls import include, path, re_path

from api.views import NotFoundView

handler400 = "api.handlers.refused_early"
handler404 = "api.handlers.absent"
handler500 = "api.handlers.broken"

urlpatterns = [
    path("api/v1/", include("api.v1.urls")),
    path("", include("api.partner_urls")),
    # Only what ends with a slash, so that one that was forgotten is added as at the register.
    re_path(r"^(?:[\s\S]*/)?\Z", NotFoundView.as_view()),
]

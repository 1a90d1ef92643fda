"""The public addresses. Those of a file and of a reason are printed in mails: they stay as they are."""

from django.urls import URLPattern, URLResolver, path, re_path

from web import hotline_urls, people_urls, staff_urls
from web.views import batch_acts, batches, public, seasons, staff, why

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("recherche/", public.search, name="search"),
    re_path(r"^dossier/(?P<orias_number>[0-9]{8})/$", public.file, name="file"),
    re_path(r"^dossier/(?P<orias_number>[0-9]{8})/attestation\.pdf$", public.proof, name="proof"),
    path("verifier/", public.verify, name="verify"),
    path("etat/", public.status, name="status"),
    path("reclamations/", public.complaints, name="complaints"),
    path("affichage/", public.prefer, name="prefer"),
    path("pourquoi/<str:token>/", why.why, name="why"),
    path("connexion/", staff.login, name="login"),
    path("deconnexion/", staff.logout, name="logout"),
    path("espace/", staff.work, name="work"),
    path("espace/arret/", staff.switch, name="switch"),
    path("espace/lots/", batches.index, name="batches"),
    path("espace/lots/preparer/", batch_acts.plan, name="plan"),
    path("espace/lots/<int:batch_id>/", batches.preview, name="batch"),
    path("espace/lots/<int:batch_id>/exemples/", batches.examples, name="examples"),
    path("espace/lots/<int:batch_id>/suivi/", batches.live, name="live"),
    path("espace/lots/<int:batch_id>/<slug:act>/", batch_acts.act, name="act"),
    path("espace/prevision/", seasons.forecast, name="forecast"),
    path("espace/campagne/", seasons.campaign, name="campaign"),
    *hotline_urls.urlpatterns,
    *people_urls.urlpatterns,
    *staff_urls.urlpatterns,
]

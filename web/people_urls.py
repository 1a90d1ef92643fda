"""The addresses of the intermediaries' own pages."""

from django.urls import URLPattern, path, re_path

from web.views import people_account, people_home, people_keys, people_papers, people_renewal, people_sign_in
from web.views import people_told as told

FILE = r"^mon-espace/(?P<orias_number>[0-9]{8})/"
ACCOUNT = "mon-espace/compte/"

urlpatterns: list[URLPattern] = [
    path("mon-espace/", people_home.mine, name="mine"),
    path("mon-espace/connexion/recommencer/", people_sign_in.start_over, name="start_over"),
    path("mon-espace/deconnexion/", people_sign_in.leave, name="leave"),
    path(ACCOUNT, people_account.account, name="account"),
    path(f"{ACCOUNT}acces/", people_sign_in.passkeys, name="passkeys"),
    path(f"{ACCOUNT}acces/<int:passkey_id>/retirer/", people_sign_in.remove_passkey, name="remove_passkey"),
    path(f"{ACCOUNT}cles/", people_keys.keys, name="my_keys"),
    path(f"{ACCOUNT}cles/<slug:key_id>/revoquer/", people_keys.revoke, name="revoke_my_key"),
    path(f"{ACCOUNT}webhooks/", people_keys.webhooks, name="my_webhooks"),
    path(f"{ACCOUNT}webhooks/<int:webhook_id>/<slug:act>/", people_keys.webhook_act, name="my_webhook_act"),
    re_path(rf"{FILE}$", people_home.my_file, name="my_file"),
    re_path(rf"{FILE}pieces/$", people_papers.my_papers, name="my_papers"),
    re_path(rf"{FILE}pieces/deposer/$", people_papers.my_deposit, name="my_deposit"),
    re_path(rf"{FILE}pieces/(?P<document_id>[0-9]{{1,18}})/$", people_papers.my_paper, name="my_paper"),
    re_path(rf"{FILE}renouvellement/$", people_renewal.my_renewal, name="my_renewal"),
    re_path(rf"{FILE}renouvellement/changer/$", people_renewal.my_changes, name="my_changes"),
    re_path(rf"{FILE}renouvellement/verifier/$", people_renewal.my_check, name="my_check"),
    re_path(rf"{FILE}renouvellement/recu/$", people_renewal.my_receipt, name="my_receipt"),
    re_path(rf"{FILE}messages/$", told.my_messages, name="my_messages"),
    re_path(rf"{FILE}personnes/$", told.my_people, name="my_people"),
    re_path(rf"{FILE}personnes/(?P<mandate_id>[0-9]{{1,18}})/fin/$", told.end_my_mandate, name="end_my_mandate"),
]

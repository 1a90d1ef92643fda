"""The addresses of registry staff beyond the batches: papers to review, files, worklists, merges, removals, imports."""

from django.urls import URLPattern, path, re_path

from web.views import deadlines, exceptions, imports, merges, papers, persons, removals, reports, review_acts

urlpatterns: list[URLPattern] = [
    path("espace/pieces/", papers.queue, name="papers"),
    path("espace/pieces/lot/", review_acts.accept_lot, name="papers_lot"),
    path("espace/pieces/<int:cover_id>/", papers.review, name="review"),
    path("espace/pieces/<int:cover_id>/suivante/", papers.following, name="review_next"),
    path("espace/pieces/<int:cover_id>/document/<int:document_id>/", papers.content, name="review_document"),
    path("espace/pieces/<int:cover_id>/<slug:act>/", review_acts.act, name="review_act"),
    path("espace/dossiers/", persons.index, name="persons"),
    re_path(r"^espace/dossiers/(?P<orias_number>[0-9]{8})/$", persons.person, name="person"),
    path("espace/exceptions/<slug:tab>/", exceptions.index, name="exceptions"),
    re_path(r"^espace/exceptions/(?P<act>[a-z]+)/(?P<which>[0-9]+)/$", exceptions.act, name="exceptions_act"),
    path("espace/fusions/", merges.index, name="merges"),
    path("espace/fusions/apercu/", merges.preview, name="merge_preview"),
    path("espace/fusions/signer/", merges.signature, name="merge_sign"),
    path("espace/fusions/ecarter/", merges.dismiss, name="merge_dismiss"),
    path("espace/fusions/accord/<str:token>/", merges.agreement, name="merge_agreement"),
    path("espace/fusions/<int:merge_id>/defaire/", merges.undo, name="merge_undo"),
    path("espace/imports/", imports.index, name="imports"),
    path("espace/imports/deposer/", imports.deposit, name="import_deposit"),
    path("espace/imports/comparaison/<str:token>/", imports.compared, name="import_compared"),
    path("espace/imports/comparaison/<str:token>/a-corriger.csv", imports.errors, name="import_errors"),
    path("espace/imports/comparaison/<str:token>/signer/", imports.signature, name="import_sign"),
    path("espace/imports/accord/<str:token>/", imports.agreement, name="import_agreement"),
    path("espace/suppressions/", removals.index, name="removals"),
    path("espace/suppressions/ouvrir/", removals.begin, name="removal_open"),
    path("espace/suppressions/lettres/<str:number>.pdf", removals.letter, name="removal_letter"),
    path("espace/suppressions/<int:case_id>/", removals.case, name="removal"),
    path("espace/suppressions/<int:case_id>/<slug:act>/", removals.act, name="removal_act"),
    path("espace/delais/", deadlines.index, name="deadlines"),
    path("espace/delais/decider/", deadlines.decide, name="deadlines_decide"),
    path("espace/rapports/", reports.index, name="reports"),
    path("espace/rapports/lots/<int:batch_id>/", reports.batch, name="batch_report"),
]

"""Addresses of the counter and of the resident's claims."""

from django.urls import path

from yigongti.benefit.fund.pages import (
    audit,
    catalogue,
    catalogue_files,
    counter,
    importing,
    me,
    paths,
    procedures,
    special,
)

app_name = "fund"
urlpatterns = [
    path("fund/counter/", counter.counter, name="counter"),
    path("fund/counter/find/", counter.find, name="find"),
    path("fund/counter/<int:subject>/evidence/", counter.evidence, name="evidence"),
    path("fund/counter/<int:subject>/new/", counter.new, name="new"),
    path("fund/claims/", counter.listing, name="claims"),
    path("fund/claims/import/", importing.upload, name="import"),
    path("fund/claims/import/blank.xlsx", importing.blank, name="import_blank"),
    path("fund/claim/<int:id>/", counter.claim, name="claim"),
    path("fund/claim/<int:id>/void/", counter.void, name="void"),
    path("fund/claim/<int:id>/paper/", counter.print_paper, name="paper"),
    path("fund/claim/<int:id>/special/", special.apply, name="special"),
    path("fund/special/<int:id>/paper/<int:paper>/", special.attached, name="special_paper"),
    path("fund/paths/<int:subject>/", paths.panel, name="paths"),
    path("fund/paths/<int:subject>/<str:code>/export.xlsx", paths.book, name="paths_book"),
    path("fund/paths/<int:subject>/<str:code>/print", paths.paper, name="paths_paper"),
    path("fund/audit/rules/", audit.rules, name="audit_rules"),
    path("fund/audit/rules/export.xlsx", audit.rules_file, {"kind": "xlsx"}, name="audit_export"),
    path("fund/audit/rules/print", audit.rules_file, {"kind": "pdf"}, name="audit_paper"),
    path("fund/catalogue/procedures/", procedures.procedures, name="procedures"),
    path("fund/catalogue/<int:id>/", catalogue.catalogue, name="catalogue"),
    path("fund/catalogue/<int:id>/export.xlsx", catalogue_files.book, name="catalogue_book"),
    path("fund/catalogue/<int:id>/print", catalogue_files.paper, name="catalogue_paper"),
    path("fund/catalogue/<int:id>/cases/", catalogue.cases, name="catalogue_cases"),
    path("fund/catalogue/<int:id>/claim/<int:claim>/", catalogue.grouped, name="grouped"),
    path("me/fund/", me.mine, name="me"),
    path("me/fund/<int:id>/", me.claim, name="me_claim"),
    path("me/fund/<int:id>/paper/", me.print_paper, name="me_paper"),
]

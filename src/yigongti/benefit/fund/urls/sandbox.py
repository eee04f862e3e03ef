"""Addresses of the desk."""

from django.urls import path

from yigongti.benefit.fund.pages.sandbox import behind, desk, saved

app_name = "sandbox"
urlpatterns = [
    path("fund/sandbox/", desk.desk, name="desk"),
    path("fund/sandbox/ask/", desk.ask, name="ask"),
    path("fund/sandbox/export.xlsx", desk.export, name="export"),
    path("fund/sandbox/print", desk.paper, name="paper"),
    path("fund/sandbox/rows/", behind.rows, name="rows"),
    path("fund/sandbox/rows/export.xlsx", behind.rows_export, name="rows_export"),
    path("fund/sandbox/rows/print", behind.rows_paper, name="rows_paper"),
    path("fund/sandbox/groups/", behind.groups, name="groups"),
    path("fund/sandbox/groups/export.xlsx", behind.groups_export, name="groups_export"),
    path("fund/sandbox/groups/print", behind.groups_paper, name="groups_paper"),
    path("fund/sandbox/save/", saved.save, name="save"),
    path("fund/sandbox/saved/", saved.listing, name="list"),
    path("fund/sandbox/saved/<int:id>/", saved.one, name="saved"),
    path("fund/sandbox/saved/<int:id>/again/", saved.again, name="again"),
    path("fund/sandbox/saved/<int:id>/propose/", saved.propose, name="propose"),
    path("fund/sandbox/saved/<int:id>/export.xlsx", saved.export, name="saved_export"),
    path("fund/sandbox/saved/<int:id>/print", saved.paper, name="saved_paper"),
    path("fund/sandbox/compare/", saved.compare, name="compare"),
    path("fund/sandbox/compare/export.xlsx", saved.compare_export, name="compare_export"),
    path("fund/sandbox/compare/print", saved.compare_paper, name="compare_paper"),
]

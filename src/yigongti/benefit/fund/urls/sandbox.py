"""Addresses of the sandbox."""

from django.urls import path

from yigongti.benefit.fund.pages import sandbox, sandbox_behind, sandbox_saved

app_name = "sandbox"
urlpatterns = [
    path("fund/sandbox/", sandbox.desk, name="desk"),
    path("fund/sandbox/ask/", sandbox.ask, name="ask"),
    path("fund/sandbox/export.xlsx", sandbox.export, name="export"),
    path("fund/sandbox/print", sandbox.paper, name="paper"),
    path("fund/sandbox/rows/", sandbox_behind.rows, name="rows"),
    path("fund/sandbox/rows/export.xlsx", sandbox_behind.rows_export, name="rows_export"),
    path("fund/sandbox/rows/print", sandbox_behind.rows_paper, name="rows_paper"),
    path("fund/sandbox/groups/", sandbox_behind.groups, name="groups"),
    path("fund/sandbox/groups/export.xlsx", sandbox_behind.groups_export, name="groups_export"),
    path("fund/sandbox/groups/print", sandbox_behind.groups_paper, name="groups_paper"),
    path("fund/sandbox/save/", sandbox_saved.save, name="save"),
    path("fund/sandbox/saved/", sandbox_saved.listing, name="list"),
    path("fund/sandbox/saved/<int:id>/", sandbox_saved.one, name="saved"),
    path("fund/sandbox/saved/<int:id>/again/", sandbox_saved.again, name="again"),
    path("fund/sandbox/saved/<int:id>/propose/", sandbox_saved.propose, name="propose"),
    path("fund/sandbox/saved/<int:id>/export.xlsx", sandbox_saved.export, name="saved_export"),
    path("fund/sandbox/saved/<int:id>/print", sandbox_saved.paper, name="saved_paper"),
    path("fund/sandbox/compare/", sandbox_saved.compare, name="compare"),
    path("fund/sandbox/compare/export.xlsx", sandbox_saved.compare_export, name="compare_export"),
    path("fund/sandbox/compare/print", sandbox_saved.compare_paper, name="compare_paper"),
]

"""Addresses of the year's money."""

from django.urls import path

from yigongti.benefit.fund.pages import clearing, pool

app_name = "pool"
urlpatterns = [
    path("fund/pool/", pool.overview, name="overview"),
    path("fund/pool/book/", pool.book, name="book"),
    path("fund/pool/receive/", pool.receive, name="receive"),
    path("fund/pool/pass-on/", pool.pass_on, name="pass_on"),
    path("fund/pool/export.xlsx", pool.export, name="export"),
    path("fund/pool/print", pool.paper, name="paper"),
    path("fund/clearing/<int:id>/members.xlsx", clearing.book, name="clearing_book"),
    path("fund/clearing/<int:id>/inputs.zip", clearing.inputs, name="clearing_inputs"),
    path("fund/clearing/<int:left>/with/<int:right>/", clearing.compare, name="clearing_compare"),
    path("fund/clearing/<int:left>/with/<int:right>/export.xlsx", clearing.compare_book, name="compare_book"),
    path("fund/clearing/<int:left>/with/<int:right>/print", clearing.compare_paper, name="compare_paper"),
]

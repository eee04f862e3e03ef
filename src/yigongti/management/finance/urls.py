"""Addresses of the books."""

from django.urls import path

from yigongti.management.finance import pages

app_name = "finance"
urlpatterns = [
    path("finance/", pages.vouchers, name="vouchers"),
    path("finance/export.xlsx", pages.export, name="export"),
    path("finance/balances/", pages.balances, name="balances"),
    path("finance/balances/lines/", pages.lines, name="lines"),
    path("finance/voucher/<int:id>/", pages.voucher, name="voucher"),
    path("finance/voucher/<int:id>/print", pages.paper, name="paper"),
    path("finance/voucher/<int:id>/reverse/", pages.reverse_voucher, name="reverse"),
]

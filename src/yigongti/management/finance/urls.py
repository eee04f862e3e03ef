"""Addresses of the books."""

from django.urls import path

from yigongti.management.finance.pages import books, income, periods

app_name = "finance"
urlpatterns = [
    path("finance/", books.vouchers, name="vouchers"),
    path("finance/export.xlsx", books.export, {"kind": "xlsx"}, name="export"),
    path("finance/print", books.export, {"kind": "pdf"}, name="listing_paper"),
    path("finance/balances/", books.balances, name="balances"),
    path("finance/balances/lines/", books.lines, name="lines"),
    path("finance/balances/export.xlsx", books.balances_file, {"kind": "xlsx"}, name="balances_export"),
    path("finance/balances/print", books.balances_file, {"kind": "pdf"}, name="balances_paper"),
    path("finance/balances/lines/export.xlsx", books.lines_file, {"kind": "xlsx"}, name="lines_export"),
    path("finance/balances/lines/print", books.lines_file, {"kind": "pdf"}, name="lines_paper"),
    path("finance/income/", income.income, name="income"),
    path("finance/income/export.xlsx", income.income_file, {"kind": "xlsx"}, name="income_export"),
    path("finance/income/print", income.income_file, {"kind": "pdf"}, name="income_paper"),
    path("finance/periods/", periods.periods, name="periods"),
    path("finance/periods/export.xlsx", periods.periods_file, {"kind": "xlsx"}, name="periods_export"),
    path("finance/periods/print", periods.periods_file, {"kind": "pdf"}, name="periods_paper"),
    path("finance/periods/close/", periods.close, name="close_all"),
    path("finance/periods/<int:book>/close/", periods.close, name="close"),
    path("finance/periods/<int:book>/reopen/", periods.reopen, name="reopen"),
    path("finance/voucher/<int:id>/", books.voucher, name="voucher"),
    path("finance/voucher/<int:id>/print", books.paper, name="paper"),
    path("finance/voucher/<int:id>/reverse/", books.reverse_voucher, name="reverse"),
]

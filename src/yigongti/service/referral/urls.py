"""Addresses of referral's own pages."""

from __future__ import annotations

from django.urls import path, register_converter

from yigongti.service.referral.pages import board, criteria


class Kind:
    """A file kind of the register."""

    regex = "csv|pdf"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Code:
    """The number of a criterion."""

    regex = "[A-Z0-9-]{3,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Kind, "registerkind")
register_converter(Code, "criterioncode")

app_name = "referral"
urlpatterns = [
    path("coordination/", board.board, name="board"),
    path("referral/register/", board.register, name="register"),
    path("referral/register/export.<registerkind:kind>", board.register_file, name="register_file"),
    path("referral/declined/", board.declined, name="declined"),
    path("referral/criteria/", criteria.criteria, name="criteria"),
    path("referral/criteria/<criterioncode:code>/", criteria.criterion, name="criterion"),
]

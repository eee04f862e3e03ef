"""Addresses of forms: suggestions and drafts."""

from django.urls import path, register_converter

from . import pages


class Id:
    """A row's id, ``<rowid:…>``: never more than a bigint holds, so that no address can be too large for
    the database.
    """

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class Key:
    """A form's code or the name of what it is about, ``<draftkey:…>``: plain signs, as long as the table takes."""

    regex = "[A-Za-z0-9._-]{1,80}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Id, "rowid")
register_converter(Key, "draftkey")

app_name = "form"
urlpatterns = [
    path("form/lookup/<slug:source>", pages.lookup, name="lookup"),
    path("form/draft/<rowid:id>/discard", pages.discard, name="discard"),
    path("form/draft/<draftkey:form>/<draftkey:object>", pages.draft, name="draft"),
]

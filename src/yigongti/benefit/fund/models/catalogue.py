"""A catalogue of disease groups as trained and published; its groups and institution coefficients. Nothing in it is ever changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.benefit.fund.rules.catalogue import COEFFICIENT_BP
from yigongti.kernel.access.fence import ACCOUNT, SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_READS = f"({has('fund.office')} or {has('fund.approve')} or {has('fund.read')} or {has('fund.audit')})"
_MEMBER = (
    f"({has('fund.read')} and consortium_id in (select u.consortium_id from access_unit u where u.id = any({UNITS})))"
)
_PUBLISHED = (
    f"published_at is not null and ((consortium_id = any({UNITS}) and {_READS}) or {_MEMBER} or {has('fund.bureau')})"
)
_OF = "exists (select 1 from fund_catalogue k where k.case_id = catalogue_id{})"


class ProcedureTable(Fenced):
    """A consortium's table of kinds of procedures: the own starter list or an imported one. Never changed; a catalogue names its own."""

    class Origin(models.TextChoices):
        STARTER = "starter", "平台自拟的起步表（非官方）"
        IMPORTED = "imported", "导入"

    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    number = models.IntegerField(help_text="1, 2, … within the consortium")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    source = models.CharField(max_length=200, help_text="where an imported table comes from, as its importer says")
    entries = models.JSONField(help_text="[code, title, kind] by code (rules.procedures)")
    digest = models.CharField(max_length=64, help_text="sha256 of the entries")
    entered_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    entered_at = models.DateTimeField()

    fence = Fence(
        select=f"(consortium_id = any({UNITS}) and {_READS}) or {_MEMBER} or {has('fund.bureau')}",
        insert=f"consortium_id = any({UNITS}) and {has('fund.office')} and entered_by_id = {SEAT}",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consortium", "number"], name="fund_procedures_number")]


class Catalogue(Fenced):
    """One version: trained on named years of standing claims, known by the hash of its content, published by a second person."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField(help_text="the year it is to hold for")
    number = models.IntegerField(help_text="1, 2, … within consortium and year")
    parameters = models.JSONField(help_text="the object dip of the parameter set it was trained with (bp, counts)")
    procedures = models.ForeignKey(
        ProcedureTable,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        help_text="kinds it was trained with; null: none",
    )
    place = models.CharField(max_length=12, help_text="whose policy the parameters come from")
    sources = models.JSONField(help_text="base years: [name, weight, cases, total fen as text]")
    mean_all_fen = models.BigIntegerField(help_text="weighted mean of every inpatient base case = 1000 points")
    digest = models.CharField(max_length=64, help_text="sha256 of the content (rules.catalogue)")
    basis = models.CharField(max_length=1000, blank=True, help_text="coefficients: on what they rest")
    written_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    written_account = models.BigIntegerField()
    published_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    published_account = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)

    fence = Fence(
        select=f"{_CASE} or ({_PUBLISHED})",
        insert=(
            f"{_CASE} and {has('fund.office')} and written_by_id = {SEAT} and written_account = {ACCOUNT}"
            " and published_at is null"
        ),
        update=f"{_CASE} and published_at is null and {has('fund.approve')}",
        updated=f"{_CASE} and {has('fund.approve')} and published_by_id = {SEAT} and published_account = {ACCOUNT}",
        finder=("select",),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "year", "number"], name="fund_catalogue_number"),
            models.CheckConstraint(
                name="fund_catalogue_two_persons",
                condition=Q(published_at=None, published_by=None, published_account=None)
                | Q(published_at__isnull=False, published_by__isnull=False, published_account__isnull=False)
                & ~Q(published_by=F("written_by"))
                & ~Q(published_account=F("written_account")),
            ),
        ]


class CatalogueGroup(Fenced):
    """One group of a catalogue; `same_pay`: paid alike at every level (coefficient 100 %)."""

    catalogue = models.ForeignKey(Catalogue, models.DO_NOTHING, related_name="groups")
    name = models.CharField(max_length=1000, help_text="dx4|ops or dx3#kind")
    kind_of_group = models.CharField(max_length=12, help_text="core or composite")
    cases = models.IntegerField(help_text="plain count in the base years")
    weighted_fen = models.DecimalField(max_digits=30, decimal_places=0)
    weighted_cases = models.BigIntegerField()
    mean_fen = models.BigIntegerField()
    points_milli = models.BigIntegerField(help_text="thousandths of a point")
    same_pay = models.BooleanField(default=False)

    fence = Fence(select=_OF.format(""), insert=f"{_OF.format(' and k.published_at is null')} and {has('fund.office')}")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "name"], name="fund_group_once")]


class Coefficient(Fenced):
    """An institution's coefficient of a catalogue, 10 000 bp where none is written."""

    catalogue = models.ForeignKey(Catalogue, models.DO_NOTHING, related_name="coefficients")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    coefficient_bp = models.IntegerField()

    fence = Fence(
        select=_OF.format(""),
        insert=f"{_OF.format(' and k.published_at is null')} and {has('fund.office')}",
        finder=("select",),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "institution"], name="fund_coefficient_once"),
            models.CheckConstraint(name="fund_coefficient_range", condition=Q(coefficient_bp__range=COEFFICIENT_BP)),
        ]

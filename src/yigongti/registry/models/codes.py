"""Code tables: divisions and diagnoses. Not about people; everybody inside reads them."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ANYBODY, Fence, has
from yigongti.kernel.access.models import Fenced

TABLE = Fence(select=ANYBODY, insert=has("registry.import"), update=has("registry.import"), finder=("select",))


class Place(Fenced):
    """A node of the division tree: 2, 4, 6, 9 or 12 significant digits, written as 12 (padded with zeros)."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, "省"
        CITY = 2, "市"
        COUNTY = 3, "县"
        TOWNSHIP = 4, "乡镇"
        VILLAGE = 5, "村"

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=160)
    level = models.IntegerField(choices=Level.choices)
    parent = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="children")
    initials = models.CharField(max_length=60)
    record_part = models.CharField(max_length=3, blank=True, help_text="a village's three digits in record numbers")
    origin = models.CharField(max_length=60, help_text="where the row comes from")

    fence = TABLE

    class Meta:
        indexes = [models.Index(fields=["parent"]), models.Index(fields=["level", "name"])]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "record_part"], condition=~Q(record_part=""), name="registry_place_record_part"
            )
        ]


class IcdCode(Fenced):
    """A diagnosis code of one system and version."""

    system = models.CharField(max_length=16, help_text="starter, clinical, insurance")
    version = models.CharField(max_length=24)
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=160)
    aliases = models.CharField(max_length=300, blank=True, help_text="separated by ;")
    initials = models.CharField(max_length=160)
    sex = models.CharField(max_length=8, blank=True)
    age_min_days = models.IntegerField(null=True)
    age_max_days = models.IntegerField(null=True)
    sensitive = models.BooleanField(default=False, help_text="opens to the treating team only")
    notifiable = models.CharField(max_length=24, blank=True)
    chronic = models.CharField(max_length=24, blank=True)
    active = models.BooleanField(default=True)

    fence = TABLE

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "version", "code"], name="registry_icdcode_once")]
        indexes = [
            models.Index(fields=["code"]),
            models.Index(OpClass(F("code"), "text_pattern_ops"), name="registry_icd_code_like"),
            models.Index(OpClass(F("initials"), "text_pattern_ops"), name="registry_icd_initials_like"),
        ]

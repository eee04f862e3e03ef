"""The outline of a place and how many live there (N5): imported by the administrator, or made for a simulated county."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.models import Fenced, Seat
from yigongti.registry.models.codes import TABLE, Place


class PlaceShape(Fenced):
    """The outline of a division: a GeoJSON Polygon or MultiPolygon in degrees (CGCS2000 or WGS 84), simplified."""

    place = models.OneToOneField(Place, models.DO_NOTHING, primary_key=True, related_name="shape")
    geometry = models.JSONField()
    lon = models.DecimalField(max_digits=9, decimal_places=6, help_text="a point inside, for the name")
    lat = models.DecimalField(max_digits=8, decimal_places=6)
    origin = models.CharField(max_length=120, help_text="the file it came from, or the simulation")
    stored_at = models.DateTimeField()
    seat = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")

    fence = TABLE


class PlacePopulation(Fenced):
    """How many live in a place (常住人口) by the statistics of a year; the index of residents is another number."""

    place = models.ForeignKey(Place, models.DO_NOTHING, related_name="populations")
    year = models.SmallIntegerField()
    persons = models.IntegerField()
    origin = models.CharField(max_length=120)
    stored_at = models.DateTimeField()
    seat = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")

    fence = TABLE

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "year"], name="registry_placepopulation_once"),
            models.CheckConstraint(name="registry_placepopulation_persons", condition=models.Q(persons__gte=0)),
        ]

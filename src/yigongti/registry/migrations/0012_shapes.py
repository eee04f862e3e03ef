import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("registry", "0011_kinds"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceShape",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="shape",
                        serialize=False,
                        to="registry.place",
                    ),
                ),
                ("geometry", models.JSONField()),
                ("lon", models.DecimalField(decimal_places=6, help_text="a point inside, for the name", max_digits=9)),
                ("lat", models.DecimalField(decimal_places=6, max_digits=8)),
                ("origin", models.CharField(help_text="the file it came from, or the simulation", max_length=120)),
                ("stored_at", models.DateTimeField()),
                (
                    "seat",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="access.seat"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlacePopulation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("persons", models.IntegerField()),
                ("origin", models.CharField(max_length=120)),
                ("stored_at", models.DateTimeField()),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="populations", to="registry.place"
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="access.seat"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("place", "year"), name="registry_placepopulation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("persons__gte", 0)), name="registry_placepopulation_persons"
                    ),
                ],
            },
        ),
    ]

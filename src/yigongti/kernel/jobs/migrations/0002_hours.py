"""The page of the robots tells when each job's hour last came: names of jobs and moments, nothing of anybody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_queue")]

    operations = [
        migrations.RunSQL(
            "grant select on procrastinate_periodic_defers to ygt_actor",
            "revoke select on procrastinate_periodic_defers from ygt_actor",
        )
    ]

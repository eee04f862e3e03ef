"""Row policies as they were; `0005_fence` writes all of them anew, so only its name is left of this one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial"), ("case", "0002_fence")]

    operations: list[migrations.RunSQL] = []

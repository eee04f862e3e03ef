"""Row policies as they were; `0005_fence` writes all of them anew, so only its name is left of this one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("care", "0002_fence"), ("access", "0004_related"), ("case", "0003_held")]

    operations: list[migrations.RunSQL] = []

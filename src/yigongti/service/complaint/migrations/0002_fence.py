"""Row policies as they were; `0003_fence` writes all of them anew, so only its name is left of this one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("complaint", "0001_initial")]

    operations: list[migrations.RunSQL] = []

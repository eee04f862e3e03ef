"""Row policies as they were; `0004_fence` writes all of them anew, so only its name is left of this one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("case", "0001_initial"), ("access", "0003_fence")]

    operations: list[migrations.RunSQL] = []

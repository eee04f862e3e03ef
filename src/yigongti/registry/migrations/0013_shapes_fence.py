"""Row policies as they were; `0017_fence` writes all of them anew, so only its name is left of this one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0012_shapes")]

    operations: list[migrations.RunSQL] = []

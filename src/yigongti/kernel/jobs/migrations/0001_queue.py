"""Who may use the job queue's tables."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("procrastinate", "0041_post_retry_failed_job"), ("access", "0003_fence")]

    operations = [migrations.RunSQL((SQL / "grants.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]

"""The accounts of who explained and who confirmed stay in the row: a seat handed on changes neither."""

from django.db import migrations, models
from django.db.models import F, Q

TABLE = "supervision_sealoutage"
FILL = [
    f"alter table {TABLE} no force row level security",
    f"""update {TABLE} o set
          explained_account = (select s.account_id from access_seat s where s.id = o.explained_by_id),
          confirmed_account = (select s.account_id from access_seat s where s.id = o.confirmed_by_id)""",
    f"alter table {TABLE} force row level security",
]


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0008_grant_case"),
        ("case", "0006_read_notices"),
        ("supervision", "0002_fence"),
    ]

    operations = [
        migrations.AddField("sealoutage", "confirmed_account", models.BigIntegerField(null=True)),
        migrations.AddField("sealoutage", "explained_account", models.BigIntegerField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "sealoutage",
            models.CheckConstraint(
                name="supervision_two_persons",
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_account=None)
                | Q(confirmed_by__isnull=False, confirmed_account__isnull=False, explained_account__isnull=False)
                & ~Q(confirmed_by=F("explained_by"))
                & ~Q(confirmed_account=F("explained_account")),
            ),
        ),
    ]

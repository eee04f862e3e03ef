"""The last day in time for passing a prepayment on stands in its row, so that the list, the figure and the case go by one day."""

from django.db import migrations, models

FILL = """
alter table fund_prepayment no force row level security;
alter table fund_prepayment disable trigger fund_prepayment_final;
update fund_prepayment set pass_by = received_on + 30;
alter table fund_prepayment enable trigger fund_prepayment_final;
alter table fund_prepayment force row level security;
"""
"""Confirmed rows are final: their trigger rests meanwhile. Thirty days were the only value the limit had before the column."""


class Migration(migrations.Migration):
    dependencies = [("fund", "0031_fence")]

    operations = [
        migrations.AddField("prepayment", "pass_by", models.DateField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "prepayment", "pass_by", models.DateField(help_text="the last day in time for passing it on")
        ),
    ]

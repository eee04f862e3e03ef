"""Sex and age stand in the evidence itself: whoever must answer a finding may not read the claim."""

from django.db import migrations, models

FILL = """
alter table fund_evidence no force row level security; alter table fund_claim no force row level security;
update fund_evidence e set sex = c.sex, age_days = c.age_days from fund_claim c where c.id = e.claim_id;
alter table fund_claim force row level security; alter table fund_evidence force row level security;
"""


class Migration(migrations.Migration):
    dependencies = [("fund", "0029_insured")]

    operations = [
        migrations.AddField(
            "evidence", "age_days", models.IntegerField(help_text="days, at admission; null: not kept", null=True)
        ),
        migrations.AddField("evidence", "sex", models.CharField(blank=True, default="", max_length=1)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

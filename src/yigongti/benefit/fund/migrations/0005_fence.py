"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'drop policy if exists "care_diagnosis_fund_finder" on "care_diagnosis"',
    'create policy "care_diagnosis_fund_finder" on "care_diagnosis" for select to ygt_finder using (true)',
    'grant select on "care_diagnosis" to ygt_finder',
    'drop policy if exists "referral_referral_fund_finder" on "referral_referral"',
    'create policy "referral_referral_fund_finder" on "referral_referral" for select to ygt_finder using (true)',
    'grant select on "referral_referral" to ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0004_functions")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]

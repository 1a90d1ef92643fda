"""The rows a new register starts with: what is required, the campaigns, the roles."""

from calendar import monthrange
from datetime import date

from django.db import migrations
from registry.migrating import QuickMigration

EUROS = 100
# (category, kind, from, until, per claim or guaranteed, per year, text) in euros; sources: docs/decisions/reference-rows.md
REQUIREMENTS = [
    ("COA", "RC_PRO", date(2007, 1, 1), date(2024, 10, 31), 1_500_000, 2_000_000, "CA L512-6, R512-14 et A512-4"),
    ("COA", "RC_PRO", date(2024, 11, 1), None, 1_564_610, 2_315_610, "CA L512-6, R512-14 et A512-4 (arrêté du 29 octobre 2024)"),
    ("IOB", "RC_PRO", date(2013, 1, 1), None, 500_000, 800_000, "CMF L519-3-4 et R519-16 (arrêté du 26 juin 2012)"),
    ("CIF", "RC_PRO", date(2007, 1, 1), None, 150_000, 150_000, "CMF L541-3 et D541-9"),
    ("COA", "FINANCIAL_GUARANTEE", date(2007, 1, 1), None, 115_000, None, "CA L512-7, R512-15 et A512-5"),
    ("IOB", "FINANCIAL_GUARANTEE", date(2013, 1, 1), None, 115_000, None, "CMF L519-4 et R519-17 (arrêté du 26 juin 2012)"),
]
CAMPAIGN_YEARS = range(2008, 2041)


def create_rows(apps, schema_editor):
    apps.get_model("registry", "ReferenceVersion").objects.create(id=1, version=1)
    requirement = apps.get_model("registry", "Requirement")
    requirement.objects.bulk_create(
        requirement(
            category=category,
            kind=kind,
            valid_from=valid_from,
            valid_until=valid_until,
            amount_cents=amount * EUROS,
            annual_cents=annual and annual * EUROS,
            legal_text=text,
        )
        for category, kind, valid_from, valid_until, amount, annual, text in REQUIREMENTS
    )
    campaign = apps.get_model("registry", "RenewalCampaign")
    campaign.objects.bulk_create(campaign(year=year, **campaign_dates(year)) for year in CAMPAIGN_YEARS)


def campaign_dates(year):
    end = date(year, 2, monthrange(year, 2)[1])
    return {
        "opens_on": date(year, 1, 1),
        "principals_due_on": date(year, 1, 31),
        "due_on": end,
        "tolerated_until": end,
        "expires_on": end,
    }


class Migration(QuickMigration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]

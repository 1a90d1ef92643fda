"""A mail that came back is no notice of a removal case: whoever it was for has not got it."""

from django.db import migrations
from registry.migrating import QuickMigration

# As in 0011, but for the last question. What is a return: `rules.bounces.RETURNED_KINDS`.
MAIL_PROVES = """
CREATE OR REPLACE FUNCTION registry_mail_proves(of_case bigint, of_key text, on_day date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM registry_removalcase c
        JOIN registry_registration r ON r.id = c.registration_id
        JOIN reminders_notice n ON n.intermediary_id = c.intermediary_id AND n.key = of_key
        JOIN reminders_attempt a ON a.notice_id = n.id
        CROSS JOIN LATERAL jsonb_array_elements(n.items) AS item
        WHERE c.id = of_case AND c.ground = 'COVER' AND n.state = 'ACCEPTED' AND n.corrects_id IS NULL
          AND a.verdict = 'ACCEPTED' AND (a.finished_at AT TIME ZONE 'Europe/Paris')::date = on_day
          AND item -> 'categories' ? r.category AND (item ->> 'term')::date > c.opened_on - 366
          {}
    )
$$;
"""
NOT_RETURNED = """AND NOT EXISTS (
              SELECT FROM reminders_bounce b
              WHERE b.notice_id = n.id AND b.kind IN ('HARD_ADDRESS', 'HARD_FORWARD', 'HARD_OURS', 'SOFT')
          )"""
# As in the register's 0008, but for the last question: a mail may come back after it was taken for the notice.
PROVED_ON = """
CREATE OR REPLACE FUNCTION registry_proved_on(of_case bigint, of_step text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT min(p.happened_on) FROM registry_caseproof p
    WHERE p.case_id = of_case AND p.step = of_step AND p.kind IN ('POSTED', 'MAILED')
      AND p.id > coalesce((SELECT max(r.id) FROM registry_caseproof r
                           WHERE r.case_id = of_case AND r.step = of_step AND r.kind = 'RETURNED'), 0)
      {}
$$;
"""
STILL = "AND (p.kind <> 'MAILED' OR registry_mail_proves(p.case_id, p.mail_key, p.happened_on))"


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0015_counts'),
        ('reminders', '0018_letterhead'),
    ]

    operations = [
        migrations.RunSQL(MAIL_PROVES.format(NOT_RETURNED), MAIL_PROVES.format("")),
        migrations.RunSQL(PROVED_ON.format(STILL), PROVED_ON.format("")),
    ]

"""What by a person's word never left is as if unsent: a correction of that kind may be planned once more."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import PlainTriggerSql, QuickMigration

# `notice_transitions` has the last word.
MARK = """
UPDATE reminders_notice n SET unsent = true
FROM reminders_settlement s WHERE s.notice_id = n.id AND s.decision = 'SEND_AGAIN';
"""


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0020_restored'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='settlement',
            name='settlement_again_frees_the_waves',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_transitions', sql=PlainTriggerSql(func='\n            IF NEW.state <> OLD.state\n               AND strpos(\' CLAIMED>CANCELLED CLAIMED>EXPIRED CLAIMED>PLANNED CLAIMED>SENDING CLAIMED>SKIPPED DEFERRED>CANCELLED DEFERRED>CLAIMED DEFERRED>EXPIRED PLANNED>CANCELLED PLANNED>CLAIMED PLANNED>EXPIRED SENDING>ACCEPTED SENDING>DEFERRED SENDING>EXPIRED SENDING>PLANNED SENDING>REFUSED SENDING>UNCERTAIN \', \' \' || OLD.state || \'>\' || NEW.state || \' \') = 0 THEN\n                RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                    OLD.state, NEW.state, TG_TABLE_NAME;\n            ELSIF NEW.lease_until IS NULL AND NEW.state IN (\'CLAIMED\', \'SENDING\') THEN\n                RAISE EXCEPTION \'notice_claimed_has_a_lease: notice % is in hand and nobody knows until when\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_claimed_has_a_lease\';\n            ELSIF NEW.reason = \'\' AND NEW.state = \'SKIPPED\' THEN\n                RAISE EXCEPTION \'notice_skipped_says_why: notice % is left out without a reason\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_skipped_says_why\';\n            END IF;\n            IF NEW.live <> (NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\')) OR NEW.unsent <> (NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\')) OR NEW.troubled <> (NEW.state IN (\'REFUSED\', \'UNCERTAIN\')) THEN\n                NEW.live = NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\');\n                NEW.unsent = NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\');\n                NEW.troubled = NEW.state IN (\'REFUSED\', \'UNCERTAIN\');\n            END IF;\n            -- Asked apart, since few are uncertain: whether a person has said that it never left.\n            IF NEW.state = \'UNCERTAIN\' THEN\n                NEW.unsent = EXISTS (\n                    SELECT FROM reminders_settlement WHERE notice_id = NEW.id AND decision = \'SEND_AGAIN\'\n                );\n            END IF;\n            RETURN NEW;\n        ', hash='a21bfc374f47ade90e936dc9fd7ec1367c4ea185', operation='UPDATE', pgid='pgtrigger_notice_transitions_d6e56', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='settlement_again_is_as_if_unsent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."decision" = \'SEND_AGAIN\')', func='\n                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.notice_id;\n                    -- What it corrects, if it does, may be corrected once more. `notice_transitions` has the last word.\n                    UPDATE reminders_notice SET unsent = true WHERE id = NEW.notice_id;\n                    RETURN NULL;\n                ', hash='54c56d84d2b6925d9487c5349b47e08a0cfd66c1', operation='INSERT', pgid='pgtrigger_settlement_again_is_as_if_unsent_638c7', table='reminders_settlement', when='AFTER')),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]

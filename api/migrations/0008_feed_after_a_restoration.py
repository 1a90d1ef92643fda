"""A database that is armed anew has been restored or copied: the feed's places that another timeline may have given
are never given again, and every cursor of before is told that events are gone."""

from django.db import migrations
from registry.migrating import QuickMigration

BEGINS_ANEW = """
-- More than any timeline gives between a backup and its restoration.
CREATE FUNCTION api_feed_begins_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE api_feedstate
    SET numbered_through = numbered_through + 1000000000, forgotten_through = numbered_through + 1000000000
    WHERE numbered_through > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER feed_begins_anew AFTER UPDATE OF epoch ON reminders_senderidentity
    FOR EACH ROW WHEN (OLD.epoch IS DISTINCT FROM NEW.epoch) EXECUTE FUNCTION api_feed_begins_anew();
"""
AS_BEFORE = """
DROP TRIGGER feed_begins_anew ON reminders_senderidentity;
DROP FUNCTION api_feed_begins_anew();
"""


class Migration(QuickMigration):

    dependencies = [
        ('api', '0007_mandate_taken_back'),
        ('reminders', '0011_removals'),
    ]

    operations = [migrations.RunSQL(BEGINS_ANEW, AS_BEFORE)]

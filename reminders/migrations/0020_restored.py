"""A pause of its own for lists of a restored database."""

from django.db import migrations, models

from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0019_returned_proves_nothing'),
    ]

    operations = [
        migrations.AlterField(
            model_name='batch',
            name='pause_reason',
            field=models.CharField(blank=True, choices=[('PERSON', 'à la demande d’une personne'), ('STEP_DONE', 'palier terminé, sous surveillance avant le suivant'), ('HOLD', 'trop peu d’envois pour juger, une personne décide'), ('SMTP_DOWN', 'serveur de messagerie indisponible'), ('REFUSED', 'alarme\xa0: trop de refus à corriger'), ('BOUNCED', 'alarme\xa0: trop d’adresses hors d’usage'), ('UNCERTAIN', 'alarme\xa0: trop d’envois incertains'), ('REPORTED', 'alarme\xa0: relances à tort signalées et vérifiées'), ('STALLED', 'alarme\xa0: l’envoi n’avance plus'), ('RESTORED', 'base restaurée\xa0: une personne décide')], max_length=9, verbose_name='motif de pause'),
        ),
        migrations.AlterField(
            model_name='batchhistory',
            name='pause_reason',
            field=models.CharField(blank=True, choices=[('PERSON', 'à la demande d’une personne'), ('STEP_DONE', 'palier terminé, sous surveillance avant le suivant'), ('HOLD', 'trop peu d’envois pour juger, une personne décide'), ('SMTP_DOWN', 'serveur de messagerie indisponible'), ('REFUSED', 'alarme\xa0: trop de refus à corriger'), ('BOUNCED', 'alarme\xa0: trop d’adresses hors d’usage'), ('UNCERTAIN', 'alarme\xa0: trop d’envois incertains'), ('REPORTED', 'alarme\xa0: relances à tort signalées et vérifiées'), ('STALLED', 'alarme\xa0: l’envoi n’avance plus'), ('RESTORED', 'base restaurée\xa0: une personne décide')], max_length=9, verbose_name='motif de pause'),
        ),
    ]

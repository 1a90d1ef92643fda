"""Files as evidence, the review of certificates, and what is asked back."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0006_merges_and_contacts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CorrectionRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('OLD_PERIOD', 'attestation de l’ancienne période'), ('PERIOD_INCOMPLETE', 'période incomplète'), ('AMOUNT_TOO_LOW', 'montants insuffisants'), ('CATEGORY_MISSING', 'catégorie absente'), ('WRONG_HOLDER', 'autre titulaire'), ('ISSUER_NOT_ENTITLED', 'émetteur non habilité'), ('DATA_DIFFER', 'saisie différente du document'), ('NOT_SIGNED', 'ni datée ni signée'), ('UNREADABLE', 'document illisible'), ('DOCUMENT_MISSING', 'document absent'), ('NOT_A_CERTIFICATE', 'ce n’est pas une attestation'), ('OTHER', 'autre motif')], max_length=19, verbose_name='motif')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='précision')),
                ('asked_on', models.DateField(verbose_name='demandée le')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='close le')),
            ],
            options={
                'verbose_name': 'demande de correction',
                'verbose_name_plural': 'demandes de correction',
            },
        ),
        migrations.CreateModel(
            name='CorrectionRequestHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('OLD_PERIOD', 'attestation de l’ancienne période'), ('PERIOD_INCOMPLETE', 'période incomplète'), ('AMOUNT_TOO_LOW', 'montants insuffisants'), ('CATEGORY_MISSING', 'catégorie absente'), ('WRONG_HOLDER', 'autre titulaire'), ('ISSUER_NOT_ENTITLED', 'émetteur non habilité'), ('DATA_DIFFER', 'saisie différente du document'), ('NOT_SIGNED', 'ni datée ni signée'), ('UNREADABLE', 'document illisible'), ('DOCUMENT_MISSING', 'document absent'), ('NOT_A_CERTIFICATE', 'ce n’est pas une attestation'), ('OTHER', 'autre motif')], max_length=19, verbose_name='motif')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='précision')),
                ('asked_on', models.DateField(verbose_name='demandée le')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='close le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CoverPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attached_on', models.DateField(verbose_name='joint le')),
            ],
            options={
                'verbose_name': 'pièce',
            },
        ),
        migrations.CreateModel(
            name='CoverPaperHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('attached_on', models.DateField(verbose_name='joint le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CoverReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assigned_on', models.DateField(blank=True, null=True, verbose_name='confiée le')),
                ('reason', models.CharField(blank=True, choices=[('OLD_PERIOD', 'attestation de l’ancienne période'), ('PERIOD_INCOMPLETE', 'période incomplète'), ('AMOUNT_TOO_LOW', 'montants insuffisants'), ('CATEGORY_MISSING', 'catégorie absente'), ('WRONG_HOLDER', 'autre titulaire'), ('ISSUER_NOT_ENTITLED', 'émetteur non habilité'), ('DATA_DIFFER', 'saisie différente du document'), ('NOT_SIGNED', 'ni datée ni signée'), ('UNREADABLE', 'document illisible'), ('DOCUMENT_MISSING', 'document absent'), ('NOT_A_CERTIFICATE', 'ce n’est pas une attestation'), ('OTHER', 'autre motif')], db_default='', max_length=19, verbose_name='motif de refus')),
                ('note', models.CharField(blank=True, db_default='', max_length=300, verbose_name='précision')),
                ('refused_on', models.DateField(blank=True, null=True, verbose_name='refusée le')),
            ],
            options={
                'verbose_name': 'instruction',
            },
        ),
        migrations.CreateModel(
            name='CoverReviewHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('assigned_on', models.DateField(blank=True, null=True, verbose_name='confiée le')),
                ('reason', models.CharField(blank=True, choices=[('OLD_PERIOD', 'attestation de l’ancienne période'), ('PERIOD_INCOMPLETE', 'période incomplète'), ('AMOUNT_TOO_LOW', 'montants insuffisants'), ('CATEGORY_MISSING', 'catégorie absente'), ('WRONG_HOLDER', 'autre titulaire'), ('ISSUER_NOT_ENTITLED', 'émetteur non habilité'), ('DATA_DIFFER', 'saisie différente du document'), ('NOT_SIGNED', 'ni datée ni signée'), ('UNREADABLE', 'document illisible'), ('DOCUMENT_MISSING', 'document absent'), ('NOT_A_CERTIFICATE', 'ce n’est pas une attestation'), ('OTHER', 'autre motif')], db_default='', max_length=19, verbose_name='motif de refus')),
                ('note', models.CharField(blank=True, db_default='', max_length=300, verbose_name='précision')),
                ('refused_on', models.DateField(blank=True, null=True, verbose_name='refusée le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('size', models.PositiveIntegerField(verbose_name='octets')),
                ('received_sha256', models.CharField(max_length=64, verbose_name='empreinte reçue')),
                ('kept_sha256', models.CharField(blank=True, db_default='', max_length=64, verbose_name='empreinte conservée')),
                ('kind', models.CharField(blank=True, choices=[('PDF', 'PDF'), ('JPEG', 'image JPEG'), ('PNG', 'image PNG')], db_default='', max_length=4, verbose_name='type')),
                ('pages', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='pages')),
                ('width', models.PositiveIntegerField(blank=True, null=True, verbose_name='largeur (points)')),
                ('height', models.PositiveIntegerField(blank=True, null=True, verbose_name='hauteur (points)')),
                ('text', models.TextField(blank=True, db_default='', verbose_name='texte')),
                ('state', models.CharField(choices=[('RECEIVED', 'Reçu, contrôle à venir'), ('SCANNING', 'Analyse antivirus en attente'), ('NOT_SCANNED', 'Non analysé (aucun antivirus)'), ('CLEAN', 'Contrôlé et analysé'), ('INFECTED', 'Écarté par l’antivirus'), ('BROKEN', 'Refusé au contrôle')], max_length=11, verbose_name='état')),
                ('fault', models.CharField(blank=True, choices=[('EMPTY', 'Le fichier est vide\xa0: renvoyez l’original.'), ('TOO_LARGE', 'Le fichier dépasse 10 Mo\xa0: réduisez la résolution de la numérisation.'), ('UNKNOWN_TYPE', 'Ce n’est ni un PDF, ni une image JPEG ou PNG\xa0: envoyez l’un de ces formats.'), ('DAMAGED', 'Le fichier est abîmé ou incomplet\xa0: ouvrez-le, enregistrez-le de nouveau en PDF et renvoyez-le.'), ('TOO_COMPLEX', 'Le fichier est trop complexe pour être contrôlé\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('ENCRYPTED', 'Le PDF est protégé par un mot de passe ou des droits\xa0: envoyez-le sans protection.'), ('ACTIVE_CONTENT', 'Le PDF contient un programme (script ou lancement)\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('EMBEDDED_FILE', 'Le PDF contient d’autres fichiers ou un média\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('XFA_FORM', 'Le PDF est un formulaire dynamique (XFA)\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('POLYGLOT', 'Le fichier en contient un autre à sa suite\xa0: enregistrez-le de nouveau en PDF et renvoyez-le.'), ('TOO_MANY_PAGES', 'Le PDF compte plus de 50 pages\xa0: n’envoyez que l’attestation.'), ('TOO_MANY_PIXELS', 'L’image dépasse 40 millions de points\xa0: réduisez la résolution de la numérisation.'), ('CHECK_FAILED', 'Le fichier n’a pas pu être contrôlé\xa0: imprimez-le en PDF et renvoyez le résultat.')], db_default='', max_length=15, verbose_name='défaut')),
                ('signature', models.CharField(blank=True, db_default='', max_length=120, verbose_name='signature trouvée')),
                ('channel', models.CharField(choices=[('IMPORT', 'Fichier du registre'), ('PORTAL', 'Espace en ligne'), ('API', 'API'), ('ISSUER', 'Assureur ou garant'), ('PAPER', 'Papier')], max_length=6, verbose_name='voie')),
                ('received_at', models.DateTimeField(verbose_name='reçu le')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='contrôlé le')),
                ('scanned_at', models.DateTimeField(blank=True, null=True, verbose_name='analysé le')),
            ],
            options={
                'verbose_name': 'document',
            },
        ),
        migrations.CreateModel(
            name='DocumentHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('size', models.PositiveIntegerField(verbose_name='octets')),
                ('received_sha256', models.CharField(max_length=64, verbose_name='empreinte reçue')),
                ('kept_sha256', models.CharField(blank=True, db_default='', max_length=64, verbose_name='empreinte conservée')),
                ('kind', models.CharField(blank=True, choices=[('PDF', 'PDF'), ('JPEG', 'image JPEG'), ('PNG', 'image PNG')], db_default='', max_length=4, verbose_name='type')),
                ('pages', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='pages')),
                ('width', models.PositiveIntegerField(blank=True, null=True, verbose_name='largeur (points)')),
                ('height', models.PositiveIntegerField(blank=True, null=True, verbose_name='hauteur (points)')),
                ('state', models.CharField(choices=[('RECEIVED', 'Reçu, contrôle à venir'), ('SCANNING', 'Analyse antivirus en attente'), ('NOT_SCANNED', 'Non analysé (aucun antivirus)'), ('CLEAN', 'Contrôlé et analysé'), ('INFECTED', 'Écarté par l’antivirus'), ('BROKEN', 'Refusé au contrôle')], max_length=11, verbose_name='état')),
                ('fault', models.CharField(blank=True, choices=[('EMPTY', 'Le fichier est vide\xa0: renvoyez l’original.'), ('TOO_LARGE', 'Le fichier dépasse 10 Mo\xa0: réduisez la résolution de la numérisation.'), ('UNKNOWN_TYPE', 'Ce n’est ni un PDF, ni une image JPEG ou PNG\xa0: envoyez l’un de ces formats.'), ('DAMAGED', 'Le fichier est abîmé ou incomplet\xa0: ouvrez-le, enregistrez-le de nouveau en PDF et renvoyez-le.'), ('TOO_COMPLEX', 'Le fichier est trop complexe pour être contrôlé\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('ENCRYPTED', 'Le PDF est protégé par un mot de passe ou des droits\xa0: envoyez-le sans protection.'), ('ACTIVE_CONTENT', 'Le PDF contient un programme (script ou lancement)\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('EMBEDDED_FILE', 'Le PDF contient d’autres fichiers ou un média\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('XFA_FORM', 'Le PDF est un formulaire dynamique (XFA)\xa0: imprimez-le en PDF et renvoyez le résultat.'), ('POLYGLOT', 'Le fichier en contient un autre à sa suite\xa0: enregistrez-le de nouveau en PDF et renvoyez-le.'), ('TOO_MANY_PAGES', 'Le PDF compte plus de 50 pages\xa0: n’envoyez que l’attestation.'), ('TOO_MANY_PIXELS', 'L’image dépasse 40 millions de points\xa0: réduisez la résolution de la numérisation.'), ('CHECK_FAILED', 'Le fichier n’a pas pu être contrôlé\xa0: imprimez-le en PDF et renvoyez le résultat.')], db_default='', max_length=15, verbose_name='défaut')),
                ('signature', models.CharField(blank=True, db_default='', max_length=120, verbose_name='signature trouvée')),
                ('channel', models.CharField(choices=[('IMPORT', 'Fichier du registre'), ('PORTAL', 'Espace en ligne'), ('API', 'API'), ('ISSUER', 'Assureur ou garant'), ('PAPER', 'Papier')], max_length=6, verbose_name='voie')),
                ('received_at', models.DateTimeField(verbose_name='reçu le')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='contrôlé le')),
                ('scanned_at', models.DateTimeField(blank=True, null=True, verbose_name='analysé le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='cover',
            name='cover_status_is_known',
        ),
        migrations.AlterField(
            model_name='cover',
            name='status',
            field=models.CharField(choices=[('DEPOSITED', 'Déposée, en contrôle'), ('RETURNED', 'Renvoyée, à corriger'), ('ACCEPTED', 'Acceptée'), ('REFUSED', 'Refusée'), ('WITHDRAWN', 'Retirée')], max_length=9, verbose_name='état'),
        ),
        migrations.AlterField(
            model_name='coverhistory',
            name='status',
            field=models.CharField(choices=[('DEPOSITED', 'Déposée, en contrôle'), ('RETURNED', 'Renvoyée, à corriger'), ('ACCEPTED', 'Acceptée'), ('REFUSED', 'Refusée'), ('WITHDRAWN', 'Retirée')], max_length=9, verbose_name='état'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cover',
            trigger=pgtrigger.compiler.Trigger(name='cover_sent_back_is_asked_about', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN ((OLD.status = 'RETURNED') <> (NEW.status = 'RETURNED'))", func="\n                    IF (NEW.status = 'RETURNED') <> EXISTS (\n                        SELECT FROM registry_correctionrequest q WHERE q.cover_id = NEW.id AND q.ended_on IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'a certificate is sent back as long as a correction is asked for'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'cover_sent_back_is_asked_about';\n                    END IF;\n                    RETURN NEW;\n                ", hash='b71623b51fdc9ade49eb3b6b0f1b5c13a91a53ae', operation='UPDATE OF "status"', pgid='pgtrigger_cover_sent_back_is_asked_about_cee78', table='registry_cover', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='cover',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DEPOSITED', 'RETURNED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN'])), name='cover_status_is_known'),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par'),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='cover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='correctionrequesthistory',
            name='asked_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par'),
        ),
        migrations.AddField(
            model_name='correctionrequesthistory',
            name='cover',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='correctionrequesthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='correctionrequesthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.correctionrequest'),
        ),
        migrations.AddField(
            model_name='coverpaper',
            name='cover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='coverpaperhistory',
            name='cover',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='coverpaperhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='coverpaperhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.coverpaper'),
        ),
        migrations.AddField(
            model_name='coverreview',
            name='assigned_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confiée à'),
        ),
        migrations.AddField(
            model_name='coverreview',
            name='cover',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='coverreviewhistory',
            name='assigned_to',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confiée à'),
        ),
        migrations.AddField(
            model_name='coverreviewhistory',
            name='cover',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.cover', verbose_name='attestation'),
        ),
        migrations.AddField(
            model_name='coverreviewhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='coverreviewhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.coverreview'),
        ),
        migrations.AddField(
            model_name='document',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='document',
            name='received_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reçu de'),
        ),
        migrations.AddField(
            model_name='coverpaperhistory',
            name='document',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.document', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='coverpaper',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='registry.document', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.document'),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='received_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reçu de'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['OLD_PERIOD', 'PERIOD_INCOMPLETE', 'AMOUNT_TOO_LOW', 'CATEGORY_MISSING', 'WRONG_HOLDER', 'ISSUER_NOT_ENTITLED', 'DATA_DIFFER', 'NOT_SIGNED', 'UNREADABLE', 'DOCUMENT_MISSING', 'NOT_A_CERTIFICATE', 'OTHER'])), name='correction_reason_is_known'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'OTHER'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='correction_other_says_what'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('asked_on')), _connector='OR'), name='correction_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('cover',), name='correction_one_at_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionrequest',
            trigger=pgtrigger.compiler.Trigger(name='correction_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id") OR OLD."asked_on" IS DISTINCT FROM (NEW."asked_on") OR OLD."cover_id" IS DISTINCT FROM (NEW."cover_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='7874e3e21be0d6996f16cc6a1421bd5a7e5de2c2', operation='UPDATE OF "cover_id", "reason", "note", "asked_on", "asked_by_id"', pgid='pgtrigger_correction_stays_2e665', table='registry_correctionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionrequest',
            trigger=pgtrigger.compiler.Trigger(name='correction_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.ended_on IS NOT NULL AND NEW.ended_on IS DISTINCT FROM OLD.ended_on)', func="RAISE EXCEPTION 'a correction request ends once';", hash='ac7b7992ff39d0b26ce79fac3ddeafaea12b748d', operation='UPDATE OF "ended_on"', pgid='pgtrigger_correction_ends_once_173b0', table='registry_correctionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionrequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_correctionrequesthistory" ("asked_by_id", "asked_on", "cover_id", "ended_on", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."asked_by_id", new_values."asked_on", new_values."cover_id", new_values."ended_on", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='808af7ae6d754e99c3c239225dc7061a472a9f8d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_3bd7e', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_correctionrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionrequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_correctionrequesthistory" ("asked_by_id", "asked_on", "cover_id", "ended_on", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") VALUES (NEW."asked_by_id", NEW."asked_on", NEW."cover_id", NEW."ended_on", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason"); RETURN NULL;', hash='a4a3a6eb8b8cca7d95a88097aea4d28d899efda3', operation='UPDATE', pgid='pgtrigger_update_update_fe7d1', table='registry_correctionrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correctionrequest',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_correctionrequesthistory" ("asked_by_id", "asked_on", "cover_id", "ended_on", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT old_values."asked_by_id", old_values."asked_on", old_values."cover_id", old_values."ended_on", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8e522006a3fd02be9d52ddca3e282f655c37ae04', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b931f', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_correctionrequest', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='coverreview',
            index=models.Index(condition=models.Q(('assigned_to__isnull', False)), fields=['assigned_to'], name='review_of_somebody'),
        ),
        migrations.AddConstraint(
            model_name='coverreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('assigned_on', None), ('assigned_to', None)), models.Q(('assigned_on__isnull', False), ('assigned_to__isnull', False)), _connector='OR'), name='review_assignment_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='coverreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('note', ''), ('reason', ''), ('refused_on', None)), models.Q(('reason__in', ['OLD_PERIOD', 'PERIOD_INCOMPLETE', 'AMOUNT_TOO_LOW', 'CATEGORY_MISSING', 'WRONG_HOLDER', 'ISSUER_NOT_ENTITLED', 'DATA_DIFFER', 'NOT_SIGNED', 'UNREADABLE', 'DOCUMENT_MISSING', 'NOT_A_CERTIFICATE', 'OTHER']), ('refused_on__isnull', False)), _connector='OR'), name='review_refusal_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='coverreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'OTHER'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='review_other_says_what'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverreview',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_coverreviewhistory" ("assigned_on", "assigned_to_id", "cover_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_on") SELECT new_values."assigned_on", new_values."assigned_to_id", new_values."cover_id", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."refused_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dbcf277ae1ecd7e1d2496509e4fa352f00367ddd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_07339', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_coverreview', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverreview',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_coverreviewhistory" ("assigned_on", "assigned_to_id", "cover_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_on") VALUES (NEW."assigned_on", NEW."assigned_to_id", NEW."cover_id", NEW."id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."refused_on"); RETURN NULL;', hash='e4f737d2bf7cad1ad740f470e0ea2db49ee4defa', operation='UPDATE', pgid='pgtrigger_update_update_44e5a', table='registry_coverreview', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverreview',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_coverreviewhistory" ("assigned_on", "assigned_to_id", "cover_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "refused_on") SELECT old_values."assigned_on", old_values."assigned_to_id", old_values."cover_id", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."refused_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='dbfe377ba5a4dea89b1e2a42f435c26789f945ea', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9ff62', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_coverreview', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('state__in', ['RECEIVED', 'SCANNING'])), fields=['id'], name='document_to_scan'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('kept_sha256', ''), _negated=True), fields=['kept_sha256'], name='document_kept'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('state__regex', '^(RECEIVED|SCANNING|NOT_SCANNED|CLEAN|INFECTED|BROKEN)$')), name='document_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '^[^[:cntrl:]]+$')), name='document_has_a_plain_name'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('size__lte', 10485760), ('fault', 'TOO_LARGE'), _connector='OR'), name='document_size_is_allowed'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('received_sha256__regex', '^[0-9a-f]{64}$')), name='document_has_its_digest'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kept_sha256', ''), ('state', 'BROKEN')), models.Q(models.Q(('state', 'BROKEN'), _negated=True), ('kept_sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='document_is_kept_unless_broken'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fault__in', ['EMPTY', 'TOO_LARGE', 'UNKNOWN_TYPE', 'DAMAGED', 'TOO_COMPLEX', 'ENCRYPTED', 'ACTIVE_CONTENT', 'EMBEDDED_FILE', 'XFA_FORM', 'POLYGLOT', 'TOO_MANY_PAGES', 'TOO_MANY_PIXELS', 'CHECK_FAILED']), ('state', 'BROKEN')), models.Q(models.Q(('state', 'BROKEN'), _negated=True), ('fault', '')), _connector='OR'), name='document_broken_says_why'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_at', None), ('kind', ''), ('pages', None), ('state', 'RECEIVED')), models.Q(('checked_at__isnull', False), ('kind', ''), ('pages', None), ('state', 'BROKEN')), models.Q(models.Q(('state__in', ['RECEIVED', 'BROKEN']), _negated=True), ('checked_at__isnull', False), ('kind__in', ['PDF', 'JPEG', 'PNG']), ('pages__gte', 1)), _connector='OR'), name='document_checked_has_its_facts'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'INFECTED'), models.Q(('signature', ''), _negated=True)), models.Q(models.Q(('state', 'INFECTED'), _negated=True), ('signature', '')), _connector='OR'), name='document_infected_names_what'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['CLEAN', 'INFECTED']), _negated=True), ('scanned_at__isnull', False), _connector='OR'), name='document_verdict_has_its_scan'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='document_state_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('RB RN RS SC SI SN NC NI NS CI IC', left(OLD.state, 1) || left(NEW.state, 1)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='92db207348a631009cf0f3294f9aba41b6ac907d', operation='UPDATE OF "state"', pgid='pgtrigger_document_state_follows_088ea', table='registry_document', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='document_stays_what_came', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."received_by_id" IS DISTINCT FROM (NEW."received_by_id") OR OLD."received_sha256" IS DISTINCT FROM (NEW."received_sha256") OR OLD."size" IS DISTINCT FROM (NEW."size"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='66961fed461add892d0434a545d42d48d8cf32f2', operation='UPDATE OF "intermediary_id", "name", "size", "received_sha256", "channel", "received_at", "received_by_id"', pgid='pgtrigger_document_stays_what_came_393df', table='registry_document', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='document_found_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."fault" IS DISTINCT FROM (NEW."fault") OR OLD."height" IS DISTINCT FROM (NEW."height") OR OLD."kept_sha256" IS DISTINCT FROM (NEW."kept_sha256") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."pages" IS DISTINCT FROM (NEW."pages") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."width" IS DISTINCT FROM (NEW."width"))', func="\n                    IF OLD.state <> 'RECEIVED' THEN\n                        RAISE EXCEPTION 'what was found in a document stays';\n                    END IF;\n                    RETURN NEW;\n                ", hash='2197a51e364230e80f63239ff50fc0236abb76c2', operation='UPDATE OF "kept_sha256", "kind", "pages", "width", "height", "text", "fault", "checked_at"', pgid='pgtrigger_document_found_once_61a40', table='registry_document', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_documenthistory" ("channel", "checked_at", "fault", "height", "id", "intermediary_id", "kept_sha256", "kind", "name", "pages", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "received_by_id", "received_sha256", "scanned_at", "signature", "size", "state", "width") SELECT new_values."channel", new_values."checked_at", new_values."fault", new_values."height", new_values."id", new_values."intermediary_id", new_values."kept_sha256", new_values."kind", new_values."name", new_values."pages", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."received_at", new_values."received_by_id", new_values."received_sha256", new_values."scanned_at", new_values."signature", new_values."size", new_values."state", new_values."width" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b3d4778bb047816195916029f410f0d08cf51d7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_adba4', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."fault" IS DISTINCT FROM (NEW."fault") OR OLD."height" IS DISTINCT FROM (NEW."height") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."kept_sha256" IS DISTINCT FROM (NEW."kept_sha256") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."pages" IS DISTINCT FROM (NEW."pages") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."received_by_id" IS DISTINCT FROM (NEW."received_by_id") OR OLD."received_sha256" IS DISTINCT FROM (NEW."received_sha256") OR OLD."scanned_at" IS DISTINCT FROM (NEW."scanned_at") OR OLD."signature" IS DISTINCT FROM (NEW."signature") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."width" IS DISTINCT FROM (NEW."width"))', func='INSERT INTO "registry_documenthistory" ("channel", "checked_at", "fault", "height", "id", "intermediary_id", "kept_sha256", "kind", "name", "pages", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "received_by_id", "received_sha256", "scanned_at", "signature", "size", "state", "width") VALUES (NEW."channel", NEW."checked_at", NEW."fault", NEW."height", NEW."id", NEW."intermediary_id", NEW."kept_sha256", NEW."kind", NEW."name", NEW."pages", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."received_at", NEW."received_by_id", NEW."received_sha256", NEW."scanned_at", NEW."signature", NEW."size", NEW."state", NEW."width"); RETURN NULL;', hash='7e174a0a7804028c78abc6ecee1d810eef3ab10f', operation='UPDATE', pgid='pgtrigger_update_update_a5ee8', table='registry_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_documenthistory" ("channel", "checked_at", "fault", "height", "id", "intermediary_id", "kept_sha256", "kind", "name", "pages", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "received_by_id", "received_sha256", "scanned_at", "signature", "size", "state", "width") SELECT old_values."channel", old_values."checked_at", old_values."fault", old_values."height", old_values."id", old_values."intermediary_id", old_values."kept_sha256", old_values."kind", old_values."name", old_values."pages", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."received_at", old_values."received_by_id", old_values."received_sha256", old_values."scanned_at", old_values."signature", old_values."size", old_values."state", old_values."width" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ef5410144e52a80817d68d12c70954ae046993eb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c5d63', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_document', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='coverpaper',
            constraint=models.UniqueConstraint(fields=('cover', 'document'), name='paper_once_per_cover'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverpaper',
            trigger=pgtrigger.compiler.Trigger(name='paper_is_of_the_same_file', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_document d\n                        JOIN registry_cover c ON c.intermediary_id = d.intermediary_id\n                        WHERE c.id = NEW.cover_id AND d.id = NEW.document_id\n                          AND d.state IN ('CLEAN', 'NOT_SCANNED', 'RECEIVED', 'SCANNING')\n                    ) THEN\n                        RAISE EXCEPTION 'a paper is a usable document of the same file'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_of_the_same_file';\n                    END IF;\n                    RETURN NEW;\n                ", hash='6b28f790b5181a23a216b09d2c31baaf1b31fbfc', operation='INSERT OR UPDATE', pgid='pgtrigger_paper_is_of_the_same_file_97a56', table='registry_coverpaper', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverpaper',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_coverpaperhistory" ("attached_on", "cover_id", "document_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."attached_on", new_values."cover_id", new_values."document_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b73570db11082eee5f7718a5e320bf5fa350bc6a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f7c33', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_coverpaper', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverpaper',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_coverpaperhistory" ("attached_on", "cover_id", "document_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."attached_on", NEW."cover_id", NEW."document_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='7210f08713bae9dae5defaafb883fbe5480ab558', operation='UPDATE', pgid='pgtrigger_update_update_a97e4', table='registry_coverpaper', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverpaper',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_coverpaperhistory" ("attached_on", "cover_id", "document_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."attached_on", old_values."cover_id", old_values."document_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cac4435eb72c1b4998345e0446260f214656680e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_37c40', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_coverpaper', when='AFTER')),
        ),
        migrations.RunSQL("SELECT register_keep_tables()", migrations.RunSQL.noop),
    ]

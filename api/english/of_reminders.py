"""What the reminder engine refuses, and why. The commands that it names are the staff's."""

TEXTS = {
    "Le lot {} n’existe pas. {}.": "There is no batch {}. {}.",
    "Le dernier lot est le {}": "The last batch is {}",
    "Aucun lot n’a encore été préparé": "No batch has been prepared yet",
    "Le lot {} est arrêté par une alarme : {}. Pour passer outre, dites pourquoi (--reason).": (
        "Batch {} is stopped by an alarm: {}. To go on all the same, say why (reason)."
    ),
    "{} a préparé le lot {} : une autre personne doit l’approuver.": (
        "{} prepared batch {}: another person must approve it."
    ),
    "L’empreinte donnée n’est pas celle du lot {} : relisez l’aperçu (show_batch {}) et donnez l’empreinte entière "
    "qu’il affiche.": (
        "The hash given is not that of batch {}: read the preview again (batches/{}/) and give the whole hash it shows."
    ),
    "Le lot {} compte {} et non {} : relisez l’aperçu.": "Batch {} counts {}, not {}: read the preview again.",
    "La liste du lot {} n’est plus celle de son empreinte : annulez le lot, préparez-en un autre et faites vérifier la "
    "base.": (
        "The list of batch {} is not that of its hash any more: cancel it, prepare another, have the database checked."
    ),
    "Un frein rouge bloque le lot {} — {}. Annulez-le et replanifiez.": (
        "A red brake blocks batch {} — {}. Cancel it and plan again."
    ),
    "La relance {} est déjà repartie (relance {}, {}) : tenez-la pour envoyée.": (
        "Reminder {} has left again already (reminder {}, {}): treat it as sent."
    ),
    "Le lot {} est prévu pour le {} : lancez-le ce jour-là, rien n’en partirait avant.": (
        "Batch {} is planned for {}: release it on that day, nothing of it would leave before."
    ),
    "Le lot {} a été préparé pour le {} : il est périmé, préparez-en un autre.": (
        "Batch {} was prepared for {}: it is stale, prepare another."
    ),
    "{} dossiers du lot {} ont changé depuis sa préparation : il est périmé, annulez-le et préparez-en un autre.": (
        "{} files of batch {} have changed since it was prepared: it is stale, cancel it and prepare another."
    ),
    "L’approbation du lot {} a expiré : préparez un nouveau lot.": "The approval of batch {} is over: prepare another.",
    "Le lot {} est déjà lancé et en pause : reprenez-le avec resume_batch.": (
        "Batch {} is released already, and paused: resume it (…/resume/)."
    ),
    "Le lot {} n’a pas encore été lancé : utilisez release_batch.": "Batch {} is not released yet: use …/release/.",
    "Le lot {} est déjà {} : rien n’a été fait une seconde fois.": "Batch {} is {} already: nothing was done again.",
    "Le lot {} n’est pas approuvé : une seconde personne doit l’approuver (approve_batch).": (
        "Batch {} is not approved: a second person must approve it (…/approve/)."
    ),
    "préparez-en un autre (plan_reminders)": "prepare another (POST batches/)",
    "voyez show_batch {}": "see batches/{}/",
    "ce qu’il en est advenu : show_batch {}": "what became of it: batches/{}/",
    "Le lot {} {} : il ne peut pas être {} ; {}.": "Batch {} {}: it cannot be {}; {}.",
    "approuvé": "approved",
    "lancé": "released",
    "mis en pause": "paused",
    "en pause": "paused",
    "annulé": "cancelled",
    "repris": "resumed",
    "n’est qu’un projet": "is a draft only",
    "n’est pas encore lancé": "is not released yet",
    "est déjà lancé": "is released already",
    "est déjà lancé, et en pause": "is released already, and paused",
    "est terminé": "is over",
    "est annulé": "is cancelled",
    "est périmé": "is stale",
    "Le {} est passé : une relance ne se prépare que pour aujourd’hui ou un jour à venir. Pour voir où en était un "
    "dossier ce jour-là : explain NUMERO --as-of JOUR.": (
        "{} is over: reminders are prepared for today or a day to come only. To see where a file stood then: "
        "intermediaries/NUMBER/state/?as_of=DAY."
    ),
    "Vague inconnue : « {} ». Vagues actives : {}.": "Unknown wave: “{}”. Active waves: {}.",
    "Aucune relance acceptée et jamais revenue n’a parlé à {} de ce qui lui est reproché : adressez l’avis par "
    "lettre.": (
        "No reminder that was accepted and never came back told {} of what is held against it: send the notice by "
        "letter."
    ),
    "Seul un défaut d’assurance ou de garantie a pu être annoncé par une relance.": (
        "Only a missing insurance or guarantee can have been told by a reminder."
    ),
    "Le lot {} n’existe pas. Vérifiez son numéro avec show_batch.": "There is no batch {}. Check its number.",
    "Le lot {} est lui-même un rectificatif (du lot {}) : un rectificatif ne se rectifie pas, écrivez à ses "
    "destinataires.": (
        "Batch {} is itself a correction (of batch {}): a correction is not corrected, write to its recipients."
    ),
    "Envois du lot {} encore entre les mains d’un exécutant : {}. Attendez deux minutes, lancez deliver --batch {} "
    "pour régler ceux d’un exécutant disparu, {}.": (
        "Messages of batch {} that a worker still holds: {}. Wait two minutes, run deliver --batch {} to settle those "
        "of a worker that is gone, {}."
    ),
    "puis relancez recall_batch {}": "then ask for the recall of batch {} again",
    "Aucune relance du lot {} n’est partie : il n’y a rien à rectifier.": (
        "No reminder of batch {} has left: there is nothing to correct."
    ),
    "Le lot {} est déjà rectifié : {}": "Batch {} is corrected already: {}",
    "chacun de ceux qui l’ont reçu a eu son rectificatif, une fois.": (
        "each of those who received it has had the correction, once."
    ),
    "chacun de ceux qui l’ont reçu a un rectificatif ({}).{}": "each of those who received it has a correction ({}).{}",
    " Les incertains sont peut-être partis : réglez-les avec settle_uncertain.": (
        " The uncertain ones may have left: settle them (settle_uncertain)."
    ),
    "Ceux qu’il reste à rectifier du lot {} attendent dans un autre lot ({}) : annulez-le ou attendez sa fin, puis "
    "relancez recall_batch {}.": (
        "Those of batch {} still to be corrected wait in another batch ({}): cancel it or wait for its end, then ask "
        "for the recall of batch {} again."
    ),
    "Le lot {} est en cours d’envoi : arrêtez-le d’abord avec pause_batch {}, annulez-le avec cancel_batch {}, {}.": (
        "Batch {} is being sent: pause batch {} first, cancel batch {}, {}."
    ),
    "Le lot {} est en pause et pourrait repartir : annulez-le d’abord avec cancel_batch {}, {}.": (
        "Batch {} is paused and could go on: cancel batch {} first, {}."
    ),
    "Rien n’est parti du lot {} : il suffit de l’annuler avec cancel_batch {}.": (
        "Nothing of batch {} has left: it is enough to cancel batch {}."
    ),
    "Le message destiné au numéro ORIAS {} ({}) ne peut pas être rédigé : {}. Aucun lot n’est créé : corrigez le "
    "modèle ou le dossier, puis replanifiez.": (
        "The message for ORIAS number {} ({}) cannot be written: {}. No batch is made: correct the template or the "
        "file, then plan again."
    ),
    "Dites pourquoi les envois sont arrêtés : le motif est obligatoire.": (
        "Say why sending is stopped: a reason is required."
    ),
}

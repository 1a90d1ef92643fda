"""What brakes say of a draft, and alarms of a release: both are written in French where they are judged."""

from itertools import product

_PLURALS = ("", "s")
_SUMS = {
    f"{{}} prévu{one} + {{}} écarté{two} = {{}} au registre": "{} planned + {} left out = {} in the register"
    for one, two in product(_PLURALS, repeat=2)
} | {
    f"{{}} prévu{one} + {{}} écarté{two} + {{}} déjà rectifié{three} = {{}} touché{four}": (
        "{} planned + {} left out + {} corrected already = {} reached"
    )
    for one, two, three, four in product(_PLURALS, repeat=4)
}
_COUNTED = {
    "{} destinataire": "{} recipient",
    "{} destinataires": "{} recipients",
    "{} destinataire au dossier complet : {}": "{} recipient with a complete file: {}",
    "{} destinataires au dossier complet : {}": "{} recipients with a complete file: {}",
    "{} destinataire que les deux évaluations jugent différemment : {}": (
        "{} recipient whom the two evaluations judge differently: {}"
    ),
    "{} destinataires que les deux évaluations jugent différemment : {}": (
        "{} recipients whom the two evaluations judge differently: {}"
    ),
    "{} destinataire déjà relancé ces sept derniers jours": "recipients reminded within the last week: {}",
    "{} destinataires déjà relancés ces sept derniers jours": "recipients reminded within the last week: {}",
    "{} dossier aux constats périmés : lancez verify_register --refresh": (
        "{} file with stale findings: run verify_register --refresh"
    ),
    "{} dossiers aux constats périmés : lancez verify_register --refresh": (
        "{} files with stale findings: run verify_register --refresh"
    ),
    "une pièce est bien attendue de {} destinataire sur {}": "a paper is truly due: {} recipients of {}",
    "une pièce est bien attendue de {} destinataires sur {}": "a paper is truly due: {} recipients of {}",
    "{} relance à tort vérifiée": "{} wrong reminder, verified",
    "{} relances à tort vérifiées": "{} wrong reminders, verified",
    "{} relance à tort vérifiée : {}": "{} wrong reminder, verified: {}",
    "{} relances à tort vérifiées : {}": "{} wrong reminders, verified: {}",
    "{}. Vérifiez le registre et les dates de la campagne, annulez ce lot (cancel_batch), corrigez, puis planifiez de "
    "nouveau": "{}. Check the register and the dates of the campaign, cancel this batch, correct, then plan again",
}
TEXTS = {
    # brakes
    "aucun destinataire n’a un dossier complet": "no recipient has a complete file",
    "les deux évaluations concordent pour chaque destinataire": "both evaluations agree on every recipient",
    "les envois sont ouverts": "sending is open",
    "l’arrêt d’urgence est enclenché": "the stop switch is on",
    "un import du registre est en cours : attendez sa fin": "a register file is being applied: wait for its end",
    "aucun import en cours": "no import under way",
    "la plage d’envoi est ouverte ce jour, ou va s’ouvrir": "the send window is open on that day, or will open",
    "la plage d’envoi ne s’ouvre pas ce jour, ou elle est déjà close": (
        "the send window does not open on that day, or is closed already"
    ),
    "aucun lot avant celui-ci : relisez les exemples": "no batch before this one: read the samples",
    "règles et textes inchangés depuis le lot précédent": "rules and texts unchanged since the batch before",
    "règles ou textes modifiés depuis le lot précédent : relisez les exemples": (
        "rules or texts changed since the batch before: read the samples"
    ),
    "aucun incident en cours": "no incident under way",
    "relances à tort du lot {}": "wrong reminders of batch {}",
    "{} : vérifiez que ce lot n’en est pas touché avant d’approuver": (
        "{}: make sure that it does not touch this batch before you approve"
    ),
    "le compte n’y est pas : {}": "the count does not add up: {}",
    "{} du registre": "{} of the register",
    "aucun lot comparable l’an dernier": "no comparable batch last year",
    "{} contre {} pour les mêmes vagues l’an dernier": "{} against {} for the same waves last year",
    "{} : vérifiez pourquoi avant d’approuver": "{}: find out why before you approve",
    "tous les constats sont à jour": "all findings are up to date",
    "au plus {} à une adresse, {} à un même domaine": "at most {} to one address, {} to one domain",
    "règles et textes inchangés depuis le lot rectifié": "rules and texts unchanged since the batch that is corrected",
    "règles ou textes modifiés depuis le lot rectifié : relisez les exemples": (
        "rules or texts changed since the batch that is corrected: read the samples"
    ),
    "en attente dans un autre lot, donc écartés : {} ; annulez-le, puis rectifiez de nouveau": (
        "waiting in another batch, so left out: {}; cancel it, then correct again"
    ),
    "aucun destinataire n’attend dans un autre lot": "no recipient waits in another batch",
    "{} : vérifiez que le lot était fautif, et que les règles ne le sont pas": (
        "{}: make sure that the batch was wrong, and that the rules are not"
    ),
    # alarms
    "{} {}, sur {} envois ({}, limite {})": "{} {}, of {} messages ({}, limit {})",
    "{} dans le {}": "{} in the {}",
    "envois incertains": "uncertain messages",
    "refus à corriger": "refusals to correct",
    "adresses hors d’usage": "dead addresses",
    "{} envois incertains de suite, le dernier : {}": "{} uncertain messages running, the last: {}",
    "palier": "step",
    "lot": "batch",
    "aucun message n’a été accepté depuis {} minutes alors que tout permet l’envoi": (
        "no message has been accepted for {} minutes although everything allows sending"
    ),
    "partis d’un palier de {} : {} seulement": "left of a step of {}: {} only",
    "aucun message d’un palier de {} n’a été accepté": "no message of a step of {} was accepted",
    # samples
    "(écarté à ce jour : {})": "(left out as of today: {})",
    **_SUMS,
    **_COUNTED,
}
COUNTED = {*_SUMS, *_COUNTED}
"""Put together of a number and its word, or of two sentences: no one string of the rules is theirs."""

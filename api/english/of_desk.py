"""What the pages of the desk, the papers, the commission, orders and destruction say, and what only they come to."""

TEXTS = {
    # done, told once
    "Appel noté.": "Call logged.",
    "Rappel fait : tenu.": "Called back: the promise is kept.",
    "Renfort retiré.": "Role taken back.",
    "Renfort donné à {}.": "{} is an extra agent now.",
    "Incident déclaré : toutes les pages le disent, et le poste le lit à haute voix.": (
        "Incident declared: every page tells of it, and the desk reads it aloud."
    ),
    "C’est dit.": "It is said.",
    "Réclamation {} enregistrée.": "Complaint {} recorded.",
    "L’écrit est enregistré : les délais courent de son envoi.": (
        "The writing is recorded: its clocks run from its sending."
    ),
    "Accusé de réception noté.": "Acknowledgement recorded.",
    "La personne est prévenue du retard.": "The person has been told that we are late.",
    "Réponse enregistrée : la réclamation est close.": "Answer recorded: the complaint is closed.",
    "Requalifiée en demande : ses délais ne courent plus.": "Found to be a request: its clocks run no more.",
    "Attestation prise : elle vous est confiée.": "Certificate taken: it is assigned to you.",
    "Attestation rendue : elle n’est plus à personne.": "Certificate given back: it is nobody's now.",
    "Attestation acceptée.": "Certificate accepted.",
    "Correction demandée : notre délai est suspendu jusqu’à la réponse.": (
        "Correction asked for: our time is paused until the answer."
    ),
    "Attestation refusée.": "Certificate refused.",
    "Dossiers détruits : le certificat {} en fait foi.": "Files destroyed: certificate {} is the proof.",
    "Le dossier {} n’est plus conservé d’office.": "File {} is held no more.",
    "Le dossier {} est conservé, quel que soit son âge.": "File {} is held, whatever its age.",
    "Avis écrit : il compte une fois son dépôt enregistré.": "Notice written: it counts once its posting is recorded.",
    "La relance déjà partie vaut avis : le délai court de son jour.": (
        "The reminder that has left is the notice: the time runs from its day."
    ),
    "Mise en demeure écrite : elle compte une fois déposée.": "Formal notice written: it counts once posted.",
    "Lettre de décision écrite : elle compte une fois déposée.": "Decision letter written: it counts once posted.",
    "Suppression publiée.": "Removal published.",
    "Affaire suspendue.": "Case held.",
    "Affaire reprise.": "Case resumed.",
    "Affaire retirée.": "Case withdrawn.",
    "Preuve enregistrée.": "Proof recorded.",
    "Le dossier est revenu en règle : l’affaire est retirée, rien n’a été fait.": (
        "The file is back in good standing: the case is withdrawn, nothing was done."
    ),
    "Affaire ouverte : rien n’est encore dit à personne.": "Case opened: nobody is told anything yet.",
    "Ordre saisi : il prendra effet quand une autre personne l’aura confirmé.": (
        "Order entered: it takes effect when another person has confirmed it."
    ),
    "Ordre confirmé et exécuté : sa lettre est à poster.": (
        "Order confirmed and carried out: its letter is to be posted."
    ),
    "{} est inscrit à nouveau en {}, sous le même numéro.": "{} is registered anew as {}, under the same number.",
    "Séance saisie : rien n’est décidé tant qu’une autre personne ne l’a pas signée.": (
        "Session entered: nothing is decided until another person has signed it."
    ),
    "Séance {} signée : son procès-verbal est au registre.": "Session {} signed: its minutes are in the register.",
    "{} siège à la commission.": "{} is a member of the commission.",
    "Signalement réglé : la suite donnée est au dossier.": "Signal settled: what was done is on file.",
    # forms
    "Donnez le jour, par exemple 2026-01-29.": "Give the day, for example 2026-01-29.",
    "Donnez le jour, par exemple 2027-03-15.": "Give the day, for example 2027-03-15.",
    "Donnez le jour et l’heure, par exemple 2026-01-29T14:30.": (
        "Give the day and the hour, for example 2026-01-29T14:30."
    ),
    "Donnez un jour entre les années {} et {}.": "Give a day between the years {} and {}.",
    "Jour de la séance": "Day of the session",
    "Premier jour": "First day",
    "Dernier jour": "Last day",
    "Nom": "Name",
    "Ce qui est ordonné": "What is ordered",
    "Jour de l’acte": "Day of the act",
    "Prise d’effet": "Takes effect on",
    "Fin de la suspension": "End of the suspension",
    "Autorité": "Authority",
    "Référence de l’acte": "Reference of the act",
    "Interdiction": "Ban",
    "Référence de la décision": "Reference of the decision",
    "Jour de la liste": "Day of the list",
    "Nombre de dossiers": "Number of files",
    # the desk
    "Dites pourquoi on appelle, et ce qu’il en est sorti.": "Say why they call, and what came of it.",
    "Cet appel est déjà noté : cherchez à nouveau pour en noter un autre.": (
        "This call is logged already: search again to log another."
    ),
    "Cette consultation n’est pas la vôtre : cherchez à nouveau le dossier.": (
        "This look-up is not yours: search for the file again."
    ),
    "Il faut {} preuves qui concordent avec le dossier ; celles-ci : {}. Sans elles, seul ce qui est public peut être "
    "dit.": "It takes {} proofs that agree with the file; these do: {}. Without them only what is public may be told.",
    "aucune": "none",
    "Un renfort a un compte et une fin : donnez les deux.": "An extra agent has an account and an end: give both.",
    "Ce renfort est déjà terminé.": "This role is over already.",
    "Personne ne se donne un rôle à soi-même : demandez-le à un autre responsable.": (
        "Nobody gives a role to themselves: ask another lead."
    ),
    "Le compte {} n’est pas celui d’un membre du personnel : choisissez un autre nom.": (
        "The account {} is not of a member of staff: choose another name."
    ),
    "Ce nom de compte ne convient pas : {}": "This name of an account will not do: {}",
    "Un renfort prend fin dans les {} jours : donnez une date à venir.": (
        "An extra agent ends within {} days: give a date to come."
    ),
    # complaints
    "Dites par quel canal la réclamation est venue, et de quoi elle se plaint.": (
        "Say by which way the complaint came, and what it is about."
    ),
    "Aucun intermédiaire ne porte ce numéro : laissez-le vide s’il n’est pas connu.": (
        "No intermediary has this number: leave it empty where it is not known."
    ),
    "Dites ce que la réponse donne à la personne.": "Say what the answer gives to the person.",
    "Invitation à écrire": "Invitation to write",
    "Accusé de réception": "Acknowledgement",
    "Annonce d’un retard": "Word that we are late",
    "Réclamations": "Complaints",
    "dont écrites": "of them in writing",
    "En attente": "Waiting",
    "Saisies puis requalifiées en demandes (non comptées)": "Entered, then found to be requests (not counted)",
    "Accusées après dix jours ouvrables, ou pas encore": "Acknowledged after ten working days, or not yet",
    "Répondues après deux mois, ou pas encore": "Answered after two months, or not yet",
    "Réclamations écrites et répondues": "Written complaints that were answered",
    "Délai médian de réponse (jours)": "Median time to answer (days)",
    "Neuf sur dix répondues en (jours)": "Nine of ten answered within (days)",
    "Délai le plus long (jours)": "Longest time (days)",
    # papers
    "Le motif « autre » demande une précision : dites pourquoi vous refusez.": (
        "The reason “other” needs words: say why you refuse."
    ),
    "Choisissez un motif : c’est lui qui dit à l’intermédiaire quoi faire.": (
        "Choose a reason: it tells the intermediary what to do."
    ),
    "Cochez au moins une attestation.": "Tick one certificate at least.",
    # removals
    "Ce motif est celui d’une campagne : donnez son année.": "This ground is of a campaign: give its year.",
    "Choisissez le motif légal.": "Choose the legal ground.",
    "L’affaire a avancé depuis : la voici telle qu’elle est, relisez avant d’agir.": (
        "The case has moved on since: here it is as it stands, read it again before you act."
    ),
    "Choisissez la lettre, et ce qu’elle est devenue.": "Choose the letter, and what became of it.",
    "{}, à partir du {}.": "{}; from {} on it may be taken.",
    # the commission
    "Le mandat finit avant d’avoir commencé : vérifiez les deux jours.": (
        "The term ends before it begins: check both days."
    ),
    "Le code est court, en lettres sans accent, chiffres et tirets : par exemple dupont.": (
        "The code is short, of letters without accents, figures and hyphens: for example dupont."
    ),
    "Aucune voix n’est saisie : une séance délibère au moins sur une affaire.": (
        "No vote is entered: a session deliberates on one case at least."
    ),
    "Ce qui est saisi n’est plus ce qui a été montré : relisez avant d’enregistrer.": (
        "What is entered is not what was shown any more: read it again before you record it."
    ),
    "Une séance se saisit une fois tenue : son jour ne peut pas être à venir.": (
        "A session is entered once held: its day cannot be one to come."
    ),
    # orders
    "La base de données refuse cette écriture : les jours ou l’objet ne vont pas ensemble, relisez-les.": (
        "The database refuses this: the days or the subject do not go together, read them again."
    ),
    "Une nouvelle inscription suit la suppression de l’ancienne, et n’est pas datée d’après aujourd’hui.": (
        "A new registration follows the removal of the old one, and is not dated after today."
    ),
    "L’ordre {} interdit toute inscription jusqu’au {}.": "Order {} forbids any registration until {}.",
    "Cette inscription est déjà supprimée : l’ordre n’a rien à exécuter.": (
        "This registration is removed already: the order has nothing to carry out."
    ),
    "L’ordre {} est déjà confirmé.": "Order {} is confirmed already.",
    "Un ordre est confirmé par une autre personne que celle qui l’a saisi.": (
        "An order is confirmed by another person than the one who entered it."
    ),
    "L’ordre a été saisi sous la référence « {} », et vous lisez « {} » : comparez avec l’acte.": (
        "The order was entered under the reference “{}”, and you read “{}”: compare with the act."
    ),
    "Seule une suspension a une fin, et elle vient après sa prise d’effet.": (
        "Only a suspension has an end, and it comes after it takes effect."
    ),
    "Un ordre vient de l’ACPR ou de l’AMF, et supprime, suspend ou radie.": (
        "An order comes from the ACPR or the AMF, and removes, suspends or strikes off."
    ),
    "Une radiation porte sur la personne, le reste sur une inscription.": (
        "A striking off is of the person, the rest of a registration."
    ),
    "L’acte du {} prend effet le {} : entre son jour et aujourd’hui.": (
        "The act of {} takes effect on {}: it must be between its day and today."
    ),
    # destruction, signals
    "La liste compte {} dossiers, et vous en avez tapé {}.": "The list counts {} files, and you typed {}.",
    "Plus de {} dossiers : passez par la commande purge_files.": "More than {} files: use the command purge_files.",
    "Une destruction est approuvée par une autre personne que celle qui la demande.": (
        "A destruction is approved by another person than the one who asks for it."
    ),
    "Le {} n’est pas encore venu : rien n’est détruit d’avance.": (
        "{} has not come yet: nothing is destroyed beforehand."
    ),
    "Aucun dossier à détruire au {}.": "There is no file to destroy as of {}.",
    "La liste n’est pas celle qui a été approuvée : faites-la relire (purge_files).": (
        "The list is not the one that was approved: have it read again (purge_files)."
    ),
    "Une conservation imposée dit pourquoi : indiquez un motif.": "A hold says why: give a reason.",
    "Le dossier {} est déjà conservé.": "File {} is held already.",
    "Le dossier {} n’est pas conservé.": "File {} is not held.",
    "Dites quelle suite a été donnée au signalement.": "Say what was done about the signal.",
    "Le signalement {} n’existe pas, ou il est déjà réglé.": "There is no signal {}, or it is settled already.",
    "Aucune relance n’est partie vers le numéro ORIAS {} : vérifiez-le, ou voyez explain.": (
        "No reminder has left for ORIAS number {}: check it, or see its file."
    ),
}

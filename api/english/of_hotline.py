"""What the hotline refuses, and why."""

TEXTS = {
    "Un appel noté a eu lieu : son heure est à venir.": "A call on record has taken place: its time is to come.",
    "Un rappel promis a son heure, et lui seul : donnez l’un avec l’autre.": (
        "A promised call back has its time, and nothing else has: give both or neither."
    ),
    "L’heure promise pour le rappel est passée : donnez-en une à venir.": (
        "The time promised for the call back is over: give one to come."
    ),
    "Pour rappeler, il faut un numéro ou un intermédiaire : donnez l’un des deux.": (
        "To call back takes a number or an intermediary: give one of them."
    ),
    "Aucun rappel n’est promis sous le numéro {} : voyez manage.py call_backs.": (
        "No call back is promised under the number {}."
    ),
    "Une réclamation dit qui se plaint, et de quoi : donnez les deux.": (
        "A complaint says who complains, and of what: give both."
    ),
    "Seule une réclamation orale peut être satisfaite aussitôt : enregistrez celle-ci, puis répondez-y.": (
        "Only a spoken complaint can be settled at once: record this one, then answer it."
    ),
    "Le {} remonte à plus de cinq ans : vérifiez l’année.": "{} is more than five years ago: check the year.",
    "Un appel du {} remonte à plus d’un an : vérifiez l’année.": (
        "A call of {} is more than a year ago: check the year."
    ),
    "Un rappel se promet dans les {} jours : le {} est trop loin.": (
        "A call back is promised within {} days: {} is too far off."
    ),
    "La prochaine information vient dans les {} jours : le {} est trop loin, on croirait l’incident oublié.": (
        "The next word comes within {} days: {} is too far off, the incident would seem forgotten."
    ),
    "Le {} est à venir : donnez le jour où cela s’est passé.": "{} is to come: give the day on which it happened.",
    "Dites pourquoi ce n’est pas une réclamation : le motif est obligatoire.": (
        "Say why this is no complaint: a reason is required."
    ),
    "Le {} précède {}, du {}.": "{} is before {}, on {}.",
    "La réclamation {} n’attend pas de réponse écrite : rien à annoncer.": (
        "Complaint {} waits for no written answer: there is nothing to announce."
    ),
    "La personne est prévenue depuis le {}.": "The person was told on {} already.",
    "La réponse à {} n’est pas en retard : elle est due le {}.": "The answer to {} is not late: it is due on {}.",
    "Une réponse est claire et motivée : donnez-en le texte.": "An answer is clear and gives reasons: give its text.",
    "Un refus, même partiel, dit où la personne peut s’adresser : donnez le recours.": (
        "A refusal, even in part, says where the person can turn to: give the appeal."
    ),
    "La réclamation {} est « {} » : elle ne peut pas devenir « {} ».": "Complaint {} is “{}”: it cannot become “{}”.",
    "Aucune réclamation ne porte le numéro {} : voyez manage.py complaints.": (
        "No complaint has the number {}: see hotline/complaints/."
    ),
    "Dites quel lot mettre en pause.": "Say which batch is to be paused.",
    "Dites ce qui se passe, en mots pour tous : le message est obligatoire.": (
        "Say what happens, in words for everybody: a message is required."
    ),
    "Dites quand viendra la prochaine information : une heure à venir est obligatoire.": (
        "Say when the next word comes: a time to come is required."
    ),
    "L’incident {} n’existe pas : voyez manage.py incidents --all.": "There is no incident {}: see hotline/incidents/.",
    "L’incident {} est « {} » : il ne peut pas devenir « {} ». Ce qui recommence est un autre incident.": (
        "Incident {} is “{}”: it cannot become “{}”. What begins again is another incident."
    ),
    "La cause n’est pas encore dite : donnez-la (--cause).": "The cause has not been told yet: give it (cause).",
}

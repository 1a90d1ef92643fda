"""What the API itself refuses in the register's way."""

TEXTS = {
    "La base de données refuse cette écriture : relisez le dossier, puis recommencez.": (
        "The database refuses this: read the file again, then try again."
    ),
    "Le contenu conservé de ce document est introuvable ou abîmé : signalez-le à l’assistance.": (
        "The stored content of this document is lost or damaged: tell the hotline."
    ),
    "Les envois restent arrêtés : {}. Sur la machine qui envoie : resume_sending --by NOM.": (
        "Sending stays stopped: {}. On the machine that sends: resume_sending --by NAME."
    ),
    "La séance {} n’est pas signée : elle n’a pas encore de procès-verbal.": (
        "Session {} is not signed: it has no minutes yet."
    ),
    "Ce numéro a été fusionné avec {} : écrivez à celui-là.": "This number was merged into {}: write to that one.",
    "Cette adresse ne peut recevoir de messages : elle {}.": "This address cannot receive messages: it {}.",
    "a des signes qu’une adresse n’a pas": "has characters that no address has",
    "ne commence pas par https://": "must begin with https://",
    "doit avoir un nom d’hôte, sans compte ni fragment": "must have a host's name, no account and no fragment",
    "ne peut avoir que le port 443, ou l’un de 1024 à 65535": "may have port 443 alone, or one from 1024 to 65535",
    "n’est pas une adresse publique": "is no public address",
    "n’est pas une adresse": "is no address",
    "adresse refusée : {}": "address refused: {}",
    "ce nom ne mène à aucune adresse publique": "this name leads to no public address",
    "pas de réponse à temps": "no answer in time",
    "la réponse n’est pas du HTTP": "the answer is no HTTP",
    "a répondu {}": "answered {}",
    "Un compte a {} webhooks au plus : supprimez-en un.": "An account has {} webhooks at most: delete one.",
    "Cet instant est à venir : rien ne peut être redit.": "This instant is to come: nothing can be told again.",
    "Les changements de cet instant ne sont plus gardés : relisez ce que vous suivez.": (
        "The changes of that instant are not kept any more: read anew what you follow."
    ),
    "Ce compte avertit déjà cette adresse : changez-la, ou supprimez l’autre.": (
        "This account tells that address already: change it, or delete the other webhook."
    ),
}

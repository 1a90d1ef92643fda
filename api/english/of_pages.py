"""What only the pages of intermediaries may come to: accesses and keys."""

TEXTS = {
    "Aucune clé « {} » : voyez list_api_keys.": "There is no key “{}”.",
    "Cette adresse est celle d’un autre compte : donnez-en une autre.": (
        "This address is that of another account: give another one."
    ),
    "Le dernier jour du mandat précède le premier : corrigez l’un des deux.": (
        "The last day of the mandate is before its first: correct one of them."
    ),
    "Une clé du personnel agit au nom de son titulaire : {} la crée pour soi-même.": (
        "A key of the staff acts for its holder: {} makes it alone."
    ),
    "{} a déjà un mandat pour {} : mettez-y fin d’abord avec end_mandate.": "{} acts for {} already.",
    "{} a déjà {} clés « {} » ({}) : révoquez-en une.": "{} has {} keys “{}” already ({}): revoke one.",
    "Un nom de clé a {} caractères au plus, celui-ci {}. Abrégez-le.": "The name of a key has {} characters at most, "
    "this one {}. Shorten it.",
    "{} est du personnel : il agit par son rôle, sans mandat.": "{} is of the staff, and acts without a mandate.",
    "{} n’est pas du personnel : pas de droit « staff ».": "{} is not of the staff: no such right.",
    "« {} » n’est pas un réseau : écrivez-le comme 192.0.2.0/24 ou 2001:db8::/32.": (
        "“{}” is not a network: write it like 192.0.2.0/24 or 2001:db8::/32."
    ),
}

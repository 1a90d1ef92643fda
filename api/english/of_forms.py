"""What the forms of staff ask for again (`web.given`), and the fields that they name."""

TEXTS = {
    "{} : à remplir.": "{}: fill it in.",
    "Dites pourquoi : le motif est obligatoire.": "Say why: a reason is required.",
    "{} : donnez le jour, par exemple 2027-03-15.": "{}: give the day, for example 2027-03-15.",
    "{} : donnez-le en chiffres.": "{}: give it in figures.",
    "{} : choisissez dans la liste.": "{}: choose from the list.",
    "Ce numéro ORIAS n’est pas au registre : vérifiez ses huit chiffres.": (
        "This ORIAS number is not on the register: check its eight figures."
    ),
    "{} n’a jamais été inscrit dans cette catégorie.": "{} was never registered in this category.",
    "Campagne": "Campaign",
    "Inscription": "Registration",
    "Montant": "Amount",
    "Jour du dépôt": "Day of filing",
    "Jour lu sur le papier": "Day read on the paper",
    "Jour du règlement": "Day of payment",
    "Référence du règlement": "Reference of the payment",
}

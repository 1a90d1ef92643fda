"""What only the pages of batches, worklists, deadlines, requests, fees and merges may come to, and commands."""

TEXTS = {
    # batches and the switch
    "Tapez le nombre de destinataires, en chiffres, tel que l’aperçu le donne.": (
        "Type the number of recipients, in figures, as the preview gives it."
    ),
    "Cochez la case : une annulation ne se reprend pas.": "Tick the box: a cancellation cannot be taken back.",
    "Cochez la case : l’arrêt vaut pour toutes les machines.": "Tick the box: the stop holds for all machines.",
    "Dites pourquoi ce lot est à rectifier : le motif est obligatoire.": (
        "Say why this batch is to be corrected: a reason is required."
    ),
    "Donnez le jour du lot, par exemple 2026-01-29.": "Give the day of the batch, for example 2026-01-29.",
    "Le jour du lot est entre {} et {}.": "The day of a batch is between {} and {}.",
    "Un réglage ne peut pas servir : {}": "A setting cannot be used: {}",
    "La note est vide : écrivez la cause, ou ce qui a été fait.": (
        "The note is empty: write down the cause, or what was done."
    ),
    # messages and addresses that a person settles
    "Dites sur quoi se fonde cette décision : le motif est obligatoire.": (
        "Say what this decision rests on: a reason is required."
    ),
    "La relance {} n’existe pas. Les relances incertaines : manage.py settle_uncertain --list": (
        "There is no reminder {}. The uncertain ones: manage.py settle_uncertain --list"
    ),
    "La relance {} n’est pas incertaine, mais « {} » : il n’y a rien à régler.": (
        "Reminder {} is not uncertain, but “{}”: there is nothing to settle."
    ),
    "La relance {} n’a pas pu être réglée : réessayez.": "Reminder {} could not be settled: try again.",
    "La relance {} est déjà réglée depuis le {} : {} ({}).": "Reminder {} was settled already on {}: {} ({}).",
    "Dites d’où vous tenez l’adresse : le motif est obligatoire.": (
        "Say where you have the address from: a reason is required."
    ),
    "L’adresse a changé entre-temps : relisez la liste.": "The address has changed meanwhile: read the list again.",
    "Le numéro ORIAS {} n’est pas au registre : vérifiez ses huit chiffres, zéros compris.": (
        "ORIAS number {} is not in the register: check its eight digits, zeros included."
    ),
    "L’adresse de {} a changé entre-temps : la nouvelle n’est pas à confirmer.": (
        "The address of {} has changed meanwhile: the new one need not be confirmed."
    ),
    "L’adresse actuelle de {} n’est pas en défaut : il n’y a rien à confirmer.": (
        "The present address of {} is not in trouble: there is nothing to confirm."
    ),
    # deadlines
    "Choisissez une décision : décaler, geler ou annuler.": "Choose a decision: shift, freeze or reverse.",
    "Donnez chaque jour comme 2027-03-31.": "Give each day like 2027-03-31.",
    "Donnez l’année, ou le numéro de la décision, en chiffres.": (
        "Give the year, or the number of the decision, in figures."
    ),
    "Une décision sur les délais dit pourquoi : indiquez un motif.": (
        "A decision about deadlines says why: give a reason."
    ),
    "Un décalage cite l’acte dont il procède : indiquez sa référence.": (
        "A shift names the act that it rests on: give its reference."
    ),
    "Dates de campagne inconnues : {}. Dates connues : {}.": "Unknown dates of a campaign: {}. Known dates: {}.",
    "Les dates de la campagne {} ne se suivraient plus ({}) : décalez aussi les autres.": (
        "The dates of campaign {} would not follow one another any more ({}): shift the others too."
    ),
    "Rien à décaler{} : la campagne {} a déjà ces dates.": "Nothing to shift{}: campaign {} has these dates already.",
    "Rien à décaler : la campagne {} a déjà ces dates.": "Nothing to shift: campaign {} has these dates already.",
    "Du {} au {} il y a {} jours : un gel en compte de 1 à {}.": (
        "From {} to {} there are {} days: a freeze has from 1 to {}."
    ),
    "Le gel du {} au {} est déjà en vigueur : annulez-le d’abord, ou indiquez d’autres jours.": (
        "The freeze from {} to {} is in force already: reverse it first, or give other days."
    ),
    "Aucune décision {}{} sur les délais : vérifiez son numéro.": (
        "There is no decision {}{} about deadlines: check its number."
    ),
    "Aucune décision {} sur les délais : vérifiez son numéro.": (
        "There is no decision {} about deadlines: check its number."
    ),
    "La décision {} est une annulation : signez à nouveau la décision annulée.": (
        "Decision {} is a reversal: sign anew the decision that was reversed."
    ),
    "La décision {} est déjà annulée, par la décision {}.": "Decision {} is reversed already, by decision {}.",
    "Ce que la décision changerait n’est plus ce que vous avez lu : relisez l’aperçu.": (
        "What the decision would change is no longer what you read: read the preview again."
    ),
    # requests and fees
    "Le nombre n’est plus celui qui a été montré : relisez l’aperçu.": (
        "The number is no longer the one that was shown: read the preview again."
    ),
    "Cette demande n’existe pas.": "There is no such request.",
    "Montant : donnez-le en euros, par exemple 25 ou 25,00.": "Amount: give it in euros, for example 25 or 25,00.",
    "La liste n’est plus celle qui a été montrée : la voici, relisez-la.": (
        "The list is no longer the one that was shown: here it is, read it again."
    ),
    "Aucune lettre écrite à cette date n’attend d’être postée.": "No letter written by that day waits to be posted.",
    # merges
    "le numéro ORIAS {} n’est pas au registre. Vérifiez ses huit chiffres, zéros compris.": (
        "ORIAS number {} is not in the register. Check its eight digits, zeros included."
    ),
    "Quelque chose s’oppose à cette fusion : voyez ci-dessous.": "Something stands against this merge: see below.",
    "L’un des deux dossiers a changé depuis : voici l’aperçu tel qu’il est, relisez-le.": (
        "One of the two files has changed since: here is the preview as it is now, read it again."
    ),
    "Fusion impossible : {}.": "They cannot be merged: {}.",
    "{} ({})": "{} ({})",
    "Une fusion est approuvée par une autre personne que celle qui la signe.": (
        "A merge is approved by another person than the one who signs it."
    ),
    "L’aperçu n’est plus celui que vous avez vu : l’un des deux dossiers a changé. Affichez-le de nouveau, relisez, et "
    "donnez son empreinte.": (
        "The preview is no longer the one you saw: one of the two files has changed. Show it again, read it, and give "
        "its hash."
    ),
    "La fusion {} n’existe pas, ou est déjà défaite.": "There is no merge {}, or it is undone already.",
    "La fusion {} pouvait être défaite jusqu’au {}. Passez par des écritures ordinaires, chacune avec son motif.": (
        "Merge {} could be undone until {}. Use ordinary entries, each with its reason."
    ),
    "La fusion {} ne se défait plus : depuis, {}. Défaites d’abord ce qui peut l’être.": (
        "Merge {} cannot be undone any more: since then, {}. Undo first what can be."
    ),
    "le numéro {} a lui-même été fusionné": "number {} has itself been merged",
    "le numéro {} mène ailleurs": "number {} leads elsewhere",
    "{} {} a changé": "{} {} has changed",
    "l’inscription": "registration",
    "l’attestation": "certificate",
    "le contact": "contact",
    "{} du numéro gardé a changé": "{} of the number kept has changed",
    "l’attestation {} a été déposée": "certificate {} was deposited",
    "le document {} a été joint à l’attestation {}": "document {} was attached to certificate {}",
    "Donnez deux numéros différents du registre ({}).": "Give two different numbers of the register ({}).",
    "Cette paire est déjà écartée.": "This pair was dismissed already.",
}
PUT_TOGETHER = {
    "Rien à décaler : la campagne {} a déjà ces dates.",
    "Aucune décision {} sur les délais : vérifiez son numéro.",
    "{} ({})",
}
"""Where a part is left out, or stands after another: no one string of the writers is theirs."""

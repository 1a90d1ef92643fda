"""What the writers of the register refuse, and why."""

TEXTS = {
    # cases, letters, sessions
    "Une affaire s’ouvre sur un exposé des faits : indiquez-le.": "A case opens with a statement of facts: give it.",
    "Le motif « {} » est celui d’une campagne : indiquez l’année.": "The ground “{}” is of a campaign: give the year.",
    "L’affaire {} est déjà en cours pour le même objet : poursuivez-la.": (
        "Case {} about the same is under way already: go on with that one."
    ),
    "« {} » ne se fait pas par lettre.": "“{}” is not done by letter.",
    "Un retrait dit pourquoi : indiquez un motif.": "A withdrawal says why: give a reason.",
    "L’affaire {} est « {} » : {}.": "Case {} is “{}”: {}.",
    "Aucune affaire à ouvrir pour {} : {}.": "There is no case to open about {}: {}.",
    "Une suppression est publiée par une autre personne que celle qui a ouvert l’affaire.": (
        "A removal is published by another person than the one who opened the case."
    ),
    "La lettre {} n’est pas celle d’une affaire : rien n’est à prouver.": (
        "Letter {} is of no case: there is nothing to prove."
    ),
    "Lettre {} : {}": "Letter {}: {}",
    "L’affaire {} n’est ni suspendue ni en erreur : rien n’est à reprendre.": (
        "Case {} is neither held nor in error: there is nothing to resume."
    ),
    "Affaire {} : {}": "Case {}: {}",
    "une lettre n’est pas un courriel.": "a letter is no e-mail.",
    "la preuve est datée du {}, hors de la période du {} à aujourd’hui ({}).": (
        "the proof is dated {}, outside the period from {} to today ({})."
    ),
    "son dépôt est déjà enregistré, du {}.": "its deposit is recorded already, on {}.",
    "indiquez le numéro de recommandé.": "give the number of the registered letter.",
    "son dépôt n’est pas encore enregistré.": "its deposit is not recorded yet.",
    "le délai n’est pas écoulé, à partir du {}.": "the time is not over; from {} on it will be.",
    "Aucune lettre « {} » : vérifiez le numéro ou le code imprimé.": (
        "There is no letter “{}”: check the number or the printed code."
    ),
    "Une séance délibère au moins sur une affaire.": "A session deliberates on one case at least.",
    "Une séance du {} n’a pas encore été tenue ({}).": "A session of {} has not been held yet ({}).",
    "Pas en fonction le {} : {}. Membres : {}.": "Not in office on {}: {}. Members: {}.",
    "Aucune affaire {} : removal_cases en donne la liste.": "There is no case {}: removals/ lists them.",
    "Affaire {} : {} Ôtez-la de la séance (removal_cases dit quand).": (
        "Case {}: {} Take it out of the session (removals/ says when)."
    ),
    "La séance {} est déjà signée.": "Session {} is signed already.",
    "Une séance est signée par une autre personne que celle qui l’a saisie.": (
        "A session is signed by another person than the one who recorded it."
    ),
    "Cette empreinte n’est pas celle des votes saisis : relisez la séance (show_session).": (
        "This digest is not that of the votes recorded: read the session again."
    ),
    "Qui a ouvert une affaire n’en signe pas la décision : une autre personne signe.": (
        "Whoever opened a case does not sign its decision: another person does."
    ),
    "un membre n’a qu’une voix par affaire": "a member has one voice on each case",
    # contacts and files
    "Dites comment vous le savez : le motif est obligatoire.": "Say how you know: a reason is required.",
    "Un contact a une adresse électronique ou un téléphone : donnez l’un des deux.": (
        "A contact has an e-mail address or a telephone number: give one of them."
    ),
    "{} n’a pas d’adresse électronique : enregistrez-en une d’abord.": "{} has no e-mail address: record one first.",
    "Champs non modifiables ici : {}. Passez par le registre.": "These cannot be changed here: {}. Ask the register.",
    "Champs non modifiables ici : {}.": "These cannot be changed here: {}.",
    # covers, reviews, documents
    "L’attestation {} n’attend plus de contrôle : rechargez le dossier pour voir son état.": (
        "Certificate {} does not wait for review any more: read the file again to see its state."
    ),
    "Le document {} de l’attestation {} ne peut pas être lu ({}) : attendez son analyse, ou demandez-en un autre.": (
        "Document {} of certificate {} cannot be read ({}): wait for its scan, or ask for another."
    ),
    "Ce dossier a déjà reçu {} fichiers aujourd’hui : déposez les suivants demain, ou joignez l’assistance.": (
        "This file has received {} documents today already: deposit the next ones tomorrow, or call the hotline."
    ),
    "L’attestation {} n’est plus en instruction : saisissez-en une nouvelle.": (
        "Certificate {} is not under review any more: deposit a new one."
    ),
    "Le document {} n’est pas de ce dossier : indiquez-en un autre.": (
        "Document {} is not of this file: name another one."
    ),
    "Le document {} ne peut pas être joint ({}) : déposez-en un autre.": (
        "Document {} cannot be attached ({}): deposit another one."
    ),
    "Le motif OTHER demande une précision : dites ce qu’il faut corriger.": (
        "The code OTHER needs words: say what is to be corrected."
    ),
    "Une correction apporte un document ou une valeur : indiquez au moins l’un des deux.": (
        "A correction brings a document or a value: give one of them at least."
    ),
    "{} attestations dans ce lot : au plus {}, partagez-le en plusieurs.": (
        "{} certificates in this lot: {} at most, divide it into several."
    ),
    "L’attestation {} est confiée à {} depuis le {} : voyez avec cette personne, ou reprenez-la expressément.": (
        "Certificate {} has been assigned to {} since {}: ask that person, or take it over expressly."
    ),
    "Le dernier jour ne peut pas précéder le premier : corrigez la période.": (
        "The last day cannot be before the first: correct the period."
    ),
    "Le dossier ou le document a changé depuis que vous les avez sous les yeux : les voici tels qu’ils sont, relisez "
    "avant de décider.": (
        "The file or the document has changed since you have it before you: read it as it is now before you decide."
    ),
    # renewals and fees
    "Aucune campagne {} au registre : créez-la d’abord.": "The register has no campaign {}: create it first.",
    "La campagne {} n’ouvre que le {} : attendez ce jour, ou décalez-la.": (
        "Campaign {} opens on {} only: wait for that day, or move it."
    ),
    "Aucune demande {} ouverte pour {} en {} : vérifiez le numéro et la catégorie, ou ouvrez les demandes "
    "(open_renewals {} --apply).": (
        "No request of {} is open for {} as {}: check the number and the category, or have the requests opened "
        "(open_renewals {} --apply)."
    ),
    "Aucun dépôt papier n’attend pour cette demande : elle est « {} ».": (
        "No deposit on paper waits for this request: it is “{}”."
    ),
    "{} {} : {}": "{} {}: {}",
    "Un dépôt papier est confirmé par une autre personne que celle qui l’a saisi.": (
        "A deposit on paper is confirmed by another person than the one who entered it."
    ),
    "Le dépôt a été saisi au {}, et vous lisez {} : comparez avec le papier, et renvoyez la saisie si elle est fausse.": (  # noqa: E501
        "The deposit was entered as of {}, and you read {}: compare with the paper, and send the entry back if wrong."
    ),
    "cette demande est déjà « {} » ({}).": "this request is “{}” already ({}).",
    "un dépôt ne peut pas être daté du {}, après sa saisie ({}).": (
        "a deposit cannot be dated {}, after its entry ({})."
    ),
    "un dépôt papier est saisi par une personne : indiquez qui.": "a deposit on paper is entered by a person: say who.",
    "cette inscription est supprimée : une nouvelle demande d’inscription est nécessaire.": (
        "this registration is removed: a new application is needed."
    ),
    "ce n’est pas {} qui dépose pour cette inscription.": "this registration is not filed for by this way: {}.",
    "Un dépôt à la poste ne peut pas être daté du {}, après aujourd’hui ({}).": (
        "A deposit at the post cannot be dated {}, after today ({})."
    ),
    "Aucuns frais ne sont dus pour cette demande : il n’y a rien à réclamer.": (
        "No fee is due for this request: there is nothing to claim."
    ),
    "Le débiteur est informé depuis le {} : le délai court déjà.": (
        "The debtor has been told on {}: the time runs already."
    ),
    "L’information est datée du {} : entre le dépôt et aujourd’hui ({}).": (
        "The notice is dated {}: it must be between the deposit and today ({})."
    ),
    "Un règlement est déjà enregistré, du {} : rien n’est remplacé.": (
        "A payment is recorded already, of {}: nothing is replaced."
    ),
    "Aucun dépôt pour cette demande : déposez-la d’abord.": "This request has not been filed: file it first.",
    "Un règlement ne peut pas être daté du {}, après aujourd’hui ({}).": (
        "A payment cannot be dated {}, after today ({})."
    ),
    "Les frais sont de {} € : un règlement partiel ne les solde pas.": (
        "The fee is € {}: a payment in part does not settle it."
    ),
    "Un règlement a une référence : indiquez-la.": "A payment has a reference: give it.",
    # the past
    "Nul ne sait ce que le registre saura un jour à venir : demandez ce qu’il en dit aujourd’hui pour ce jour-là "
    "(on, --on).": (
        "Nobody knows what the register will know on a day to come: ask what it says today for that day (on)."
    ),
    "L’historique commence {} : demandez un instant qui ne le précède pas.": (
        "The history begins {}: ask for an instant that is not before it."
    ),
    "le {}, à {}": "on {}, at {}",
    "avec le premier dossier": "with the first file",
    "« {} » n’est ni un jour ni un instant : écrivez 2026-02-24, ou 2026-02-24T23:00+01:00 avec son décalage.": (
        "“{}” is neither a day nor an instant: write 2026-02-24, or 2026-02-24T23:00+01:00 with its offset."
    ),
}

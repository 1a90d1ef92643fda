"""What the rules find wrong with a value: of a contact, of a row that an issuer pushes, of a SIREN or a telephone."""

TEXTS = {
    "ne se change pas ici. Demandez-le au registre.": "cannot be changed here. Ask the register for it.",
    "plus de {} caractères. Abréger.": "more than {} characters. Shorten it.",
    "« {} » n’est ni fr ni en.": "“{}” is neither fr nor en.",
    "une adresse est nécessaire. Écrire nom@cabinet.fr.": "an address is needed. Write name@office.example.",
    "rôle inconnu.": "unknown role.",
    "pas d’adresse électronique ; aucune relance ne pourra partir. À compléter.": (
        "no e-mail address; no reminder can leave. To be completed."
    ),
    "« {} » n’a pas d’@. Écrire une adresse comme nom@cabinet.fr.": (
        "“{}” has no @. Write an address like name@office.example."
    ),
    "« {} » est trop longue (64 caractères avant l’@, 254 en tout). Vérifier l’adresse.": (
        "“{}” is too long (64 characters before the @, 254 in all). Check the address."
    ),
    "« {} » n’est pas une adresse valable. Écrire une seule adresse, comme nom@cabinet.fr.": (
        "“{}” is no valid address. Write one address, like name@office.example."
    ),
    "« {} » n’est pas un numéro de téléphone. Écrire un seul numéro, en chiffres.": (
        "“{}” is no telephone number. Write one number, in digits."
    ),
    "« {} » est trop court, trop long ou incomplet. Écrire les 10 chiffres, ou + et l’indicatif.": (
        "“{}” is too short, too long or incomplete. Write the 10 digits, or + and the country code."
    ),
    "« {} » n’est attribué à aucun opérateur connu ; gardé. À vérifier.": (
        "“{}” belongs to no operator that we know; kept. To be checked."
    ),
    "« {} » contient un caractère NUL (octet nul). Ressaisir la valeur.": (
        "“{}” has a NUL character (null byte). Enter it anew."
    ),
    "« {} » contient un caractère de commande ({}). Ressaisir la valeur.": (
        "“{}” has a control character ({}). Enter it anew."
    ),
    "« {} » contient un caractère qui inverse le sens de lecture ({}). Ressaisir la valeur au clavier.": (
        "“{}” has a character that reverses the reading direction ({}). Type it anew."
    ),
    "« {} » contient un caractère invalide ({}). Ressaisir la valeur.": (
        "“{}” has an invalid character ({}). Enter it anew."
    ),
    "« {} » compte {} caractères, le maximum est {}. Abréger.": ("“{}” has {} characters, the most is {}. Shorten it."),
    # rows of issuers
    "« {} » n’est pas une de vos polices au registre pour ce numéro. Vérifier les deux.": (
        "“{}” is none of your policies in the register for this number. Check both."
    ),
    "« {} » n’est pas au registre. Vérifier les huit chiffres du numéro.": (
        "“{}” is not in the register. Check the eight digits of the number."
    ),
    "la police « {} » ne couvre plus depuis le {}, d’après votre avis. Pour une nouvelle garantie, transmettre une "
    "attestation avec son propre premier jour.": (
        "policy “{}” has not covered since {}, by your own notice. For a new cover send a certificate with its own "
        "first day."
    ),
    "pas d’inscription en vigueur pour « {} » ; attestation gardée. À vérifier.": (
        "no registration in force for “{}”; certificate kept. To be checked."
    ),
    "aucun texte n’exige cette attestation pour « {} » ; gardée. À vérifier.": (
        "no text asks this certificate for “{}”; kept. To be checked."
    ),
    "inférieur au minimum pour « {} » ({}). L’intermédiaire reste à couvrir.": (
        "below the minimum for “{}” ({}). The intermediary is not covered yet."
    ),
    "« {} » n’est pas le lendemain du terme d’une attestation de cette police ({}).": (
        "“{}” is not the day after the end of a certificate of this policy ({})."
    ),
    "« {} » précède le registre, tenu depuis le {}. Vérifier la date d’effet.": (
        "“{}” is before the register, which is kept since {}: check the day it takes effect."
    ),
    "« {} » vient après le dernier jour de toutes les attestations de cette police.": (
        "“{}” comes after the last day of all certificates of this policy."
    ),
    "la suspension du « {} » a été levée. Pour une nouvelle, donner un autre jour.": (
        "the suspension of “{}” has been lifted. For a new one give another day."
    ),
    "« {} » vient moins de trois jours francs après cet avis ; la garantie prend fin le {} (CA R512-17, CMF R519-18).": (  # noqa: E501
        "“{}” comes less than three clear days after this notice; the guarantee ends on {} (CA R512-17, CMF R519-18)."
    ),
    "« {} » est déjà passé ; l’avis compte depuis ce jour. À vérifier.": (
        "“{}” is over already; the notice counts from that day on. To be checked."
    ),
    "la police « {} » n’est pas suspendue au registre : rien à remettre en vigueur.": (
        "policy “{}” is not suspended in the register: there is nothing to reinstate."
    ),
    "une ligne précédente contredit celle de la police « {} ». Garder celle qui est vraie.": (
        "an earlier row contradicts that of policy “{}”. Keep the one that is true."
    ),
    "trop de lignes pour la police « {} » en un envoi. Les répartir.": (
        "too many rows for policy “{}” in one lot. Divide them."
    ),
}

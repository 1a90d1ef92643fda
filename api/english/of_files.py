"""What is wrong with a register file, and with its rows, for the pages on which it is compared."""

TEXTS = {
    # the deposit and its agreement
    "Choisissez un fichier du registre.": "Choose a register file.",
    "Ce fichier n’est plus là.": "This file is not here any more.",
    "Ce fichier n’est plus là : il a été appliqué, ou déposé il y a plus d’une semaine. Déposez-le de nouveau.": (
        "This file is not here any more: it was applied, or deposited more than a week ago. Deposit it again."
    ),
    "Ce fichier dépasse {} Mo : importez-le par la commande import_register, ou partagez-le.": (
        "This file is larger than {} MB: import it by the command import_register, or divide it."
    ),
    "Dites d’où vient ce fichier : le motif est obligatoire.": "Say where this file comes from: a reason is required.",
    "Ce n’est pas le fichier qui a été signé : déposez-le de nouveau.": (
        "This is not the file that was signed: deposit it again."
    ),
    "Un fichier est appliqué par une autre personne que celle qui l’a préparé.": (
        "A file is applied by another person than the one who prepared it."
    ),
    "Un autre import est en cours : attendez sa fin, puis recommencez.": (
        "Another import is under way: wait for its end, then try again."
    ),
    "Le registre a changé depuis que ce fichier lui a été comparé : le décompte n’est plus celui qui a été signé. "
    "Déposez-le de nouveau.": (
        "The register has changed since this file was compared with it: the counts are no longer those that were "
        "signed. Deposit it again."
    ),
    "Rien n’a été importé. Lignes en erreur : {}. Corrigez-les (--errors FICHIER les extrait), ou importez les autres "
    "avec --skip-errors.": (
        "Nothing was imported. Rows in error: {}. Correct them, or have it signed that they are left aside."
    ),
    "Ce fichier supprimerait {} inscriptions sur {} : rien n’a été importé. Si c’est bien voulu, recommencez avec "
    "--allow-mass-change.": (
        "This file would remove {} registrations of {}: nothing was imported. If that is meant, have a mass of "
        "removals signed."
    ),
    # what is no register file
    "« {} » n’existe pas. Vérifier le chemin.": "“{}” does not exist. Check the path.",
    "« {} » n’est pas accessible en lecture. Vérifier les droits.": "“{}” cannot be opened. Check the rights.",
    "« {} » ne peut pas être lu ({}). Recopier le fichier et recommencer.": (
        "“{}” cannot be read ({}). Copy the file anew and try again."
    ),
    "« {} » est un dossier. Indiquer un fichier CSV.": "“{}” is a folder. Give a CSV file.",
    "« {} » n’est pas un fichier ordinaire. Indiquer un fichier CSV.": "“{}” is no ordinary file. Give a CSV file.",
    "« {} » est vide. Exporter de nouveau le registre.": "“{}” is empty. Export the register again.",
    "« {} » n’a que sa ligne de titres, aucune inscription.": "“{}” has its line of titles alone, no registration.",
    "« {} » est {}, pas un fichier CSV. {}": "“{}” is {}, not a CSV file. {}",
    "« {} » est un fichier binaire, pas un fichier CSV. {}": "“{}” is a binary file, not a CSV file. {}",
    "L’enregistrer au format « CSV UTF-8 (séparateur : point-virgule) » et recommencer.": (
        "Save it as “CSV UTF-8 (separator: semicolon)” and try again."
    ),
    "un classeur Excel (xlsx) ou une archive zip": "an Excel workbook (xlsx) or a zip archive",
    "une archive zip vide": "an empty zip archive",
    "un ancien classeur Excel (xls)": "an old Excel workbook (xls)",
    "un document PDF": "a PDF document",
    "un fichier compressé (gzip)": "a compressed file (gzip)",
    "du texte en UTF-16": "text in UTF-16",
    "« {} » est en UTF-8, mais abîmé : octet invalide à la ligne {} du texte. Exporter de nouveau le fichier.": (
        "“{}” is in UTF-8 but damaged: invalid byte in line {} of the text. Export the file again."
    ),
    "« {} » n’est ni en UTF-8 ni en Windows-1252. {}": "“{}” is neither in UTF-8 nor in Windows-1252. {}",
    "la ligne {} dépasse 16 Mo : ce n’est pas un fichier du registre. {}": (
        "line {} is longer than 16 MB: this is no register file. {}"
    ),
    "la première ligne n’est pas celle des titres du registre. Elle commence par « {} » ; il faut « {};… ».": (
        "the first line is not that of the register's titles. It begins with “{}”; it should be “{};…”."
    ),
    "les colonnes sont séparées par « {} » ; il faut un point-virgule ou une virgule. {}": (
        "the columns are separated by “{}”; it should be a semicolon or a comma. {}"
    ),
    "tabulation": "tab",
    "barre verticale": "vertical bar",
    "colonnes {}. Corriger la ligne de titres.": "columns {}. Correct the line of titles.",
    "manquantes : {}": "missing: {}",
    "inconnues : {}": "unknown: {}",
    "en double : {}": "twice: {}",
    "« {} » a changé pendant la lecture. Recommencer.": "“{}” changed while it was read. Try again.",
    'un guillemet ouvert à l’enregistrement {} n’est jamais fermé. Fermer ou doubler (" devient "") le guillemet et '
    "recommencer.": (
        'a quote opened in record {} is never closed. Close or double the quote (" becomes "") and try again.'
    ),
    # rows
    "la ligne « {} » compte {} colonnes, il en faut {}. Ajouter ou retirer des séparateurs, ou supprimer la ligne si "
    "c’est un total.": (
        "the row “{}” has {} columns, it should have {}. Add or take away separators, or delete it if it is a total."
    ),
    "une garantie financière est donnée pour un CIF, qui n’en doit pas ; gardée. À vérifier.": (
        "a financial guarantee is given for a CIF, who owes none; kept. To be checked."
    ),
    "la couverture finit ({}) avant de commencer. Corriger l’une des deux dates.": (
        "the cover ends ({}) before it begins. Correct one of the two dates."
    ),
    "la date manque. Donner le début et la fin de la couverture, ou effacer ses autres colonnes.": (
        "the date is missing. Give the beginning and the end of the cover, or clear its other columns."
    ),
    "la valeur manque. La colonne est obligatoire.": "the value is missing. The column is required.",
    "un CIF ne peut pas recevoir de fonds de ses clients (CMF, art. L541-6). Écrire NON.": (
        "a CIF cannot receive funds of clients (CMF, art. L541-6). Write NON."
    ),
    "le statut annonce une suppression, mais la date manque. Écrire la date de la décision.": (
        "the status tells of a removal, but the date is missing. Write the date of the decision."
    ),
    "« {} » est donné alors que le statut est INSCRIT. Corriger le statut ou effacer la date.": (
        "“{}” is given although the status is INSCRIT. Correct the status or clear the date."
    ),
    "« {} » précède l’inscription ; gardée telle quelle. Vérifier les deux dates.": (
        "“{}” is before the registration; kept as it is. Check both dates."
    ),
    "« {} » n’est pas un statut connu. Écrire INSCRIT, SUPPRIME ou RADIE.": (
        "“{}” is no known status. Write INSCRIT, SUPPRIME or RADIE."
    ),
    "« {} » n’est pas une catégorie connue. Écrire COA, IOB (ou COBSP, MOBSP, MOBSPL, MIOBSP) ou CIF.": (
        "“{}” is no known category. Write COA, IOB (or COBSP, MOBSP, MOBSPL, MIOBSP) or CIF."
    ),
    "le montant « {} » est trop grand. Vérifier le nombre.": "the amount “{}” is too large. Check the number.",
    "« {} » n’est pas un montant. Écrire un nombre d’euros, par exemple 1564610 ou 1 564 610,00 €.": (
        "“{}” is no amount. Write a number of euros, for example 1564610 or 1 564 610,00 €."
    ),
    "le montant « {} » est négatif. Écrire un montant positif.": "the amount “{}” is negative. Write a positive one.",
    "« {} » n’est pas une date. Écrire jj/mm/aaaa, par exemple 28/02/2027.": (
        "“{}” is no date. Write dd/mm/yyyy, for example 28/02/2027."
    ),
    "l’année de « {} » est improbable. Vérifier la date.": "the year of “{}” is unlikely. Check the date.",
    "le jour « {} » n’existe pas. Corriger le jour ou le mois.": "there is no day “{}”. Correct the day or the month.",
    "« {} » n’est ni oui ni non. Écrire OUI ou NON.": "“{}” is neither yes nor no. Write OUI or NON.",
    "la clé de contrôle de « {} » est fausse ; numéro gardé tel quel. À vérifier sur l’extrait Kbis.": (
        "the check digit of “{}” is wrong; number kept as it is. To be checked on the Kbis extract."
    ),
    "pas de SIREN. À compléter s’il en existe un.": "no SIREN. To be completed if there is one.",
    "« {} » remplace le SIREN d’une personne physique ; gardé tel quel.": (
        "“{}” stands for the SIREN of a natural person; kept as it is."
    ),
    "« {} » ne reprend pas le numéro ORIAS de la ligne. Écrire « A » suivi de ce numéro, ou le SIREN.": (
        "“{}” does not repeat the ORIAS number of the row. Write “A” and that number, or the SIREN."
    ),
    "« {} » n’est pas un SIREN. Écrire ses 9 chiffres, ou laisser vide.": (
        "“{}” is no SIREN. Write its 9 digits, or leave it empty."
    ),
    "« {} » est un SIRET. N’en garder que les 9 premiers chiffres.": "“{}” is a SIRET. Keep its first 9 digits alone.",
    "« {} » compte {} chiffres ; un SIREN en compte 9. À vérifier sur l’extrait Kbis.": (
        "“{}” has {} digits; a SIREN has 9. To be checked on the Kbis extract."
    ),
    "« {} » n’est pas un numéro ORIAS. Écrire ses 8 chiffres.": "“{}” is no ORIAS number. Write its 8 digits.",
    "« {} » compte {} chiffres ; un numéro ORIAS en compte 8.": "“{}” has {} digits; an ORIAS number has 8.",
    "le numéro ORIAS manque. Le reprendre du registre (8 chiffres).": (
        "the ORIAS number is missing. Take it from the register (8 digits)."
    ),
    "« {} » n’a que 7 chiffres ; un tableur a sans doute effacé le zéro de tête. Écrire « {} » et mettre la colonne au "
    "format texte.": (
        "“{}” has 7 digits alone; a spreadsheet has probably dropped the leading zero. Write “{}” and format the "
        "column as text."
    ),
    "{} de la première ligne du numéro {} (ligne {}), qui l’emporte. À vérifier.": (
        "{} from the first row of number {} (row {}), which prevails. To be checked."
    ),
    "la valeur diffère": "the value differs",
    "nom, adresse ou coordonnées diffèrent": "name, address or contact details differ",
    "« {} » n’est pas le SIREN donné au numéro {} à la ligne {}. Garder le bon SIREN.": (
        "“{}” is not the SIREN given to number {} in row {}. Keep the right SIREN."
    ),
    "« {} » porte le SIREN {}, déjà donné au numéro {} à la ligne {}. Corriger l’un.": (
        "“{}” has SIREN {}, given to number {} in row {} already. Correct one of them."
    ),
    "l’inscription {} du numéro {} est déjà donnée, autrement, à la ligne {}. Garder la bonne.": (
        "the registration {} of number {} is given already, otherwise, in row {}. Keep the right one."
    ),
    "même contenu que la ligne {} ; ignorée.": "the same as row {}; passed over.",
    "« {} » a été fusionné avec le numéro {}. Le remplacer par celui-ci.": (
        "“{}” was merged into number {}. Put that one in its place."
    ),
    "« {} » est au registre le SIREN du numéro {}. Corriger l’un ou l’autre.": (
        "“{}” is the SIREN of number {} in the register. Correct one or the other."
    ),
}

"""Every environment variable the project reads: its name, its type, its default, what it means.

Nothing else reads the environment (settings.env_variable does it). A value that cannot be used stops the start with a
message that names the variable, the value and the remedy. The same table stands in docs/operations.md, and a test
compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from settings.database import DatabaseUrl, parse_database_url
from settings.env_values import (
    MOST_PERCENT_DEFAULT,
    parse_count,
    parse_holidays,
    parse_instant,
    parse_module,
    parse_names,
    parse_path,
    parse_percentages,
    parse_positive,
    parse_rate,
    parse_send_window,
    parse_sender,
    parse_site,
    parse_steps,
    parse_words,
    parse_yes_no,
)
from settings.env_variable import Variable
from settings.mail import LOCAL_SMTP_URL, SmtpSettings, parse_smtp_url
from settings.mailbox import MailboxSettings, parse_mailbox
from settings.scanner import ClamdAddress, parse_clamd

DJANGO_SETTINGS_MODULE = Variable(
    "DJANGO_SETTINGS_MODULE",
    parse_module,
    "settings.local",
    "settings.local, settings.demo, settings.test ou settings.production",
    "Which settings are used.",
)
DATABASE_URL: Variable[DatabaseUrl | None] = Variable(
    "DATABASE_URL",
    parse_database_url,
    None,
    "une adresse comme postgresql://utilisateur:motdepasse@serveur:5432/base?sslmode=require",
    "The PostgreSQL server (15 or later). Unset: an embedded one under var/. Production requires it.",
    secret=True,
)
DATABASE_REPLICA_URL: Variable[DatabaseUrl | None] = Variable(
    "DATABASE_REPLICA_URL",
    parse_database_url,
    None,
    "une adresse comme postgresql://utilisateur:motdepasse@serveur:5432/base?sslmode=require",
    "A replica that answers hotline and public reads. Unset: the primary answers them.",
    secret=True,
)
SANDBOX_DATABASE_URL: Variable[DatabaseUrl | None] = Variable(
    "SANDBOX_DATABASE_URL",
    parse_database_url,
    None,
    "une adresse comme postgresql://bac:motdepasse@serveur:5432/bac?sslmode=require",
    "The database of the API's sandbox, read by settings.sandbox only. Unset: an embedded one under var/.",
    secret=True,
)
SMTP_URL: Variable[SmtpSettings] = Variable(
    "SMTP_URL",
    parse_smtp_url,
    parse_smtp_url(LOCAL_SMTP_URL),
    "une adresse comme smtp://utilisateur:motdepasse@relais.example:587?tls=starttls (none, starttls ou tls)",
    f"The relay that takes the mails. Unset: {LOCAL_SMTP_URL}; production requires it.",
    secret=True,
)
SMTP_MESSAGES_PER_CONNECTION = Variable(
    "SMTP_MESSAGES_PER_CONNECTION",
    parse_positive,
    20,
    "un nombre entier à partir de 1",
    "After how many messages a worker renews its connection to the relay; large providers ask for 20 or fewer.",
)
BOUNCES_URL: Variable[MailboxSettings | None] = Variable(
    "BOUNCES_URL",
    parse_mailbox,
    None,
    "une adresse comme imaps://utilisateur:motdepasse@imap.example/INBOX, ou le chemin d’un Maildir ou d’un mbox",
    "The mailbox that bounces come to, that of MAIL_FROM. Unset: the workers read none.",
    secret=True,
)
SECRET_KEY = Variable(
    "SECRET_KEY",
    str,
    "not-a-secret-development-only-9f2c4b7a61d8e35f0a94c7be2d1683af",
    "50 caractères au hasard, ou plus",
    "Signs sessions, links in mails and queued tasks: the same on every machine. Production requires it.",
    secret=True,
)
ALLOWED_HOSTS: Variable[tuple[str, ...]] = Variable(
    "ALLOWED_HOSTS",
    parse_names,
    ("localhost", "127.0.0.1", "[::1]"),
    "des noms de machine séparés par des virgules, comme registre.example,www.registre.example",
    "The names under which the site answers. Production requires it.",
)
SITE_URL = Variable(
    "SITE_URL",
    parse_site,
    "http://127.0.0.1:8000",
    "l’adresse du site, comme https://registre.example",
    "Begins every link in a mail. Production requires it, with https.",
)
MAIL_FROM = Variable(
    "MAIL_FROM",
    parse_sender,
    "Registre des intermédiaires <ne-pas-repondre@registre.example>",
    "un nom et une adresse, comme Registre <renouvellement@registre.example>",
    "The sender of every mail. Production requires it.",
)
REPLY_TO = Variable(
    "REPLY_TO",
    parse_sender,
    "assistance@registre.example",
    "une adresse électronique relevée par quelqu’un, comme assistance@registre.example",
    "Where answers to a mail go. Production requires it.",
)
RECOURSE_TEXT = Variable(
    "RECOURSE_TEXT",
    str,
    "Voies de recours\u00a0: dans les deux mois de sa notification, cette décision peut faire l’objet d’un recours "
    "gracieux auprès du registre, ou d’un recours devant le tribunal administratif. Le recours gracieux formé dans ce "
    "délai le conserve pour le tribunal.",
    "un texte en français",
    "How a decision is contested: the last paragraph of every letter on paper.",
)
SEND_WINDOW = Variable(
    "SEND_WINDOW",
    parse_send_window,
    "mon-fri 09:00-17:00",
    "des jours et des heures de Paris dans l’ordre, comme mon-fri 09:00-17:00, ou always",
    "When mails may leave. Legal holidays in France are never in a window, unless it is always.",
)
PACE_PER_HOUR = Variable(
    "PACE_PER_HOUR",
    parse_count,
    0,
    "un nombre entier (0\u00a0: sans limite)",
    "How many mails may leave in an hour, all machines together.",
)
HOTLINE_AGENTS = Variable(
    "HOTLINE_AGENTS",
    parse_positive,
    6,
    "un nombre entier à partir de 1",
    "How many agents answer the hotline at once. The default is the six of 2014.",
)
HOTLINE_CALL_SECONDS = Variable(
    "HOTLINE_CALL_SECONDS",
    parse_positive,
    300,
    "un nombre entier à partir de 1",
    "The mean length of a call in seconds, notes after it included. The default is a guess, not a fact: measure it.",
)
CALLS_PER_MAIL = Variable(
    "CALLS_PER_MAIL",
    parse_rate,
    0.056,
    "un nombre entre 0 et 10, 0 exclu, comme 0.056",
    "How many calls a mail draws. The default is the worst seen, 1,000 calls for 18,000 mails in 2014: measure it.",
)
PACE_BY_HOTLINE = Variable(
    "PACE_BY_HOTLINE",
    parse_yes_no,
    False,
    "1 ou 0",
    "Whether mails also leave no faster than the hotline can take their calls: "
    "HOTLINE_AGENTS × 3600 / HOTLINE_CALL_SECONDS / CALLS_PER_MAIL an hour.",
)
COMPLAINT_RECOURSE = Variable(
    "COMPLAINT_RECOURSE",
    parse_words,
    "Si cette réponse ne vous satisfait pas, vous pouvez nous adresser un recours gracieux, puis saisir le tribunal "
    "administratif.",
    "une ou deux phrases, de 1000 caractères au plus",
    "What an answer to a complaint that refuses anything says of where else to turn.",
)
LOCAL_HOLIDAYS: Variable[str | None] = Variable(
    "LOCAL_HOLIDAYS",
    parse_holidays,
    None,
    "none, alsace ou moselle",
    "Whose local holidays count besides the national ones in the ten working days to acknowledge a complaint.",
)
RELEASE_STEPS: Variable[tuple[int, ...]] = Variable(
    "RELEASE_STEPS",
    parse_steps,
    (25, 250, 2500),
    "des nombres entiers croissants séparés par des virgules, comme 25,250,2500, ou none",
    "The sizes after which a release waits for a good verdict.",
)
STEP_WATCH_MINUTES = Variable(
    "STEP_WATCH_MINUTES",
    parse_count,
    30,
    "un nombre entier (0\u00a0: jugé aussitôt)",
    "How long each step of a release is watched before the next may leave.",
)
STALLED_MINUTES = Variable(
    "STALLED_MINUTES",
    parse_count,
    15,
    "un nombre entier",
    "After how long without a message accepted a release that could go on is paused, with an alarm; at a slow pace, "
    "not before ten more could have left.",
)
ALARM_PERCENT: Variable[Mapping[str, float]] = Variable(
    "ALARM_PERCENT",
    parse_percentages,
    MOST_PERCENT_DEFAULT,
    "des pourcentages de ce qui est parti, comme bounced=5,refused=5,uncertain=1",
    "Above which share of dead addresses, refusals and uncertain messages (and three at least) a release is paused.",
)
JOURNAL_DIR: Variable[Path | None] = Variable(
    "JOURNAL_DIR",
    parse_path,
    None,
    "le chemin absolu d’un dossier, sur un autre disque que la base",
    "Where the journal of sent mails is kept, outside the database. Unset: var/journal.",
)
EPOCH_FILE: Variable[Path | None] = Variable(
    "EPOCH_FILE",
    parse_path,
    None,
    "le chemin absolu d’un fichier qu’aucune copie de la base n’emporte",
    "The sender's identity, which a restored or copied database lacks. Unset: var/epoch.",
)
DOCUMENT_DIR: Variable[Path | None] = Variable(
    "DOCUMENT_DIR",
    parse_path,
    None,
    "le chemin absolu d’un dossier que le serveur web ne publie pas",
    "Where deposited files are kept, outside the web root. Unset: var/documents.",
)
OPEN_DATA_DIR: Variable[Path | None] = Variable(
    "OPEN_DATA_DIR",
    parse_path,
    None,
    "le chemin absolu d’un dossier, commun aux machines qui le publient",
    "Where the daily files of the public register are kept. Unset: var/open-data.",
)
OPEN_DATA_KEY_FILE: Variable[Path | None] = Variable(
    "OPEN_DATA_KEY_FILE",
    parse_path,
    None,
    "le chemin absolu d’un fichier que seul le service peut lire",
    "The private key that signs the daily files, made by create_signing_key. Unset: var/open-data-key.pem.",
)
OPEN_DATA_DAYS = Variable(
    "OPEN_DATA_DAYS",
    parse_positive,
    30,
    "un nombre entier à partir de 1",
    "How many days a daily file of the public register stays.",
)
CLAMD_URL: Variable[ClamdAddress | None] = Variable(
    "CLAMD_URL",
    parse_clamd,
    None,
    "une adresse comme tcp://127.0.0.1:3310 ou unix:///run/clamav/clamd.ctl",
    "The clamd that scans deposited files. Unset: they stay “not scanned”, and filing goes on.",
)
REGISTER_NOW: Variable[datetime | None] = Variable(
    "REGISTER_NOW",
    parse_instant,
    None,
    "un instant comme 2027-02-24T09:00:00+01:00",
    "The instant at which the process's clock starts, for trials. Refused in production.",
)
WEBHOOKS_TO_LOOPBACK = Variable(
    "WEBHOOKS_TO_LOOPBACK",
    parse_yes_no,
    False,
    "1 ou 0",
    "Whether webhooks may go to this machine itself, and by http, for trials. Refused in production.",
)
SERVE = Variable(
    "SERVE",
    parse_yes_no,
    True,
    "1 ou 0",
    "Whether make demo goes on with the site after its job.",
)

VARIABLES: tuple[Variable[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Variable))

"""The night of February 2014, told on a fictional register by the commands that staff use.

In that night a register mailed some 18,000 brokers whose files were complete. Every figure below is counted
while the story runs; nothing in it is written down beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table

from registry.findings import refresh_findings
from registry.intake.fiction import Stage as FileStage
from registry.intake.fiction import write_register
from registry.rules.french import counted, grouped
from reminders.models import Batch, Notice
from reminders.planning.preview import counts_by_state
from reminders.rules.eligibility import SkipReason
from reminders.rules.hotline import CALLS_PER_MAIL_IN_2014, expected_calls
from reminders.rules.states import NoticeState
from web.demo.documents import Renewer, accept_renewal, deposit_renewal, renewers
from web.demo.errors import DemoError
from web.demo.figures import (
    Mailing,
    complete_but_naively_mailed,
    naive_job,
    naive_mailing,
    true_mailing,
)
from web.demo.stage import AFTERNOON, AFTERWARDS, AUTUMN, EARLY, EVENING, LATE, MORNING, NIGHT, Stage
from web.demo.telling import duration

_TOLD = {
    "ACCEPTED": "acceptées par le serveur",
    "SKIPPED": "retirées au dernier moment",
    "REFUSED": "refusées par le serveur",
    "UNCERTAIN": "incertaines",
    "PLANNED": "encore à envoyer",
}


@dataclass(frozen=True, slots=True)
class Account:
    """How it ended: both mailings, what came after the first run, and what the mail server holds."""

    naive: Mailing
    engine: Mailing
    again: int
    received: int
    duplicates: int


def tell_the_night(stage: Stage) -> Account:
    """Tell all of it, from the autumn's register to the account."""
    _opening(stage)
    _autumn(stage)
    _february(stage)
    naive = _naive_job(stage)
    batch = _evening(stage)
    first, second = renewers(batch)
    _late(stage, first)
    _night(stage)
    _early(stage, first, second)
    _morning(stage, batch)
    again = _again(stage)
    _explanations(stage, batch)
    _one_mail(stage, batch)
    account = Account(naive, true_mailing(batch.pk), again, stage.mailbox.received, stage.mailbox.duplicates)
    _closing(stage, account)
    require_as_promised(account)
    return account


def require_as_promised(account: Account) -> None:
    """Raise DemoError where the engine did what this story says it never does."""
    broken = {
        "courriels à des dossiers complets": account.engine.complete,
        "courriels à des personnes qui ne sont plus inscrites": account.engine.removed,
        "courriels aux passages suivants": account.again,
        "doublons": account.duplicates,
    }
    told = ", ".join(f"{what}\u00a0: {grouped(n)}" for what, n in broken.items() if n)
    if told:
        raise DemoError(
            f"Le récit n’a pas tenu ce qu’il promet ({told})\u00a0: c’est un défaut du moteur, signalez-le."
        )


def _opening(stage: Stage) -> None:
    stage.tell.say(
        "Dans la nuit du 24 février 2014, un registre d’intermédiaires a relancé environ 18 000 courtiers dont le "
        "dossier était complet. En une heure, 1 000 appels ont atteint une assistance de six personnes. Voici la "
        "même nuit, sur un registre fictif : personnes, adresses (.example) et téléphones n’existent pas."
    )


def _autumn(stage: Stage) -> None:
    stage.scene("registre d’automne", AUTUMN, "Le registre de l’automne")
    stage.tell.say("Toutes les assurances y finissent en février 2026, ou presque.")
    _load(stage, "registre-automne.csv", FileStage.BEFORE)


def _february(stage: Stage) -> None:
    stage.scene("registre de février", AFTERNOON, "Le registre de fin février")
    stage.tell.say("Trois intermédiaires sur quatre ont renouvelé : la nouvelle attestation est à côté de l’ancienne.")
    _load(stage, "registre-fevrier.csv", FileStage.AFTER)
    refresh_findings(as_of=AFTERNOON.date())


def _load(stage: Stage, name: str, file_stage: FileStage) -> None:
    path = stage.folder / name
    write_register(path, stage.people, campaign_year=AFTERNOON.year, stage=file_stage)
    stage.run("import_register", str(path), "--apply", "--by", "alice")


def _naive_job(stage: Stage) -> Mailing:
    stage.scene("tâche naïve", AFTERNOON, "Ce qu’aurait fait une tâche naïve")
    stage.tell.say("« Relancer tous ceux dont l’attestation finit ce mois-ci » :")
    stage.tell.verbatim(naive_job(AFTERNOON.date()), style="dim")
    naive = naive_mailing(AFTERNOON.date())
    stage.tell.say(
        f"Elle aurait écrit à {grouped(naive.mails)} personnes, dont {grouped(naive.complete)} au dossier complet "
        f"et {grouped(naive.removed)} qui ne sont plus inscrites. Et elle recommencerait à chaque passage.",
        style="red",
    )
    return naive


def _evening(stage: Stage) -> Batch:
    stage.scene("lot et approbation", EVENING, "Ce moteur : un aperçu, deux personnes")
    stage.tell.say("Claire prépare les relances. Rien ne part : c’est un aperçu, et c’est aussi la liste exacte.")
    stage.run("plan_reminders", "--by", "claire")
    batch = Batch.objects.latest("id")
    exactly = ("--hash", batch.hash, "--count", str(batch.planned))
    stage.tell.say("Claire a le droit d’approuver. Mais pas son propre lot :")
    refusal = stage.refused("approve_batch", str(batch.pk), "--by", "claire", *exactly)
    stage.tell.verbatim(f"Refusé. {refusal}", style="red")
    stage.tell.say("Bruno relit l’aperçu, puis approuve cette liste-là (son empreinte) et ce nombre-là.")
    stage.run("approve_batch", str(batch.pk), "--by", "bruno", *exactly)
    stage.run("release_batch", str(batch.pk), "--by", "alice")
    return batch


def _late(stage: Stage, first: Renewer) -> None:
    stage.scene("nuit", LATE, "Un courtier dépose son attestation")
    deposit_renewal(first, now=LATE)
    stage.tell.say(f"{first.label} est sur la liste approuvée. Tard le soir, son attestation arrive enfin.")


def _night(stage: Stage) -> None:
    stage.stand_at(NIGHT)
    stage.tell.scene("nuit", "En 2014, tout partait à cette heure", NIGHT)
    stage.run("deliver", "--until-empty", "--workers", "1")
    stage.tell.say("Personne ne veille, donc rien ne part.")


def _early(stage: Stage, first: Renewer, second: Renewer) -> None:
    stage.scene("nuit", EARLY, "Avant l’ouverture")
    accept_renewal(first, by=stage.users["alice"], now=EARLY)
    stage.tell.say(f"Alice accepte l’attestation de {first.label}.")
    deposit_renewal(second, now=EARLY)
    stage.tell.say(
        f"{second.label}, sur la liste aussi, dépose la sienne : elle attend notre contrôle. "
        "La liste est scellée, elle ne change pas ; mais chaque dossier est relu au moment d’envoyer."
    )


def _morning(stage: Stage, batch: Batch) -> None:
    stage.scene("envoi", MORNING, "L’envoi, par paliers")
    stage.tell.say(
        "Vingt-cinq d’abord. Après chaque palier, la surveillance compte les adresses mortes, les refus, les envois "
        "incertains et les « mon dossier est complet » vérifiés ; elle laisse partir le suivant, ou arrête tout. Ici "
        "elle juge aussitôt, ailleurs après une demi-heure."
    )
    stage.run("deliver", "--until-empty")
    _withdrawn(stage, batch)
    counts = counts_by_state(batch.pk)
    told = " + ".join(f"{grouped(n)} {_TOLD.get(s, s)}" for s, n in counts.items() if n)
    stage.tell.say(
        f"{grouped(batch.planned)} relances prévues = {told}. Le serveur de messagerie en a reçu "
        f"{grouped(stage.mailbox.received)}.",
        style="green",
    )


def _withdrawn(stage: Stage, batch: Batch) -> None:
    for notice in Notice.objects.filter(batch=batch.pk, state=NoticeState.SKIPPED).order_by("rank"):
        who = notice.intermediary
        reason = SkipReason(notice.reason).label
        stage.tell.say(
            f"Retirée au dernier moment : la relance {notice.rank}, à {who.orias_number} {who.name} ({reason}).",
            style="yellow",
        )


def _again(stage: Stage) -> int:
    """The second and the third run, and a second plan; how many more mails came of it."""
    stage.scene("deuxième et troisième passages", AFTERWARDS, "Et si on recommence ?")
    before = stage.mailbox.received
    stage.run("deliver", "--until-empty")
    stage.run("deliver", "--until-empty")
    stage.run("plan_reminders", "--by", "claire")
    again = stage.mailbox.received - before
    stage.tell.say(
        f"{counted(again, 'courriel')} de plus au serveur, {counted(stage.mailbox.duplicates, 'doublon')}.",
        style="red" if again else "green",
    )
    return again


def _explanations(stage: Stage, batch: Batch) -> None:
    stage.scene("explications", AFTERWARDS, "« Pourquoi ai-je reçu ce courriel ? »")
    mailed = _mailed(batch).intermediary
    stage.run("explain", mailed.orias_number)
    stage.tell.say("Et un autre, que la tâche naïve aurait relancé, le jour où le lot a été préparé :")
    stage.run("explain", complete_but_naively_mailed(AFTERNOON.date()), "--as-of", AFTERNOON.date().isoformat())


def _mailed(batch: Batch) -> Notice:
    notices = Notice.objects.filter(batch=batch.pk, state=NoticeState.ACCEPTED)
    return notices.select_related("intermediary").earliest("rank")


def _one_mail(stage: Stage, batch: Batch) -> None:
    stage.scene("un courriel", AFTERWARDS, "Un courriel, tel qu’il a été reçu")
    message = stage.mailbox.sample(_mailed(batch).email)
    if message is None:
        raise RuntimeError("the first accepted notice is not in the mailbox")
    headers = ("From", "To", "Reply-To", "Date", "Subject", "Message-ID", "Auto-Submitted", "X-Reminder-Key")
    stage.tell.verbatim("\n".join(f"{name}: {message[name]}" for name in headers), style="cyan")
    body = message.get_body(("plain",))
    stage.tell.letter(str(body.get_content()) if body else "")
    stage.tell.say("Tous les courriels reçus sont dans un fichier ; un lecteur de courrier l’ouvre :")
    stage.tell.verbatim(f"mutt -f {stage.folder / 'mailbox' / stage.mailbox.mbox.name}", style="bold green")


def _closing(stage: Stage, account: Account) -> None:
    stage.tell.scene("bilan", "La même nuit, deux fois")
    table = Table("", "Tâche naïve", "Ce moteur")
    table.columns[1].justify = table.columns[2].justify = "right"
    naive, engine = account.naive, account.engine
    rows: tuple[tuple[str, int, int], ...] = (
        ("Courriels au premier passage", naive.mails, engine.mails),
        ("dont à un dossier complet", naive.complete, engine.complete),
        ("dont à une personne qui n’est plus inscrite", naive.removed, engine.removed),
        ("Courriels de plus aux deux passages suivants", 2 * naive.mails, account.again),
        ("Doublons reçus", 2 * naive.mails, account.duplicates),
        ("Appels à prévoir (au taux de 2014)", _calls(naive), _calls(engine)),
    )
    for label, theirs, ours in rows:
        table.add_row(label, f"[red]{grouped(theirs)}[/red]", f"[green]{grouped(ours)}[/green]")
    stage.tell.table(table)
    stage.tell.end_scene()
    spent = ", ".join(f"{name} {duration(s)}" for name, s in _by_name(stage.tell.scenes).items() if s >= 1)
    stage.tell.say(f"Raconté en {duration(stage.tell.elapsed)} ({spent}).", style="dim")


def _calls(mailing: Mailing) -> int:
    return round(expected_calls(mailing.mails, CALLS_PER_MAIL_IN_2014))


def _by_name(scenes: list[tuple[str, float]]) -> dict[str, float]:
    return {name: sum(s for other, s in scenes if other == name) for name, _ in scenes}

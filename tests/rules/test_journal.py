"""The journal's format: what is written is read, a torn end is told from damage, and any alteration is found."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.journal import (
    BEGINNING,
    UNKNOWN_WORKER,
    ChainReader,
    DamagedJournal,
    End,
    Entry,
    EntryKind,
    attempts,
    read_entry,
    surely_on_disk,
    write_entry,
)
from reminders.rules.states import NoticeState

AT = "2026-02-24T09:00:00+00:00"


def opened(worker: str = "w") -> tuple[EntryKind, dict[str, Any]]:
    return EntryKind.OPEN, {"at": AT, "worker": worker, "epoch": "e", "system": 1}


def intent(key: str, attempt: int = 1) -> tuple[EntryKind, dict[str, Any]]:
    told = {"at": AT, "worker": "w", "key": key, "orias": "07001234", "items": [], "email": "0", "batch": 1}
    return EntryKind.INTENT, {**told, "notice": 1, "attempt": attempt}


def outcome(key: str, state: str, attempt: int = 1) -> tuple[EntryKind, dict[str, Any]]:
    told = {"at": AT, "key": key, "notice": 1, "attempt": attempt, "verdict": state, "state": state}
    return EntryKind.OUTCOME, {**told, "stage": "DOT", "code": 250}


def written(*told: tuple[EntryKind, dict[str, Any]]) -> list[bytes]:
    lines, end = [], End()
    for kind, body in told:
        line, end = write_entry(end, kind, body)
        lines.append(line)
    return lines


def split(data: bytes) -> list[bytes]:
    """As a file opened for reading gives its lines."""
    *whole, last = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def read(data: bytes) -> tuple[list[Entry], ChainReader]:
    reader = ChainReader()
    return list(reader.read(split(data))), reader


TELLING = st.one_of(
    st.text(max_size=5).map(opened),
    st.text(max_size=5).map(intent),
    st.builds(outcome, st.text(max_size=5), st.sampled_from(["ACCEPTED", "REFUSED", "DEFERRED"])),
)
JOURNALS = st.lists(TELLING, min_size=1, max_size=6).map(lambda told: b"".join(written(*told)))


@given(st.lists(TELLING, max_size=6))
def test_what_is_written_is_read_and_each_line_follows_the_one_before(
    told: list[tuple[EntryKind, dict[str, Any]]],
) -> None:
    entries, reader = read(b"".join(written(*told)))
    assert [(entry.kind, {k: entry.body[k] for k in body}) for entry, (_, body) in zip(entries, told, strict=True)] == [
        (kind, body) for kind, body in told
    ]
    assert [entry.end.sequence for entry in entries] == list(range(1, len(told) + 1))
    assert [entry.previous for entry in entries] == [BEGINNING, *(entry.end.hash for entry in entries)][: len(told)]
    assert (reader.end, reader.torn) == (entries[-1].end if entries else End(), b"")


@given(JOURNALS, st.data())
def test_a_journal_cut_anywhere_is_whole_up_to_a_torn_line_and_shorter_than_it_was(
    data: bytes, draw: st.DataObject
) -> None:
    """Cut between two lines, only whoever knows the end it had can tell: the database's mark."""
    cut = draw.draw(st.integers(0, len(data) - 1))
    whole, before = read(data)
    entries, reader = read(data[:cut])
    assert [e.end for e in entries] == [e.end for e in whole[: len(entries)]]
    assert reader.end.sequence < before.end.sequence
    assert reader.torn == data[:cut].rpartition(b"\n")[2]


@given(JOURNALS, st.data())
def test_any_altered_byte_is_found_or_leaves_a_shorter_chain(data: bytes, draw: st.DataObject) -> None:
    """Fails without the comparison of the hash, or of the one before. A lost last line end looks like a torn line:
    its entry does not count, and the database's mark tells."""
    place = draw.draw(st.integers(0, len(data) - 1))
    byte = draw.draw(st.integers(0, 255).filter(lambda b: b != data[place]))
    altered = data[:place] + bytes([byte]) + data[place + 1 :]
    _, before = read(data)
    try:
        _, reader = read(altered)
    except DamagedJournal:
        return
    assert place >= data.rfind(b"\n", 0, -1), "in the middle it must be refused"
    assert reader.torn
    assert reader.end.sequence < before.end.sequence


@given(JOURNALS, st.data())
def test_a_line_left_out_doubled_or_moved_is_found(data: bytes, draw: st.DataObject) -> None:
    """Fails without `prev` and `seq` in the comparison of ChainReader."""
    lines = split(data)
    place = draw.draw(st.integers(0, len(lines) - 1))
    for changed in (lines[:place] + lines[place + 1 :], lines[: place + 1] + lines[place:]):
        if changed == lines[: len(changed)]:
            continue
        with pytest.raises(DamagedJournal):
            list(ChainReader().read(changed))


def test_an_entry_rewritten_with_its_own_hash_no_longer_carries_the_next() -> None:
    first, second = written(opened(), opened())
    forged, _ = write_entry(End(), *opened("other"))
    assert read_entry(forged).end.sequence == read_entry(first).end.sequence
    with pytest.raises(DamagedJournal, match="ligne 2"):
        list(ChainReader().read([forged, second]))


def test_a_chain_goes_on_in_the_next_file_and_a_torn_line_may_only_be_the_very_last() -> None:
    lines = written(opened(), intent("a"), opened())
    reader = ChainReader()
    assert len([*reader.read(lines[:2]), *reader.read(lines[2:])]) == 3
    torn = ChainReader()
    list(torn.read([lines[0], lines[1][:-5]]))
    with pytest.raises(DamagedJournal, match="coupée"):
        list(torn.read([lines[1]]))
    with pytest.raises(DamagedJournal, match="ne suit pas"):
        list(ChainReader().read(lines[1:]))


def sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b" " + content + b"\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\0" * 300 + b"\n", "pas une ligne"),
        (b"short\n", "pas une ligne"),
        (sealed(b"{}")[:-1], "pas une ligne"),
        (sealed(b"{}").replace(b"{}", b"{ }"), "empreinte"),
        (sealed(b"{}"), "inconnue"),
        (sealed(json.dumps({"seq": 1, "prev": BEGINNING, "kind": "NEW"}).encode()), "inconnue"),
        (sealed(json.dumps({"seq": 1, "prev": BEGINNING, "kind": "OPEN", "at": AT}).encode()), "incomplète"),
    ],
)
def test_a_line_that_cannot_be_ours_is_damage_with_its_place_and_reason(line: bytes, why: str) -> None:
    with pytest.raises(DamagedJournal, match=why) as damage:
        read_entry(line, 7)
    assert damage.value.line == 7


@given(JOURNALS, st.data())
def test_where_a_person_lets_it_all_that_is_whole_by_itself_is_read(data: bytes, draw: st.DataObject) -> None:
    """Fails where a tolerant reader stops at the damage, or says nothing of it."""
    lines = split(data)
    place = draw.draw(st.integers(0, len(lines) - 1))
    reader = ChainReader(tolerant=True)
    found = [*reader.read([*lines[:place], b"\0" * 300 + b"\n"]), *reader.read(lines[place + 1 :])]
    assert [entry.end.sequence for entry in found] == [n for n in range(1, len(lines) + 1) if n != place + 1]
    assert reader.damage is not None
    assert reader.damage.line == place + 1


def test_so_is_what_follows_a_file_that_ends_in_half_a_line() -> None:
    first, second, third = written(opened(), intent("a"), intent("b"))
    reader = ChainReader(tolerant=True)
    found = [*reader.read([first, second[:50]]), *reader.read([third])]
    assert [entry.end.sequence for entry in found] == [1, 3]
    assert (reader.torn, reader.end) == (b"", found[-1].end)
    assert "coupée" in str(reader.damage)


def test_a_chain_may_begin_where_the_database_knows_it() -> None:
    """Fails without `known`, or where its hash is not asked for."""
    first, second, third = written(opened(), intent("a"), intent("b"))
    ends = [read_entry(line).end for line in (first, second, third)]
    for known in ends[1:]:
        assert [entry.end for entry in ChainReader(known).read([second, third])] == ends[1:]
    assert [entry.end for entry in ChainReader(ends[0]).read([second, third])] == ends[1:]
    with pytest.raises(DamagedJournal, match="ne suit pas la 1"):
        list(ChainReader(End(1, "f" * 64)).read([second, third]))
    with pytest.raises(DamagedJournal, match="ne suit pas la 0"):
        list(ChainReader().read([second, third]))
    with pytest.raises(DamagedJournal, match="n’est plus l’écriture"):
        list(ChainReader(End(2, "f" * 64)).read([second, third]))


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ([intent("a")], ["UNCERTAIN"]),
        ([intent("a"), outcome("a", "ACCEPTED")], ["ACCEPTED"]),
        ([intent("a"), outcome("a", "REFUSED")], ["REFUSED"]),
        ([intent("a"), outcome("a", "UNCERTAIN")], ["UNCERTAIN"]),
        ([intent("a"), outcome("a", "DEFERRED")], [None]),
        ([intent("a"), outcome("a", "PLANNED")], [None]),
        ([intent("a"), outcome("a", "EXPIRED")], [None]),
        ([intent("a"), opened(), intent("b"), outcome("b", "ACCEPTED")], ["UNCERTAIN", "ACCEPTED"]),
        ([intent("a", 1), outcome("a", "ACCEPTED", 2)], ["ACCEPTED", "UNCERTAIN"]),
        ([outcome("a", "ACCEPTED"), opened()], ["ACCEPTED"]),
        ([outcome("a", "DEFERRED"), opened()], [None]),
    ],
)
def test_i4_what_a_journal_tells_of_each_attempt(told: list[Any], leaves: list[str | None]) -> None:
    """Fails where an intent without its outcome, or an outcome without its intent, were taken for a mail that did not
    leave."""
    entries = ChainReader().read(written(*told))
    assert [one.leaves for one in attempts(entries)] == [NoticeState(s) if s else None for s in leaves]


def test_an_outcome_without_its_intent_is_its_chain_s_worker_s_and_nobody_s() -> None:
    told = [outcome("a", "ACCEPTED"), opened("w:1"), outcome("b", "ACCEPTED"), intent("c"), outcome("d", "REFUSED")]
    found = [one.intent for one in attempts(ChainReader().read(written(*told)))]
    assert [(one["key"], one["worker"], one["orias"]) for one in found] == [
        ("a", UNKNOWN_WORKER, None),
        ("b", "w:1", None),
        ("d", "w", None),
        ("c", "w", "07001234"),
    ]
    assert (found[0]["notice"], found[0]["attempt"], found[0]["at"]) == (1, 1, AT)


@pytest.mark.parametrize(("written", "surely"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (500, 498)])
def test_a_power_cut_takes_no_more_than_what_is_written_at_once(written: int, surely: int) -> None:
    """Fails where the last two entries count: one that a power cut took away would be missed for ever."""
    assert surely_on_disk(End(written, "0" * 64)) == surely

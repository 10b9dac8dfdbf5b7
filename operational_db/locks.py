"""Numbers of the locks by which processes take turns: one number, one meaning.

To PostgreSQL a lock of one number and a lock of two are different things; each class here is of one
of them. Locks are of a database, not of a server.
"""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """Locks of one number, for the database as a whole."""

    MIGRATION = 4_815_162_342
    BUILD = 4_815_162_343
    REFERENCE = 4_815_162_344
    ROLES = 4_815_162_345


@unique
class LockSpace(IntEnum):
    """First numbers of locks of two; the second says of which organisation or row."""

    RECEIPT = 815_162_342
    IMPORT = 815_162_343
    PLAN = 815_162_345
    RUN = 815_162_346
    CLOSING = 815_162_347
    SIGN_IN = 815_162_348
    """Taken by ``ops.gate_attempt``."""
    FILING = 815_162_349
    TERRITORIES = 815_162_350
    DUTIES = 815_162_351
    CLAIM_PACKAGE = 815_162_352
    INSTALMENTS = 815_162_353

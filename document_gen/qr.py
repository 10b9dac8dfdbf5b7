"""QR codes: the number of a case for the scanner, a payment for the debtor's bank (ГОСТ Р 56042).

Equal texts give equal pictures.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

import segno

from document_gen.parties import DocumentDataError, Organisation

PAYMENT_FORMAT = "ST00012"
"""ГОСТ Р 56042-2014: format, version 0001, encoding 2 (UTF-8)."""

SEPARATOR = "|"
LONGEST = {
    "Name": 160,
    "PersonalAcc": 20,
    "BankName": 45,
    "BIC": 9,
    "CorrespAcc": 20,
    "Sum": 18,
    "Purpose": 210,
    "PayeeINN": 12,
    "KPP": 9,
}
"""Lengths of the fields of the standard that are limited, in signs."""

HOUSING = "02"
"""The technical code of payments for housing and utilities."""


# One case is put on every document of its package, one after another.
@lru_cache(maxsize=256)
def case_code(case_number: str) -> bytes:
    """A PNG of the number alone: a scanner types it where the cursor stands."""
    return _png(case_number)


def payment_code(
    organisation: Organisation, *, amount: Decimal, purpose: str, account_number: str, payer: str
) -> bytes:
    """A PNG that fills in the payment in the debtor's banking application; ``amount`` in roubles.

    No period is named: a debt is of many months, and a named one would bind the money to it
    (ГК 319.1). Raises ``DocumentDataError`` if a requisite that the standard demands is absent.
    """
    return _png(payment_text(organisation, amount, purpose, account_number, payer))


def payment_text(
    organisation: Organisation, amount: Decimal, purpose: str, account_number: str, payer: str
) -> str:
    """What the code says, field by field."""
    required = {
        "Name": organisation.name,
        "PersonalAcc": organisation.bank_account,
        "BankName": organisation.bank_name,
        "BIC": organisation.bic,
        # A treasury account has no correspondent account; the standard then wants a nought.
        "CorrespAcc": organisation.correspondent_account or "0",
    }
    if absent := [name for name, value in required.items() if not value]:
        raise DocumentDataError(
            f"Для QR-кода оплаты у организации «{organisation.name}» не указаны: "
            f"{', '.join(absent)}"
        )
    last, _, rest = payer.partition(" ")
    first, _, middle = rest.partition(" ")
    optional = {
        "Sum": str(int(amount.scaleb(2))),
        "Purpose": purpose,
        "PayeeINN": organisation.inn,
        "KPP": organisation.kpp,
        "PersAcc": account_number,
        "LastName": last,
        "FirstName": first,
        "MiddleName": middle,
        "TechCode": HOUSING,
    }
    return SEPARATOR.join([PAYMENT_FORMAT, *_fields(required), *_fields(optional)])


def _fields(values: Mapping[str, str | None]) -> list[str]:
    # The separator inside a value would split it in two; banks read a slash as well.
    return [
        f"{name}={value.replace(SEPARATOR, '/')[: LONGEST.get(name)].strip()}"
        for name, value in values.items()
        if value
    ]


def _png(text: str) -> bytes:
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=4, border=1)
    return picture.getvalue()

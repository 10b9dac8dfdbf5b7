"""Names of services as other programs print them: made comparable, and matched to the nearest."""

import re
import unicodedata
from collections.abc import Hashable, Mapping
from typing import TypeVar

from rapidfuzz import fuzz, process

Service = TypeVar("Service", bound=Hashable)

# Letters and digits make a name; «Кап.ремонт», «кап. ремонт» and «КАП РЕМОНТ» are one.
NOT_LETTERS = re.compile(r"[\W_]+")

LEAST_LIKENESS = 50
"""Per cent of likeness below which a name is not worth offering to a clerk."""


def normalise_name(text: str) -> str:
    """Lower case, ё as е, punctuation and spaces collapsed to one space; may be empty."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("ё", "е")
    # A lone accent is left over when NFKC finds no ready letter for it: «е́» is still «е».
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return NOT_LETTERS.sub(" ", plain).strip()


def nearest_services(name: str, synonyms: Mapping[str, Service], limit: int = 3) -> list[Service]:
    """Find the services whose known names are most like ``name``, the likest first.

    ``synonyms`` maps normalised names to whatever stands for a service (its id or its name).
    Each service comes once; the list is empty when nothing is alike.
    """
    found = process.extract(
        normalise_name(name),
        synonyms.keys(),
        scorer=fuzz.token_ratio,
        score_cutoff=LEAST_LIKENESS,
        limit=None,
    )
    distinct = dict.fromkeys(synonyms[synonym] for synonym, _, _ in found)
    return list(distinct)[:limit]

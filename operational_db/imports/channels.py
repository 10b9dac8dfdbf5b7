"""How a payment came, from the words of a billing program to our list of channels."""

import re
from functools import lru_cache

# The first that fits wins: «автоплатёж Сбербанк Онлайн» is an autopayment, not a bank branch.
_CHANNELS = (
    ("autopay", r"авто\s*плат|autopay|рекуррент"),
    ("bailiff", r"пристав|фссп|осп|bailiff|исполнительн"),
    ("subsidy", r"субсид|льгот|соцзащит|subsidy"),
    ("post", r"почт|post"),
    ("online", r"онлайн|online|интернет|мобильн|сайт|личный кабинет|сбп|эквайринг|карт|qr"),
    ("agent", r"агент|agent|терминал|платежн\w* систем|система город|киви|qiwi"),
    ("cash_desk", r"касс|налич|cash"),
    ("bank", r"банк|bank|сбер|втб|перевод|безнал"),
    ("other", r"other|прочее|иное|другое"),
)
_PATTERNS = tuple((channel, re.compile(pattern)) for channel, pattern in _CHANNELS)


@lru_cache(maxsize=1_000)
def read_channel(text: str | None) -> str | None:
    """The channel that the words mean; ``other`` when nothing is said, None when not understood."""
    plain = (text or "").strip().lower().replace("ё", "е")
    if not plain:
        return "other"
    return next((channel for channel, pattern in _PATTERNS if pattern.search(plain)), None)

"""What the guard of batches asks of the grammar of names."""

from document_gen.names import PersonName


def doubt(last: str, first: str, middle: str | None, sex: str | None) -> str | None:
    """Why the cases of a name are to be checked before it goes to court; None when all is sure."""
    doubts = PersonName(last, first, middle, sex).doubts()
    return doubts[0] if doubts else None

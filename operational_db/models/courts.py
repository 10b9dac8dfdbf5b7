"""The registry of courts."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, RecordedAt


class Court(Base):
    """A court or a section of a magistrate, as the public registry names it."""

    __tablename__ = "court"
    __table_args__ = ({"comment": "Registry of courts and court sections"},)

    court_code: Mapped[str] = mapped_column(primary_key=True, comment="e.g. 50MS0084")
    kind: Mapped[str] = mapped_column(comment="MS magistrate, RS district, and others")
    name: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(index=True)
    district: Mapped[str | None]
    parent_court: Mapped[str | None]
    address: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    website: Mapped[str | None]
    source_updated_on: Mapped[date | None] = mapped_column(comment="last_update of the source row")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    recorded_at: Mapped[RecordedAt]

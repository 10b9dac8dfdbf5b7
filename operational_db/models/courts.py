"""Courts: their registry, where duty for them is paid, and which houses each section hears."""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigKey, IntKey, RecordedAt, range_check


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


class CourtPaymentDetails(Base):
    """Where the duty for a court is paid. The row of the latest start counts; rows are only added.

    A correction is a row with the same start: of two, the one recorded later counts.
    """

    __tablename__ = "court_payment_details"
    __table_args__ = (
        CheckConstraint("inn ~ '^[0-9]{10}$'", name="inn_format"),
        CheckConstraint("kpp ~ '^[0-9]{9}$'", name="kpp_format"),
        CheckConstraint("oktmo ~ '^([0-9]{8}|[0-9]{11})$'", name="oktmo_format"),
        CheckConstraint("kbk ~ '^[0-9]{20}$'", name="kbk_format"),
        CheckConstraint("bic ~ '^[0-9]{9}$'", name="bic_format"),
        CheckConstraint("account_number ~ '^[0-9]{20}$'", name="account_format"),
        CheckConstraint(
            "correspondent_account ~ '^[0-9]{20}$'", name="correspondent_account_format"
        ),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "court_code", "valid_from"),
        {"comment": "Payment details of courts for state duty, by date; append-only"},
    )

    court_payment_details_id: Mapped[IntKey]
    court_code: Mapped[str] = mapped_column(ForeignKey("ops.court.court_code"))
    payee: Mapped[str] = mapped_column(comment="e.g. Казначейство России (ФНС России)")
    inn: Mapped[str]
    kpp: Mapped[str]
    oktmo: Mapped[str] = mapped_column(comment="Field 105: that of the court's municipality")
    kbk: Mapped[str] = mapped_column(comment="Field 104")
    bic: Mapped[str]
    account_number: Mapped[str] = mapped_column(comment="Treasury account of the payee")
    correspondent_account: Mapped[str | None] = mapped_column(comment="Единый казначейский счёт")
    bank: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(comment="Last day; null: until the next row")
    source: Mapped[str] = mapped_column(comment="Page or letter that the details were taken from")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class CourtTerritory(Base):
    """Houses that a court hears: of one street by numbers or by list, or the rest of a settlement.

    Rows are only added. A change is a row that replaces another, its withdrawal one that also says
    so; ``ops.court_territory_current`` shows what is left. Houses are found by ``place_key``, so
    a list may come before the houses.
    """

    __tablename__ = "court_territory"
    __table_args__ = (
        CheckConstraint("parity in ('all', 'odd', 'even')", name="parity_known"),
        CheckConstraint("is_whole_settlement = (street is null)", name="street_or_settlement"),
        CheckConstraint(
            "not is_whole_settlement or (parity = 'all' and num_nonnulls(number_from, number_to, "
            "house_keys) = 0)",
            name="settlement_is_whole",
        ),
        CheckConstraint(
            "house_keys is null or (parity = 'all' and num_nonnulls(number_from, number_to, "
            "except_keys) = 0)",
            name="list_or_range",
        ),
        CheckConstraint(range_check("number_from", "number_to"), name="numbers"),
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        CheckConstraint("not is_withdrawn or replaces_id is not null", name="withdraws_something"),
        Index(None, "place_key"),
        Index(None, "court_code"),
        {"comment": "Territories of court sections, by date; append-only"},
    )

    court_territory_id: Mapped[IntKey]
    court_code: Mapped[str] = mapped_column(ForeignKey("ops.court.court_code"))
    settlement: Mapped[str] = mapped_column(comment="As written: г. Орёл, п. Дачный")
    street: Mapped[str | None] = mapped_column(comment="As written; null: the whole settlement")
    place_key: Mapped[str] = mapped_column(
        comment="Settlement and street in normal form, joined by |, as ops.address_key makes them"
    )
    address_object_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.address_object.address_object_id"),
        comment="The street or settlement, when it was known as the row was added",
    )
    is_whole_settlement: Mapped[bool] = mapped_column(
        comment="Every house there that no row of a street names"
    )
    parity: Mapped[str] = mapped_column(server_default="all", comment="all, odd, even")
    number_from: Mapped[int | None] = mapped_column(comment="Null: from the first")
    number_to: Mapped[int | None] = mapped_column(comment="Null: to the last")
    house_keys: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Just these houses: 12а, 12к1; in the form of ops.house_key"
    )
    except_keys: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="All of the range but these"
    )
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(comment="Law of the region or page of the court")
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.court_territory.court_territory_id"), unique=True
    )
    is_withdrawn: Mapped[bool] = mapped_column(
        server_default="false", comment="Takes the replaced row out and says nothing instead"
    )
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class HouseCourtDecision(Base):
    """Somebody says which court hears a house where territories do not. The latest one counts."""

    __tablename__ = "house_court_decision"
    __table_args__ = (
        CheckConstraint("court_kind in ('MS', 'RS')", name="court_kind_known"),
        Index(None, "house_id", "court_kind"),
        {"comment": "Courts of houses given by hand, above territories; append-only"},
    )

    house_court_decision_id: Mapped[BigKey]
    house_id: Mapped[int] = mapped_column(ForeignKey("ops.house.house_id"))
    court_kind: Mapped[str] = mapped_column(comment="MS magistrate, RS district")
    court_code: Mapped[str | None] = mapped_column(
        ForeignKey("ops.court.court_code"), comment="Null: as the territories say again"
    )
    basis: Mapped[str] = mapped_column(comment="Why: letter of the court, its page, a call")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]

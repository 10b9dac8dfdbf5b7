"""Make the town subject by subject and copy it into the database, large tables in runs."""

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import psycopg
from psycopg import sql

from operational_db.demo import accounts as accounts_of
from operational_db.demo import (
    behaviour,
    consumption,
    courts,
    households,
    ledger,
    organisations,
    payments,
    people,
    streets,
    tables,
    tariffs,
    work,
)
from operational_db.demo.clock import Clock
from operational_db.demo.randomness import between, stream

ROWS_AT_ONCE = 700_000
"""Charges made in memory before they are sent on; keeps a town of any size under 3 GB."""
NOTED_TABLES = (
    "account",
    "account_state",
    "ownership",
    "representative",
    "residency",
    "write_off",
    "execution_document",
    "meter",
)
"""Their triggers would note an account at every row; all are noted once, at the end."""
LARGE_TABLES = ("charge", "payment", "meter_reading")
FILLED_TABLES = (
    "organisation",
    "bank_account",
    "contract",
    "address_object",
    "house",
    "house_management",
    "premises",
    "tariff",
    "norm",
    "import_file",
    "account",
    "account_state",
    "person",
    "person_identifier",
    "ownership",
    "representative",
    "residency",
    "meter",
    "meter_reading",
    "execution_document",
    "charge",
    "payment",
    "write_off",
    *work.WORKED_TABLES,
)
COURT_TABLES = ("court", "court_payment_details", "court_territory")
"""Filled too, but not looked at before: the registry of courts may have been loaded already."""
IDENTITIES = (
    ("organisation", "organisation_id"),
    ("bank_account", "bank_account_id"),
    ("contract", "contract_id"),
    ("address_object", "address_object_id"),
    ("house", "house_id"),
    ("premises", "premises_id"),
    ("tariff", "tariff_id"),
    ("norm", "norm_id"),
    ("import_file", "import_id"),
    ("account", "account_id"),
    ("person", "person_id"),
    ("person_identifier", "person_identifier_id"),
    ("ownership", "ownership_id"),
    ("court_payment_details", "court_payment_details_id"),
    ("court_territory", "court_territory_id"),
    ("meter", "meter_id"),
    ("execution_document", "execution_document_id"),
    ("charge", "charge_id"),
    ("payment", "payment_id"),
    ("write_off", "write_off_id"),
)


class Town:
    """The town in memory, and its way into the database."""

    def __init__(
        self,
        connection: psycopg.Connection,
        clock: Clock,
        seed: int,
        count: int,
        service_ids: dict[str, int],
        due_days: np.ndarray,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.seed = seed
        self.service_ids = service_ids
        self.due_days = due_days
        self.count = count
        self.rows = dict.fromkeys((*FILLED_TABLES, *COURT_TABLES), 0)
        self.houses, premises = streets.build_houses(seed, count)
        needed, renumbered = accounts_of.premises_needed(count, self.houses, premises)
        self.premises = premises.first(needed)
        self.houses = self.houses.first(int(self.premises.house[-1]) + 1)
        self.households = households.settle(seed, clock, self.houses, self.premises, renumbered)
        self.accounts = accounts_of.open_accounts(
            seed, clock, self.houses, self.premises, self.households
        )
        self.payers = behaviour.give_habits(seed, clock, self.accounts, self.households)
        self.residents = accounts_of.residents_by_month(self.households, len(clock.months))
        self.import_ids = np.arange(1, len(organisations.KEEPERS) + 1)

    def load_registers(self) -> None:
        """Load everything that is not money."""
        clock, seed = self.clock, self.seed
        self._copy("organisation", organisations.organisation_rows(clock))
        self._copy("bank_account", organisations.bank_account_rows(clock))
        self._copy("contract", organisations.contract_rows(clock, self.service_ids))
        self._copy("address_object", streets.address_object_rows(clock))
        self._copy("house", streets.house_rows(clock, self.houses, self.premises))
        self._copy("house_management", streets.management_rows(clock, self.houses))
        self._copy("premises", streets.premises_rows(clock, self.premises))
        self._copy("court", courts.court_rows(clock, self.houses))
        self._copy("court_payment_details", courts.details_rows(clock, self.houses))
        self._copy("court_territory", courts.territory_rows(clock, self.houses))
        self._copy("tariff", tariffs.tariff_rows(clock, self._billed(), self.service_ids))
        self._copy(
            "norm",
            tariffs.norm_rows(clock, organisations.MUNICIPALITY_ID, self.service_ids),
        )
        self._copy("import_file", self._import_rows())
        self._copy("account", accounts_of.account_rows(self.accounts, clock, self.import_ids))
        self._copy(
            "account_state",
            accounts_of.state_rows(seed, clock, self.accounts, self.premises, self.households),
        )
        self._copy("person", people.person_rows(seed, clock, self.households.people))
        self._copy("person_identifier", people.identifier_rows(seed, clock, self.households.people))
        self._copy("ownership", self.households.rights)
        self._copy("representative", self.households.representations)
        self._copy("residency", accounts_of.residency_rows(clock, self.accounts, self.households))

    def load_ledger(self) -> None:
        """Load charges, payments, write-offs and meters, a run of premises at a time."""
        prices = tariffs.prices_by_month(self.clock, len(organisations.KEEPERS))
        loaded_at = self._loading_moments()
        service_ids = np.array([self.service_ids[code] for code in ledger.CODES])
        meters = streets.is_metered(self.seed, self.premises)
        for part, (begin, end) in enumerate(self._runs()):
            self._load_run(part, begin, end, prices, loaded_at, service_ids, meters)

    def _load_run(
        self,
        part: int,
        begin: int,
        end: int,
        prices: np.ndarray,
        loaded_at: np.ndarray,
        service_ids: np.ndarray,
        meters: tuple[np.ndarray, np.ndarray],
    ) -> None:
        clock, seed = self.clock, self.seed
        first, last = np.searchsorted(self.accounts.premises, [begin, end])
        accounts = self.accounts.part(first, last)
        payers = self.payers.part(first, last)
        used = consumption.consumption(
            seed,
            part,
            clock,
            self.houses,
            self.premises.part(begin, end),
            self.residents[begin:end],
            *(has_meter[begin:end] for has_meter in meters),
        )
        book = ledger.charge_accounts(
            seed,
            part,
            clock,
            self.houses,
            self.premises,
            self.households,
            accounts,
            payers,
            used,
            prices,
            begin,
        )
        bills = book.bills
        imports = self.import_ids[accounts.keeper]
        write_offs = payments.give_up_old_debt(seed, part, clock, bills, book.corrections, payers)
        receipts, orders = payments.pay(
            seed, part, clock, bills, book.corrections, payers, write_offs, self.due_days
        )
        first_order = self.rows["execution_document"] + 1
        self._copy("execution_document", payments.order_rows(clock, orders, first, first_order))
        self._copy(
            "charge",
            ledger.charge_rows(
                clock,
                book,
                first,
                self.rows["charge"] + 1,
                service_ids,
                imports,
                loaded_at[accounts.keeper],
            ),
        )
        self._copy(
            "charge",
            ledger.correction_rows(
                seed,
                part,
                clock,
                book,
                first,
                self.rows["charge"] + 1,
                service_ids,
                imports,
            ),
        )
        self._copy(
            "payment",
            payments.payment_rows(
                seed,
                part,
                clock,
                receipts,
                orders,
                first,
                self.rows["payment"] + 1,
                first_order,
                imports,
            ),
        )
        self._copy(
            "write_off",
            payments.write_off_rows(clock, write_offs, first, self.rows["write_off"] + 1, imports),
        )
        meter_rows = consumption.meter_rows(
            seed, part, clock, begin, self.rows["meter"] + 1, used, self.service_ids
        )
        self._copy("meter", meter_rows)
        self._copy(
            "meter_reading",
            consumption.reading_rows(
                seed,
                part,
                clock,
                meter_rows,
                begin,
                used,
                self.service_ids,
                consumption.months_of_readings(self.count, len(clock.months)),
            ),
        )

    def load_work(self) -> None:
        """Load what was done about the debts; the ledger must be there."""
        done = work.do_the_work(
            self.connection, seed=self.seed, today=str(self.clock.today), accounts=self.count
        )
        self.rows.update(done)

    def finish(self) -> None:
        """Queue every account for the warehouse, let identities go on, refresh statistics."""
        self.connection.execute(
            "insert into ops.account_change (account_id) "
            "select account_id from ops.account order by account_id"
        )
        for table, column in IDENTITIES:
            tables.continue_identity(self.connection, table, column)
        for table in (*FILLED_TABLES, *COURT_TABLES, "account_change"):
            self.connection.execute(sql.SQL("analyze {}").format(sql.Identifier("ops", table)))

    def _copy(self, table: str, columns: tables.Columns) -> None:
        self.rows[table] += tables.copy(
            self.connection, table, columns, freeze=table in LARGE_TABLES
        )

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Cut the premises into runs whose charges fit in memory."""
        accounts_at_once = max(1, ROWS_AT_ONCE // (len(self.clock.months) * len(ledger.CODES)))
        # An account more than premises for some: close enough for a limit of memory.
        size = len(self.premises)
        for begin in range(0, size, accounts_at_once):
            yield begin, min(begin + accounts_at_once, size)

    def _loading_moments(self) -> np.ndarray:
        """Return when each keeper loaded the charges of each month: an evening of the 1st–3rd."""
        random = stream(self.seed, "loading moments")
        shape = (len(organisations.KEEPERS), len(self.clock.months))
        day = self.clock.last_days()[None, :] + between(random, 1, 3, size=shape)
        return self.clock.recorded(day, between(random, 18 * 3600, 23 * 3600, size=shape))

    def _billed(self) -> list[tuple[int, int, tuple[str, ...]]]:
        heat = ("heating", "hot_water")
        return [
            (
                number,
                int(organisations.KEEPER_IDS[number]),
                heat if number == organisations.HEAT_KEEPER else ledger.CODES,
            )
            for number in range(len(organisations.KEEPERS))
        ]

    def _import_rows(self) -> tables.Columns:
        """One source for each keeper: no row of the ledger comes from nowhere."""
        size = len(organisations.KEEPERS)
        counts = np.bincount(self.accounts.keeper, minlength=size)
        what = {
            "accounts": self.count,
            "months": len(self.clock.months),
            "seed": self.seed,
            "today": str(self.clock.today),
        }
        told = json.dumps(what, sort_keys=True)
        report = json.dumps(
            {"note": "Демонстрационный город, данные вымышлены", **what}, ensure_ascii=False
        )
        return {
            "import_id": self.import_ids,
            "organisation_id": organisations.KEEPER_IDS,
            "kind": ["demo"] * size,
            "file_name": ["Демонстрационный город"] * size,
            "sha256": [hashlib.sha256(told.encode()).hexdigest()] * size,
            "size_bytes": [0] * size,
            "rows_accepted": counts,
            "rows_known": [0] * size,
            "rows_refused": [0] * size,
            "report": [report] * size,
            "recorded_at": self.clock.recorded(np.full(size, self.clock.first_day - 16), 9 * 3600),
        }

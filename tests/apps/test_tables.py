"""How tables show addresses, courts and the row of totals at the widths of an office display."""

import pytest
from streamlit.testing.v1 import AppTest

from apps.shared.tables import shared_town

LENINA = "г. Красногорск, ул. Ленина, д. 5, кв. 178"
KIROVA = "г. Красногорск, ул. Кирова, д. 2"


@pytest.mark.parametrize(
    ("addresses", "town"),
    [
        ([LENINA, KIROVA, None], "г. Красногорск, "),
        ([LENINA, LENINA], "г. Красногорск, "),
        ([LENINA, "г. Химки, ул. Кирова, д. 2"], ""),
        (
            ["143404, Московская обл., г. Клин, ул. Судебная, д. 1"],
            "143404, Московская обл., г. Клин, ",
        ),
        (["адрес не указан"], ""),
        ([None], ""),
        ([], ""),
    ],
)
def test_a_town_is_left_out_of_addresses_only_where_all_of_them_are_in_it(addresses, town):
    assert shared_town(addresses) == town


def a_table() -> None:
    from apps.shared.tables import Column, show_table

    section = "Судебный участок № 9901 мирового судьи Красногорского судебного района"
    show_table(
        [
            {"address": "г. Красногорск, ул. Ленина, д. 5", "court": section, "sum": 10},
            {"address": "г. Красногорск, ул. Кирова, д. 2", "court": None, "sum": 5},
        ],
        [
            Column("address", "Адрес", "address"),
            Column("court", "Суд", "court"),
            Column("sum", "Долг, ₽", "money"),
        ],
        key="table",
        totals={"sum": 15},
    )


def shown(app: AppTest) -> list[list[str]]:
    """The cells as they are written, row by row."""
    import io

    import pyarrow as pa

    styler = app.dataframe[0].proto.arrow_data.styler
    written = pa.ipc.open_stream(io.BytesIO(styler.display_values))
    return written.read_pandas().to_numpy().tolist()


def test_a_table_shows_streets_numbers_of_sections_and_no_dash_beside_its_totals():
    app = AppTest.from_function(a_table).run()
    assert not app.exception
    assert shown(app) == [
        ["ул. Ленина, д. 5", "уч. № 9901, Красногорского судебного района", "10,00"],
        ["ул. Кирова, д. 2", "—", "5,00"],
        ["", "", "15,00"],
    ]
    value = app.dataframe[0].value
    assert value["Адрес"][0] == "г. Красногорск, ул. Ленина, д. 5", "what is copied stays whole"
    assert value["Адрес"][2] == ""

"""Documents: this engine beside docxtpl on the same template, memory over a long run, one stack.

docxtpl is used as its own guide shows: the file is opened, rendered and saved for each document.
Both get the same values, the same Jinja environment and the same picture. Processor time is taken,
so that neighbours on the machine do not count, in turns, so that its warming does not either.
"""

import gc
import time
from dataclasses import replace
from io import BytesIO

import psutil
from docxtpl import DocxTemplate

from benchmarks.report import Figure, median
from document_gen import examples
from document_gen.court_case import CaseContext, case_values
from document_gen.engine import load_template
from document_gen.kinds import (
    DEBT_CALCULATION,
    DRAFT_ORDER,
    ENCLOSURE_LIST,
    ORDER_APPLICATION,
    render,
)
from document_gen.merging import merged
from document_gen.names import PersonName
from document_gen.tags import environment

PACKAGE = (ORDER_APPLICATION, DEBT_CALCULATION, DRAFT_ORDER, ENCLOSURE_LIST)
ROUNDS, IN_A_ROUND = 5, 20
LONG_RUN = 5_000
PACKAGES = 800
SURNAMES = ("Иванов", "Кравец", "Толстой", "Шевченко", "Римский-Корсаков", "Гоголь", "Жук", "Ким")


def measure() -> list[Figure]:
    """Every figure of documents; a promise is the most that it may be."""
    ours, theirs = _engines()
    memory = _growth_in_a_long_run()
    rendering, merging = _packages()
    return [
        Figure("application by docxtpl", theirs * 1000, "ms", note=f"{1 / theirs:,.0f} a second"),
        Figure("application by our engine", ours * 1000, "ms", note=f"{1 / ours:,.0f} a second"),
        Figure("our engine ÷ docxtpl", ours / theirs, "×", 1 / 8, "same template, values, run"),
        Figure(f"memory after {LONG_RUN:,} documents", memory, "MB more", 5, "after the first 500"),
        Figure(
            f"{PACKAGES} packages rendered", rendering, "s", 30, "four documents each, one core"
        ),
        Figure(f"{PACKAGES} packages in one file", merging, "s", 30, "duplex, one core"),
    ]


def _case(number: int) -> CaseContext:
    """A case of its own debtor, so that nothing is answered from a cache."""
    plain = _PLAIN
    name = PersonName(SURNAMES[number % len(SURNAMES)], "Пётр", "Ильич")
    debtor = replace(plain.debtors[0], name=name, birth_place=f"г. Тула, роддом № {number}")
    return replace(plain, case_number=f"Д-2026-{number:06d}", debtors=(debtor,))


_PLAIN = examples.case()


def _engines() -> tuple[float, float]:
    cases = [_case(number) for number in range(IN_A_ROUND)]
    jinja = environment()
    version = load_template(ORDER_APPLICATION.template).version

    def by_docxtpl(case: CaseContext) -> bytes:
        document = DocxTemplate(ORDER_APPLICATION.template)
        values = case_values(case)
        document.replace_pic("qr-case_qr.png", BytesIO(values["case_qr"]))
        # docxtpl renders the alternative text of the picture, which is its tag for our engine.
        document.render(values | {"case_qr": "QR", "template_version": version}, jinja)
        made = BytesIO()
        document.save(made)
        return made.getvalue()

    def by_us(case: CaseContext) -> bytes:
        return render(ORDER_APPLICATION, case)

    ours, theirs = [], []
    by_us(cases[0]), by_docxtpl(cases[0])
    for _ in range(ROUNDS):
        for make, taken in ((by_docxtpl, theirs), (by_us, ours)):
            started = time.process_time()
            for case in cases:
                make(case)
            taken.append((time.process_time() - started) / len(cases))
    return median(ours), median(theirs)


def _growth_in_a_long_run() -> float:
    process = psutil.Process()
    before = 0
    for number in range(LONG_RUN):
        render(ORDER_APPLICATION, _case(number))
        if number == LONG_RUN // 10:
            gc.collect()
            before = process.memory_info().rss
    gc.collect()
    return max(0, process.memory_info().rss - before) / 2**20


def _packages() -> tuple[float, float]:
    started = time.process_time()
    documents = [render(kind, _case(n)) for n in range(PACKAGES) for kind in PACKAGE]
    rendering = time.process_time() - started
    started = time.process_time()
    merged(documents, title="Печать", built_at=examples.BUILT_AT)
    return rendering, time.process_time() - started

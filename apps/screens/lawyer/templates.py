"""Шаблоны: what papers are printed from, a lawyer's own templates, checked before they are used."""

from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, filters, session
from apps.shared.exports import DOCX
from apps.shared.page import local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen import pdf
from document_gen.checking import Finding, check_template
from document_gen.engine import Template, TemplateProblem, compile_template, load_template
from document_gen.kinds import KINDS, DocumentKind, render
from document_gen.russian import counted, moment_ru
from operational_db.services import accounts, templates
from operational_db.services.audit import record_event
from operational_db.services.templates import InUse, TemplateRefusedError

FILTERS = ("kind",)
EDITORS = ("lawyer", "manager")
EVERY_COURT = "Все суды, у которых нет своего"
PDF = "application/pdf"
USED = (
    Column("court", "Для суда", width=380),
    Column("template", "Шаблон", width=260),
    Column("version", "Версия", width=130),
    Column("since", "С какого времени", width=160),
    Column("reason", "Почему", width=260),
)
MISTAKES = (
    Column("place", "Где", width=420),
    Column("tag", "Метка", width=260),
    Column("problem", "Что не так", width=520),
)
VERSIONS = (
    Column("file_name", "Файл", width=320),
    Column("version", "Версия", width=130),
    Column("uploaded", "Загружена", width=160),
)


def show() -> None:
    """The kind of document, what it is printed from, a look at it; then one's own templates."""
    user = session.user()
    filters.open_filters("templates", FILTERS)
    with database.connection(session.token()) as connection:
        title_line("Шаблоны", connection)
        organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        options = {code: kind.title for code, kind in KINDS.items()}
        code = filters.choice(
            "Документ", "kind", options, nothing=next(iter(options.values())), width=380
        )
        known = organisations or {user.organisation_id: user.organisation_name}
        organisation_id = (
            next(iter(known))
            if len(known) == 1
            else st.selectbox(
                "Организация",
                list(known),
                format_func=known.__getitem__,
                key="templates_organisation",
                width=320,
            )
        )
    filters.keep_in_address("templates", FILTERS)
    kind = KINDS[code] if code else next(iter(KINDS.values()))
    with database.connection(session.token()) as connection:
        used = [u for u in templates.in_use(connection, organisation_id) if u.kind == kind.code]
    _show_used(kind, used, organisation_id)
    _show_look(kind, used)
    if user.has_any_role(*EDITORS):
        _offer_upload(kind, organisation_id)
        _show_versions(kind, used, organisation_id)


def _show_used(kind: DocumentKind, used: list[InUse], organisation_id: int) -> None:
    """What stands for every court; a choice of one's own can be taken back."""
    st.subheader("Действует", anchor=False)
    common = {
        "court": EVERY_COURT,
        "template": "шаблон программы",
        "version": load_template(kind.template).version[:12],
    }
    rows = [_told(choice) for choice in used]
    if not any(choice.court_code is None for choice in used):
        rows.insert(0, common)
    chosen = show_table(rows, USED, key="templates_used", is_selectable=True)
    if not session.user().has_any_role(*EDITORS):
        return
    own = chosen.get("choice") if chosen else None
    if st.button(
        "Не использовать выбранный",
        key="templates_take_back",
        disabled=own is None,
        help="Отметьте в таблице свой шаблон. Вернётся тот, что действует без него",
    ):
        _choose(kind, organisation_id, None, own.court_code, "Возврат к прежнему шаблону")


def _told(choice: InUse) -> dict[str, Any]:
    return {
        "court": choice.court_name or EVERY_COURT,
        "template": choice.file_name,
        "version": choice.sha256[:12],
        "since": moment_ru(local(choice.recorded_at)),
        "reason": choice.reason,
        "choice": choice,
    }


def _show_look(kind: DocumentKind, used: list[InUse]) -> None:
    """The template as a file, and a document with invented people made from it."""
    st.subheader("Посмотреть", anchor=False)
    choices: dict[str, InUse | None] = {
        f"{choice.court_name or 'Все суды'}: {choice.file_name}": choice for choice in used
    }
    choices["Шаблон программы"] = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Шаблон", list(choices), key="templates_look_at", width=420)
        number = st.selectbox(
            "Пример",
            range(len(kind.examples())),
            format_func=lambda number: f"пример {number + 1}",
            key="templates_example",
            width=140,
        )
        file_name, content = _content(kind, choices[name])
        st.download_button(
            "Скачать шаблон",
            content,
            file_name,
            DOCX,
            key="templates_download",
            icon=":material/download:",
            on_click="ignore",
        )
        is_asked = st.button("Показать пример", key="templates_show", type="primary")
    if is_asked:
        _show_example(kind, compile_template(file_name, content), number)


def _content(kind: DocumentKind, choice: InUse | None) -> tuple[str, bytes]:
    if choice is None:
        return kind.template.name, kind.template.read_bytes()
    with database.connection(session.token()) as connection:
        return templates.content_of(connection, choice.template_version_id)


def _show_example(kind: DocumentKind, template: Template, number: int) -> None:
    try:
        document = render(kind, kind.examples()[number], template)
    except TemplateProblem as problem:
        st.error(str(problem))
        return
    name = f"{kind.title}, пример {number + 1}"
    with st.container(horizontal=True):
        st.download_button(
            "Скачать пример в Word",
            document,
            f"{name}.docx",
            DOCX,
            key="templates_example_docx",
            on_click="ignore",
        )
        if pdf.converter() is None:
            st.caption(
                "Страницу на экране показывает LibreOffice, её на этом компьютере нет: "
                "скачайте пример в Word."
            )
            return
        try:
            with st.spinner("Печатаю пример…"):
                printed = pdf.to_pdf(document)
                pages = list(pdf.pages_of(printed))
        except pdf.PdfProblem as problem:
            st.error(str(problem))
            return
        st.download_button(
            "Скачать пример в PDF",
            printed,
            f"{name}.pdf",
            PDF,
            key="templates_example_pdf",
            on_click="ignore",
        )
    st.caption("Люди и суммы вымышлены.")
    with st.container(horizontal=True):
        for number, page in enumerate(pages, 1):
            st.image(page, caption=f"Страница {number} из {len(pages)}", width=680)


def _offer_upload(kind: DocumentKind, organisation_id: int) -> None:
    """Take a file, tell every mistake in it; only a template without any can be used."""
    st.subheader("Загрузить свой", anchor=False)
    file = st.file_uploader(
        f"Шаблон «{kind.title}», файл .docx", type=["docx"], key=f"templates_file_{kind.code}"
    )
    if file is None:
        st.caption(
            "Скачайте действующий шаблон, измените его в Word и загрузите сюда. Метки в фигурных "
            "скобках программа проверит до того, как шаблон начнёт действовать."
        )
        return
    content = file.getvalue()
    with st.spinner("Проверяю метки…"):
        findings = check_template(content, kind)
    if findings:
        _show_mistakes(findings)
        return
    st.success("Ошибок нет: все примеры напечатались.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        court_code = _ask_for_court()
        reason = st.text_input(
            "Почему",
            key="templates_reason",
            placeholder="например, просьба мирового судьи",
            width=360,
        )
        if st.button("Использовать", key="templates_use", type="primary"):
            _use(kind, organisation_id, file.name, content, court_code, reason.strip() or None)


def _show_mistakes(findings: tuple[Finding, ...]) -> None:
    told = counted(len(findings), "ошибка", "ошибки", "ошибок")
    st.error(f"В шаблоне {told}. Исправьте в Word и загрузите снова; действует прежний шаблон.")
    rows = [{"place": f.place, "tag": f.tag, "problem": f.problem} for f in findings]
    show_table(rows, MISTAKES, key="templates_mistakes")


def _ask_for_court() -> str | None:
    words = st.text_input(
        "Только для суда",
        key="templates_court_words",
        placeholder="все суды; или часть названия: участок № 84",
        width=320,
    ).strip()
    if not words:
        return None
    with database.connection(session.token()) as connection:
        found = templates.courts_named(connection, words)
    if not found:
        st.warning(f"Суда «{words}» в справочнике нет. Без выбора шаблон не записать.")
        st.stop()
    names = {court["court_code"]: court["name"] for court in found}
    return st.selectbox(
        "Суд", list(names), format_func=names.__getitem__, key="templates_court", width=420
    )


def _use(
    kind: DocumentKind,
    organisation_id: int,
    file_name: str,
    content: bytes,
    court_code: str | None,
    reason: str | None,
) -> None:
    """Keep the file and use it, both or neither."""
    try:
        with database.connection(session.token()) as connection:
            version = templates.keep(
                connection,
                kind=kind.code,
                file_name=file_name,
                content=content,
                organisation_id=organisation_id,
                user_id=session.user().user_id,
            )
            _record_choice(connection, kind, organisation_id, version, court_code, reason)
    except TemplateRefusedError as refusal:
        st.error(str(refusal))
        return
    say_later("Шаблон действует.")
    st.rerun()


def _choose(
    kind: DocumentKind,
    organisation_id: int,
    version: int | None,
    court_code: str | None,
    reason: str | None,
) -> None:
    with database.connection(session.token()) as connection:
        _record_choice(connection, kind, organisation_id, version, court_code, reason)
    say_later("Шаблон действует." if version else "Действует прежний шаблон.")
    st.rerun()


def _record_choice(
    connection: Connection,
    kind: DocumentKind,
    organisation_id: int,
    version: int | None,
    court_code: str | None,
    reason: str | None,
) -> None:
    templates.choose(
        connection,
        organisation_id=organisation_id,
        kind=kind.code,
        template_version_id=version,
        court_code=court_code,
        reason=reason,
        user_id=session.user().user_id,
    )
    record_event(
        connection,
        "template_chosen",
        object_kind="template",
        object_id=kind.code,
        details={"template_version_id": version, "court_code": court_code},
    )


def _show_versions(kind: DocumentKind, used: list[InUse], organisation_id: int) -> None:
    """What was uploaded before: any of it can be used again."""
    with database.connection(session.token()) as connection:
        known = templates.versions(connection, organisation_id, kind.code)
    if not known:
        return
    st.subheader("Загруженные версии", anchor=False)
    rows = [
        {
            "file_name": version.file_name,
            "version": version.sha256[:12],
            "uploaded": moment_ru(local(version.recorded_at)),
            "number": version.template_version_id,
        }
        for version in known
    ]
    chosen = show_table(rows, VERSIONS, key="templates_versions", is_selectable=True)
    standing = {choice.template_version_id for choice in used if choice.court_code is None}
    is_new = chosen is not None and chosen["number"] not in standing
    if st.button(
        "Вернуть выбранную для всех судов",
        key="templates_again",
        disabled=not is_new,
        help="Отметьте версию, которая сейчас не действует",
    ):
        _choose(kind, organisation_id, chosen["number"], None, "Возврат к загруженной версии")


show()

"""План мероприятий: each measure with its target, fact and forecast, counted from the work."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.figures import days_told, figure_kind, period_told, told
from apps.shared.page import MOSCOW, local, say_later, title_line
from apps.shared.plan_board import board_sheet
from document_gen import plan_report
from document_gen.russian import counted, date_ru, moment_ru
from operational_db.event_names import PERIODS, SHARES
from operational_db.exports.plan_report_xlsx import plan_workbook
from operational_db.services import plans
from operational_db.services.plans import FORECAST_METHOD, STATUSES, BoardFilter

PAGE = "plan"
NAMES = ("plan", "kind", "start", "organisation", "status", "known")
EARLIEST = date(2000, 1, 1)
SHOWN = {
    "main": "главные показатели",
    "all": "все показатели",
    **{code: told_as for code, told_as in STATUSES.items() if code != "nothing_to_judge"},
}


def show() -> None:
    """The board; the chosen measure is told of below it."""
    with database.connection(session.token()) as connection:
        built = title_line("План мероприятий", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        known = plans.plans(connection)
        if not known:
            st.info("План ещё не загружен. Его загружает администратор: dolgomer import plan ФАЙЛ.")
            return
        filters.open_filters(PAGE, NAMES)
        asked, shown = _ask(connection, known)
        filters.keep_in_address(PAGE, NAMES)
        if asked is None:
            st.info("По этому плану показателей ещё нет. Нажмите «Обновить».")
            return
        told_on = _told_on(connection, asked)
        rows = [told(row) for row in plans.board(connection, asked)]
        chosen_plan = plans.plan(connection, asked.plan_id)
        whose = plans.signer(connection, asked.organisation_id)
    if asked.known_on is not None and told_on is None:
        st.info(
            f"Показателей на {date_ru(asked.known_on)} ещё не считали. Выберите более поздний день."
        )
        return
    _show_tiles(rows)
    listed = _fitting(rows, shown)
    if not listed:
        st.info("Показателей с таким состоянием нет. Снимите фильтр «Показать».")
        return
    if told_on is not None:
        st.caption(
            f"Как было известно на {date_ru(asked.known_on)}: расчёт {moment_ru(told_on)}. "
            "Карточка показателя и события – как известно сейчас."
        )
    links = {row["plan_indicator_id"]: _card(asked, row) for row in listed if row["period_start"]}
    st.html(f'<div class="plan-board-frame">{board_sheet(listed, links)}</div>')
    _show_actions(asked, rows, chosen_plan, whose, built, told_on)
    chosen = st.selectbox(
        "Правило, события и пояснение показателя",
        [row["plan_indicator_id"] for row in listed],
        format_func={
            row["plan_indicator_id"]: f"{row['code']}. {row['title']}" for row in listed
        }.__getitem__,
        index=None,
        placeholder="выберите показатель",
        key="plan_indicator",
        width=620,
    )
    if chosen is not None:
        _show_measure(asked, next(row for row in listed if row["plan_indicator_id"] == chosen))


def _told_on(connection: Connection, asked: BoardFilter) -> datetime | None:
    if asked.known_on is None:
        return None
    found = plans.told_on(connection, asked.organisation_id, asked.known_on)
    return None if found is None else local(found)


def _card(asked: BoardFilter, row: Mapping[str, Any]) -> str:
    """Where the card of an indicator is, from the board of the same site."""
    return "indicator?" + urlencode(_address(asked, row))


def _address(asked: BoardFilter, row: Mapping[str, Any]) -> dict[str, str]:
    return filters.address_of(
        indicator=row["plan_indicator_id"],
        organisation=asked.organisation_id,
        kind=row["period_kind"],
        start=row["period_start"].isoformat(),
    )


def _ask(connection: Connection, known: list) -> tuple[BoardFilter | None, str]:
    titles = {
        row["plan_id"]: _title(row)
        for row in known
        if row["is_newest"] or str(row["plan_id"]) == st.session_state.get("filter_plan")
    }
    older = {row["plan_id"]: _title(row) for row in known if row["plan_id"] not in titles}
    with st.container(horizontal=True, vertical_alignment="bottom", key="plan_filters"):
        plan_id = filters.number_choice(
            "План", "plan", titles | older, nothing=next(iter(titles.values())), width=330
        ) or next(iter(titles))
        kind = (
            filters.choice("За", "kind", _kinds(connection, plan_id), nothing="месяц", width=110)
            or "month"
        )
        starts = plans.periods(connection, plan_id, kind)
        if not starts:
            return None, "main"
        named = {start.isoformat(): period_told(kind, start) for start in starts}
        start = (
            filters.choice(
                "Период",
                "start",
                named,
                nothing=f"{period_told(kind, starts[0])} (идёт)",
                width=180,
            )
            or starts[0].isoformat()
        )
        scopes = {
            row["organisation_id"]: row["short_name"] for row in plans.scopes(connection, plan_id)
        }
        organisation_id = next(iter(scopes))
        if len(scopes) > 1:
            organisation_id = (
                filters.number_choice(
                    "Организация",
                    "organisation",
                    scopes,
                    nothing=scopes[organisation_id],
                    width=230,
                )
                or organisation_id
            )
        shown = (
            filters.choice("Показать", "status", SHOWN, nothing="все показатели", width=180)
            or "all"
        )
        known_on = filters.day("Как знали на", "known", width=125)
        st.button("Сбросить", key="plan_reset", on_click=filters.reset, args=(NAMES,))
    chosen = next(day for day in starts if day.isoformat() == start)
    if known_on is not None and not known_on >= EARLIEST:
        known_on = None
    return BoardFilter(plan_id, organisation_id, kind, chosen, known_on), shown


def _kinds(connection: Connection, plan_id: int) -> dict[str, str]:
    return {
        kind: name for kind, name in PERIODS.items() if plans.periods(connection, plan_id, kind)
    }


def _title(row: Mapping[str, Any]) -> str:
    version = "" if row["is_newest"] and row["version"] == 1 else f", версия {row['version']}"
    return f"{row['title'][:60].rstrip()}… ({row['code']}{version})"


def _fitting(rows: list, shown: str) -> list:
    if shown == "all":
        return rows
    if shown == "main":
        return [row for row in rows if row["indicator_position"] == 1]
    return [row for row in rows if row["status_code"] == shown]


def _show_tiles(rows: list) -> None:
    main = [row for row in rows if row["indicator_position"] == 1]
    counts = {
        code: sum(row["status_code"] == code for row in main)
        for code in ("kept", "on_course", "behind", "not_kept", "no_target", "awaits_events")
    }
    judged = counts["kept"] + counts["on_course"] + counts["behind"] + counts["not_kept"]
    tiles = (
        ("Мероприятий", str(len(main)), f"с нормативом {judged}"),
        ("Выполнено", f"{counts['kept']} из {judged}", "факт не меньше нормы"),
        ("Идёт по плану", str(counts["on_course"]), "прогноз не меньше нормы"),
        (
            "Отстаёт",
            str(counts["behind"] + counts["not_kept"]),
            "прогноз или итог меньше нормы",
        ),
        ("Без норматива", str(counts["no_target"]), "в плане нормы нет: только ход"),
        ("Ждёт событий", str(counts["awaits_events"]), "работа ещё не внесена"),
    )
    for place, (label, value, hint) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(label, value, help=hint, border=True)


def _show_measure(asked: BoardFilter, row: Mapping[str, Any]) -> None:
    left, right = st.columns([3, 2])
    with left:
        st.markdown(f"**{row['code']}. {row['title']}**")
        st.text(row["name"])
        with st.container(border=True, key="plan_rule"):
            st.markdown("**Как посчитано**")
            st.markdown(row["counting_rule"])
            st.caption(f"Числитель: {row['numerator_words']}.")
            if row["denominator_words"]:
                st.caption(f"Знаменатель: {row['denominator_words']}.")
            st.caption(f"Источник: {row['sources']}. {FORECAST_METHOD}")
            if row["status_code"] == "awaits_events":
                st.warning(f"Событий ещё нет. Внесите: {row['awaits']}.")
            if row["is_daily_norm"] and row["denominator"] is not None:
                st.caption(days_told(row).capitalize() + ".")
            if row["target"] is None and row["offered_target"] is not None:
                st.caption("В плане норма не названа; показатель без оценки.")
    with right:
        st.markdown(
            "Засчитано: "
            f"**{counted(row['events_counted'] or 0, 'событие', 'события', 'событий')}**, "
            f"не засчитано: **{row['events_excluded'] or 0}**"
        )
        if row["period_start"] is not None:
            st.page_link(
                menu.INDICATOR,
                label="Ход, события и причины →",
                query_params=_address(asked, row),
            )
        with st.form("plan_comment", clear_on_submit=True):
            remark = st.text_area(
                "Отклонение и причина: войдёт в отчёт", key="plan_comment_text", height=80
            )
            if row["comment"]:
                st.caption(f"Сейчас: {row['comment']}")
            if st.form_submit_button("Сохранить пояснение", key="plan_comment_save"):
                _save_comment(asked, row, remark)


def _save_comment(asked: BoardFilter, row: Mapping[str, Any], remark: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            plans.add_comment(
                connection,
                row["plan_measure_id"],
                asked.organisation_id,
                asked.period_start,
                remark,
            )
    except ValueError as problem:
        st.error(str(problem))
        return
    say_later("Пояснение сохранено.")
    st.rerun()


def _show_actions(
    asked: BoardFilter,
    rows: list,
    plan: Mapping[str, Any],
    whose: Mapping[str, Any],
    built: Any,
    told_on: datetime | None,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Отчёт о выполнении плана",
            icon=":material/description:",
            key="plan_report",
            on_click=exports.open_dialog,
            args=("plan_report",),
        )
    if exports.is_dialog_open("plan_report"):
        _offer_report(asked, rows, plan, whose, built, told_on)


@st.dialog("Отчёт о выполнении плана", on_dismiss=exports.close_dialog)
def _offer_report(
    asked: BoardFilter,
    rows: list,
    plan: Mapping[str, Any],
    whose: Mapping[str, Any],
    built: Any,
    told_on: datetime | None,
) -> None:
    period = period_told(asked.period_kind, asked.period_start)
    st.markdown(f"**{whose['short_name']}**, {period}, по состоянию на {date_ru(built.as_of)}.")
    st.caption("В отчёте нет персональных данных. Кто и когда его взял, записывается в журнал.")
    if not st.button("Подготовить отчёт", key="plan_report_make", type="primary"):
        return
    now = datetime.now(MOSCOW)
    with database.connection(session.token()) as connection:
        counted = plans.counted_of_plan(connection, asked.organisation_id, rows)
    headings = {column["field"]: column["heading"] for column in plan["columns"]}
    context = plan_report.report_from_mappings(
        {
            "plan_title": plan["title"],
            "approval": plan["approval"],
            "plan_version": plan["version"],
            "scope_name": whose["name"],
            "period_name": period,
            "as_of": built.as_of,
            "known_at": told_on or local(built.built_at),
            "headings": headings,
            "forecast_method": FORECAST_METHOD,
            "signer_position": whose["head_position"],
            "signer_name": whose["head_name"],
            "built_at": now,
        },
        _words_of_measures(rows),
        SHARES,
        counted,
    )
    document = plan_report.render(context)
    workbook = plan_workbook(
        [
            {**row, "figure_kind": figure_kind(row), "status": STATUSES[row["status_code"]]}
            for row in _words_of_measures(rows)
        ],
        list(headings.items()),
        title=plan["title"],
        notes=[
            f"{whose['name']}; {period}; по состоянию на {date_ru(built.as_of)}",
            FORECAST_METHOD,
        ],
        counted=counted,
    )
    with st.container(horizontal=True):
        for label, key, name, mime, content in (
            ("Word", "plan_report_docx", plan_report.file_name(context), exports.DOCX, document),
            (
                *("Excel", "plan_report_xlsx", plan_report.file_name(context, "xlsx")),
                *(exports.XLSX, workbook),
            ),
        ):
            exports.offer_file(
                f"Скачать {label}",
                key=key,
                file_name=name,
                mime=mime,
                of=("plan_report", str(asked.plan_id)),
                purpose="Цель не спрошена: в отчёте нет персональных данных",
                read=lambda _connection, content=content: content,
                details={"period": period, "organisation": whose["short_name"], "form": label},
            )


def _words_of_measures(rows: list) -> list[dict[str, Any]]:
    """The rows as the plan words them: an indicator may have a responsible of its own."""
    return [{**row, "responsible": row["measure_responsible"]} for row in rows]


show()

"""A lawyer's own templates: checked before they are used, chosen by court, taken back."""

from io import BytesIO

import pytest
from docx import Document

from apps import menu
from document_gen import pdf
from tests.apps.conftest import table_with

CHOICES = """
    select c.kind, c.court_code, v.file_name
    from ops.template_choice as c
    left join ops.template_version as v on v.template_version_id = c.template_version_id
    order by c.template_choice_id
"""
UPLOADER = "templates_file_draft_order"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def template(*paragraphs):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def uploaded(app, content, name="мой приказ.docx"):
    return app.file_uploader(key=UPLOADER).upload(name, content, DOCX).run()


@pytest.fixture
def screen(open_as):
    return open_as("lawyer", menu.TEMPLATES, kind="draft_order")


def test_at_first_the_program_s_own_template_stands(screen):
    assert list(table_with(screen, "Для суда")["Шаблон"]) == ["шаблон программы"]
    assert screen.button(key="templates_take_back").disabled


def test_mistakes_are_told_and_the_template_is_not_offered(screen, ask):
    app = uploaded(screen, template("{{ case_nubmer }}", "{{ demand.total }}"))
    assert "В шаблоне 2\N{NO-BREAK SPACE}ошибки" in app.error[0].value
    problems = list(table_with(app, "Что не так")["Что не так"])
    assert "Может быть, case_number" in problems[0]
    assert "нужен формат" in problems[1]
    assert not any(button.key == "templates_use" for button in app.button)
    assert ask(CHOICES) == []


def test_a_right_template_is_used_and_taken_back(screen, ask):
    app = uploaded(screen, template("Приказ по делу {{ case_number }}"))
    app.text_input(key="templates_reason").set_value("просьба судьи").run()
    app.button(key="templates_use").click().run()
    assert ask(CHOICES) == [("draft_order", None, "мой приказ.docx")]
    row = table_with(app, "Для суда").iloc[0]
    assert (row["Шаблон"], row["Почему"]) == ("мой приказ.docx", "просьба судьи")

    app.session_state["templates_used"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.button(key="templates_take_back").click().run()
    assert ask(CHOICES)[-1] == ("draft_order", None, None)
    assert list(table_with(app, "Для суда")["Шаблон"]) == ["шаблон программы"]
    assert list(table_with(app, "Файл")["Файл"]) == ["мой приказ.docx"]

    selected = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.session_state["templates_versions"] = selected
    app.run()
    app.button(key="templates_again").click().run()
    assert ask(CHOICES)[-1] == ("draft_order", None, "мой приказ.docx")
    assert ask("select count(*) from ops.audit_event where action = 'template_chosen'") == [(3,)]


def test_a_template_may_be_for_one_court_only(screen, ask, change):
    change(
        "insert into ops.court (court_code, kind, name) "
        "values ('50MS0084', 'MS', 'Судебный участок № 84 мирового судьи')"
    )
    app = uploaded(screen, template("Приказ по делу {{ case_number }}"))
    app.text_input(key="templates_court_words").set_value("участок № 84").run()
    app.button(key="templates_use").click().run()
    assert ask(CHOICES) == [("draft_order", "50MS0084", "мой приказ.docx")]
    assert list(table_with(app, "Для суда")["Для суда"]) == [
        "Все суды, у которых нет своего",
        "Судебный участок № 84 мирового судьи",
    ]


def test_a_court_that_is_not_known_is_told(screen):
    app = uploaded(screen, template("Приказ"))
    app.text_input(key="templates_court_words").set_value("Небывалый суд").run()
    assert "в справочнике нет" in app.warning[0].value
    assert not any(button.key == "templates_use" for button in app.button)


def test_without_libreoffice_the_example_is_offered_in_word(screen, monkeypatch):
    monkeypatch.setattr(pdf, "NAMES", ("no-such-program",))
    app = screen.button(key="templates_show").click().run()
    assert not app.exception
    assert any("LibreOffice, её на этом компьютере нет" in c.value for c in app.caption)


def test_an_operator_does_not_reach_the_templates(open_as):
    with pytest.raises(ValueError, match="templates"):
        open_as("operator", menu.TEMPLATES)

"""Commands about Word templates: which there are, their files, and what is wrong in one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from document_gen.checking import check_template
from document_gen.engine import template_version
from document_gen.kinds import KINDS, DocumentKind
from dolgomer.wording import FolderError, make_folder

app = typer.Typer(help="Шаблоны документов Word.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

KIND_HELP = "Вид документа; без него – по имени файла. Список: dolgomer templates list."


def kind_named(code: str) -> DocumentKind:
    """The kind of this code. Raises ``BadParameter`` with the list of codes."""
    if code not in KINDS:
        raise typer.BadParameter(f"«{code}» – не вид документа. Есть: {', '.join(KINDS)}.")
    return KINDS[code]


@app.command("list")
def list_kinds() -> None:
    """Перечислить виды документов и версии шаблонов, которые поставляются с программой."""
    for kind in KINDS.values():
        version = template_version(kind.template)[:12]
        console.print(f"{kind.code:22} {version}  {kind.title}", markup=False)


@app.command()
def export(
    kind: Annotated[str, typer.Argument(metavar="ВИД", help="Вид документа из списка, или all.")],
    folder: Annotated[
        Path, typer.Option("--to", metavar="ПАПКА", help="Куда положить файлы.")
    ] = Path(),
) -> None:
    """Сохранить шаблон программы в файл, чтобы изменить его в Word."""
    chosen = list(KINDS.values()) if kind == "all" else [kind_named(kind)]
    make_folder(folder)
    for one in chosen:
        target = folder / one.template.name
        if target.exists():
            raise FolderError(
                f"Файл {target} уже есть, поверх него не пишу: там может быть ваш шаблон. "
                "Укажите другую папку: --to ПАПКА."
            )
        target.write_bytes(one.template.read_bytes())
        console.print(f"{one.title}: {target}", markup=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="ФАЙЛ", help="Шаблон в формате .docx.")],
    kind: Annotated[str | None, typer.Option(metavar="ВИД", help=KIND_HELP)] = None,
) -> None:
    """Проверить шаблон: какая метка неверна, где она стоит и что имелось в виду."""
    chosen = kind_named(kind or file.stem)
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise FolderError(f"Файл {file} не читается: проверьте имя и доступ.") from problem
    findings = check_template(content, chosen)
    if not findings:
        console.print(f"Ошибок нет. Вид документа: {chosen.title}.", markup=False)
        return
    console.print(f"{file.name}, вид документа «{chosen.title}»:", markup=False)
    for number, finding in enumerate(findings, 1):
        console.print(f"{number}. {finding}", markup=False)
    raise typer.Exit(1)

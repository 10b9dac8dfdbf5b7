"""Mistakes of usage and of the file system, told in Russian."""

import errno
import re
from pathlib import Path

# Typer brings its own click and lends only part of it under public names.
from typer._click.exceptions import BadParameter, ClickException, MissingParameter, NoSuchOption

FILE_PROBLEMS = {
    errno.ENOENT: "такого файла нет",
    errno.EISDIR: "это папка, а не файл",
    errno.ENOTDIR: "путь ведёт через файл",
    errno.EACCES: "нет прав",
    errno.EPERM: "нет прав",
    errno.EEXIST: "на этом месте уже есть файл",
    errno.ENOSPC: "на диске нет места",
    errno.EROFS: "диск только для чтения",
    errno.ENAMETOOLONG: "имя слишком длинное",
}


class FolderError(RuntimeError):
    """A folder for results cannot be made; the message is Russian."""


def in_russian(problem: OSError) -> str:
    """What the file system said, for a clerk."""
    return FILE_PROBLEMS.get(problem.errno, f"ошибка файловой системы № {problem.errno}")


def make_folder(folder: Path) -> None:
    """Make a folder for results before the work starts; :class:`FolderError` when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        reason = in_russian(problem)
        raise FolderError(f"Папки «{folder}» не сделать: {reason}.") from problem


def usage_in_russian(mistake: ClickException) -> str:
    """What is wrong with a command line and where to read how it should be."""
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context else "dolgomer"
    return f"{_what_is_wrong(mistake)} Подробнее: {command} --help"


def _what_is_wrong(mistake: ClickException) -> str:
    if isinstance(mistake, NoSuchOption):
        return f"ключа «{mistake.option_name}» нет."
    name = _name(getattr(mistake, "param", None))
    if isinstance(mistake, MissingParameter):
        return f"не указано {name}."
    if isinstance(mistake, BadParameter):
        return f"{name}: {_bad_value(mistake.message)}"
    for english, russian in USAGE.items():
        if english in mistake.message:
            return russian
    return "команда записана неверно."


def _bad_value(message: str) -> str:
    """Our own parsers speak Russian already; the library's few complaints get words here."""
    if re.search("[а-яё]", message):
        return message
    for pattern, russian in BAD_VALUES.items():
        found = re.search(pattern, message)
        if found:
            return russian.format(*found.groups())
    return "такое значение не подходит."


def _name(parameter: object) -> str:
    if parameter is None:
        return "значение"
    written = parameter.opts[-1]
    return f"«{written}»" if written.startswith("-") else f"«{written.upper()}»"


USAGE = {
    "No such command": "такой команды нет.",
    "unexpected extra": "в команде лишние слова.",
    "requires an argument": "у ключа нет значения.",
}
BAD_VALUES = {
    r"is not one of (.+?)\.?$": "нужно одно из значений: {}.",
    r"greater than or equal to (\d+)": "нужно число не меньше {}.",
    r"less than or equal to (\d+)": "нужно число не больше {}.",
    "valid integer": "нужно целое число.",
    "readable|does not exist": "файла нет или его нельзя прочитать.",
}

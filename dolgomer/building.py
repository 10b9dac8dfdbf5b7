"""Running a build from the command line, with its progress told in Russian."""

from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from document_gen.russian import counted
from orchestration.lib.builds import BuildOutcome, run_build


def build_with_progress(
    url: str, console: Console, *, full: bool = False, as_of: date | None = None
) -> BuildOutcome:
    """Build the warehouse and say what was done. Raises ``BuildError`` when it failed."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("Пересчёт витрин", total=None)

        def show(_node: str, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        outcome = run_build(url, full=full, as_of=as_of, on_progress=show)
    extent = f"полный ({outcome.reason})" if outcome.is_full else "по изменениям"
    accounts = counted(outcome.accounts_rebuilt, "счёт", "счёта", "счетов")
    seconds = f"{outcome.seconds:.1f}".replace(".", ",")
    console.print(f"Пересчёт {extent}: {accounts}, {seconds} с.")
    for warning in outcome.warnings:
        console.print(f"Внимание: {warning}")
    return outcome

"""The demonstration town from the command line: made once, then found as it was left."""

import secrets

from rich.console import Console
from sqlalchemy import Connection, text

from document_gen.russian import counted
from dolgomer.building import build_with_progress
from operational_db import clock, database, settings
from operational_db.demo import create_users, load_town
from operational_db.services.plan_import import import_shipped_plans
from orchestration.lib.builds import is_up_to_date

PASSWORD_LENGTH = 12


def ensure_town(url: str, console: Console, *, accounts: int, months: int, seed: int) -> None:
    """Load the town into an empty database and build; with data there already, only build."""
    engine = database.owner_engine()
    with engine.begin() as connection:
        if connection.scalar(HAS_ACCOUNTS):
            console.print("Данные уже загружены, продолжаю с ними.")
        else:
            what = (
                f"{counted(accounts, 'счёт', 'счёта', 'счетов')} × "
                f"{counted(months, 'месяц', 'месяца', 'месяцев')}"
            )
            with console.status(f"Строю показательный город: {what}…"):
                today = clock.today()
                load_town(connection, accounts=accounts, months=months, seed=seed, today=today)
                create_users(connection, _new_password())
                import_shipped_plans(connection)
            console.print(f"Город загружен: {what}.")
    with engine.connect() as connection:
        up_to_date = _was_built(connection) and is_up_to_date(connection)
    if up_to_date:
        console.print("Витрины уже посчитаны.")
    else:
        build_with_progress(url, console)


def sign_in_card() -> str:
    """Who may sign in: users of the demonstration town, or how to add the first user."""
    with database.owner_engine().connect() as connection:
        users = connection.execute(DEMO_USERS).all()
    if not users:
        return NOBODY_YET
    file = settings.home() / "demo-password.txt"
    if not file.exists():
        return ""
    lines = [f"Вход (пароль у всех один: {file.read_text('utf-8').strip()}):"]
    lines += [f"  {user.login:<14} {user.full_name}, {user.organisation}" for user in users]
    return "\n".join(lines)


def _new_password() -> str:
    # Made for this home and kept readable by its owner only: nothing secret stands in the code.
    password = secrets.token_urlsafe(PASSWORD_LENGTH)
    settings.write_private(settings.home() / "demo-password.txt", password + "\n")
    return password


def _was_built(connection: Connection) -> bool:
    return connection.scalar(text("select to_regclass('warehouse.build') is not null"))


NOBODY_YET = """\
Войти пока некому. Заведите первого пользователя (пароль спросят):
  .venv/bin/dolgomer user add ivanova --name "Иванова Мария Петровна" \\
      --organisation main --role manager
Код организации — из `dolgomer organisation add` или main, если её завела загрузка файла."""
HAS_ACCOUNTS = text("select exists (select from ops.account)")
DEMO_USERS = text("""
    select u.login, u.full_name, o.short_name as organisation
    from ops.app_user as u
    inner join ops.organisation as o on u.organisation_id = o.organisation_id
    where u.is_active
    order by u.user_id
""")

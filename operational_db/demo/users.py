"""Those who may sign in to the demonstration town."""

from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from operational_db.demo.organisations import KEEPERS, MUNICIPALITY
from operational_db.models import Role


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A login, its role, and the code of its organisation."""

    login: str
    full_name: str
    role: Role
    organisation_code: str


LARGEST, SECOND = KEEPERS[0].code, KEEPERS[1].code
DEMO_USERS = (
    DemoUser("official", "Воронцова Марина Андреевна", Role.OFFICIAL, MUNICIPALITY.code),
    DemoUser("manager", "Мельников Олег Викторович", Role.MANAGER, LARGEST),
    DemoUser("lawyer", "Лаптева Анна Сергеевна", Role.LAWYER, LARGEST),
    DemoUser("accountant", "Семёнова Галина Петровна", Role.ACCOUNTANT, LARGEST),
    DemoUser("operator", "Юдина Ольга Игоревна", Role.OPERATOR, LARGEST),
    DemoUser("inspector", "Ершов Пётр Алексеевич", Role.INSPECTOR, LARGEST),
    DemoUser("administrator", "Климов Артём Денисович", Role.ADMINISTRATOR, LARGEST),
    # Courts and their payment details are everybody's: the municipality keeps them.
    DemoUser("registrar", "Зуева Татьяна Павловна", Role.ADMINISTRATOR, MUNICIPALITY.code),
    DemoUser("manager2", "Соловьёва Ирина Петровна", Role.MANAGER, SECOND),
)


def create_users(connection: Connection, password: str) -> tuple[DemoUser, ...]:
    """Create the users of the town with one password, in the caller's transaction.

    Returns them, for whoever prints who may sign in. Each gets a salt, and so a hash, of its own.
    """
    hasher = PasswordHasher()
    for user in DEMO_USERS:
        user_id = connection.scalar(
            text(
                "insert into ops.app_user (organisation_id, login, full_name, password_hash) "
                "select organisation_id, :login, :full_name, :password_hash "
                "from ops.organisation where code = :organisation_code returning user_id"
            ),
            {
                "login": user.login,
                "full_name": user.full_name,
                "password_hash": hasher.hash(password),
                "organisation_code": user.organisation_code,
            },
        )
        connection.execute(
            text("insert into ops.user_role (user_id, role) values (:user_id, :role)"),
            {"user_id": user_id, "role": user.role.value},
        )
    return DEMO_USERS

"""Every operational table; importing this package registers them all with the metadata."""

from operational_db.models import reference
from operational_db.models.accounts import Account, AccountState, DebtHold
from operational_db.models.addresses import (
    AddressLevel,
    AddressObject,
    House,
    HouseManagement,
    Premises,
    PremisesKind,
)
from operational_db.models.banking import BankOperation, BankOperationDecision, Direction
from operational_db.models.courts import Court
from operational_db.models.imports import ImportFile, ImportKind, ImportLine
from operational_db.models.money import (
    AccountChange,
    Charge,
    ChargeKind,
    ExecutionDocument,
    Payment,
    PaymentChannel,
    WriteOff,
)
from operational_db.models.organisations import (
    BankAccount,
    Contract,
    Organisation,
    OrganisationKind,
)
from operational_db.models.persons import (
    IdentifierKind,
    Ownership,
    Person,
    PersonIdentifier,
    Representative,
    Residency,
    RightKind,
    Sex,
)
from operational_db.models.reporting import (
    PaymentDetail,
    PaymentRequest,
    ReportForm,
    ReportFormRight,
)
from operational_db.models.tariffs import Meter, MeterReading, Norm, NormBasis, Tariff
from operational_db.models.users import (
    AppUser,
    AuditEvent,
    Document,
    MonthClosing,
    Role,
    RunRequest,
    SignInAttempt,
    UserRole,
    UserSession,
)
from operational_db.models.worklists import WorkAssignment

__all__ = [
    "Account",
    "AccountChange",
    "AccountState",
    "AddressLevel",
    "AddressObject",
    "AppUser",
    "AuditEvent",
    "BankAccount",
    "BankOperation",
    "BankOperationDecision",
    "Charge",
    "ChargeKind",
    "Contract",
    "Court",
    "DebtHold",
    "Direction",
    "Document",
    "ExecutionDocument",
    "House",
    "HouseManagement",
    "IdentifierKind",
    "ImportFile",
    "ImportKind",
    "ImportLine",
    "Meter",
    "MeterReading",
    "MonthClosing",
    "Norm",
    "NormBasis",
    "Organisation",
    "OrganisationKind",
    "Ownership",
    "Payment",
    "PaymentChannel",
    "PaymentDetail",
    "PaymentRequest",
    "Person",
    "PersonIdentifier",
    "Premises",
    "PremisesKind",
    "ReportForm",
    "ReportFormRight",
    "Representative",
    "Residency",
    "RightKind",
    "Role",
    "RunRequest",
    "Sex",
    "SignInAttempt",
    "Tariff",
    "UserRole",
    "UserSession",
    "WorkAssignment",
    "WriteOff",
    "reference",
]

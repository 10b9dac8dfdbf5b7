"""Kinds of households, each with its members, their rights and their share of all flats."""

from dataclasses import dataclass

RELATIONS = {
    "owner": ("собственник", "собственник"),
    "tenant": ("наниматель", "наниматель"),
    "spouse": ("супруг", "супруга"),
    "child": ("сын", "дочь"),
    "parent": ("отец", "мать"),
    "family": ("член семьи нанимателя", "член семьи нанимателя"),
    "lodger": ("временно зарегистрирован", "временно зарегистрирована"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household. ``kin``: head, spouse, child, minor, parent, lodger."""

    kin: str
    relation: str
    share: tuple[int, int] | None = None
    lives_here: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of household; ``right`` holds for every member who has a share."""

    code: str
    weight: float
    right: str
    members: tuple[Member, ...] = ()
    head_age: tuple[int, int] = (27, 78)
    is_troubled: bool = False
    """Nobody in his right place pays: such accounts owe more often."""
    head_is_dead: bool = False
    guardian: bool = False


HEAD = "head"
TEMPLATES = (
    Template("one owner", 0.19, "ownership", (Member(HEAD, "owner", (1, 1)),), head_age=(24, 88)),
    Template(
        "owner who lives elsewhere",
        0.05,
        "ownership",
        (Member(HEAD, "owner", (1, 1), lives_here=False),),
    ),
    Template(
        "owner with family",
        0.14,
        "ownership",
        (Member(HEAD, "owner", (1, 1)), Member("spouse", "spouse"), Member("minor", "child")),
        head_age=(28, 47),
    ),
    Template(
        "owner with lodger",
        0.04,
        "ownership",
        (Member(HEAD, "owner", (1, 1)), Member("lodger", "lodger")),
    ),
    Template(
        "spouses jointly",
        0.15,
        "joint_ownership",
        (Member(HEAD, "owner", (1, 2)), Member("spouse", "spouse", (1, 2))),
        head_age=(30, 80),
    ),
    Template(
        "spouses jointly with children",
        0.08,
        "joint_ownership",
        (
            Member(HEAD, "owner", (1, 2)),
            Member("spouse", "spouse", (1, 2)),
            Member("minor", "child"),
            Member("minor", "child"),
        ),
        head_age=(30, 47),
    ),
    Template(
        "two halves",
        0.08,
        "shared_ownership",
        (Member(HEAD, "owner", (1, 2)), Member("parent", "parent", (1, 2))),
        head_age=(25, 58),
    ),
    Template(
        "thirds with a minor",
        0.07,
        "shared_ownership",
        (
            Member(HEAD, "owner", (1, 3)),
            Member("spouse", "spouse", (1, 3)),
            Member("minor", "child", (1, 3)),
        ),
        head_age=(29, 47),
    ),
    Template(
        "quarters with two minors",
        0.035,
        "shared_ownership",
        (
            Member(HEAD, "owner", (1, 4)),
            Member("spouse", "spouse", (1, 4)),
            Member("minor", "child", (1, 4)),
            Member("minor", "child", (1, 4)),
        ),
        head_age=(31, 47),
    ),
    Template(
        "half and two quarters",
        0.025,
        "shared_ownership",
        (
            Member(HEAD, "owner", (1, 2)),
            Member("child", "child", (1, 4)),
            Member("child", "child", (1, 4), lives_here=False),
        ),
        head_age=(50, 84),
    ),
    Template(
        "minor owner under guardianship",
        0.004,
        "ownership",
        (Member(HEAD, "owner", (1, 1)), Member("parent", "lodger")),
        head_age=(8, 16),
        guardian=True,
    ),
    Template(
        "social tenant alone",
        0.025,
        "social_tenancy",
        (Member(HEAD, "tenant", (1, 1)),),
        head_age=(35, 85),
    ),
    Template(
        "social tenant with family",
        0.05,
        "social_tenancy",
        (
            Member(HEAD, "tenant", (1, 1)),
            Member("spouse", "family"),
            Member("child", "family"),
        ),
        head_age=(42, 75),
    ),
    Template(
        "dead owner, heirs unknown",
        0.018,
        "ownership",
        (Member(HEAD, "owner", (1, 1)),),
        head_age=(58, 90),
        is_troubled=True,
        head_is_dead=True,
    ),
    Template("owner unknown", 0.02, "unknown", is_troubled=True),
    Template("empty municipal flat", 0.012, "municipal_property"),
)
SOCIAL_TENANCY = "social_tenancy"
TENANCY_NUMBERS = tuple(
    number for number, template in enumerate(TEMPLATES) if template.right == SOCIAL_TENANCY
)
WITH_PRIVATE_OWNER = tuple(
    number
    for number, template in enumerate(TEMPLATES)
    if template.right in {"ownership", "shared_ownership", "joint_ownership"}
    and not template.head_is_dead
    and not template.guardian
)

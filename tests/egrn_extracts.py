"""Extracts from ЕГРН of the shape that Росреестр gives out, with what a test is about."""

from dataclasses import dataclass, field

CADASTRAL = "50:11:0010001:77"
SHARED, SOLE, JOINT = "001002000000", "001001000000", "001003000000"
TITLES = {SHARED: "Общая долевая собственность", SOLE: "Собственность"} | {
    JOINT: "Общая совместная собственность"
}


@dataclass
class Owner:
    """A person; without a birth day or СНИЛС where the extract has none."""

    name: str
    birth: str = ""
    snils: str = ""
    passport: str = ""
    address: str = ""

    def xml(self) -> str:
        last, first, middle = self.name.split()
        parts = [f"<surname>{last}</surname><name>{first}</name><patronymic>{middle}</patronymic>"]
        parts.append(f"<birth_date>{self.birth}</birth_date>" if self.birth else "")
        parts.append(f"<snils>{self.snils}</snils>" if self.snils else "")
        if self.passport:
            series, number = self.passport[:5], self.passport[6:]
            parts.append(
                "<identity_doc><document_code><code>008001001000</code></document_code>"
                f"<document_series>{series}</document_series>"
                f"<document_number>{number}</document_number>"
                "<document_date>2010-02-03</document_date>"
                "<document_issuer>ОВД\n          района</document_issuer></identity_doc>"
            )
        if self.address:
            parts.append(f"<contacts><mailing_addess>{self.address}</mailing_addess></contacts>")
        return f"<individual>{''.join(parts)}</individual>"


@dataclass
class Body:
    """A firm, or with ``formation`` a public body (municipality, russia)."""

    name: str
    inn: str = ""
    formation: str = ""

    def xml(self) -> str:
        inn = f"<inn>{self.inn}</inn>" if self.inn else ""
        if self.formation:
            return (
                f"<public_formation><public_formation_type><{self.formation}><name>{self.name}"
                f"</name></{self.formation}></public_formation_type></public_formation>"
            )
        return (
            f"<legal_entity><entity><resident><name>{self.name}</name>{inn}</resident></entity>"
            "</legal_entity>"
        )


@dataclass
class Right:
    """A right with its holders; the share as «1/3» or nothing."""

    holders: list = field(default_factory=list)
    kind: str = SOLE
    share: str = ""
    since: str = "2018-04-23T10:40:55+03:00"
    number: str = "50:11:0010001:77-50/011/2018-8"
    title: str = ""
    cancelled: str = ""

    def xml(self) -> str:
        share = ""
        if self.share:
            top, bottom = self.share.split("/")
            share = (
                f"<shares><share><numerator>{top}</numerator>"
                f"<denominator>{bottom}</denominator></share></shares>"
            )
        cancel = f"<cancel_date>{self.cancelled}</cancel_date>" if self.cancelled else ""
        holders = "".join(f"<right_holder>{it.xml()}</right_holder>" for it in self.holders)
        title = self.title or TITLES.get(self.kind, "иное")
        return f"""
        <right_record>
            <record_info><registration_date>{self.since}</registration_date>{cancel}</record_info>
            <right_data>
                <right_type><code>{self.kind}</code><value>{title}</value></right_type>
                <right_number>{self.number}</right_number>{share}
            </right_data>
            {f"<right_holders>{holders}</right_holders>" if holders else ""}
        </right_record>"""


def extract(
    *rights: Right,
    cadastral: str = CADASTRAL,
    formed: str = "2026-11-01",
    number: str = "КУВИ-001/2026-1",
    address: str = "Московская обл., г.Красногорск, ул.Речная, д.5, кв.7",
    root: str = "extract_about_property_room",
    encoding: str = "UTF-8",
) -> bytes:
    """The file as bytes."""
    return f"""<?xml version="1.0" encoding="{encoding}"?>
<{root}>
    <details_statement><group_top_requisites>
        <date_formation>{formed}</date_formation>
        <registration_number>{number}</registration_number>
    </group_top_requisites></details_statement>
    <room_record>
        <record_info><registration_date>2012-06-30T00:00:00+04:00</registration_date></record_info>
        <object><common_data><cad_number>{cadastral}</cad_number>
            <type><code>002001003000</code><value>room_record</value></type></common_data></object>
        <params><area>5000000,00</area></params>
        <address_room><address><address><readable_address>{address}
                </readable_address></address></address></address_room>
    </room_record>
    <right_records>{"".join(right.xml() for right in rights)}
    </right_records>
</{root}>
""".encode(encoding)

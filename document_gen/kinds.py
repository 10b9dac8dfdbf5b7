"""The kinds of documents: of each its title, its template, its context and its examples.

``render(ORDER_APPLICATION, context)`` makes one document. Equal contexts and templates give equal
bytes. Templates may be those of ``templates/`` or another version, compiled from stored bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from document_gen import examples
from document_gen.court_case import CaseContext, case_values
from document_gen.engine import Template, load_template

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document; ``code`` names its template file.

    ``values`` turns a context into the names that the template uses; ``examples`` are invented
    contexts that between them take every branch.
    """

    code: str
    title: str
    context: type
    values: Callable[[Any], dict[str, Any]]
    heading: Callable[[Any], str]
    examples: Callable[[], tuple[Any, ...]]

    @property
    def template(self) -> Path:
        """The template that comes with the program."""
        return TEMPLATES / f"{self.code}.docx"


def render(kind: DocumentKind, context: Any, template: Template | None = None) -> bytes:
    """The document as a .docx; ``template`` is the kind's own where none is given.

    Raises ``TemplateProblem`` when the template names what the context does not have.
    """
    template = template or load_template(kind.template)
    values = kind.values(context) | {"template_version": template.version}
    return template.render(values, title=kind.heading(context), built_at=context.built_at)


def _of_case(code: str, title: str) -> DocumentKind:
    def heading(context: CaseContext) -> str:
        return f"{title}, дело № {context.case_number}"

    return DocumentKind(code, title, CaseContext, case_values, heading, examples.cases)


ORDER_APPLICATION = _of_case("order_application", "Заявление о вынесении судебного приказа")

KINDS: dict[str, DocumentKind] = {kind.code: kind for kind in (ORDER_APPLICATION,)}
"""Every kind by its code."""

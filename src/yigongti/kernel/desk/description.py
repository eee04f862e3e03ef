"""A desk as a description: how one kind of case shows. The pages are the kernel's; a module writes no page
code.

    DESK = Desk(flow=REFERRAL, rows=queries.by_case, columns=(Column("disease", "诊断", lambda row:
    row.more.disease),),
                create=Create(open=actions.send), printout=prints.referral_form)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from yigongti.kernel.access.facade import Acting
    from yigongti.kernel.case.facade import Case, Flow, Transition
    from yigongti.kernel.case.queries import WorkItem
    from yigongti.kernel.form import Choice, Env, Form, Known, Parsed


#: Columns that every desk has; a column of the same code says what stands in "title", the others are left as they are.
BUILT_IN = ("number", "title", "state", "units", "holder", "opened", "due", "quick")


class DeskError(ValueError):
    """A description that cannot be meant; raised while modules are imported."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a column is computed from: the case as a line of work, and what the module knows about it (or
    None).
    """

    item: WorkItem
    more: Any

    @property
    def case(self) -> Case:
        return self.item.case


def of(name: str) -> Callable[[Row], Any]:
    """What a column shows of the module's own row: an attribute; nothing where the case has no such row."""
    return lambda row: getattr(row.more, name) if row.more is not None else None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a desk's list and export.

    value   row → text, number, aware datetime, date, or None; amounts are fen with kind "yuan"
    kind    text, number, time, day, yuan: how it is written and aligned
    sort    field of the case (``opened_at``) by which the column sorts; "" = it does not
    wide    left out of the list until the person chooses it, and always on a phone; exports hold it
    """

    code: str
    title: str
    value: Callable[[Row], Any]
    kind: Literal["text", "number", "time", "day", "yuan"] = "text"
    sort: str = ""
    wide: bool = False

    @property
    def css(self) -> str:
        """Classes of its cells: numbers stand right, a day stays on its line, what is left out at first stays off a phone."""
        told = {"number": "num", "yuan": "num", "day": "nowrap"}.get(self.kind, "")
        return " ".join(filter(None, (told, "hide-phone" if self.wide else "")))


@dataclass(frozen=True, slots=True)
class Filter:
    """One more way to narrow the list: its choices for this seat, and what each means for the rows."""

    code: str
    title: str
    choices: Callable[[Acting], Sequence[Choice]]
    narrow: Callable[[QuerySet[Case], str], QuerySet[Case]]


@dataclass(frozen=True, slots=True)
class Create:
    """How a case of this kind is opened from its desk.

    open     (acting, typed values, client id, subject id or None) → the case; raises Refused or Denied
    form     the form to fill in; None = the flow's own
    about    needs a subject: the page is reached from a person's page with ``?subject=``
    known    Env → what is already known, with its origin
    given    names of fields that the address may fill in (a link from the page of what the case is about); *known*
             finds them in ``env.known`` and says what becomes of them
    button   what the list's button says; none: the form's submit and the noun
    """

    open: Callable[[Acting, dict[str, Any], UUID, int | None], Case]
    form: Form | None = None
    about: bool = False
    known: Callable[[Env], Mapping[str, Known]] | None = None
    lead: str = ""
    given: tuple[str, ...] = ()
    button: str = ""


@dataclass(frozen=True)
class Creating:
    """A form that opens a case, as it is shown: the context of the slot ``desk.create`` beside it."""

    flow: Flow
    parsed: Parsed

    @property
    def env(self) -> Env:
        """Who fills it in, about whom, what was known."""
        return self.parsed.env

    def value(self, name: str) -> Any:
        """What stands in a field: as typed (of a draft its text), else as filled in."""
        if name in self.parsed.values:
            return self.parsed.values[name]
        if drafted := self.parsed.raw.get(name):
            return drafted[0]
        known = self.env.known.get(name)
        return known.value if known is not None else None


@dataclass(frozen=True)
class Desk:
    """One kind of case on the screen.

    rows        case ids → what the module knows of each, in one query; becomes ``Row.more`` and
                ``detail``'s second argument
    detail      (case, more) → facts shown under the state: pairs of label and text
    banner      case → the person banner's values (``shell/banner.html``), or None
    known       (case, transition, env) → what an action's form has filled in, with its origin
    printout    case → kernel.printing.Printout; None prints what the forms held
    indicators  address of the figures over facts that belong to this desk
    comes       what comes here and what is done first, said where there is nothing
    """

    flow: Flow
    title: str = ""
    noun: str = ""
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    rows: Callable[[Sequence[int]], Mapping[int, Any]] | None = None
    detail: Callable[[Case, Any], Sequence[tuple[str, str]]] | None = None
    banner: Callable[[Case], Any] | None = None
    known: Callable[[Case, Transition, Env], Mapping[str, Known]] | None = None
    printout: Callable[[Case], Any] | None = None
    create: Create | None = None
    indicators: str = ""
    comes: str = "新的事项一到就会出现在这里"

    def __post_init__(self) -> None:
        codes = [column.code for column in self.columns] + [narrow.code for narrow in self.filters]
        if len(codes) != len(set(codes)):
            raise DeskError(f"{self.flow.code}: a column or filter is named twice")
        taken = {"q", "page", "sort", "state", "show"} & {narrow.code for narrow in self.filters}
        if taken:
            raise DeskError(f"{self.flow.code}: {sorted(taken)} are names of the desk itself")
        if self.create is not None and self.create.form is None and self.flow.form is None:
            raise DeskError(f"{self.flow.code}: can be created, but nothing says with which form")

    @property
    def code(self) -> str:
        return self.flow.code

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """The columns that only this desk has."""
        return tuple(column for column in self.columns if column.code not in BUILT_IN)

    @property
    def hidden_columns(self) -> str:
        """Codes of the columns that a list leaves out until somebody chooses them."""
        return ",".join(["opened", *(column.code for column in self.own_columns if column.wide)])

    @property
    def titled(self) -> Column | None:
        """What the title column says instead of the case's title."""
        return next((column for column in self.columns if column.code == "title"), None)

    def title_of(self, row: Row) -> str:
        """What a row's title says."""
        return str(self.titled.value(row)) if self.titled is not None else row.case.title

    @property
    def heading(self) -> str:
        """Title of the list page."""
        return self.title or self.flow.title

    @property
    def right(self) -> str:
        """The right that opens the desk."""
        return f"case.{self.flow.domain}"

    @property
    def opening_form(self) -> Form | None:
        """The form that opens a case here."""
        return (self.create.form or self.flow.form) if self.create is not None else None

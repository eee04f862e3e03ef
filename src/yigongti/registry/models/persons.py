"""What befalls an entry of the index: other readings of a name, suspected duplicates, births, moves, deaths, cards, the unknown."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case
from yigongti.registry.models.cases import Merge


def _seen(table: str, column: str = "subject_id") -> str:
    """SQL: the fence of residents shows the person this row is about."""
    return f"exists (select 1 from registry_resident r where r.subject_id = {table}.{column})"


_CASE_SEEN = "exists (select 1 from case_case c where c.id = {table}.{column})"
_WRITES = has("registry.resident")


class Sounding(Fenced):
    """Another way to read a name (单 shan/dan), besides the one that stands with the resident: for search only.

    `home` and `township` are the resident's, kept equal by triggers (sql/sounded.sql): a search begins with those near by, and two
    letters are another reading of thousands in a county.
    """

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+", db_index=False)
    pinyin = models.CharField(max_length=120)
    initials = models.CharField(max_length=40)
    home = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+", db_index=False)
    township = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+", db_index=False)

    fence = Fence(select=_WRITES, insert=_WRITES, delete=_WRITES, finder=("select", "update"))

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="registry_sounding_subject"),
            models.Index(OpClass(F("initials"), "text_pattern_ops"), name="registry_sounding_initials"),
            models.Index(OpClass(F("pinyin"), "text_pattern_ops"), name="registry_sounding_pinyin"),
            models.Index("home", OpClass(F("initials"), "text_pattern_ops"), name="registry_snd_h_initials"),
            models.Index("home", OpClass(F("pinyin"), "text_pattern_ops"), name="registry_snd_h_pinyin"),
            models.Index("township", OpClass(F("initials"), "text_pattern_ops"), name="registry_snd_t_initials"),
            models.Index("township", OpClass(F("pinyin"), "text_pattern_ops"), name="registry_snd_t_pinyin"),
        ]


class Suspect(Fenced):
    """Two entries that look like one person, found in bulk; a registrar proposes the merge or says that they differ.

    `evidence`: pairs of words and points, what speaks for it first. `differs`: what is not the same, in words.
    """

    class State(models.TextChoices):
        OPEN = "open", "待核对"
        DIFFERENT = "different", "不是同一人"
        GONE = "gone", "不再相似"

    a = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+", db_index=False)
    b = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    score = models.SmallIntegerField(help_text="0–100, from rules.duplicates")
    evidence = models.JSONField(default=list)
    differs = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)

    fence = Fence(select=has("registry.merge"), insert=has("registry.merge"), update=has("registry.merge"))

    class Meta:
        indexes = [models.Index(fields=["state", "-score", "id"], name="registry_suspect_order")]
        constraints = [
            models.UniqueConstraint(fields=["a", "b"], name="registry_suspect_once"),
            models.CheckConstraint(name="registry_suspect_order_ab", condition=Q(a__lt=F("b"))),
        ]


class Sorting(Fenced):
    """To whom a row belongs that was written while two entries stood for one person; read when they are separated."""

    merge = models.ForeignKey(Merge, models.DO_NOTHING, related_name="sorted")
    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+", help_text="that wrote the row")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()

    fence = Fence(
        select=_CASE_SEEN.format(table="registry_sorting", column="merge_id"),
        insert=f"{has('registry.merge')} and {_CASE_SEEN.format(table='registry_sorting', column='merge_id')}",
        update=f"{has('registry.merge')} and {_CASE_SEEN.format(table='registry_sorting', column='merge_id')}",
        finder=("select",),
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "table", "row"], name="registry_sorting_once")]


class LifeEvent(Fenced):
    """A move or a death, with its day and where it is known from. Taken back, it stays, with why."""

    class Kind(models.TextChoices):
        MOVED_OUT = "moved_out", "迁出"
        MOVED_IN = "moved_in", "迁入"
        DIED = "died", "死亡"

    class Source(models.TextChoices):
        POLICE = "police", "公安户籍信息"
        CERTIFICATE = "certificate", "死亡医学证明"
        FAMILY = "family", "家属告知"
        VILLAGE = "village", "村（居）委会告知"
        SELF = "self", "本人告知"
        FOUND = "found", "随访中发现"

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="life_events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    on = models.DateField()
    source = models.CharField(max_length=16, choices=Source.choices)
    document = models.CharField(max_length=40, blank=True, help_text="number of the certificate")
    place_from = models.CharField(max_length=12, blank=True)
    place_to = models.CharField(max_length=12, blank=True)
    elsewhere = models.CharField(max_length=80, blank=True, help_text="where to, when outside the county")
    note = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict, help_text="status, its day and place before: what taking back restores")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    undone_why = models.CharField(max_length=200, blank=True)

    fence = Fence(
        select=_seen("registry_lifeevent"),
        insert=f"{_WRITES} and unit_id = any({UNITS}) and {_seen('registry_lifeevent')}",
        update=f"{_WRITES} and {_seen('registry_lifeevent')}",
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["subject", "-on"], name="registry_lifeevent_subject")]


class Kin(Fenced):
    """A child and its mother, as told when a newborn was entered; `birth_order` tells twins apart."""

    child = models.OneToOneField(Subject, models.DO_NOTHING, primary_key=True, related_name="+")
    mother = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    born = models.DateField()
    birth_order = models.SmallIntegerField(default=1)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()

    fence = Fence(
        select=f"{_seen('registry_kin', 'child_id')} or {_seen('registry_kin', 'mother_id')}",
        insert=f"{_WRITES} and unit_id = any({UNITS}) and {_seen('registry_kin', 'mother_id')}",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mother", "born", "birth_order"], name="registry_kin_once"),
            models.CheckConstraint(name="registry_kin_two", condition=~Q(child=F("mother"))),
        ]


class Card(Fenced):
    """A card or code that names a person: the health card with its paper code, insurance and hospital cards, old papers.

    Several live side by side; a lost one is ended and, where it is ours, issued anew under another number. The numbering
    is this platform's own: the national format of the electronic health card is not claimed (unconfirmed).
    """

    class Kind(models.TextChoices):
        HEALTH = "health", "电子健康卡"
        PAPER = "paper", "纸质健康码"
        INSURANCE = "insurance", "医保卡"
        HOSPITAL = "hospital", "院内就诊卡"
        DOCUMENT = "document", "曾用证件"

    class Status(models.TextChoices):
        ACTIVE = "active", "有效"
        LOST = "lost", "已挂失"
        REPLACED = "replaced", "已补发"
        REVOKED = "revoked", "已注销"

    client_id = models.UUIDField(unique=True)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="cards")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number_cipher = models.CharField(max_length=200, help_text="SM4-GCM, see kernel.crypto")
    number_index = models.CharField(max_length=64, help_text="keyed SM3 of the whole number")
    label = models.CharField(max_length=40, blank=True, help_text="issuer, or the kind of an old paper")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    issued_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=120, blank=True)
    replaces = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")
    simulated = models.BooleanField(default=False)

    fence = Fence(
        select=_seen("registry_card"),
        insert=f"({_WRITES} and unit_id = any({UNITS}) and {_seen('registry_card')}) or subject_id = any({SUBJECTS})",
        update=f"({_WRITES} and {_seen('registry_card')}) or subject_id = any({SUBJECTS})",
        finder=("select",),
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject", "kind"], name="registry_card_subject"),
            models.Index(fields=["number_index"], name="registry_card_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"], condition=Q(status="active"), name="registry_card_one_live_number"
            ),
            models.UniqueConstraint(
                fields=["subject", "kind"], condition=Q(status="active", kind__in=["health", "paper"]),
                name="registry_card_one_live_health",
            ),
        ]  # fmt: skip


class CardUse(Fenced):
    """One reading of a code: where, when, by whom, whether it was good. The resident sees every one of the own cards."""

    class How(models.TextChoices):
        DYNAMIC = "dynamic", "动态码"
        PAPER = "paper", "纸质码"

    class Outcome(models.TextChoices):
        GOOD = "good", "有效"
        USED = "used", "码已用过"
        ENDED = "ended", "卡已停用"

    card = models.ForeignKey(Card, models.DO_NOTHING, related_name="uses")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=8, choices=How.choices)
    nonce = models.CharField(max_length=16, null=True, help_text="of a dynamic code: good once")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)

    fence = Fence(
        select=f"subject_id = any({SUBJECTS}) or unit_id = any({UNITS}) or {has('access.supervise')}",
        finder=("select", "insert"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-at"], name="registry_carduse_subject"),
            models.Index(fields=["seat", "subject", "-at"], name="registry_carduse_seat"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["card", "nonce"], condition=Q(outcome="good"), name="registry_carduse_nonce_once"
            )
        ]


class Unknown(Fenced):
    """A patient whom nobody knows: what was noted on arrival; the case ends when it is known who they are."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="unknown")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    found_at = models.DateTimeField()
    found_place = models.CharField(max_length=120)
    marks = models.CharField(max_length=300, blank=True)
    brought_by = models.CharField(max_length=80, blank=True)
    age_low = models.SmallIntegerField()
    age_high = models.SmallIntegerField()
    identified = models.ForeignKey(Subject, models.DO_NOTHING, null=True, related_name="+")

    fence = Fence(
        select=_CASE_SEEN.format(table="registry_unknown", column="case_id"),
        insert=f"{_CASE_SEEN.format(table='registry_unknown', column='case_id')} and {_WRITES}",
        update=f"{_CASE_SEEN.format(table='registry_unknown', column='case_id')} and {_WRITES}",
    )

    class Meta:
        indexes = [models.Index(fields=["subject"], name="registry_unknown_subject")]

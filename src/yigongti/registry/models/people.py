"""Practitioners with their rights, residents with their encrypted identifiers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ACCOUNT, ANYBODY, SUBJECTS, UNITS, Fence, has, related
from yigongti.kernel.access.models import Account, Fenced, Subject, Unit
from yigongti.kernel.ids import LABELS, IdKind


class Practitioner(Fenced):
    """A person who practises: licence, title, scope. What they act as stands in ``access.Seat``."""

    class Category(models.TextChoices):
        CLINICAL = "clinical", "临床"
        TCM = "tcm", "中医"
        DENTAL = "dental", "口腔"
        PUBLIC_HEALTH = "public_health", "公共卫生"
        RURAL = "rural", "乡村医生"
        NURSE = "nurse", "护理"
        PHARMACIST = "pharmacist", "药学"
        TECHNICIAN = "technician", "医技"
        OTHER = "other", "其他"

    account = models.OneToOneField(Account, models.DO_NOTHING, null=True, related_name="practitioner")
    name = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, help_text="main place of practice")
    licence = models.CharField(max_length=32, null=True, unique=True)
    category = models.CharField(max_length=16, choices=Category.choices)
    title = models.CharField(max_length=40, blank=True)
    practice_scope = models.CharField(max_length=80, blank=True)
    department = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)

    fence = Fence(
        select=f"{ANYBODY} and ({has('clinical.read')} or {has('referral.desk')} or {has('access.manage')}"
        f" or {has('access.supervise')} or {has('facts.build')} or unit_id = any({UNITS}) or account_id = {ACCOUNT})",
        insert=has("access.manage"),
        update=has("access.manage"),
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["unit"])]


class PracticeRight(Fenced):
    """What a practitioner may do where, dated, with a suspension (V6: checked on the day)."""

    class Kind(models.TextChoices):
        PRACTISE = "practise", "执业"
        PRESCRIBE = "prescribe", "处方"
        PRESCRIBE_TCM = "prescribe_tcm", "中药处方"
        NARCOTIC = "narcotic", "麻醉和第一类精神药品处方"

    practitioner = models.ForeignKey(Practitioner, models.DO_NOTHING, related_name="rights")
    unit = models.ForeignKey(Unit, models.DO_NOTHING)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    starts = models.DateField()
    ends = models.DateField(null=True)
    suspended_from = models.DateField(null=True)
    suspended_to = models.DateField(null=True)
    suspended_why = models.CharField(max_length=120, blank=True)

    fence = Fence(
        select=f"{ANYBODY} and ({has('clinical.read')} or {has('access.manage')} or {has('access.supervise')}"
        f" or unit_id = any({UNITS}))",
        insert=has("access.manage"),
        update=has("access.manage"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "unit", "kind", "starts"], name="registry_practiceright_once"
            ),
            models.CheckConstraint(
                name="registry_practiceright_dates", condition=Q(ends=None) | Q(ends__gte=F("starts"))
            ),
        ]


# A unit of mine has, or once had, a relation with the resident; or a case about the resident reached my eyes. The
# second looks through the fence of cases itself, so it opens nothing that the case does not.
_RELATED = related("registry_resident.subject_id")
_CASE = "exists (select 1 from case_case c where c.subject_id = registry_resident.subject_id)"
_HOME = f"home_id = any({UNITS}) or township_id = any({UNITS}) or registered_id = any({UNITS})"


class Resident(Fenced):
    """A person of the region: the master index (R1). Clinical facts stand in the modules of care."""

    class Sex(models.TextChoices):
        MALE = "male", "男"
        FEMALE = "female", "女"
        UNKNOWN = "unknown", "未知"

    class Insurance(models.TextChoices):
        RESIDENTS = "residents", "城乡居民医保"
        EMPLOYEES = "employees", "职工医保"
        OTHER = "other", "其他医保"
        NONE = "none", "未参保"

    class Aid(models.TextChoices):
        NONE = "", "无"
        EXTREME_POOR = "extreme_poor", "特困人员"
        LOW_INCOME = "low_income", "低保对象"
        RETURN_RISK = "return_risk", "防止返贫监测对象"

    class Relation(models.TextChoices):
        """To the head of the household, in the groups of GB/T 4761 (家庭关系代码)."""

        UNKNOWN = "", "未登记"
        HEAD = "head", "户主"
        SPOUSE = "spouse", "配偶"
        CHILD = "child", "子女"
        GRANDCHILD = "grandchild", "孙子女、外孙子女"
        PARENT = "parent", "父母"
        GRANDPARENT = "grandparent", "祖父母、外祖父母"
        SIBLING = "sibling", "兄弟姐妹"
        OTHER = "other", "其他"

    class Status(models.TextChoices):
        LIVING = "living", "在管"
        MOVED = "moved", "迁出"
        DEAD = "dead", "死亡"

    class Tag(models.TextChoices):
        ELDERLY = "elderly", "65岁及以上"
        CHILD = "child", "0—6岁儿童"
        PREGNANT = "pregnant", "孕产妇"
        HYPERTENSION = "hypertension", "高血压"
        DIABETES = "diabetes", "2型糖尿病"
        COPD = "copd", "慢阻肺"
        DISABLED = "disabled", "残疾人"
        LONE_ELDERLY = "lone_elderly", "独居老人"
        LEFT_BEHIND = "left_behind", "留守儿童"

    subject = models.OneToOneField(Subject, models.DO_NOTHING, primary_key=True, related_name="resident")
    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=120, help_text="full pinyin without blanks")
    initials = models.CharField(max_length=40)
    sex = models.CharField(max_length=8, choices=Sex.choices)
    birth_date = models.DateField()
    id_kind = models.CharField(max_length=16, choices=[(kind.value, label) for kind, label in LABELS.items()])
    id_cipher = models.CharField(max_length=200, blank=True, help_text="SM4-GCM, see kernel.crypto")
    id_index = models.CharField(max_length=64, blank=True, help_text="keyed SM3 of the whole number")
    id_last4 = models.CharField(max_length=64, blank=True, help_text="keyed SM3 of the last four, with another key")
    phone_cipher = models.CharField(max_length=160, blank=True)
    phone_index = models.CharField(max_length=64, blank=True)
    phone_last4 = models.CharField(max_length=64, blank=True)
    record_number = models.CharField(max_length=17, unique=True, help_text="6+3+3+5 digits")
    place = models.CharField(max_length=12, help_text="division code of the place of residence")
    address = models.CharField(max_length=120, blank=True)
    household = models.CharField(max_length=20, blank=True)
    relation = models.CharField(
        max_length=12, choices=Relation.choices, blank=True, default=Relation.UNKNOWN, db_default="",
        help_text="to the head of the household",
    )  # fmt: skip
    home = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    township = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    registered = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    insurance = models.CharField(max_length=16, choices=Insurance.choices, default=Insurance.NONE)
    aid = models.CharField(max_length=16, choices=Aid.choices, blank=True, default=Aid.NONE)
    tags = ArrayField(models.CharField(max_length=16, choices=Tag.choices), default=list)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.LIVING)
    status_on = models.DateField(null=True)
    merged = models.BooleanField(default=False, help_text="another subject is its canonical one")
    simulated = models.BooleanField(default=False)
    client_id = models.UUIDField(null=True, unique=True, help_text="of the act that registered it")
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    fence = Fence(
        select=f"({has('resident.banner')} and ({_HOME} or {_RELATED})) or subject_id = any({SUBJECTS})"
        f" or {has('facts.build')} or {_CASE}",
        insert=f"{has('registry.resident')} and registered_id = any({UNITS})",
        update=f"{has('registry.resident')} and ({_HOME})",
        finder=("select", "update"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["id_index"]),
            models.Index(fields=["phone_index"]),
            models.Index(fields=["id_last4"]),
            models.Index(fields=["phone_last4"]),
            models.Index(fields=["birth_date", "pinyin"]),
            models.Index(fields=["home", "pinyin", "subject"], name="registry_res_h_order"),
            models.Index(fields=["township", "pinyin", "subject"], name="registry_res_t_order"),
            models.Index(fields=["place"]),
            models.Index(fields=["registered"]),
            models.Index("consortium", OpClass(F("initials"), "text_pattern_ops"), name="registry_res_c_initials"),
            models.Index("consortium", OpClass(F("pinyin"), "text_pattern_ops"), name="registry_res_c_pinyin"),
            models.Index("consortium", OpClass(F("name"), "text_pattern_ops"), name="registry_res_c_name"),
            models.Index("township", OpClass(F("initials"), "text_pattern_ops"), name="registry_res_t_initials"),
            models.Index("township", OpClass(F("pinyin"), "text_pattern_ops"), name="registry_res_t_pinyin"),
            models.Index("township", OpClass(F("name"), "text_pattern_ops"), name="registry_res_t_name"),
        ]
        constraints = [
            models.CheckConstraint(name="registry_resident_record", condition=Q(record_number__regex=r"^[0-9]{17}$")),
            models.CheckConstraint(
                name="registry_resident_id",
                condition=Q(id_kind=IdKind.NONE.value, id_index="") | (~Q(id_kind=IdKind.NONE.value) & ~Q(id_index="")),
            ),
        ]


class RecordSerial(Fenced):
    """The last serial given to a resident's record number in a village (12 digits)."""

    place = models.CharField(max_length=12, primary_key=True)
    last = models.IntegerField(default=0)

    fence = Fence(select=has("registry.resident"), insert=has("registry.resident"), update=has("registry.resident"))

    class Meta:
        constraints = [
            models.CheckConstraint(name="registry_recordserial_range", condition=Q(last__gte=0, last__lte=99_999))
        ]

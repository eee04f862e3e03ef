"""State tables of the registry: emergency access with its review, merge of persons."""

from __future__ import annotations

from yigongti.kernel.case.flow import Flow, Holder, State, Transition
from yigongti.registry import forms, person_forms
from yigongti.registry.actions import break_glass, merge, unknown

_DOCTOR = Holder("from", "break_glass.use", "调阅人")
_SUPERVISOR = Holder("to", "break_glass.review", "卫生健康监管")
_HEAD = Holder("from", "case.head", "机构负责人")
_REVIEW = "registry.break_glass.review"

BREAK_GLASS = Flow(
    code="break_glass",
    version=1,
    title="紧急调阅复核",
    noun="紧急调阅",
    domain="supervision",
    start="opened",
    opens=(_DOCTOR,),
    form=forms.BREAK_GLASS,
    on_open=break_glass.opened,
    shown_to_subject=True,
    states=(
        State("opened", "待复核", _SUPERVISOR, _REVIEW, meaning="记录已开放数小时，等监管人员判断理由是否成立"),
        State("asked", "待说明", _DOCTOR, _REVIEW, meaning="监管人员要求调阅人补充说明"),
        State("rectifying", "待整改", _HEAD, _REVIEW, meaning="理由不成立，由调阅人所在机构的负责人整改"),
        State("justified", "理由成立", meaning="复核完毕", outcome="justified"),
        State("rectified", "已整改", meaning="理由不成立，机构已整改", outcome="unjustified"),
    ),
    transitions=(
        Transition(
            "justify", "理由成立", ("opened",), "justified", (_SUPERVISOR,), forms.JUSTIFIED, break_glass.justified,
            tells=("from",), tone="primary", main=True,
        ),
        Transition(
            "find_unjustified", "理由不成立", ("opened",), "rectifying", (_SUPERVISOR,), forms.UNJUSTIFIED,
            break_glass.unjustified, tells=("from",), tone="danger",
            consequence="仍在开放的记录立即关闭；居民和该机构负责人会看到结论，机构须整改",
        ),
        Transition(
            "ask", "要求说明", ("opened",), "asked", (_SUPERVISOR,), forms.ASK, break_glass.asked, tells=("from",)
        ),
        Transition("explain", "补充说明", ("asked",), "opened", (_DOCTOR,), forms.EXPLAIN, tells=("to",), tone="primary",
                   main=True),
        Transition("rectify", "提交整改", ("rectifying",), "rectified", (_HEAD,), forms.RECTIFY, tells=("to",),
                   tone="primary", main=True),
    ),
)  # fmt: skip

_PROPOSER = Holder("from", "registry.resident", "提出人")
_REGISTRAR = Holder("to", "registry.merge_confirm", "档案管理")

PERSON_MERGE = Flow(
    code="person_merge",
    version=1,
    title="居民档案合并",
    noun="档案合并",
    domain="registry",
    start="proposed",
    opens=(_PROPOSER,),
    form=forms.MERGE,
    on_open=merge.recorded,
    states=(
        State("proposed", "待审核", _REGISTRAR, "registry.merge.review", meaning="等另一名档案管理人员核对是不是同一人"),
        State("merged", "已合并", meaning="两份档案作为一人，原有记录都保留", outcome="merged"),
        State("rejected", "不是同一人", meaning="两份档案各自保留", outcome="rejected"),
        State("withdrawn", "已撤回", meaning="提出人收回", outcome="withdrawn"),
        State("separated", "已拆分", meaning="合并已撤销，两份档案各自保留", outcome="separated"),
    ),
    transitions=(
        Transition(
            "confirm", "同意合并", ("proposed",), "merged", (_REGISTRAR,), forms.CONFIRM_MERGE, merge.confirmed,
            tells=("from",), tone="primary", main=True, second=True,
            consequence="能看到其中一份档案的机构将看到两份；以后可以拆分",
        ),
        Transition(
            "reject", "不是同一人", ("proposed",), "rejected", (_REGISTRAR,), forms.REJECT_MERGE, merge.settled,
            tells=("from",), second=True,
            tone="danger", consequence="两份档案各自保留；提出人会看到理由",
        ),
        Transition("withdraw", "撤回", ("proposed",), "withdrawn", (_PROPOSER,), effect=merge.settled, tells=("to",)),
        Transition(
            "separate", "拆分", ("merged",), "separated", (_REGISTRAR,), forms.UNMERGE, merge.unmerged, tells=("from",),
            tone="danger", consequence="合并时开放给各机构的记录立即收回；两份档案各自保留",
        ),
    ),
)  # fmt: skip

_KEEPER = Holder("from", "registry.resident", "登记医生")

UNKNOWN_PATIENT = Flow(
    code="unknown_patient",
    version=1,
    title="身份不明患者",
    noun="身份不明患者",
    domain="clinical",
    start="waiting",
    opens=(_KEEPER,),
    form=person_forms.UNKNOWN,
    on_open=unknown.recorded,
    states=(
        State("waiting", "待查明", _KEEPER, "registry.unknown.identify", meaning="先救治，同时查明身份：问家属、公安、随身物品"),
        State("identified", "已查明", meaning="已补全档案，或已提出与原有档案合并", outcome="identified"),
        State("left", "未查明已离开", meaning="离院或死亡时仍不知道是谁，档案保留", outcome="left"),
    ),
    transitions=(
        Transition(
            "identify", "已查明身份", ("waiting",), "identified", (_KEEPER,), person_forms.IDENTIFIED, unknown.identified,
            tone="primary", main=True, tells=(),
        ),
        Transition(
            "leave", "未查明已离开", ("waiting",), "left", (_KEEPER,), person_forms.LEFT, tells=("to",), tone="danger",
            consequence="不再提醒查明身份；档案保留，以后查明可以再合并",
        ),
    ),
)  # fmt: skip

FLOWS = (BREAK_GLASS, PERSON_MERGE, UNKNOWN_PATIENT)

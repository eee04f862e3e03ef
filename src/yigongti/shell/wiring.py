"""The one explicit list: what every module brings, in the order in which it takes effect.

The only place where modules meet by their insides; everything else goes through facades and events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yigongti.benefit.fund import desk as fund_desk
from yigongti.benefit.fund import facts as fund_facts
from yigongti.benefit.fund import flow as fund_flow
from yigongti.benefit.fund import jobs as fund_jobs
from yigongti.benefit.fund import panels as fund_panels
from yigongti.benefit.fund import sample as fund_sample
from yigongti.benefit.fund import urls as fund_urls
from yigongti.benefit.fund.facts import claims as fund_claims
from yigongti.benefit.fund.facts import pool as fund_pool_facts
from yigongti.benefit.fund.forms import counter as fund_counter_forms
from yigongti.benefit.fund.queries.sandbox import saved as fund_sandbox_saved
from yigongti.benefit.performance import desk as performance_desk
from yigongti.benefit.performance import flow as performance_flow
from yigongti.benefit.performance import sample as performance_sample
from yigongti.exchange.spreadsheets import reading as spreadsheets_reading
from yigongti.exchange.spreadsheets import running as spreadsheets_running
from yigongti.kernel.access import facade as access
from yigongti.kernel.case import clock
from yigongti.kernel.case import events as case_events
from yigongti.kernel.events import Reaction
from yigongti.kernel.facts import facade as facts
from yigongti.kernel.jobs.facade import Job
from yigongti.management.finance import desk as finance_desk
from yigongti.management.finance import flow as finance_flow
from yigongti.management.finance import sample as finance_sample
from yigongti.policy import desk as policy_desk
from yigongti.policy import events as policy_events
from yigongti.policy import facade as policy
from yigongti.policy import flow as policy_flow
from yigongti.policy import sources as policy_sources
from yigongti.registry import desk as registry_desk
from yigongti.registry import events as registry_events
from yigongti.registry import facts as registry_facts
from yigongti.registry import flow as registry_flow
from yigongti.registry import forms as registry_forms
from yigongti.registry import forms_network as network_forms
from yigongti.registry import indicators as registry_indicators
from yigongti.registry import jobs as registry_jobs
from yigongti.registry import lookups as registry_lookups
from yigongti.registry import panels as registry_panels
from yigongti.registry import person_forms
from yigongti.registry import roles as registry_roles
from yigongti.registry import sample as registry_sample
from yigongti.registry.actions.network import settling
from yigongti.registry.queries.residents import desk_banner
from yigongti.registry.sample import persons as persons_sample
from yigongti.responsibility.supervision import desk as supervision_desk
from yigongti.responsibility.supervision import flow as supervision_flow
from yigongti.responsibility.supervision import jobs as supervision_jobs
from yigongti.service.booking import actions as booking_actions
from yigongti.service.booking import desk as booking_desk
from yigongti.service.booking import events as booking_events
from yigongti.service.booking import facts as booking_facts
from yigongti.service.booking import flow as booking_flow
from yigongti.service.booking import forms as booking_forms
from yigongti.service.booking import indicators as booking_indicators
from yigongti.service.booking import queries as booking_queries
from yigongti.service.booking import reactions as booking_reactions
from yigongti.service.booking import sample as booking_sample
from yigongti.service.care import events as care_events
from yigongti.service.care import facts as care_facts
from yigongti.service.care import forms as care_forms
from yigongti.service.care import indicators as care_indicators
from yigongti.service.care import panels as care_panels
from yigongti.service.care import sample as care_sample
from yigongti.service.care import tables as care_tables
from yigongti.service.care.tags import forms as tag_forms
from yigongti.service.care.tags import jobs as tag_jobs
from yigongti.service.care.tags import queries as tag_queries
from yigongti.service.care.tags import sample as tag_sample
from yigongti.service.complaint import desk as complaint_desk
from yigongti.service.complaint import facts as complaint_facts
from yigongti.service.complaint import flow as complaint_flow
from yigongti.service.complaint import forms as complaint_forms
from yigongti.service.complaint import indicators as complaint_indicators
from yigongti.service.complaint import sample as complaint_sample
from yigongti.service.referral import desk as referral_desk
from yigongti.service.referral import events as referral_events
from yigongti.service.referral import facts as referral_facts
from yigongti.service.referral import flow as referral_flow
from yigongti.service.referral import indicators as referral_indicators
from yigongti.service.referral import movements as referral_movements
from yigongti.service.referral import panels as referral_panels
from yigongti.service.referral import sample as referral_sample
from yigongti.service.referral.desk import criteria as referral_criteria_desk
from yigongti.shell import ports, search, words
from yigongti.shell.cockpit import facts as cockpit_facts
from yigongti.shell.rooms import Room

FLOWS = (
    policy_flow.AMENDMENT, *registry_flow.FLOWS, *booking_flow.FLOWS, *referral_flow.FLOWS, *complaint_flow.FLOWS,
    *performance_flow.FLOWS, *finance_flow.FLOWS, *fund_flow.FLOWS,
    *supervision_flow.FLOWS,
)  # fmt: skip
DESKS = (
    *referral_desk.DESKS, *complaint_desk.DESKS, *booking_desk.DESKS, *registry_desk.DESKS, *performance_desk.DESKS,
    *fund_desk.DESKS, finance_desk.DESK, policy_desk.DESK, supervision_desk.DESK, supervision_desk.JOBS_DESK,
)  # fmt: skip
FORMS = (
    *registry_forms.FORMS, *person_forms.FORMS, *network_forms.FORMS, *care_forms.FORMS, *tag_forms.FORMS,
    *booking_forms.FORMS, *complaint_forms.FORMS, *fund_counter_forms.FORMS,
)  # fmt: skip

EVENTS: tuple[type, ...] = (
    case_events.CaseOpened, case_events.CaseMoved, case_events.CaseLate,
    policy_events.ParameterAmended,
    registry_events.PersonsMerged, registry_events.PersonsUnmerged, registry_events.GlassBroken,
    registry_events.PersonDied, registry_events.PersonMoved, registry_events.LifeCorrected, registry_events.ResidentChanged,
    care_events.VisitOpened, care_events.VisitClosed,
    booking_events.Booked, booking_events.Cancelled, booking_events.Missed, booking_events.Released,
    referral_events.ReferralSent, referral_events.ReferralAccepted, referral_events.ReferralDeclined,
    referral_events.PatientArrived, referral_events.SentDown, referral_events.ReferralClosed, referral_events.LeftCounty,
)  # fmt: skip
REACTIONS: tuple[Reaction, ...] = (*tag_jobs.REACTIONS, *booking_reactions.REACTIONS)

PANELS: Mapping[str, tuple[Callable[[Any], Any], ...]] = {
    "visit.after_diagnosis": (referral_panels.proposal, *fund_panels.PANELS["visit.after_diagnosis"]),
    "desk.create": fund_panels.PANELS["desk.create"],
    "cockpit": fund_panels.PANELS["cockpit"],
    "resident.timeline": (care_panels.timeline, referral_panels.timeline),
    "case.main": (
        referral_panels.record,
        referral_panels.way_on,
        registry_panels.unsorted,
        performance_desk.lines,
        finance_desk.lines,
        *fund_panels.PANELS["case.main"],
    ),
}
PORTS: Mapping[str, Any] = {
    "limit": ports.limit,
    "limit_set": policy.keep_at_unit,
    "describe_parameter": ports.describe_parameter,
    "parameter_url": ports.parameter_url,
    "banner": desk_banner,
    "print_mark": ports.print_mark,
    "offline_keeps": ports.offline_keeps,
    "offline_person": ports.offline_person,
    "log_line": words.line,
    "policy_key": policy_sources.KeySource(),
    "policy_evidence": fund_sandbox_saved.EvidenceSource(),
    "network_lines": registry_facts.network_lines,
    "visit_lines": care_facts.visit_lines,
    "booking_places": booking_facts.place_lines,
    "booking_waits": booking_facts.wait_lines,
    "fund_claims": fund_claims.lines,
    "fund_months": fund_pool_facts.lines,
    "read_tables": spreadsheets_reading.read_tables,
    "red_flags": referral_panels.red_flags(),
    "appointments": referral_panels.appointments,
    "checked_in": booking_queries.checked_in,
    "allergies": care_panels.allergies,
    "key_population": tag_queries.badges,
    "subject_tables": care_tables.SUBJECT_TABLES,
    "referral_specialist": referral_panels.specialists,
    "criterion": referral_criteria_desk.CriterionSource(),
    **registry_lookups.PORTS,
}
ROLES = registry_roles.ROLES
SAMPLES = (
    registry_sample.sample, care_sample.sample, persons_sample.sample, tag_sample.sample, booking_sample.sample,
    referral_sample.sample, complaint_sample.sample, performance_sample.sample, *fund_sample.SAMPLES,
    finance_sample.sample,
)  # fmt: skip
FACTS = (
    *registry_facts.FACTS, *care_facts.FACTS, *booking_facts.FACTS, *referral_facts.FACTS, *referral_movements.FACTS,
    *complaint_facts.FACTS, *fund_facts.FACTS, *cockpit_facts.FACTS,
)  # fmt: skip
INDICATORS = (
    *care_indicators.INDICATORS, *referral_indicators.INDICATORS, *referral_movements.INDICATORS,
    *complaint_indicators.INDICATORS, *booking_indicators.INDICATORS, *registry_indicators.INDICATORS,
    *fund_facts.INDICATORS, *cockpit_facts.INDICATORS,
)  # fmt: skip


def _tick(acting: access.Acting) -> int:
    return clock.tick(acting)


def _booking(acting: access.Acting) -> int:
    return booking_actions.tick(acting)


def _calendars(acting: access.Acting) -> int:
    return booking_actions.extend(acting)


def _facts(acting: access.Acting) -> int:
    return len(facts.build(acting))


JOBS = (
    Job(
        "clock",
        "robot_clock",
        _tick,
        "到时提醒、升级、列入督办清单",
        ("case_case", "case_entry", "case_notice"),
        "* * * * *",
    ),
    Job("facts", "robot_facts", _facts, "定时并按需生成统计事实（不含身份）", ("case_case",), "*/5 * * * *"),
    Job(
        "booking",
        "robot_booking",
        _booking,
        "释放预留、候补到号、登记爽约、受理申诉",
        ("booking_slot", "booking_booking", "booking_waiting", "booking_appeal"),
        "* * * * *",
    ),
    *booking_reactions.JOBS,
    Job(
        "calendars",
        "robot_booking",
        _calendars,
        "按每周排班生成今后的号源",
        ("booking_session", "booking_slot"),
        "7 * * * *",
    ),
    Job(
        "catchment",
        "robot_catchment",
        settling.settle,
        "医共体成员和分区包片的调整在当日生效：机构归属、居民的责任机构",
        ("access_unit", "registry_resident", "registry_belonging"),
        "5 16,23,1 * * *",
    ),
    *spreadsheets_running.JOBS,
    *registry_jobs.JOBS,
    *tag_jobs.JOBS,
    *fund_jobs.JOBS,
    *supervision_jobs.JOBS,
)

SEARCHES = (search.persons, search.cases)
RIGHTS: Mapping[str, str] = registry_roles.RIGHTS

# fmt: off
ROOMS = (
    Room("我的工作", "/", "checklist"),
    Room("驾驶舱", "/cockpit/", "activity-heartbeat", ("cockpit.read",)),
    Room("接诊", "/care/", "stethoscope", ("care.visit",)),
    Room("重点人群", "/care/groups/", "flag", ("care.visit",)),
    Room("居民", "", "users", parts=(
        Room("居民", "/residents/", "users", ("resident.banner",), also=("/resident/",)),
        Room("疑似重复", "/residents/duplicates/", "copy", ("registry.merge",)),
        Room("档案合并", "/desk/person_merge/", "users", ("registry.merge",)),
        Room("身份不明患者", "/desk/unknown_patient/", "help", ("case.clinical",)),
    )),
    Room("双向转诊", "", "switch-horizontal", parts=(
        Room("上转", "/desk/referral/", "arrow-up-right", ("case.clinical",)),
        Room("下转", "/desk/referral_down/", "arrow-down-left", ("case.clinical",)),
        Room("县外转诊", "/desk/referral_out/", "external-link", ("case.clinical",)),
        Room("下级查房", "/desk/round/", "clipboard-list", ("referral.specialist", "referral.desk"), also=("/desk/round_note/",)),
    )),
    Room("转诊协调", "/coordination/", "affiliate", ("referral.coordinate",), also=("/referral/register/", "/referral/declined/")),
    Room("推诿与投诉", "", "gavel", parts=(
        Room("推诿举报", "/desk/refusal/", "gavel", ("case.service",)),
        Room("投诉", "/desk/complaint/", "gavel", ("case.service",)),
    )),
    Room("账务", "", "books", parts=(
        Room("凭证", "/finance/", "books", ("finance.read",)),
        Room("录入与审核", "/desk/finance_voucher/", "pencil", ("case.finance",)),
    )),
    Room("医保结算", "", "receipt", parts=(
        Room("结算窗口", "/fund/counter/", "receipt", ("fund.counter",)),
        Room("结算清单", "/fund/claims/", "file-invoice",
             ("fund.counter", "fund.read", "fund.office", "fund.approve", "fund.bureau", "fund.audit"),
             also=("/fund/claim/",)),
        Room("结算调整", "/desk/fund_adjustment/", "adjustments", ("case.fund",)),
        Room("特例单议", "/desk/fund_special/", "scale", ("fund.office", "fund.bureau", "fund.panel", "fund.counter")),
        Room("基金自查", "/desk/fund_finding/", "zoom-check", ("fund.audit", "fund.reply", "fund.approve")),
        Room("自查规则与效果", "/fund/audit/rules/", "chart-bar", ("fund.audit", "fund.approve")),
        Room("病种目录", "/desk/fund_catalogue/", "table", ("fund.office", "fund.approve", "fund.bureau"), also=("/fund/catalogue/",)),
    )),
    Room("医保基金", "", "report", parts=(
        Room("基金运行", "/fund/pool/", "report", ("fund.pool", "fund.supervise")),
        Room("总额协商", "/desk/fund_agreement/", "switch-horizontal", ("fund.bureau", "fund.office", "fund.approve")),
        Room("年度总额", "/desk/fund_budget/", "scale", ("fund.office", "fund.approve")),
        Room("预付款", "/desk/fund_prepayment/", "hourglass", ("fund.office", "fund.approve", "fund.receive")),
        Room("支付清单", "/desk/fund_paylist/", "list-check", ("fund.office", "fund.approve")),
        Room("政策沙盘", "/fund/sandbox/", "adjustments", ("fund.sandbox",)),
        Room("年终清算", "/desk/fund_clearing/", "file-certificate",
             ("fund.office", "fund.approve", "fund.bureau"), also=("/fund/clearing/",)),
    )),
    Room("考核得分", "/desk/performance_scores/", "clipboard-text", ("case.performance",), also=("/performance/upload/",)),
    Room("预约", "", "calendar", parts=(
        Room("今日预约", "/booking/", "calendar", ("booking.desk", "referral.specialist"),
             also=("/desk/booking_offered/", "/desk/booking_moved/", "/desk/booking_appeal/")),
        Room("排班", "/booking/week/", "calendar", ("booking.manage", "booking.desk")),
        Room("候补", "/booking/waiting/", "hourglass", ("booking.desk",)),
        Room("爽约限制", "/booking/restricted/", "alert-triangle", ("booking.desk",)),
        Room("预留总览", "/booking/quota/", "chart-bar", ("booking.manage", "booking.desk", "figures.read")),
    )),
    Room("离线随访", "/offline/", "device-mobile", ("referral.sender",)),
    Room("紧急调阅", "/desk/break_glass/", "alert-triangle", ("break_glass.review", "break_glass.use")),
    Room("机构网络", "", "map-pin", parts=(
        Room("地图", "/network/", "map-pin", ("network.read", "registry.manage")),
        Room("层级", "/network/tree/", "map-pin", ("network.read", "registry.manage")),
        Room("机构", "/institutions/", "building-hospital", ("network.read", "registry.manage")),
        Room("医联体", "/alliances/", "affiliate", ("network.read", "registry.manage")),
        Room("中心", "/centres/", "affiliate", ("network.read", "registry.manage")),
        Room("分区包片", "/catchment/", "affiliate", ("network.read", "registry.manage")),
    )),
    Room("导入与导出", "/import/", "database-import", ("registry.import",)),
    Room("账号与岗位", "/accounts/", "id-badge", ("access.manage",)),
    Room("监管清单", "/supervision/", "shield-check", ("access.supervise",)),
    Room("政策", "", "books", parts=(
        Room("参数", "/policy/", "books", ("policy.read",)),
        Room("参数修订", "/desk/policy_amendment/", "scale", ("case.policy",)),
        Room("转诊标准", "/referral/criteria/", "scale", ("policy.propose", "policy.approve"), also=("/desk/criteria_change/",)),
        Room("蓝本", "/blueprints/", "columns-3", ("policy.read",)),
    )),
    Room("指标", "/figures/", "chart-bar", ("figures.read",)),
    Room("访问日志", "", "history", parts=(
        Room("访问日志", "/log/", "history", ("audit.read", "audit.read_unit")),
        Room("封存中断", "/desk/seal_outage/", "history", ("case.platform",)),
        Room("任务失败", "/desk/failed_job/", "history", ("case.platform",)),
        Room("后台任务", "/robots/", "history", ("platform.explain", "audit.read")),
    )),
)
# fmt: on

URLS: tuple[tuple[str, str], ...] = (
    ("", "yigongti.kernel.desk.urls"),
    ("offline/", "yigongti.kernel.offline.urls"),
    ("", "yigongti.registry.urls"),
    ("", "yigongti.policy.urls"),
    ("", "yigongti.exchange.spreadsheets.urls"),
    ("figures/", "yigongti.kernel.indicator.urls"),
    ("", "yigongti.service.care.urls"),
    ("", "yigongti.service.referral.urls"),
    ("", "yigongti.service.complaint.urls"),
    ("", "yigongti.service.booking.urls"),
    ("", "yigongti.management.finance.urls"),
    ("", "yigongti.benefit.performance.urls"),
    *(("", one) for one in fund_urls.URLS),
)

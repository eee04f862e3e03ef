"""Every role of the house: its title, how far it reaches, which rights it holds.

A right is a word that fences, pages, actions and flows ask for; a duty is a right that may hold a case. The rights
``case.<domain>`` open the case rows of a domain (clinical, registry, policy, supervision) at the units in reach. Roles
limit tables too: an administrator holds no clinical right, a supervisor sees a person only through a case sent to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["self", "unit", "subtree", "consortium", "region"]


@dataclass(frozen=True)
class Role:
    """A kind of seat. `unit_kinds` says where such a seat stands: kinds of ``access.Unit``."""

    code: str
    title: str
    scope: Scope
    rights: tuple[str, ...]
    meaning: str
    unit_kinds: tuple[str, ...] = ("institution",)
    robot: bool = False
    staff: bool = True


RIGHTS: dict[str, str] = {
    "resident.banner": "看到本机构辖区或建立过诊疗关系的居民的基本信息",
    "resident.search": "检索居民",
    "resident.self": "查看本人的记录",
    "clinical.read": "阅读诊疗记录",
    "clinical.write": "书写诊疗记录",
    "care.visit": "接诊登记",
    "care.tag": "按规则标记重点人群",
    "referral.sender": "发起转诊、接收下转",
    "referral.desk": "转诊服务台：接收、退回、预约",
    "referral.specialist": "专科接诊转诊患者",
    "referral.coordinate": "转诊协调看板：按时限查看进行中的转诊，催办、转交",
    "complaint.report": "登记推诿举报与投诉",
    "complaint.answer": "代表本机构答复推诿举报与投诉",
    "complaint.judge": "评判推诿举报，回访与复核投诉",
    "performance.read": "查看已冻结的考核得分",
    "performance.score": "登记考核得分",
    "performance.confirm": "复核、冻结考核得分；不得复核自己登记的",
    "booking.desk": "预约窗口：预约、核销、爽约、候补、申诉",
    "booking.manage": "维护号源、床位、检查排班，停诊",
    "booking.robot": "按规则释放预留、候补到号、登记爽约",
    "access.relate": "凭证据建立诊疗关系",
    "access.supervise": "查看全部诊疗关系及其使用情况",
    "access.manage": "管理账号与岗位",
    "registry.manage": "维护机构、科室、医联体、能力清单",
    "network.read": "查看机构、医联体、中心、分区包片",
    "centre.manage": "维护本单位承办的中心：服务目录、开放时间、值班",
    "centre.govern": "调整本医共体中心的承诺、电话、开放方式",
    "registry.resident": "建立和修改居民主索引",
    "registry.merge": "合并与拆分居民主索引",
    "registry.merge_confirm": "审核居民合并",
    "registry.import": "导入机构、人员、居民表格",
    "break_glass.use": "紧急调阅",
    "break_glass.review": "复核紧急调阅",
    "policy.read": "查看政策参数",
    "policy.propose": "提出政策参数调整",
    "policy.propose_fund": "提出医保基金类政策参数调整",
    "policy.approve": "审批政策参数调整",
    "figures.read": "查看统计指标",
    "cockpit.read": "查看驾驶舱",
    "figures.region": "查看全区域的统计指标（只见数字，不见明细中的人）",
    "audit.read": "查看全部访问日志",
    "audit.read_unit": "查看本机构的访问日志",
    "platform.watch": "在日志封存中断、后台任务失败后提出事项",
    "platform.explain": "说明访问日志封存中断、处理后台任务失败",
    "platform.confirm": "确认封存中断的说明；不得确认自己写的",
    "fund.counter": "医保结算窗口：录入、结算、冲销本机构的医保清单",
    "fund.read": "看到本机构的医保清单与结算结果",
    "fund.office": "医共体医保管理中心：确认调整、预算、审核、清算",
    "fund.approve": "医保基金事项的第二人审批",
    "fund.bureau": "医保局：全区域的清单、县外清单、参数口径",
    "fund.reply": "代表本机构答复基金自查疑点",
    "fund.panel": "以评审专家身份对特例单议提出意见",
    "fund.audit_run": "按规则提出基金自查疑点",
    "fund.pool": "查看医共体的基金总额、预付、支付清单、清算",
    "fund.supervise": "查看全区域各医共体的基金运行（只读，只见数字）",
    "fund.sandbox": "政策沙盘：按本医共体的清单试算参数改动，保存、比较（只见数字，不见明细中的人）",
    "fund.receive": "确认收到预付款",
    "fund.audit": "基金自查：查看清单与结算，处理疑点",
    "finance.read": "查看医共体账务",
    "finance.post": "录入凭证，申请红字冲销",
    "finance.approve": "审核凭证入账、结账；不得审核自己录入的",
    "case.fund": "看到本机构的医保基金类事项",
    "case.pool": "看到总额、预付、支付清单、清算类事项",
    "case.finance": "看到待审核、待更正的凭证",
    "case.clinical": "看到本机构的诊疗类事项",
    "case.registry": "看到本机构的档案类事项",
    "case.policy": "看到政策类事项",
    "case.service": "看到本机构的推诿举报与投诉",
    "case.performance": "看到本医共体的考核类事项",
    "case.platform": "看到访问日志封存中断的说明事项",
    "case.supervision": "看到本机构的监管类事项",
    "case.booking": "看到本机构的预约类事项",
    "case.head": "机构负责人：接收逾期上报",
    "case.late": "总部督办清单",
    "case.hq": "看到本医共体的事项",
    "case.clock": "时限推进",
    "facts.build": "生成统计事实",
}
"""Every right with what it lets one do; a right that is not listed here does not exist."""

_DOCTOR = (
    "resident.banner", "resident.search", "clinical.read", "clinical.write", "care.visit", "access.relate",
    "registry.resident", "break_glass.use", "referral.sender", "case.clinical", "case.registry", "case.supervision",
    "policy.read", "network.read", "case.service", "complaint.report",
)  # fmt: skip

ROLES: tuple[Role, ...] = (
    Role("village_doctor", "乡村医生", "unit", _DOCTOR, "在村卫生室首诊、随访，向上转诊并接回患者"),
    Role(
        "township_doctor", "乡镇（社区）医生", "subtree", (*_DOCTOR, "figures.read"),
        "在乡镇卫生院或社区卫生服务中心接诊，管理所辖村室的居民",
    ),
    Role(
        "referral_desk", "转诊服务台", "unit",
        ("resident.banner", "resident.search", "clinical.read", "referral.desk", "case.clinical", "policy.read", "figures.read",
         "booking.desk", "booking.manage", "case.booking",
         "network.read", "referral.coordinate", "case.service", "complaint.report"),
        "分级诊疗综合服务中心：接收或退回转诊，安排专家、床位和检查",
    ),
    Role(
        "coordinator", "转诊协调员", "consortium",
        ("case.clinical", "case.hq", "case.service", "referral.coordinate", "complaint.report", "policy.read",
         "figures.read", "network.read"),
        "总部的转诊协调员：按时限跟进全医共体的转诊，催办、转交，不看健康档案", ("consortium",),
    ),
    Role(
        "specialist", "专科医生", "unit", (*_DOCTOR, "referral.specialist"),
        "在县级医院诊治转诊患者，制定方案后下转",
    ),
    Role(
        "unit_head", "机构负责人", "subtree",
        ("case.head", "case.clinical", "case.supervision", "case.booking", "audit.read_unit", "figures.read", "cockpit.read",
         "policy.read", "network.read", "centre.manage", "referral.coordinate", "case.service", "complaint.report", "complaint.answer",
         "case.fund", "fund.reply"),
        "接收本机构逾期事项的上报，查看本机构的访问日志，维护本机构承办的中心",
    ),
    Role(
        "hq_director", "医共体负责人", "consortium",
        ("case.late", "case.head", "figures.read", "cockpit.read", "policy.read", "network.read", "centre.manage", "centre.govern",
         "case.hq", "case.service", "complaint.judge", "case.performance", "performance.read", "fund.pool",
         "fund.sandbox", "case.pool"),
        "督办清单、全医共体的中心与指标，不看诊疗记录", ("consortium",),
    ),
    Role(
        "performance_officer", "绩效考核", "consortium",
        ("performance.read", "performance.score", "case.performance", "figures.read", "policy.read", "network.read"),
        "绩效考核中心：登记医共体和成员单位的考核得分，不看诊疗记录", ("consortium",),
    ),
    Role(
        "performance_confirmer", "绩效复核", "consortium",
        ("performance.read", "performance.confirm", "case.performance", "case.head", "figures.read", "policy.read", "network.read"),
        "绩效考核中心负责人：复核、冻结考核得分；不得复核自己登记的", ("consortium",),
    ),
    Role(
        "supervisor", "卫生健康监管", "region",
        ("access.supervise", "break_glass.review", "case.supervision", "audit.read", "figures.read", "policy.read",
         "network.read", "case.service", "complaint.report", "case.platform", "platform.confirm"),
        "复核紧急调阅，查看诊疗关系和访问日志，不看诊疗记录", ("region",),
    ),
    Role(
        "bureau_head", "卫生健康局负责人", "unit",
        ("case.head", "case.late", "case.policy", "case.registry", "case.supervision", "case.platform",
         "figures.read", "figures.region", "cockpit.read",
         "policy.read", "network.read", "case.hq", "case.service", "complaint.judge", "case.pool", "fund.supervise"),
        "政策、档案、监管类事项逾期时的上报对象和督办人，查看全区域的基金运行，不看诊疗记录", ("region",),
    ),
    Role(
        "administrator", "平台管理员", "region",
        ("registry.manage", "access.manage", "registry.import", "registry.resident", "resident.banner", "policy.read",
         "network.read", "case.platform", "platform.explain"),
        "维护机构、医联体、中心、分区包片、人员、账号，导入表格，不看诊疗记录", ("region",),
    ),
    Role(
        "registrar", "档案管理", "region",
        ("resident.banner", "resident.search", "registry.resident", "registry.merge", "registry.merge_confirm", "case.registry",
         "network.read"),
        "居民主索引的维护、合并与拆分", ("region",),
    ),
    Role(
        "policy_officer", "政策参数拟定", "region", ("policy.read", "policy.propose", "case.policy", "figures.read", "network.read"),
        "提出政策参数的调整", ("region",),
    ),
    Role(
        "policy_approver", "政策参数审批", "region", ("policy.read", "policy.approve", "case.policy", "figures.read", "network.read"),
        "审批政策参数的调整；不得审批自己提出的", ("region",),
    ),
    Role(
        "settlement_clerk", "医保结算员", "subtree",
        ("resident.banner", "resident.search", "access.relate", "fund.counter", "fund.read", "fund.receive", "case.fund", "case.pool",
         "policy.read"),
        "在本机构（含所辖村室）结算医保清单，打印结算说明，不看诊疗记录",
    ),
    Role(
        "insurance_office", "医保管理中心", "consortium",
        ("fund.office", "fund.pool", "fund.sandbox", "performance.read", "case.fund", "case.pool", "case.policy", "case.hq", "figures.read",
         "cockpit.read", "policy.read", "policy.propose_fund",
         "finance.read", "network.read"),
        "医共体医保管理中心：确认调整，管理预算、预付、审核、清算", ("consortium",),
    ),
    Role(
        "insurance_approver", "医保管理中心负责人", "consortium",
        ("fund.approve", "fund.pool", "fund.sandbox", "performance.read", "case.fund", "case.pool", "case.hq", "case.head", "figures.read",
         "cockpit.read",
         "policy.read", "finance.read", "network.read"),
        "医保基金事项的第二人；不得审批自己提出的", ("consortium",),
    ),
    Role(
        "insurance_bureau", "医保局", "region",
        ("fund.bureau", "fund.pool", "fund.sandbox", "performance.read", "case.fund", "case.pool", "case.policy", "case.hq", "figures.read",
         "figures.region", "policy.read", "policy.propose_fund",
         "finance.read", "network.read"),
        "导入县外清单，商谈预算，查看全区域结算，不看诊疗记录", ("region",),
    ),
    Role(
        "fund_auditor", "基金自查人员", "consortium",
        ("fund.audit", "fund.pool", "case.fund", "case.pool", "case.hq", "figures.read", "policy.read"),
        "按规则核查清单疑点，核实、答复、追回，不看诊疗记录", ("consortium",),
    ),
    Role(
        "fund_expert", "医保评审专家", "consortium", ("fund.panel", "case.fund", "policy.read"),
        "对特例单议提出意见，在申请机构任职的回避，不看诊疗记录", ("consortium",),
    ),
    Role(
        "accountant", "会计", "consortium", ("finance.read", "finance.post", "case.finance", "case.fund", "case.pool", "policy.read",
         "figures.read"),
        "医共体集中核算：记账，不看诊疗记录", ("consortium",),
    ),
    Role(
        "chief_accountant", "总会计师", "consortium",
        ("finance.read", "finance.approve", "case.finance", "fund.pool", "case.fund", "case.pool", "case.head", "policy.read",
         "figures.read", "cockpit.read", "network.read"),
        "审核记账；不得审核自己所记", ("consortium",),
    ),
    Role("resident", "居民", "self", ("resident.self",), "查看本人的记录、转诊进度、谁看过", ("region",), staff=False),
    Role(
        "robot_import", "导入机器人", "region",
        ("registry.import", "registry.manage", "registry.resident", "access.manage", "resident.banner"),
        "把管理员上传的表格写入登记库", ("region",), robot=True,
    ),
    Role(
        "robot_catchment", "分区包片机器人", "region", ("registry.manage", "registry.resident", "resident.banner"),
        "在医共体成员、分区包片调整生效当日，把居民转到新的责任机构", ("region",), robot=True,
    ),
    Role(
        "robot_registrar", "查重机器人", "region", ("resident.banner", "registry.resident", "registry.merge"),
        "每夜找出疑似重复的居民档案，不作决定", ("region",), robot=True,
    ),
    Role(
        "robot_audit", "基金自查机器人", "region", ("fund.audit_run", "facts.build", "case.fund"),
        "每夜按规则核对医保清单，提出疑点，不作结论", ("region",), robot=True,
    ),
    Role(
        "robot_tags", "重点人群机器人", "region", ("facts.build", "care.tag"), "按规则标记重点人群，不看身份号码", ("region",),
        robot=True,
    ),
    Role(
        "robot_log", "日志机器人", "region", ("audit.read", "case.platform", "platform.watch"),
        "日志封存中断后，请管理员说明、监管人员确认", ("region",), robot=True,
    ),
    Role("robot_clock", "时限机器人", "region", ("case.clock",), "提醒、上报、列入督办清单", ("region",), robot=True),
    Role(
        "robot_booking", "预约机器人", "region", ("booking.robot", "case.booking"),
        "按排班生成号源、释放预留、候补到号、登记爽约、解除到期限制", ("region",), robot=True,
    ),
    Role("robot_facts", "统计机器人", "region", ("facts.build",), "生成不含身份的统计事实", ("region",), robot=True),
)  # fmt: skip

BY_CODE: dict[str, Role] = {role.code: role for role in ROLES}


def staff_roles() -> tuple[Role, ...]:
    """Roles that a person employed by an institution or the bureau can be given."""
    return tuple(role for role in ROLES if role.staff and not role.robot)

"""The log's verbs, kinds and reasons in the words of a person who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yigongti.kernel import wiring
from yigongti.kernel.audit.queries import Look

ACTIONS = {
    "saw": "查看", "opened": "发起", "searched": "检索", "revealed": "显示完整", "printed": "打印", "exported": "导出",
    "related": "建立", "mismatched": "核对不符", "registered": "新建", "changed": "修改", "merged": "合并", "unmerged": "拆分",
    "break_glass": "紧急调阅", "handed_over": "转交", "visit.opened": "登记", "visit.written": "书写", "visit.closed": "完成",
    "allergy.noted": "记录", "problem.noted": "记录", "seat_added": "增加", "seat_ended": "结束", "account_created": "新建",
    "account_opened": "启用", "account_closed": "停用", "password_reset": "重置密码", "password_changed": "修改密码",
    "second_factor_enrolled": "启用动态口令", "second_factor_reset": "重置动态口令", "search_alarm": "检索过多提醒",
    "ability_added": "增加能力项", "ability_ended": "结束能力项", "maintenance": "维护", "imported": "导入",
    "import_started": "开始导入", "import_checked": "核对导入", "passwords_told": "领取初始密码",
    "finance.closed": "结账，", "finance.reopened": "重新打开月份，", "claim.settled": "结算", "claim.voided": "冲销",
    "saved": "保存", "booked": "办理", "booking.cancelled": "取消", "booking.arrived": "核销", "booking.missed": "登记爽约",
    "booking.restricted": "限制", "booking.appealed": "申诉限制", "calendar.changed": "调整", "booking.waits": "候补",
    "alliance_created": "新建", "alliance_changed": "修改", "alliance_ended": "结束", "member_added": "增加成员，",
    "member_ended": "成员退出，", "body_created": "登记", "body_ended": "结束", "unified": "登记统一管理，",
    "unified_ended": "结束统一管理，", "centre_created": "新建", "centre_changed": "修改", "service_added": "增加服务，",
    "service_ended": "停止服务，", "hours_set": "修改时间，", "duty_added": "排班，", "duty_removed": "取消排班，",
    "catchment_changed": "调整", "catchment_cancelled": "撤回调整，", "mode_changed": "修改举办方式，", "moved": "调整归属，",
    "settled": "调整归属，", "shapes_imported": "导入地图边界，", "called_different": "判为不同的人，", "card_issued": "发放",
    "card_ended": "停用", "scanned": "扫码", "scan_refused": "扫码未通过，", "newborn": "新生儿建档，", "sorted": "整理归属，",
    "undone": "撤回变动，", "social_noted": "登记重点人群，", "social_ended": "结束重点人群，", "family_code_made": "出示照看码，",
    "family_let": "同意照看，", "family_stopped": "停止照看，", "guardian_noted": "登记监护人，", "pressed": "催办",
}  # fmt: skip
KINDS = {
    "case": "事项", "record": "健康档案", "visit": "就诊记录", "resident": "居民档案", "relation": "诊疗关系", "log": "访问日志",
    "account": "账号", "seat": "岗位", "institution": "机构", "allergy": "过敏史", "problem": "长期问题", "id_number": "证件号码",
    "phone": "电话", "database": "数据", "booking": "预约", "claim": "医保清单", "special.paper": "特例单议附件", "calendar": "排班",
    "sign_in": "登录", "import": "", "coordination": "转诊事项",
    "alliance": "医联体", "body": "治理机构", "card": "健康卡", "catchment": "分区包片", "centre": "中心", "declined": "退回记录",
    "delegation": "家人照看", "filing": "转诊备案", "key_population": "重点人群", "life": "迁移与死亡",
    "offline_packet": "离线待办", "place": "行政区划", "fund.pool": "基金运行", "fund.procedures": "手术操作类别",
    "fund.sandbox": "政策沙盘", "fund_comparison": "沙盘比较", "finance.vouchers": "凭证目录",
    "finance.voucher": "凭证", "finance.period": "结账", "finance.balances": "余额表", "finance.lines": "分录",
}  # fmt: skip
_SILENT = {
    "password_changed",
    "password_reset",
    "second_factor_enrolled",
    "second_factor_reset",
    "search_alarm",
    "passwords_told",
}
_WHYS = {"detail": "办理事项", "csv": "导出表格", "xlsx": "导出表格", "pdf": "导出可打印文件"}


@dataclass(frozen=True)
class Line:
    """One line of the log as it is shown."""

    at: datetime
    name: str
    place: str
    what: str
    why: str
    refused: bool


def line(look: Look) -> Line:
    """A log entry in words. A refusal says what was asked for, never what was there."""
    place = " · ".join(part for part in (look.unit, look.role) if part)
    if look.action == "refused":
        return Line(look.at, look.name, place, "登录未成功" if look.kind == "sign_in" else "被拒绝", _asked(look), True)
    what = action_word(look.action) + ("" if look.action in _SILENT else kind_word(look.kind))
    if look.count > 1:
        what += f"（{look.count} 条）"
    return Line(look.at, look.name, place, what, _WHYS.get(look.why, look.why), False)


def _asked(look: Look) -> str:
    """What a refused request lacked: the right in words, or that the thing is not there for this seat."""
    if look.kind == "sign_in":
        return look.why
    rights = wiring.offer("RIGHTS", {})
    if look.why in rights:
        return f"没有“{rights[look.why]}”的权限"
    return "不存在或无权查看" if look.kind != "Denied" else "没有办理权限"


def action_word(action: str) -> str:
    """What was done, in Chinese: a known verb, or the title of a flow's transition."""
    if action in ACTIONS:
        return ACTIONS[action]
    for flow in wiring.offer("FLOWS"):
        for transition in flow.transitions:
            if transition.code == action:
                return str(transition.title)
    return "办理"


def kind_word(kind: str) -> str:
    """What it was done to, in Chinese."""
    for flow in wiring.offer("FLOWS"):
        if flow.code == kind:
            return str(flow.noun)
    return KINDS.get(kind, "")

"""An outage of the log: stated by the sealer, explained by the administrator, confirmed by who audits. A job that failed:
stated by the robot, looked at by the administrator, closed by a run that succeeds."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.responsibility.supervision import actions, forms

ROBOT = Holder("from", "platform.watch", "日志机器人")
ADMINISTRATOR = Holder("from", "platform.explain", "平台管理员")
SUPERVISOR = Holder("to", "platform.confirm", "卫生健康监管")
_EXPLAIN = "audit.outage.explain"

SEAL_OUTAGE = Flow(
    code="seal_outage", version=1, title="访问日志封存中断", noun="封存中断", domain="platform", start="stated",
    opens=(ROBOT,), on_open=actions.on_state,
    states=(
        State("stated", "待说明", ADMINISTRATOR, _EXPLAIN, meaning="日志有一段时间没有封存，等平台管理员说明原因和措施"),
        State("explained", "待确认", SUPERVISOR, "audit.outage.confirm", meaning="管理员已说明，等监管人员确认"),
        State("returned", "待补充说明", ADMINISTRATOR, _EXPLAIN, meaning="监管人员认为说明不充分"),
        State("confirmed", "已确认", meaning="原因和措施已由监管人员确认", outcome="confirmed"),
    ),
    transitions=(
        Transition("explain", "说明", ("stated", "returned"), "explained", (ADMINISTRATOR,), forms.EXPLAIN,
                   actions.on_explain, tone="primary", main=True),
        Transition("confirm_outage", "确认", ("explained",), "confirmed", (SUPERVISOR,), forms.CONFIRM, actions.on_confirm,
                   tone="primary", main=True),
        Transition("return_outage", "退回补充", ("explained",), "returned", (SUPERVISOR,), forms.RETURN, actions.on_return),
    ),
)  # fmt: skip
FAILED_JOB = Flow(
    code="failed_job", version=1, title="后台任务失败", noun="任务失败", domain="platform", start="failed",
    opens=(ROBOT,), on_open=actions.on_failed,
    states=(
        State("failed", "待处理", ADMINISTRATOR, "jobs.failed.handle", meaning="机器人的一项任务没有做成，等平台管理员查明并处理"),
        State("retried", "等重新运行", ADMINISTRATOR, "jobs.failed.retry", meaning="已登记处理并重新排队，机器人看这次运行的结果"),
        State("recovered", "已恢复", meaning="处理以后运行成功", outcome="recovered"),
        State("let_be", "不再需要", meaning="管理员写明不用再运行", outcome="let_be"),
    ),
    transitions=(
        Transition("handle", "登记处理", ("failed", "retried"), "retried", (ADMINISTRATOR,), forms.HANDLE, actions.on_handle,
                   tells=(), tone="primary", main=True),
        Transition("recover", "运行成功", ("retried",), "recovered", (ROBOT,), tells=()),
        Transition("fail_again", "又失败", ("retried",), "failed", (ROBOT,)),
        Transition("let_be", "不再需要", ("failed", "retried"), "let_be", (ADMINISTRATOR,), forms.LET_BE, actions.on_let_be,
                   tells=()),
    ),
)  # fmt: skip
FLOWS: tuple[Flow, ...] = (SEAL_OUTAGE, FAILED_JOB)

"""What stands in an inbox, as sentences."""

from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment, state_label
from paidan.storage.port import Memo
from paidan.workflows.cases import workflow_of

TEXTS: dict[str, tuple[str, str]] = {
    "told.warn": ("即将到期：{label}（{due}）", "due soon: {label} ({due})"),
    "told.time_out": ("已超时：{label}（应于{due}）", "timed out: {label} (was due {due})"),
    "told.escalate": ("逾期升级：{label}（应于{due}）", "escalated: {label} (was due {due})"),
    "told.escalate_count": ("升级：{label}", "escalated: {label}"),
    "told.time_out_withdrawn": ("超时撤回：{label}", "time-out withdrawn: {label}"),
    "told.reminder": ("定期提醒：{label}（{period}，至{due}）", "reminder: {label} ({period}, by {due})"),
    "told.case": ("{case}{state}", "{case}: {state}"),
    "told.case_asks": ("{case}{state}：待{events}", "{case}: {state}; next: {events}"),
    "inbox.met": ("已了结", "settled"),
    "inbox.passed": ("已到期，另告超时", "ran out; the time-out is told"),
    "inbox.withdrawn": ("已撤回", "withdrawn"),
    "inbox.gone_on": ("已进入下一步", "gone on"),
    "inbox.acknowledged": ("{actor} 已签收 {at}", "acknowledged by {actor} {at}"),
    "inbox.open": ("未签收", "not taken"),
    "inbox.taken": (
        "已签收 {number}：{what}（{actor}，{at}）",
        "acknowledged {number}: {what} ({actor}, {at})",
    ),
    "inbox.none": ("没有待签收的事项", "nothing waits here"),
    "inbox.role_unknown": (
        "没有角色“{role}”；角色见规则文件格式一页",
        "no role is called {role!r}; the page on the format of a policy lists them",
    ),
    "inbox.actor": ("请用 --actor 写明由谁签收", "say with --actor who takes notice"),
    "inbox.unknown": (
        "没有编号为 {number} 的告知；编号见 inbox --all",
        "nothing was told under the number {number}; inbox --all shows the numbers",
    ),
    "inbox.file": (
        "无法写入通知文件 {file}（{why}）；请检查路径与权限",
        "the file of notices {file} cannot be written ({why}); check path and permissions",
    ),
    "column.memo": ("编号", "number"),
    "column.matter": ("事项", "what"),
    "column.told_to": ("告知", "to"),
    "column.told_at": ("告知时间", "told at"),
    "column.climbed_from": ("上报自", "climbed from"),
    "column.taken": ("签收", "taken"),
    "journal.told": (
        "告知了一件事项：第几号（memo），何事（told），告知谁；climbed_from 是无人签收而上报的那一号",
        "something was told: its number (memo), what (told), to whom; climbed_from is that which nobody took",
    ),
    "journal.acknowledged": ("签收了这些编号的事项", "notice was taken of these numbers"),
    "journal.tell_failed": (
        "一次告知没有做完，下次再来；附错误的细节",
        "telling failed and will be tried again; with the traceback",
    ),
}


def memo_text(memo: Memo, lang: str = "zh") -> str:
    """Say what a memo tells, in one line."""
    said = memo.said
    due = moment(memo.due_at) if memo.due_at else ""
    if "state" in said:
        workflow = workflow_of(memo.order_id)
        case = workflow.zh if lang == "zh" else workflow.en
        state = state_label(str(said["state"]), lang, workflow)
        events = say("comma", lang).join(event_label(one, lang) for one in said.get("asked", ()))
        if events:
            return say("told.case_asks", lang, case=case, state=_quoted(state, lang), events=events)
        return say("told.case", lang, case=case, state=_quoted(state, lang))
    code = "escalate_count" if memo.event == "escalate" and memo.due_at is None else memo.event
    label = str(said.get(lang, ""))
    if memo.period and memo.due_at is not None:
        due = memo.due_at.date().isoformat()
    return say(f"told.{code}", lang, label=label, due=due, period=memo.period)


def taken_text(memo: Memo, lang: str = "zh") -> str:
    """Say what became of a memo: taken by whom, or why it is over."""
    if memo.acknowledged_at is not None:
        at = moment(memo.acknowledged_at)
        return say("inbox.acknowledged", lang, actor=memo.acknowledged_by, at=at)
    return say(f"inbox.{memo.over or 'open'}", lang)


def _quoted(state: str, lang: str) -> str:
    return f"“{state}”" if lang == "zh" else state

"""Why a command was refused, or what was noted about it."""

TEXTS: dict[str, tuple[str, str]] = {
    "finding.window_passed": (
        "{label}的期限已于{due_at}届满，逾期不予受理",
        "{label}: the time to ask ran out at {due_at}",
    ),
    "finding.order_overdue": (
        "{label}：工单已于{due_at}超期",
        "{label}: the order was overdue from {due_at}",
    ),
    "finding.too_many": (
        "{label}：{fact}已达{most}次",
        "{label}: {fact} already at {most}",
    ),
    "finding.not_at_all": ("{label}：不予办理", "{label}: not done at all"),
    "finding.not_said": (
        "{label}：缺少{missing}",
        "{label}: missing {missing}",
    ),
    "finding.not_yet": ("{label}：尚未满足（{facts}）", "{label}: not yet the case ({facts})"),
    "finding.not_role": (
        "{label}：只能由{roles}办理，不是{role}",
        "{label}: the business of {roles}, not {role}",
    ),
    "finding.not_attending": (
        "{label}：参加人员中没有{absent}",
        "{label}: {absent} not among those who attended",
    ),
    "finding.too_few": ("{label}：{fact}不足{least}次", "{label}: {fact} below {least}"),
    "finding.finding_outside": (
        "{label}：“{finding}”不是{case_type}工单的结论，视为没有",
        "{label}: {finding} is no finding of {case_type} orders and counts as none",
    ),
    "finding.limit_unknown": (
        "{label}：未写明时限，不起算",
        "{label}: nothing says a limit; no clock runs",
    ),
    "finding.no_such_move": (
        "{of}处于“{state}”，不能“{event}”",
        "{of} is at “{state}” and cannot take “{event}”",
    ),
    "finding.erased": (
        "工单的身份信息已清除，无可再查看或清除",
        "the identities of the order are erased; there is nothing left to show or to erase",
    ),
    "finding.begins_in_middle": (
        "日志从中间开始（缺少最初的事件），从此处起算",
        "the log begins in the middle (its first event is missing); taken from here",
    ),
    "finding.unmoved": ("案件 {case} 未变动。{text}", "case {case} stays as it was. {text}"),
    "or": ("或", " or "),
    "comma": ("、", ", "),
    "list": ("；", "; "),
    "pair": ("{name}：{value}", "{name}={value}"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}

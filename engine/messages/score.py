"""Scores: table headers, why an order or an adjustment counts, why a row was not read."""

TEXTS: dict[str, tuple[str, str]] = {
    "score_planned": (
        "{policy} 的评分规则尚未承载，目前只有时限、不予受理与偏差",
        "the scores of {policy} are not carried yet; only deadlines, refusals and deviations are",
    ),
    "unit_missing": ("没有单位名称", "no unit is named"),
    "unit_pool_unknown": (
        "没有考核类别“{value}”；可用：{allowed}",
        "no pool is called {value!r}; allowed: {allowed}",
    ),
    "unit_date_wanted": (
        "{column} 不是日期：“{value}”；写法如：{allowed}",
        "{column} is no date: {value!r}; write it like: {allowed}",
    ),
    "unit_dates_crossed": (
        "to 早于 from：“{value}”；应为 {allowed}",
        "to lies before from: {value!r}; must be {allowed}",
    ),
    "unit_listed_twice": (
        "单位“{value}”在同一时期列了两次；请删去其一，或用 from、to 分开",
        "unit {value!r} is listed twice for the same days; remove one, or part them with from and to",
    ),
    "adjustment_unit_unknown": (
        "单位名册中没有“{value}”；名册有：{allowed}",
        "the roster has no unit {value!r}; it has: {allowed}",
    ),
    "adjustment_time_wanted": (
        "at 不是时间：“{value}”；写法如：{allowed}",
        "at is no time: {value!r}; write it like: {allowed}",
    ),
    "adjustment_code_unknown": (
        "没有加减分代码“{value}”；可用：{allowed}",
        "no adjustment is coded {value!r}; allowed: {allowed}",
    ),
    "adjustment_flag_wanted": (
        "{column} 应为是或否，不能是“{value}”；可用：{allowed}",
        "{column} is yes or no, not {value!r}; allowed: {allowed}",
    ),
    "adjustment_points_missing": (
        "没有写分值；应在 {allowed} 之间",
        "points are missing; they lie within {allowed}",
    ),
    "adjustment_points_wanted": (
        "分值不是数：“{value}”；可用：{allowed}",
        "points are no number: {value!r}; allowed: {allowed}",
    ),
    "adjustment_points_outside": (
        "分值 {value} 超出规定的 {allowed}",
        "points {value} lie outside the rule's {allowed}",
    ),
    "records_broken": (
        "{folder} 中的 orders.jsonl 第 {line} 行读不了；请重新回放",
        "line {line} of orders.jsonl in {folder} cannot be read; replay again",
    ),
    "month_unreadable": ("“{month}”不是月份；写法如 2026-03", "{month!r} is no month; write it like 2026-03"),
    "month_outside": (
        "{month} 不在日志的月份之内；日志自 {first} 至 {last}",
        "{month} is no month of the log, which runs from {first} to {last}",
    ),
    "month_without_log": (
        "这次回放没有工单，没有可评分的月份",
        "the run has no orders, so no month can be scored",
    ),
    "setting_needs_replay": (
        "设定 {name} 影响的是时限，不影响评分；请用 replay --set {name}=… 重新回放",
        "setting {name} shapes deadlines, not scores; replay again with --set {name}=…",
    ),
    "unit_not_scored": (
        "{month} 没有单位“{unit}”；有：{known}",
        "there is no unit {unit!r} in {month}; known: {known}",
    ),
    "item_not_scored": (
        "单位“{unit}”没有项目“{item}”；有：{known}",
        "unit {unit!r} has no item {item!r}; known: {known}",
    ),
    "score.title": ("{policy} {month} 月度得分", "{policy} scores of {month}"),
    "score.settings": ("改动的设定：{settings}", "Settings changed: {settings}"),
    "score.provisional": (
        "暂定：其中有工单的时限落在尚未公布放假安排的年份",
        "Provisional: a deadline of a counted order lies in a year whose holidays are not announced",
    ),
    "score.rank": ("名次", "rank"),
    "score.unit": ("单位", "unit"),
    "score.pool": ("考核类别", "pool"),
    "score.status": ("状态", "status"),
    "score.bonus": ("加分", "bonus"),
    "score.deduction": ("减分", "deduction"),
    "score.total": ("总分", "total"),
    "score.no_pool": ("不在名册", "not in the roster"),
    "status.assessed": ("纳入考核", "assessed"),
    "status.no_orders": ("无工单", "no orders"),
    "status.not_assessed": ("不纳入考核", "not assessed"),
    "lineage.head": (
        "{unit} {month} {label}（{rule}，{clause}）",
        "{unit} {month} {label} ({rule}, {clause})",
    ),
    "lineage.status": ("本月{status}（{rule}）", "The month: {status} ({rule})"),
    "lineage.ratio": (
        "{points} = {numerator} / {denominator} × {most}",
        "{points} = {numerator} / {denominator} × {most}",
    ),
    "lineage.per_case": (
        "{points} 分（满分 {most}，计 {numerator} 件）",
        "{points} of {most}, {numerator} case(s)",
    ),
    "lineage.volume": (
        "{points} 分（满分 {most}，受理 {numerator} 件）",
        "{points} of {most}, {numerator} accepted",
    ),
    "lineage.side": (
        "{label} {points} 分（各项合计 {sum}，上限 {cap}）",
        "{label}: {points} (sum {sum}, cap {cap})",
    ),
    "lineage.uncapped": ("无", "none"),
    "lineage.order": ("{order}：{weight}，{why}{causes}", "{order}: {weight}, {why}{causes}"),
    "lineage.aside": ("{order}：不在分母，{why}{causes}", "{order}: outside the denominator, {why}{causes}"),
    "lineage.cause": ("第{seq}条 {event} {at}", "entry {seq} {event} {at}"),
    "lineage.standing": (
        "{rank} {unit}：受理 {count} 件，占 {share}，得 {points} 分",
        "{rank} {unit}: {count} accepted, share {share}, {points} points",
    ),
    "lineage.unranked": ("–", "–"),
    "lineage.adjustment": (
        "{at} {label}（{rule}）{points} 分：{why}{order}{note}",
        "{at} {label} ({rule}) {points}: {why}{order}{note}",
    ),
    "line.accepted": ("当月受理", "accepted this month"),
    "line.closed_late": ("超期结案（时限 {due_at}，{rule}）", "closed late (due {due_at}, {rule})"),
    "line.on_time": ("按时结案（时限 {due_at}）", "closed in time (due {due_at})"),
    "line.no_limit": ("没有时限，视为按时", "no limit known, so in time"),
    "line.limit_void": ("时限已不再适用", "the limit no longer applied"),
    "line.contacted": ("有凭据的先行联系", "first contact with evidence"),
    "line.no_contact": ("没有先行联系", "no first contact"),
    "line.contact_without_evidence": (
        "先行联系没有录音或通话记录，不计",
        "the first contact has no recording or call log and does not count",
    ),
    "line.answer_counted": ("答复为{answer}", "answered {answer}"),
    "line.answer_not_counted": ("答复为{answer}，不得分", "answered {answer}, which earns nothing"),
    "line.answer_missing": (
        "测评没有这一项答复，留在分母",
        "the answer is missing and stays in the denominator",
    ),
    "line.not_evaluated": ("已回访，没有有效测评", "called back without an effective evaluation"),
    "line.case_counted": ("计入", "counted"),
    "line.case_not_counted": ("不计", "not counted"),
    "line.not_called_back": ("重派后未回访", "not called back since it was last sent out"),
    "line.source_not_counted": ("回访来源不计入本项", "the source of its callbacks does not count here"),
    "line.not_effective": ("回访未取得有效测评", "no callback was an effective evaluation"),
    "line.another_month": ("测评计入其他月份", "its evaluation counts in another month"),
    "adjusted.counted": ("计入", "counts"),
    "adjusted.unconfirmed": ("未经确认，不计（{cites}）", "not confirmed, does not count ({cites})"),
    "adjusted.except_category": (
        "该派遣类别的约谈不计（{cites}）",
        "talks for this category do not count ({cites})",
    ),
    "adjusted.month_not_assessed": ("该月不纳入考核，不计（{cites}）", "the month is not assessed ({cites})"),
    "adjusted.carried_forward": (
        "该月不纳入考核，结转下次（{cites}）",
        "carried to the next assessed month ({cites})",
    ),
    "adjusted.from": ("{why}，由 {month} 结转", "{why}, carried from {month}"),
    "adjusted.order": ("，工单 {order}", ", order {order}"),
    "adjusted.note": ("，{note}", ", {note}"),
}

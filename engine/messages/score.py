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
    "month_unreadable": (
        "“{month}”不是月、季或年；写法如 2026-03、2026Q1、2026",
        "{month!r} is no month, quarter or year; write it like 2026-03, 2026Q1, 2026",
    ),
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
    "score.title": ("{policy} {month} 得分", "{policy} scores of {month}"),
    "score.rank": ("名次", "rank"),
    "score.unit": ("单位", "unit"),
    "score.pool": ("考核类别", "pool"),
    "score.status": ("状态", "status"),
    "score.bonus": ("加分", "bonus"),
    "score.deduction": ("减分", "deduction"),
    "score.total": ("总分", "total"),
    "score.no_pool": ("不在名册", "not in the roster"),
    "score.consequences": ("结果运用", "consequences"),
    "score.consequence": ("事项", "what follows"),
    "score.rule": ("规则", "rule"),
    "score.because": ("缘由", "because"),
    "period_wanted": (
        "请写一个期间：--month 2026-03、--quarter 2026Q1 或 --year 2026",
        "name one period: --month 2026-03, --quarter 2026Q1 or --year 2026",
    ),
    "score.grade": ("等次", "grade"),
    "grade.excellent": ("优秀", "excellent"),
    "grade.good": ("良好", "good"),
    "grade.pass": ("达标", "pass"),
    "grade.fail": ("不达标", "fail"),
    "status.assessed": ("纳入考核", "assessed"),
    "status.rates_only": ("仅计分项", "rates only"),
    "status.no_orders": ("无工单", "no orders"),
    "status.not_assessed": ("不纳入考核", "not assessed"),
    "note.row": ("第 {row} 行{why}", "row {row}: {why}"),
    "note.more": ("等", "…"),
    "note.settings": ("采用的读法：{settings}", "readings chosen: {settings}"),
    "note.provisional": (
        "成绩是暂定的：有计入工单的时限落在放假安排公布之前",
        "The score is provisional: a deadline of a counted order lies past the calendar's horizon",
    ),
    "note.outside": (
        "{period} 不全在 {rule}（{clause}）规定的起讫之内",
        "{period} does not lie wholly in the time that {rule} ({clause}) speaks of",
    ),
    "note.in_force_unknown": (
        "文件没有施行日期（{rule}，{clause}）；公布结果前须用 --set 填写",
        "the document has no date of effect ({rule}, {clause}); set it before anything is published",
    ),
    "note.running": (
        "{period} 尚未结束：数据截至 {as_of:%Y-%m-%d %H:%M:%S}，以下为截至当时的成绩",
        "{period} is not over: the data end at {as_of:%Y-%m-%d %H:%M:%S}, the scores are as of then",
    ),
    "note.not_in_roster": (
        "名册中没有以下 {count} 家单位，不排名，也不计入各类合计：{units}；请补入名册",
        "{count} unit(s) are not in the roster, have no rank and count in no class: {units}; add them",
    ),
    "note.roster_changed": (
        "以下单位当月内更换了考核类别，按月末的类别计：{units}；请让变更自月初生效",
        "these units changed class within the month and count in its last: {units}; change with a month",
    ),
    "note.adjustments_rejected": (
        "加减分表有 {count} 行未能读入，未计入：{why}",
        "{count} row(s) of the adjustments could not be read and do not count: {why}",
    ),
    "note.unclosed": (
        "有 {count} 件工单已测评但尚未结案，测评暂不计入任何月份：{orders}。请核对是否漏了结案",
        "{count} order(s) were evaluated but never closed and count in no month yet: {orders}",
    ),
    "lineage.head": (
        "{unit} {month} {label}（{rule}，{clause}）",
        "{unit} {month} {label} ({rule}, {clause})",
    ),
    "lineage.status": ("本期{status}（{rule}）", "The period: {status} ({rule})"),
    "lineage.ratio": (
        "{points} = {numerator} / {denominator} × {most}",
        "{points} = {numerator} / {denominator} × {most}",
    ),
    "lineage.per_case": (
        "{points} 分（满分 {most}，计 {numerator} 件）",
        "{points} of {most}, {numerator} case(s)",
    ),
    "lineage.share": (
        "{points} = {numerator} / {denominator} × {most}",
        "{points} = {numerator} / {denominator} × {most}",
    ),
    "lineage.below_reference": (
        "{points} 分（满分 {most}）：本单位 {numerator} / {denominator}，对照 {reference}",
        "{points} of {most}: {numerator} / {denominator} against {reference}",
    ),
    "lineage.entered": ("{points} 分（满分 {most}），由人工录入", "{points} of {most}, entered by hand"),
    "lineage.flat": (
        "{points} 分（满分 {most}，计 {numerator} 件）",
        "{points} of {most}, {numerator} case(s)",
    ),
    "lineage.unweighted": (
        "{numerator} / {denominator}；文件没有规定分值",
        "{numerator} / {denominator}; the document gives no points",
    ),
    "lineage.compared": (
        "{unit}：{count} / {whole}（{share}），得 {points} 分",
        "{unit}: {count} / {whole} ({share}), {points} points",
    ),
    "lineage.cites": ("（{cites}）", " ({cites})"),
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
    "line.contacted": ("已先行联系", "first contact made"),
    "line.contacted_with_evidence": ("有凭据的先行联系", "first contact with evidence"),
    "line.contacted_late": (
        "先行联系超过时限（{due_at}，{rule}），不计",
        "the first contact came after its limit ({due_at}, {rule}) and does not count",
    ),
    "line.anonymous": ("匿名工单", "anonymous"),
    "line.late_returns": ("退单申请超过时限", "asked late to return it"),
    "line.late_noncompliant": ("不合规工单退回超过时限", "a non-compliant order returned late"),
    "line.uncontacted_returns": ("未与反映人联系直接退回", "returned without contact with the caller"),
    "line.uncontacted_late": (
        "未与反映人联系直接退回，且超过时限",
        "returned without contact with the caller, and late",
    ),
    "line.unmet_replies": ("督办后回复仍不符合要求", "the reply under supervision was still unmet"),
    "line.overdue": ("期限内未回复（时限 {due_at}，{rule}）", "unanswered when due ({due_at}, {rule})"),
    "line.overdue_moved": (
        "期限内未回复（时限 {due_at}，{rule}），责任经裁定归本单位",
        "unanswered when due ({due_at}, {rule}), ruled to be this unit's",
    ),
    "line.excluded": ("已批准剔除：{situation}", "left out, approved: {situation}"),
    "line.return_recognised": ("退单已认可，不计各率", "its return was recognised and leaves the rates"),
    "line.not_to_be_evaluated": ("结案认定为{finding}，不纳入测评", "found {finding}: not evaluated"),
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
    "adjusted.total_computed": (
        "总分已由各项算出，录入的不用（{cites}）",
        "the items give a total, the entered one is not used ({cites})",
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

"""What is wrong with a policy folder or a setting, and what may stand there."""

TEXTS: dict[str, tuple[str, str]] = {
    "mistake.place": ("{file} {where} {key}", "{file} {where} {key}"),
    "mistake.allowed": ("；可用：{allowed}", "; allowed: {allowed}"),
    "mistake.nearest": ("；是否想写“{nearest}”？", "; did you mean {nearest!r}?"),
    "mistake.file_unreadable": ("读不了文件：{value}", "cannot be read: {value}"),
    "mistake.file_encoding": ("不是 UTF-8 文本（{value}）", "is no UTF-8 text ({value})"),
    "mistake.toml_invalid": ("不是有效的 TOML：{value}", "is no valid TOML: {value}"),
    "mistake.key_missing": ("缺少这个键", "is missing"),
    "mistake.key_unknown": ("没有这个键", "is no key of this table"),
    "mistake.kind_unknown": ("没有这种规则表“{value}”", "no kind of row is called {value!r}"),
    "mistake.rows_wanted": ("应写成 [[…]] 的多行表", "must be an array of tables [[…]]"),
    "mistake.table_wanted": ("应是一个表，不是“{value}”", "must be a table, not {value!r}"),
    "mistake.list_wanted": ("应是一个列表，不是“{value}”", "must be a list, not {value!r}"),
    "mistake.text_wanted": ("应是非空文字，不是“{value}”", "must be a text that is not empty, not {value!r}"),
    "mistake.flag_wanted": ("应是 true 或 false，不是“{value}”", "must be true or false, not {value!r}"),
    "mistake.number_wanted": (
        "应是不小于 0 的整数，不是“{value}”",
        "must be a whole number from 0, not {value!r}",
    ),
    "mistake.fraction_wanted": (
        '应是写成文字的精确数,如 "5/2",不是“{value}”',
        'must be an exact number written as text, like "5/2", not {value!r}',
    ),
    "mistake.day_wanted": (
        "应是日期，如 2026-03-01，不是“{value}”",
        "must be a date like 2026-03-01, not {value!r}",
    ),
    "mistake.time_wanted": (
        "应是时刻，如 14:00:00，不是“{value}”",
        "must be a time like 14:00:00, not {value!r}",
    ),
    "mistake.name_unknown": ("不认识“{value}”", "{value!r} is not known"),
    "mistake.fact_unknown": ("没有这个事实“{value}”", "{value!r} is no such fact"),
    "mistake.fact_value": ("这个事实不能是“{value}”", "the fact cannot be {value!r}"),
    "mistake.limit_kind": ("时限只能有一种，写了“{value}”", "a limit has exactly one kind, found {value!r}"),
    "mistake.branch_missing": ("设定缺少分支“{value}”", "lacks the branch {value!r}"),
    "mistake.branch_unknown": ("设定没有读法“{value}”", "{value!r} is no reading of the setting"),
    "mistake.rule_twice": ("同一种规则写了两次", "stands twice in the same kind"),
    "mistake.clock_endless": ("起算之后没有事件能使它结束", "no event can end it"),
    "mistake.guard_formless": ("没有说明何时不予受理", "does not say what it refuses"),
    "mistake.day_number": (
        "应是一个月里的日子（1–31），不是“{value}”",
        "must be a day of a month, 1 to 31, not {value}",
    ),
    "mistake.month_number": ("应是月份（1–12），不是“{value}”", "must be a month, 1 to 12, not {value}"),
    "mistake.reminder_unfit": (
        "周期为“{value}”的提醒不能这样写",
        "says nothing of a reminder that recurs every {value}",
    ),
    "mistake.post_empty": ("没有要求任何人任职", "asks nobody to hold a post"),
    "mistake.post_of_no_unit": (
        "“{value}”不是各单位都有的岗位，不能按类别或件数要求",
        "{value} is no post of a unit: it cannot be asked for by pool or number of orders",
    ),
    "mistake.ladder_twice": (
        "逐级上报的次序已由 {value} 写明，只能有一行",
        "{value} has said who is told next already; there is one such row",
    ),
    "mistake.ladder_order": (
        "“{value}”须先写承办单位的岗位，再写中心或领导，最后一级不是承办单位的",
        "{value}: the unit's own roles come first, then those of the centre and leaders, the last no unit's",
    ),
    "mistake.ladder_again": ("“{value}”中有角色重复", "{value} names a role twice"),
    "mistake.keeping_incomplete": ("保管“{value}”必须写明此项", "what is kept of {value} must be said here"),
    "mistake.keeping_unfit": ("保管“{value}”不能写此项", "says nothing of {value}"),
    "mistake.ledger_incomplete": ("台账“{value}”必须写明此项", "the list {value!r} must say this"),
    "mistake.ledger_unfit": ("“{value}”不能写此项", "says nothing of {value!r}"),
    "mistake.item_twice": (
        "同一类单位有两个“{value}”项目",
        "two items are called {value!r} for the same pool",
    ),
    "mistake.talk_twice": (
        "级别“{value}”有两条约谈规则",
        "two talk rows speak of the level {value!r}",
    ),
    "mistake.weight_outside": (
        "权重应在 0 与 1 之间，不是“{value}”",
        "a weight lies between 0 and 1, not {value}",
    ),
    "mistake.points_outside": (
        "分值不能是“{value}”：不得为负，人工录入的项目须与可录入的最高分一致",
        "cannot be {value} points: none is negative, and an entered item earns at most what may be entered",
    ),
    "mistake.item_unfit": ("“{value}”类的项目不能写这个键", "an item of kind {value!r} cannot say this"),
    "mistake.consequence_form": (
        "后果须恰有一种由来（bottom、repeats、on、entered 之一）",
        "a consequence has exactly one ground: bottom, repeats, on or entered",
    ),
    "mistake.total_not_full": (
        "各项分值合计 {value}，与总分不符",
        "the points come to {value}, not to the full score",
    ),
    "mistake.span_short": (
        "期间太短（{value} 个月）：有的月份会落在期间之外；季不少于 3 个月，年不少于 12 个月",
        "is too short with {value} months, some would lie in none; a quarter has at least 3, a year 12",
    ),
    "mistake.month_wanted": (
        "应是月份或日期，如 2026-03，不是“{value}”",
        "must be a month or a date like 2026-03, not {value!r}",
    ),
    "mistake.item_incomplete": ("缺少计分所需的键", "lacks what its kind needs"),
    "mistake.version_missing": ("文件没有任何版本", "has no version"),
    "mistake.version_dates": (
        "各版本的生效日须各不相同并按先后排列：{value}",
        "versions need different effective dates in order: {value}",
    ),
    "mistake.setting_unknown": ("没有这个设定“{value}”", "{value!r} is no such setting"),
    "mistake.setting_planned": (
        "这个设定影响的规则尚未承载，暂不能更改",
        "shapes rules that are not carried yet; it cannot be changed",
    ),
    "mistake.setting_unused": ("这份规则文件不读取这个设定", "is read by no rule of this document"),
    "mistake.setting_value": ("设定不能是“{value}”", "cannot be {value!r}"),
    "mistake.setting_unread": ("没有规则读取这个设定", "is read by no rule"),
    "mistake.setting_not_planned": ("标为 planned，却已有规则读取", "is marked planned but read by a rule"),
    "mistake.default_unread": ("默认值“{value}”不在读法之中", "the default {value!r} is no reading"),
    "mistake.default_kind": (
        "默认值“{value}”既不是时刻也不是整数：写对种类，或列出 readings",
        "the default {value!r} is neither a time of day nor a whole number: mend it, or list readings",
    ),
    "mistake.day_twice": ("同一天写了两次：{value}", "the same day stands twice: {value}"),
    "mistake.notice_year": ("年份不能是“{value}”", "cannot be the year {value!r}"),
    "mistake.notice_gap": (
        "日历还接不上 {value} 年：请先装入前一年的放假通知",
        "the calendar does not reach {value} yet: load the notice of the year before it first",
    ),
    "mistake.notice_published": (
        "公布日期 {value} 不在通知的前一年或当年",
        "{value} is neither in the year of the notice nor in the one before",
    ),
    "mistake.notice_no_day": ("没有写明放假的日子", "names no day off"),
    "mistake.notice_day": (
        '应写成文字日期,如 "2027-01-01",不是“{value}”',
        'must be a date written as text, like "2027-01-01", not {value!r}',
    ),
    "mistake.notice_run": (
        '起止日期应写成 "2027-01-01/2027-01-03",先起后止,不超过一个月,不是“{value}”',
        'must be "first/last" like "2027-01-01/2027-01-03", in order, a month at most, not {value!r}',
    ),
    "mistake.notice_day_outside": (
        "{value} 不在通知能安排的日期之内",
        "{value} is no day that this notice can speak of",
    ),
    "mistake.notice_day_twice": ("同一天写了两次：{value}", "the same day stands twice: {value}"),
    "mistake.notice_work_weekday": (
        "{value} 不是周末，不会是调休上班日",
        "{value} is no weekend day, so it cannot be worked in exchange",
    ),
    "mistake.notice_statutory": (
        "缺少法定放假日 {value}（全国年节及纪念日放假办法第二条）",
        "lacks {value}, a day off by law (national holiday regulation, art. 2)",
    ),
    "policy_unknown": (
        "没有名为“{name}”的文件，也没有这个路径的文件夹；可用：{known}",
        "no document is called {name!r}, nor is there a folder at that path; known: {known}",
    ),
    "rule_unknown": ("没有规则“{rule}”{nearest}", "no rule is called {rule!r}{nearest}"),
    "calendar_horizon": (
        "{on} 尚无放假通知（现有 {edition}），而设定 cal.unknown_year = refuse；请更新日历或改回 provisional",
        "{on} is past what calendar {edition} knows; load a newer one or set cal.unknown_year=provisional",
    ),
    "calendar_range": (
        "{on} 超出工作日历可回答的范围 {first}–{last}；请检查年份",
        "{on} lies outside {first}..{last}; check the year",
    ),
}

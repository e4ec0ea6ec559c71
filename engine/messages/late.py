"""What is said of back-dating, of corrections, and of what was known when."""

TEXTS: dict[str, tuple[str, str]] = {
    "none": ("（无）", "(nothing)"),
    "column.actor": ("经办人", "actor"),
    "late.recorded": ("［{at} 登记］", " [recorded {at}]"),
    "late.corrected": (
        "［第{by}条更正：{field} 原为 {before}，应为 {after}］",
        " [entry {by} corrects {field}: {before} should be {after}]",
    ),
    "late.differs": (
        "记录与事实不同之处（当时所记 → 现知实情，以后者为准）：",
        "Where the records differ from what holds (as recorded, then by time, which counts):",
    ),
    "late.difference": (
        "{rule}（{clause}）：{recorded} → {by_time}",
        "{rule} ({clause}): {recorded} -> {by_time}",
    ),
    "late.side": ("{verdict}，到期 {due}", "{verdict}, due {due}"),
    "late.no_clock": ("不计时", "no clock"),
    "late.cause_backdated": (
        "第{place}条 {event}：发生于 {at}，{learned} 才补录（{why}）",
        "entry {place}, {event}: happened at {at}, back-dated at {learned} ({why})",
    ),
    "late.cause_late": (
        "第{place}条 {event}：发生于 {at}，{learned} 才得知",
        "entry {place}, {event}: happened at {at}, learned at {learned}",
    ),
    "late.cause_corrected": (
        "第{place}条更正（{learned}）：第{entry}条的 {field} 由 {before} 改为 {after}（{why}）",
        "entry {place} corrects entry {entry} at {learned}: {field} from {before} to {after} ({why})",
    ),
    "late.cause_calendar": (
        "{learned} 装入了新的放假通知",
        "a holiday notice was loaded at {learned}",
    ),
    "late.verdict_recorded": (
        "按得知时间（{learned}）：{verdict}；以按发生时间的结论为准",
        "By when it became known ({learned}): {verdict}; the verdict by when it happened counts",
    ),
    "late.one_source": (
        "请给日志文件，或用 --db 指明在线数据库，二者取一",
        "name log files, or a live database with --db; one of the two",
    ),
    "late.policy_missing": ("读日志须用 --policy 指明规则文件", "a log needs --policy"),
    "late.rejected": ("{count} 行未能读入", "{count} rows were not read"),
    "late.counted": ("{orders} 张工单中 {differing} 张有不同之处", "{differing} of {orders} orders differ"),
    "column.recorded": ("当时所记", "as recorded"),
    "column.by_time": ("现知实情", "by time"),
    "column.causes": ("原因", "causes"),
    "finding.at_future": (
        "事件时间以引擎时钟为准，现在是{now}；{at} 尚未到，不能登记",
        "the engine's clock says when: it is {now}; what has not happened by then ({at}) cannot be recorded",
    ),
    "finding.at_before_receipt": (
        "时间 {at} 早于工单接收时间 {received}；如接收时间有误，请先更正第1条",
        "{at} lies before the order was received ({received}); if that is wrong, correct entry 1 first",
    ),
    "finding.backdated_unsaid": (
        "事件时间以引擎时钟为准，现在是{now}，不是{at}；补录须写明理由 backdated=…",
        "the engine's clock says when: it is {now}, not {at}; back-dating needs a reason: backdated=…",
    ),
    "finding.backdated_now": (
        "写了补录理由 backdated，却没有补录的时间；请同时写 at=…（现在是 {now}）",
        "backdated gives a reason for another time, but none is given; say at=… too (it is {now})",
    ),
    "finding.not_permitted": (
        "{label}：补录和更正须由{roles}提出（设定 late.permission），不是{role}；请写 role=…",
        "{label}: back-dating and correcting is for {roles} (late.permission), not {role}; say role=…",
    ),
    "finding.not_permitted_at_all": (
        "{label}：本库不许补录和更正（设定 late.permission = nobody）",
        "{label}: this store allows no back-dating and no correction (setting late.permission = nobody)",
    ),
    "finding.correction_not_now": (
        "更正以提出之时为准，现在是 {now}，不能填 {at}；要改的时间请写在 after=…",
        "a correction is made when it is made: it is {now}, not {at}; write the time meant as after=…",
    ),
    "finding.correction_entry": (
        "没有第 {entry} 条可更正（日志到第 {last} 条）；请用 history 查序号",
        "there is no entry {entry} to correct (the log ends at {last}); see history for the numbers",
    ),
    "finding.correction_engine": (
        "第 {entry} 条（{event}）不能更正：引擎写的随所据事实自动改变，更正有误请对原条目再更正",
        "entry {entry} ({event}) cannot be corrected; correct the entry that it followed from, or changed",
    ),
    "finding.correction_field": (
        "第 {entry} 条（{event}）没有“{said}”可更正；可用：{allowed}",
        "entry {entry} ({event}) has no {said!r} to correct; allowed: {allowed}",
    ),
    "finding.correction_before": (
        "第 {entry} 条的 {field} 现为“{stands}”，不是“{before}”；请按现值重新提出",
        "{field} of entry {entry} is {stands!r} now, not {before!r}; ask again with what stands",
    ),
    "finding.correction_same": (
        "第 {entry} 条的 {field} 已是“{stands}”，没有要改的；应改为什么请写 after=…",
        "{field} of entry {entry} is {stands!r} already; say after=… what it should be",
    ),
    "finding.correction_life": (
        "若如此更正，第 {seq} 条“{event}”就不可能发生，或会到别的状态；这样的错误须另行处理",
        "so corrected, entry {seq} ({event}) could not have happened, or would have led to another state",
    ),
    "finding.correction_version": (
        "若如此更正，工单将改由 {other} 管辖，而此前都按 {version} 办理；不能这样更正",
        "so corrected, {other} would govern the order, and all was decided under {version}: not done",
    ),
    "value_no_number": (
        "{column} 应为条目的序号（正整数），不是“{value}”；如：{allowed}",
        "{column} is the number of an entry, not {value!r}; like: {allowed}",
    ),
    "field_unknown": (
        "没有名为“{value}”的栏目可更正；可用：{allowed}",
        "there is no field {value!r} to correct; allowed: {allowed}",
    ),
    "correction_unsaid": (
        "更正缺少 {missing}；须写明 entry、field、reason，以及 before、after",
        "a correction lacks {missing}; it says entry, field, reason, and before and after",
    ),
    "correction_no_row": (
        "本文件此工单的 seq 列中没有可更正的第 {entry} 条；请用 export 导出带 seq 列的日志",
        "no row of this order can be corrected that has {entry} in a column seq; export the log with seq",
    ),
    "correction_row_field": (
        "第 {entry} 条（{event}）没有“{field}”可更正；可用：{allowed}",
        "entry {entry} ({event}) has no {field!r} to correct; allowed: {allowed}",
    ),
    "correction_row_before": (
        "第 {entry} 条的 {field} 按日志为“{stands}”，更正却说原为“{before}”；请核对两处，改好后重读",
        "{field} of entry {entry} is {stands!r} in the log, not {before!r} as said; put one of them right",
    ),
}

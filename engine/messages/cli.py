"""What the command line says."""

TEXTS: dict[str, tuple[str, str]] = {
    "cli.fault": (
        "程序内部出错（{kind}：{text}）。这是我们的问题；设 PAIDAN_TRACEBACK=1 再运行可得到细节",
        "an internal fault ({kind}: {text}). This is ours; run again with PAIDAN_TRACEBACK=1 for details",
    ),
    "cli.os_error": ("读写 {file} 时出错：{why}", "cannot read or write {file}: {why}"),
    "cli.no_pair": ("“{text}”应写成 名称=值", "{text!r} should be NAME=VALUE"),
    "cli.site_file": (
        "读不了设定文件 {file}（应为 TOML，有 [settings] 一节）：{why}",
        "cannot read the site file {file} (TOML with a table [settings]): {why}",
    ),
    "cli.replayed": (
        "{orders} 张工单；{read} 行：适用 {applied}，拒绝 {refused}，退回 {rejected}，之后 {after_as_of}",
        (
            "{orders} orders; {read} rows: {applied} applied, {refused} refused, {rejected} rejected, "
            "{after_as_of} after as-of"
        ),
    ),
    "cli.written": ("结果在 {out}", "results in {out}"),
    "cli.identity": ("已丢弃身份列：{columns}", "identity columns dropped: {columns}"),
    "cli.outside": (
        "{count} 张工单不在文件的考核期内，按最接近的版本处理",
        "{count} orders lie outside the document's period and follow the nearest version",
    ),
    "cli.rejected": ("{count} 行未能读入，原因见 {file}", "{count} rows could not be read; see {file}"),
    "cli.one_source": ("请用 --run 或 --db 之一指明来源", "name one source: --run or --db"),
    "cli.explain_needs": ("请给出工单编号，或用 --score 单位 项目", "give an order id, or --score UNIT ITEM"),
    "cli.due_needs": (
        "请给出规则编号，如 JY-T03，或用 --batch 文件",
        "give a rule id like JY-T03, or --batch FILE",
    ),
    "cli.due_head": ("{rule} {label}（{clause}；{version}）", "{rule} {label} ({clause}; {version})"),
    "cli.due_none": ("在这些已知时间下不设时限", "no limit on these facts"),
    "cli.due_fact": (
        "没有名为 {name} 的时间或期间；可用：{allowed}",
        "no fact is called {name}; allowed: {allowed}",
    ),
    "cli.due_period": (
        "{name} 不是一个存在的期间：“{value}”；写法如：{allowed}",
        "{name} is no period that exists: {value!r}; write it like: {allowed}",
    ),
    "cli.batch_line": (
        '第 {line} 行不是 {{"rule":…,"facts":{{…}}}} 形式的 JSON',
        'line {line} is no JSON of the form {{"rule":…,"facts":{{…}}}}',
    ),
    "cli.batch_fault": ("第 {line} 行：{why}", "line {line}: {why}"),
    "cli.no_clock_rule": (
        "{rule}（{label}）不是时限；得分用 explain --score 单位 项目 说明",
        "{rule} ({label}) is no deadline; explain a score with --score UNIT ITEM",
    ),
    "cli.due_missing": ("不设时限（需要 {fact}）", "no limit on these facts (it needs {fact})"),
    "cli.planned": ("待承载", "planned"),
    "cli.policy_fine": (
        "{name}：{versions} 个版本、{rows} 行规则，没有错误",
        "{name}: {versions} version(s), {rows} rows, no mistake",
    ),
    "cli.provisional": ("暂定", "provisional"),
    "cli.horizon": (
        "{edition}；{horizon} 之后的日期为暂定，待放假通知公布后重算",
        "{edition}; days after {horizon} are provisional until the notice for their year is loaded",
    ),
    "cli.no_day": (
        "{name} 应是日期，如 2026-03-01，不是“{value}”",
        "{name} must be a date like 2026-03-01, not {value!r}",
    ),
    "cli.no_year": (
        "工作日历只能回答 {first}–{last} 年，不含 {year}",
        "the working calendar answers for {first} to {last}, not for {year}",
    ),
    "cli.loaded": (
        "已装入 {notice}；日历原已知到 {before}，现已知到 {after}",
        "loaded {notice}; known through {after}, before through {before}",
    ),
    "cli.loaded_where": ("已存为 {file}", "kept as {file}"),
    "cli.day_changes": ("改变的日子（{count}天）:", "days changed ({count}):"),
    "cli.recounts": ("重算的时限（{count}个）:", "deadlines counted again ({count}):"),
    "run_missing": (
        "{folder} 不是回放输出的文件夹（缺少 summary.json）",
        "{folder} is no replay folder (no summary.json)",
    ),
    "order_missing": ("{place} 中没有工单 {order}", "there is no order {order} in {place}"),
    "column.policy": ("规则文件", "policy"),
    "column.version": ("版本", "version"),
    "column.title": ("标题", "title"),
    "column.issuer": ("发文机关", "issuer"),
    "column.number": ("文号", "number"),
    "column.rule": ("规则", "rule"),
    "column.clause": ("条文", "clause"),
    "column.label": ("内容", "label"),
    "column.carrier": ("承载", "carrier"),
    "column.reason": ("说明", "reason"),
    "column.setting": ("设定", "setting"),
    "column.value": ("取值", "value"),
    "column.readings": ("读法", "readings"),
    "column.why": ("理由", "why"),
    "column.seq": ("序号", "seq"),
    "column.at": ("时间", "at"),
    "column.event": ("事件", "event"),
    "column.state": ("状态", "state"),
    "column.unit": ("单位", "unit"),
    "column.role": ("角色", "role"),
    "column.said": ("内容", "said"),
    "column.day": ("日期", "day"),
    "column.weekday": ("星期", "weekday"),
    "column.kind": ("性质", "kind"),
    "column.mark": ("标注", "mark"),
    "column.before": ("原为", "before"),
    "column.after": ("现为", "after"),
    "column.order": ("工单", "order"),
}

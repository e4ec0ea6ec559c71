"""What files out bear: titles of columns, and what there is to say of them."""

TEXTS: dict[str, tuple[str, str]] = {
    "title.order_id": ("工单编号", "order_id"),
    "title.seq": ("序号", "seq"),
    "title.event": ("事件", "event"),
    "title.from_state": ("原状态", "from_state"),
    "title.to_state": ("新状态", "to_state"),
    "title.at": ("时间", "at"),
    "title.actor": ("经办人", "actor"),
    "title.role": ("角色", "role"),
    "title.unit": ("单位", "unit"),
    "title.recorded_at": ("得知时间", "recorded_at"),
    "title.rule": ("规则", "rule"),
    "title.note": ("说明", "note"),
    "title.kind": ("性质", "kind"),
    "title.started_at": ("起算时间", "started_at"),
    "title.due_at": ("到期时间", "due_at"),
    "title.done_at": ("完成时间", "done_at"),
    "title.verdict": ("判定", "verdict"),
    "title.provisional": ("是否暂定", "provisional"),
    "title.policy": ("规则文件", "policy"),
    "title.clause": ("条文", "clause"),
    "title.source": ("来源文件", "source"),
    "title.row": ("行号", "row"),
    "title.reason": ("原因", "reason"),
    "title.action": ("处理", "action"),
    "title.state": ("状态", "state"),
    "title.said": ("内容", "said"),
    "title.person": ("姓名", "person"),
    "title.hash": ("哈希", "hash"),
    "sheet.entries": ("日志", "entries"),
    "sheet.transitions": ("状态转移", "transitions"),
    "sheet.deadlines": ("时限", "deadlines"),
    "sheet.deviations": ("偏差", "deviations"),
    "sheet.histories": ("经过", "histories"),
    "workbook.cut": ("……〔余{count}字，一格容纳不下〕", "… [{count} more characters than a cell holds]"),
    "export.cut": (
        (
            "{count} 格的文字超过表格一格的上限（32767 字），已截断并注明；"
            "第一处：{sheet} 第 {row} 行 {column}，少 {lacks} 字。要全文请用 CSV、JSONL 或 Parquet"
        ),
        (
            "{count} texts are longer than a cell of a workbook holds (32,767 characters) and were cut, "
            "each with a note; the first: {sheet} row {row} {column}, {lacks} characters left out. CSV, "
            "JSONL and Parquet hold them whole"
        ),
    ),
    "character_unwritable": (
        "{file} 写不出来：字符 {character} 在 {encoding} 中没有编码（它不是一个完整的字符）；请更正原文",
        "cannot write {file}: {character} is no whole character and has no code in {encoding}; correct it",
    ),
    "cli.out_needed": (
        "{format} 不是给屏幕看的；请用 --out 文件名 指明写到哪里",
        "{format} is no form for a screen; name the file to write with --out FILE",
    ),
    "cli.out_form": (
        "不知道 {file} 要写成什么格式；请用 --format，或以 {allowed} 结尾",
        "no telling which form {file} should have: say --format, or end its name in {allowed}",
    ),
    "cli.out_json": (
        "{format} 写到标准输出；要写文件请用 > 文件名，或 --format {allowed}",
        "{format} goes to standard output: use > FILE, or --format {allowed}",
    ),
    "cli.encoding": ("--encoding 只用于 CSV", "--encoding is for CSV alone"),
    "export.word": (
        "{name} 不能是“{word}”；可用：{allowed}",
        "{name} cannot be {word!r}; allowed: {allowed}",
    ),
    "export.run_entries": (
        "回放文件夹里没有原样的日志可导出；--what 可用：{allowed}",
        "a replay folder holds no log as it was told; --what can be: {allowed}",
    ),
    "rejects.row": ("退回：行号", "rejected: row"),
    "rejects.column": ("退回：问题列", "rejected: column"),
    "rejects.reason": ("退回：原因", "rejected: reason"),
    "rejects.suggestion": ("退回：建议", "rejected: suggestion"),
    "rejects.sheet": ("退回", "rejected"),
    "rejects.one_policy": (
        "--rejected 只能与一个 --policy 同用；多个规则文件的退回行在各自文件夹的 rejected.csv 中",
        "--rejected goes with one --policy; with several, each folder has its own rejected.csv",
    ),
    "advice.nearest": ("可能是“{near}”；可用：{allowed}", "perhaps {near!r}; allowed: {allowed}"),
    "advice.allowed": ("可用：{allowed}", "allowed: {allowed}"),
    "advice.other": ("按原因更正后再导入", "mend what the reason names, and import again"),
    "advice.value_no_time": (
        "写成 2026-04-05 09:32:09 或 2026/4/5 9:32:09",
        "write it like 2026-04-05 09:32:09 or 2026/4/5 9:32:09",
    ),
    "advice.import.ahead": (
        "若时间写错就更正，否则到时再导入",
        "correct the time if it is wrong, else import the row when it has come",
    ),
    "advice.order_id_missing": ("填入工单编号", "enter the order id"),
    "advice.row_doubled": (
        "可以删去这一行；再导入时也会略过",
        "the row can go; an import passes over it",
    ),
    "advice.row_too_long": (
        "在原文件中核对这一行：哪一格里有未加引号的逗号；格子可能错位，这里不列出",
        "look at the row in its file for a comma without quotes; its cells may be shifted and are left out",
    ),
    "advice.row_is_header": ("可以删去这一行", "the row can go"),
    "advice.row_without_time": ("填入这张工单已有的时间，至少受理时间", "enter the times the order has"),
    "advice.event_engine": ("可以删去这一行：引擎会自己写入", "the row can go: the engine writes it itself"),
    "advice.json_broken": ("在原文件中改好这一行", "mend the line in its file"),
    "advice.json_key_twice": ("在原文件中改好这一行", "mend the line in its file"),
    "cli.file_written": ("{rows} 行，已写入 {file}", "{rows} rows written to {file}"),
}

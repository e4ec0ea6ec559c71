"""What an import of a log into live orders says."""

TEXTS: dict[str, tuple[str, str]] = {
    "import.ahead": (
        "时间晚于现在（{now}）；请检查时间和时区，到时可再导入",
        "lies after now ({now}); check time and time zone, or import it again when the time has come",
    ),
    "import.title": ("导入", "Import"),
    "import.read": ("读入", "read"),
    "import.applied": ("写入", "applied"),
    "import.already_there": ("已在库中", "already there"),
    "import.refused": ("不予受理", "refused"),
    "import.rejected": ("退回", "rejected"),
    "import.names_alike": (
        "两个文件都叫 {file}，表头或形式却不同：改名，或分两次导入",
        "two files are called {file}, but their headers or forms differ: rename one, or import them apart",
    ),
    "import.corrected": ("更正", "corrections"),
    "import.corrects": ("{source} 第 {row} 行如此更正", "corrected by {source} row {row}"),
    "import.emptied_told": (
        "{count} 格原来有值、现在为空，未作改动：{listed}",
        "{count} cells are empty that said something before; nothing was changed: {listed}",
    ),
    "import.vanished_told": (
        "{files}：比上一次少了 {count} 张工单，未作改动：{listed}",
        "{files}: {count} orders of the export before are missing; nothing was changed: {listed}",
    ),
    "import.orders": ("涉及工单", "orders"),
    "import.timed_out": ("登记超时", "timed out"),
    "import.withdrawn": ("撤销超时", "time-outs withdrawn"),
    "import.deviations": ("照录的偏差", "deviations applied"),
    "column.what": ("项目", "what"),
    "column.events": ("条数", "count"),
    "import.row": ("{source} 第 {row} 行（{order}）：{text}", "{source} row {row} ({order}): {text}"),
    "import.more": ("另有 {count} 行", "and {count} more"),
    "import.rejected_file": (
        "退回 {count} 行，见 {file}",
        "{count} rows were rejected: see {file}",
    ),
    "import.rejected_told": (
        "退回 {count} 行；加 --rejected 文件名 可写入文件",
        "{count} rows were rejected; --rejected FILE writes them all",
    ),
    "import.kept": ("身份信息存于保险库：{listed}", "identities in the vault: {listed}"),
    "import.by_rule": ("照录的偏差：{listed}", "deviations applied: {listed}"),
}

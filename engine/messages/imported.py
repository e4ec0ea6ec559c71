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

"""How far long work is."""

TEXTS: dict[str, tuple[str, str]] = {
    "progress.line": (
        "{stage} {percent}%（{done}／{total}，每秒 {rate}，还需 {left}）",
        "{stage} {percent}% ({done} of {total}, {rate}/s, {left} left)",
    ),
    "progress.begun": ("{stage} {percent}%（{done}／{total}）", "{stage} {percent}% ({done} of {total})"),
    "progress.untold": ("{stage} {done}（每秒 {rate}）", "{stage} {done} ({rate}/s)"),
    "progress.hours": ("{hours} 小时 {minutes} 分", "{hours} h {minutes} min"),
    "progress.minutes": ("{minutes} 分 {seconds} 秒", "{minutes} min {seconds} s"),
    "progress.seconds": ("{seconds} 秒", "{seconds} s"),
    "progress.reading": ("读入数据行", "reading rows"),
    "progress.replaying": ("回放工单", "replaying orders"),
    "progress.importing": ("导入事件", "importing events"),
    "progress.exporting": ("导出记录", "exporting entries"),
    "progress.verifying": ("核对记录", "verifying entries"),
    "progress.orders": ("读取工单", "reading orders"),
    "progress.deadlines": ("读取时限", "reading deadlines"),
    "progress.entries": ("读取记录", "reading entries"),
}

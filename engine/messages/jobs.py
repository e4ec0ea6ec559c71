"""Long work in a server, and what comes of it."""

TEXTS: dict[str, tuple[str, str]] = {
    "job.none": (
        "没有这个任务：可能已过期或已删除，或服务重新启动过。导入可以再做一遍，只补所缺",
        "no such job: it ended long ago, was deleted, or the server was restarted; import again if need be",
    ),
    "job.busy_own": (
        "您有一个任务正在进行；请等它完成或取消它",
        "a job of yours is under way: wait for it, or cancel it",
    ),
    "job.busy_all": ("正在进行的任务已满；请稍后再试", "enough jobs are under way: try again in a while"),
    "job.lost": (
        "读这些文件超出了允许的内存或时间（{most}），或被系统终止；请拆分后再试",
        "these files take more than is allowed ({most}), or the system ended the work: split them",
    ),
    "job.cancelled": ("已取消", "cancelled"),
    "job.compare_needs": (
        "请另选一份规则文件，或写一个设定",
        "choose another document, or say a setting",
    ),
    "job.policy": (
        "没有名为“{policy}”的规则文件；可用：{allowed}",
        "no document {policy!r}; there are: {allowed}",
    ),
    "job.setting": ("每行写一个 名称=值：{line}", "one NAME=VALUE a line: {line}"),
    "job.limit": ("时限", "limit"),
    "job.count": ("次数", "count"),
    "job.rule": ("规则", "rule"),
    "job.clause": ("条款", "clause"),
    "job.reason": ("情形", "what"),
    "job.source": ("文件", "file"),
    "job.row": ("行", "row"),
    "job.order_id": ("工单", "order"),
    "job.column": ("列", "column"),
    "job.value": ("内容", "value"),
    "job.first": ("首个工单", "first order"),
    "job.no_rejects": ("没有退回的行", "no row was rejected"),
    "job.not_yet": ("还没有做到这一步", "that step is not done yet"),
    "upload.none": ("请选择至少一个文件（字段 files）", "choose at least one file (field files)"),
    "upload.form": (
        "请以 multipart/form-data 上传，文件放在字段 files",
        "upload as multipart/form-data, the files in the field files",
    ),
    "upload.broken": ("上传的内容不完整或格式不对", "the upload is cut short, or not what it says"),
    "upload.slow": ("上传超过 {seconds} 秒仍未完成", "the upload took more than {seconds} s"),
    "upload.field": ("字段 {name} 应是{kind}", "the field {name} should be {kind}"),
    "upload.file": ("一个文件", "a file"),
    "upload.text": ("文字", "text"),
    "export.form_of": (
        "{what} 没有 {form} 格式；可用：{allowed}",
        "{what} has no form {form}; it has: {allowed}",
    ),
    "export.period": (
        "成绩需要 period，如 2026-03、2026Q1、2026",
        "scores need a period, such as 2026-03, 2026Q1, 2026",
    ),
    "export.no_period": ("只有成绩有 period", "only scores have a period"),
}

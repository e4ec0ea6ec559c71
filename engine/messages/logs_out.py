"""Logs written for other tools: how much, and why not."""

TEXTS: dict[str, tuple[str, str]] = {
    "logs_out.form": (
        "{file} 写成哪种日志？（{form}）请用 --format {allowed}，或以 .xes、.xes.gz、.jsonocel 结尾",
        "which form is {file}? ({form}) Use --format {allowed}, or end it with .xes, .xes.gz, .jsonocel",
    ),
    "logs_out.written": (
        "已写出 {file}：工单 {orders}、案件 {cases}、事件 {events}（引擎所写 {by_engine}）、时限 {deadlines}",
        "{file}: {orders} orders, {cases} cases, {events} events ({by_engine} ours), {deadlines} deadlines",
    ),
    "logs_out.restored": (
        "已写出 {file}：原有轨迹 {traces}、事件 {events} 都在，加上工单 {orders} 的时限 {deadlines}",
        "{file}: all {traces} traces and {events} events, with {deadlines} deadlines of {orders} orders",
    ),
    "logs_out.identity": (
        "未写出的身份信息：{listed}；遮蔽了号码的文字：{masked} 处",
        "identities left out: {listed}; texts with numbers masked: {masked}",
    ),
    "logs_out.source_alone": (
        "--source（及 --mapping）只用于从回放文件夹（--run）导出 XES",
        "--source, and --mapping with it, belong to an export of a run folder (--run) as XES",
    ),
    "logs_out.source_other": (
        "{file} 不是 {folder} 所回放的文件（SHA-256 不同）；请给出当时的原文件",
        "{file} is not a file that {folder} was replayed from (its SHA-256 differs); give the original",
    ),
    "logs_out.source_mapping": (
        "{folder} 回放时的映射文件是 {mapping}（– 表示没有）；请用 --mapping 给出同一个文件，内容须相同",
        "{folder} was replayed with the mapping file {mapping} (– for none); give the very same by --mapping",
    ),
    "logs_out.source_form": (
        "{file} 不是 XES；其他格式的日志请先转换为 XES，再回放转换后的文件",
        "{file} is no XES; convert a log of another form to XES first, and replay what came of it",
    ),
}

"""What the demonstration says."""

TEXTS: dict[str, tuple[str, str]] = {
    "demo.head": (
        "演示：虚构街道的 {orders} 张工单，{first} 至 {last} 收件（正中是国庆假期，前后各有一天补班）",
        "Demo: {orders} work orders of an invented street, received {first} to {last}, across National Day",
    ),
    "demo.policy": ("规则：《{title}》{version}", "Rules: {title}, {version}"),
    "demo.events": (
        "事件 {read} 行：适用 {applied}，拒绝 {refused}，退回 {rejected}；截至 {as_of}",
        "{read} events: {applied} applied, {refused} refused, {rejected} rejected; as of {as_of}",
    ),
    "demo.identity": (
        "身份列已在读入时丢弃：{columns}（共 {cells} 格）",
        "identity columns dropped at intake: {columns} ({cells} cells)",
    ),
    "demo.files": ("文件：{folder}（回放结果在 {run}）", "files: {folder} (the replay's in {run})"),
    "demo.late": ("谁超了哪一条的时限", "Who was late, by which clause"),
    "demo.rule": ("规则", "rule"),
    "demo.clause": ("条文", "clause"),
    "demo.label": ("内容", "what"),
    "demo.met": ("按时", "met"),
    "demo.late_done": ("逾期完成", "late"),
    "demo.overdue": ("逾期未办", "overdue"),
    "demo.worst": ("逾期占比最高的单位", "unit most often late"),
    "demo.share": ("{unit} {missed}/{of}", "{unit} {missed}/{of}"),
    "demo.no_time_out": ("–", "–"),
    "demo.windows": (
        "申请期限（退单、延期）只数提出了申请的；逾期申请在 --mode enforce 下不予受理",
        "windows (return, extension) count the requests made; with --mode enforce a late one is refused",
    ),
    "demo.broken": (
        "事件不合规则：{rules}；日志不完整或步骤不可能：{impossible} 处（逐条见 {file}）",
        "events against a rule: {rules}; log incomplete or step impossible: {impossible} (each in {file})",
    ),
    "demo.times": ("{rule} {count} 次", "{rule} {count}×"),
    "demo.scores": (
        "{month} {pool}得分（前三、后三与不纳入考核的）",
        "{month} scores, {pool} (first and last three, and those not assessed)",
    ),
    "demo.all_scores": ("全部单位的得分见 {file}", "the scores of all units: {file}"),
    "demo.follows": ("由此而来：{consequences}", "what follows: {consequences}"),
    "demo.report": ("月报：{file}（用浏览器打开）", "the month's report: {file} (open it in a browser)"),
    "demo.try_what_if": (
        "换一种读法，谁的名次和事项会变",
        "on another reading, whose rank and consequences change",
    ),
    "demo.gap": ("…", "…"),
    "demo.next": ("接下来可以试：", "What to try next:"),
    "demo.try_score": ("整月得分表", "the month's whole table"),
    "demo.try_set": (
        "换一种读法再算：无工单的单位不参加排名",
        "score it on another reading: no rank without orders",
    ),
    "demo.try_explain": ("这张工单为什么逾期，逐日说明", "why this order was late, day by day"),
    "demo.try_why": ("这一项得分来自哪些工单", "which orders a point comes from"),
    "demo.try_history": ("这张工单的经过", "what happened to this order"),
    "demo.try_due": ("算一个到期时间", "work out one due time"),
    "demo.try_enforce": ("同一份日志，由规则说了算", "the same log with the rules enforced"),
    "demo.try_policy": ("逐条看规则、条文与承载方式", "every rule with its clause and what carries it"),
    "demo.try_diagram": ("工单的状态图（Mermaid）", "the life of an order (Mermaid)"),
}

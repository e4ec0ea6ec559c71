"""What a proposed mapping file says of its lines."""

TEXTS: dict[str, tuple[str, str]] = {
    "suggest.head": (
        "{file} 的映射建议：有把握的已启用，其余加了 #；修改后用 import --preview 看结果",
        "proposed for {file}: what is sure is active, the rest has a #; edit, then see import --preview",
    ),
    "suggest.wide": ("宽表：一行一张工单", "wide form: a row an order"),
    "suggest.long": ("长表：一行一个事件", "long form: a row an event"),
    "suggest.zone_none": (
        "时间没有写时区，按北京时间读；若不是，请改这一行",
        "times name no offset and are read as Beijing time; change this line if they are not",
    ),
    "suggest.zone_all": (
        "时间都写明了时区（{offsets}），照读，这一行不起作用",
        "all times name their offset ({offsets}) and are read by it; this line changes nothing",
    ),
    "suggest.zone_some": (
        "有的时间写明了时区（{offsets}），有的没有：没有的按这一行读",
        "some times name an offset ({offsets}); this line is for the others",
    ),
    "suggest.named": ("名称相同", "called so"),
    "suggest.like": ("名称相近", "called alike"),
    "suggest.unfit": ("名称相近，但格子里的内容不像", "called alike, but its cells look otherwise"),
    "suggest.taken": ("{by} 也是它，只能有一列", "{by} says that already; only one column can"),
    "suggest.identity": ("身份信息，另行保管", "identity, kept apart"),
    "suggest.identity_like": ("内容像身份信息，另行保管", "looks like identity, kept apart"),
    "suggest.unique": ("每行一个编号，像工单编号", "a number of its own in each row: like the order's"),
    "suggest.times": ("是时间，哪个事件的？", "holds times; of which event?"),
    "suggest.says": ("取值都在它的清单里", "all its values are on that list"),
    "suggest.both_ends": (
        "两个结束时间只有一个，办结、结案都按它",
        "the only one of two ends: it tells both",
    ),
    "suggest.for_values": ("改名以便下面的取值对照生效", "renamed so that its values below count"),
    "suggest.value": ("{count} 格", "{count} cells"),
    "suggest.value_like": (
        "{count} 格，相近的取值，请核对",
        "{count} cells; the nearest value, please check",
    ),
    "suggest.activity": ("{count} 行", "{count} rows"),
    "suggest.activity_like": ("{count} 行，请核对是哪个事件", "{count} rows; which event is it?"),
    "suggest.first": (
        "工单没有写开头的事件时，补在第一个事件的时刻",
        "events that orders begin with, added where the log lacks them",
    ),
    "suggest.examples": ("，如 {examples}", ", like {examples}"),
    "suggest.unread": ("未读的列：{headers}", "columns not read: {headers}"),
    "suggest.no_header": (
        "文件 {file} 的第一行像是数据，不是表头；请先补上表头一行",
        "the first row of {file} looks like data; put a row of column names above it",
    ),
    "suggest.exists": (
        "{file} 已存在；请换一个文件名，或先移走它",
        "{file} exists; choose another name, or move it away first",
    ),
    "suggest.written": (
        "{file}：启用 {certain} 行，待核对 {uncertain} 行",
        "{file}: {certain} lines active, {uncertain} to be checked",
    ),
}

"""What a live engine says: refusals of its own, its store's troubles, its commands."""

TEXTS: dict[str, tuple[str, str]] = {
    "finding.at_not_now": (  # of answers kept before anybody could back-date
        "事件时间以引擎时钟为准，现在是{now}，不能填{at}",
        "the engine's clock says when: it is {now}, not {at}",
    ),
    "live.followed": (
        "相关案件 {case}：{event}，现为“{state}”",
        "Case {case}: {event}, now {state}",
    ),
    "live.follows": ("{event}（对工单提交 {of}）", "{event} (submit to the order: {of})"),
    "live.event_follows": (
        "{event} 随工单的事件记入案件，不能直接提交；请对 {order} 提交 {of}",
        "{event} follows what happens to the order and cannot be submitted; submit {of} to {order}",
    ),
    "live.event_engine": (
        "{event} 由引擎自己写入，不能提交",
        "{event} is written by the engine alone and cannot be submitted",
    ),
    "live.attribute_unknown": (
        "没有名为 {name} 的属性；{event} 可用：{allowed}",
        "no attribute is called {name}; {event} may say: {allowed}",
    ),
    "live.attribute_elsewhere": (
        "{event} 不能带属性 {name}；可用：{allowed}",
        "{event} cannot say {name}; it may say: {allowed}",
    ),
    "live.value_kind": (
        "{name} 的值类型不对（{kind}）；请给文字，或与该属性相符的值",
        "{name} cannot be a {kind}; give text, or a value of the attribute's kind",
    ),
    "live.time_naive": (
        "{name} 的时间 {value} 没有时区；请用带时区的时间，或写成文字（按北京时间）",
        "{name}: the time {value} has no offset; give an aware time, or text (taken as Beijing time)",
    ),
    "live.text_broken": (
        "文字中有无法保存的字符（NUL 或残缺的 Unicode）",
        "a text holds characters that cannot be kept (NUL or broken Unicode)",
    ),
    "live.key_long": ("键最长 {most} 个字符", "a key has at most {most} characters"),
    "live.key_taken": (
        "键 {key} 已用于工单 {order} 的另一个命令；同一个键只能重复同一个命令",
        "the key {key} stands for another command, of order {order}; a key repeats the same command only",
    ),
    "live.order_elsewhere": (
        "工单 {order} 已到第 {found} 条，不是所说的第 {expected} 条；请重新查看后再提交",
        "order {order} is at entry {found}, not {expected}; look at it again, then submit",
    ),
    "live.dry_run": ("试算，什么也没有写入：", "tried, nothing was written:"),
    "live.again": ("（此前已答复，未重复执行）", "(answered before; nothing was done again)"),
    "live.order_unknown": (
        "没有工单或案件 {order}；新工单从 receive（接收）开始",
        "there is no order or case {order}; a new order begins with receive",
    ),
    "live.version_gone": (
        "工单 {order} 依据的规则版本 {version} 已不在规则文件中",
        "order {order} is governed by {version}, which the policy no longer holds",
    ),
    "live.db_policy": (
        "这个数据库用的是 {found}，不是 {asked}；请改用 --policy {found}，或另建数据库",
        "this database was made for {found}, not {asked}; use --policy {found}, or another database",
    ),
    "calendar_folder": (
        "没有放置放假通知的文件夹，请设环境变量 {name}",
        "there is no folder for holiday notices; set {name}",
    ),
    "live.db_settings": (
        "这个数据库的设定是 {found}，与所给的 {asked} 不同；时限已按前者计算，不能中途更改",
        "this database was made with {found}, not {asked}; its clocks were counted so",
    ),
    "live.accepted": (
        "已受理：{order} {event}，现为“{state}”（第 {seq} 条）",
        "accepted: {order} {event}, now {state} (entry {seq})",
    ),
    "live.refused": ("不予受理：{order} {event}", "refused: {order} {event}"),
    "live.reason": ("{rule}（{clause}）：{text}", "{rule} ({clause}): {text}"),
    "live.note": ("提示：{text}", "note: {text}"),
    "live.raised.warn": (
        "此前已预警：{rule}（{clause}），将于 {due} 到期",
        "warned of before this: {rule} ({clause}), due {due}",
    ),
    "live.raised.time_out": (
        "此前已超时：{rule}（{clause}），应于 {due}",
        "timed out before this: {rule} ({clause}), due {due}",
    ),
    "live.raised.escalate": (
        "此前超时已升级：{rule}（{clause}），应于 {due}，升级于 {at}",
        "escalated before this: {rule} ({clause}), due {due}, escalated {at}",
    ),
    "live.dropped": (
        "身份信息未保存：{names}",
        "identity not kept: {names}",
    ),
    "live.running": (
        "引擎运行中：{db}（{policy}），每 {every} 秒检查一次；Ctrl+C 停止",
        "running: {db} ({policy}), sweeping every {every} s; Ctrl+C stops",
    ),
    "live.stopped": ("引擎已停止", "stopped"),
    "live.exported": ("已导出 {rows} 行到 {file}", "{rows} rows written to {file}"),
    "live.migrated": (
        "表结构已从第 {found} 版升级到第 {now} 版",
        "tables brought from version {found} to {now}",
    ),
    "live.current": (
        "表结构已是第 {now} 版，未作改动",
        "tables are of version {now} already; nothing was changed",
    ),
    "live.yes": ("可以", "yes"),
    "live.no": ("不可", "no"),
    "live.if_said": ("须写明", "if said"),
    "column.allowed": ("可否", "allowed"),
    "column.until": ("截至", "until"),
    "column.needs": ("须写明", "needs"),
    "column.roles": ("由谁办", "by"),
    "time_naive": (
        "时间 {at} 没有时区，无法确定是哪一刻",
        "the time {at} has no offset: nobody can say when it was",
    ),
    "value_unstorable": (
        "{kind} 类型的值无法原样保存",
        "a value of type {kind} cannot be kept exactly",
    ),
    "clock_backwards": (
        "时钟不能倒退：现在是 {now}，要求 {at}",
        "the clock cannot go back: it is {now}, asked for {at}",
    ),
    "clock_naive": ("时钟需要带时区的时间，不是 {at}", "the clock needs an aware time, not {at}"),
    "db_address": (
        "“{url}”不是可用的数据库地址；可用 sqlite:///文件、postgresql+psycopg://用户@主机/数据库、memory://",
        "{url!r} is no database address; write sqlite:///PATH, postgresql+psycopg://USER@HOST/NAME or memory://",
    ),
    "db_host_kind": (
        "需要数据库地址，或 sqlalchemy.Engine，不是 {found}（异步引擎不行，请另建一个同步的）",
        "give an address or a sqlalchemy.Engine, not {found} (beside an async engine make a plain one)",
    ),
    "db_host_driver": (
        "不能用 {found} 的引擎；可用 sqlite+pysqlite 与 postgresql+psycopg",
        "an engine of {found} cannot be used; sqlite+pysqlite and postgresql+psycopg can",
    ),
    "db_host_memory": (
        "这个 SQLite 引擎没有文件，每个连接各有各的库；请用文件，或 memory://",
        "this SQLite engine has no file: each connection sees a database of its own; use a file, or memory://",
    ),
    "db_host_thread": (
        "这个 SQLite 引擎的连接只能在一个线程里用；请在建立连接时写 check_same_thread=False",
        "connections of this SQLite engine keep to one thread; make them with check_same_thread=False",
    ),
    "db_driver": (
        "使用 PostgreSQL 须先安装驱动：pip install 'paidan[{extra}]'",
        "PostgreSQL needs its driver: pip install 'paidan[{extra}]'",
    ),
    "db_missing": (
        "{url} 还没有工单数据库；请检查路径",
        "there is no database of orders at {url}; check the path",
    ),
    "db_schema": (
        "{url} 的表结构是第 {found} 版，本程序需要第 {wanted} 版；请用对应的 paidan 打开",
        "the tables in {url} are of version {found}, this paidan needs {wanted}; open it with its own",
    ),
    "db_older": (
        "{url} 的表结构是第 {found} 版，本程序需要第 {wanted} 版；请停用、备份后运行 paidan migrate --db …",
        "the tables in {url} are of version {found}, not {wanted}; stop, back up, run: paidan migrate --db …",
    ),
    "db_away": (
        "数据库暂不可用（{why}）；请检查文件或服务器、权限、磁盘空间，以及是否被其他程序锁住",
        "the database is not available ({why}); check file or server, permissions, disk, and who locks it",
    ),
    "store_conflict": (
        "另一个写入者已先改动（{why}）；请重试",
        "another writer got there first ({why}); try again",
    ),
}

"""What verifying and sealing say: what does not hold, where, and what to look at."""

TEXTS: dict[str, tuple[str, str]] = {
    "audit.fault.hash": (
        "内容与其哈希不符，或它前面的一条已被换过",
        "it is not what its hash says, or the entry before it is another",
    ),
    "audit.fault.gap": (
        "前面缺少条目，或序号不连续",
        "an entry is missing before it, or its number is wrong",
    ),
    "audit.fault.unreadable": ("条目无法读取", "the entry cannot be read"),
    "audit.fault.head": (
        "日志的最后一条不是工单所记的那一条：末尾被截去，或工单表被改过",
        "the last entry is not the one that the order names: the log was cut short, or the order changed",
    ),
    "audit.fault.stray": ("有工单或时限，却没有日志", "an order or a clock without a log"),
    "audit.fault.unfolded": (
        "有日志，工单表里却没有或无法读取",
        "there is a log, but the order kept beside it is missing or cannot be read",
    ),
    "audit.fault.fold": (
        "工单表与日志回放的结果不同：{detail}",
        "what is kept beside the log is not what it replays to: {detail}",
    ),
    "audit.fault.rules": (
        "数据库所记的规则、设定或放假通知无法使用：{detail}",
        "the policy, settings or notices of the database cannot be used: {detail}",
    ),
    "audit.fault.no_seals": ("文件夹里没有封存文件", "there is no seal in the folder"),
    "audit.fault.seal_unreadable": (
        "{detail} 不是封存文件，或被改动过",
        "{detail} is no seal, or was changed",
    ),
    "audit.fault.signature": (
        "{detail} 的签名不符：不是这把密钥所签，或被改动过",
        "{detail} is not signed by this key, or was changed",
    ),
    "audit.fault.seal_missing": (
        "{detail} 之前缺少封存文件，或编号不对",
        "a seal is missing before {detail}, or its number is wrong",
    ),
    "audit.fault.seal_order": (
        "{detail} 前面的封存文件不是它所指的那一个",
        "the seal before {detail} is not the one that it names",
    ),
    "audit.fault.store_id": ("封存的是另一个数据库", "another database was sealed"),
    "audit.fault.store": (
        "数据库所记的规则文件、设定或日历与封存时不同",
        "policy, settings or calendar of the database are not what was sealed",
    ),
    "audit.fault.notices": (
        "装入的放假通知与封存时不同",
        "the holiday notices loaded are not what was sealed",
    ),
    "audit.fault.sealed_log": (
        "日志与 {detail} 的封存不符：此前的条目被增、删、改或调换过",
        "the log is not what was sealed at {detail}: entries up to it were added, removed, changed or moved",
    ),
    "audit.holds": (
        "日志完好：{orders} 张工单，{entries} 条",
        "the log holds: {orders} orders, {entries} entries",
    ),
    "audit.broken": (
        "日志有问题：{orders} 张工单，{entries} 条，{faults} 处不符",
        "the log does not hold: {orders} orders, {entries} entries, {faults} faults",
    ),
    "audit.first": (
        "最早的坏条目：工单 {order} 第 {seq} 条（位置 {position}）",
        "the first bad entry: order {order}, entry {seq} (position {position})",
    ),
    "audit.sealed_to": (
        "共 {seals} 份封存，最后一份（第 {number} 号，{at}）之后另有 {unsealed} 条尚未封存",
        "{seals} seals; {unsealed} entries since the last (number {number}, {at}) are not sealed yet",
    ),
    "audit.unproven": (
        "没有对照封存文件：整条链重算或末尾截去后重写，只有 --seals 能查出",
        "no seals were looked at: a chain counted anew, or cut and mended, is found with --seals only",
    ),
    "audit.sealed": (
        "已封存：{file}（第 {number} 号，{entries} 条，到位置 {position}）",
        "sealed: {file} (number {number}, {entries} entries, up to position {position})",
    ),
    "audit.nothing_new": (
        "上次封存以来没有新内容，未写文件",
        "nothing new since the last seal; no file was written",
    ),
    "audit.unsealable": (
        "工单 {order} 第 {seq} 条不符，不予封存；请运行 paidan verify",
        "entry {seq} of order {order} does not hold, so nothing was sealed; run: paidan verify",
    ),
    "audit.last_seal": (
        "{file} 不是这把密钥所签的封存文件，或被改动过，不能接着封存；请运行 paidan verify --seals",
        "{file} is no seal by this key, or was changed: nothing is sealed after it; see paidan verify",
    ),
    "audit.other_store": (
        "第 {number} 号封存的是另一个数据库，或规则、设定、放假通知已变；请查明原因，或换一个文件夹",
        "seal {number} is of another database, or policy, settings or notices changed; find out why",
    ),
    "audit.fallen_behind": (
        "第 {number} 号封存的条目已不在数据库里（恢复了旧备份？），不予封存；请运行 paidan verify --seals",
        "entries under seal {number} are gone (an older backup restored?): not sealed; see paidan verify",
    ),
    "audit.sealed_by_another": (
        "{file} 刚由另一个进程写出；请重试",
        "{file} was written by another process just now; try again",
    ),
    "audit.key_unnamed": (
        "没有指明主密钥：请把环境变量 {name} 设为密钥文件，核对封存也可用 --public 给出公钥",
        "no master key: set {name} to its file; to check seals, --public with the public key will do",
    ),
    "audit.no_public_key": (
        "{file} 不是封存用的公钥（PEM，Ed25519）；用 paidan key public 取得",
        "{file} holds no public key of seals (PEM, Ed25519); get it by: paidan key public",
    ),
    "audit.place": (
        "{place} 不是列表里的位置；请用上一页给出的 next",
        "{place} is no place in a list; use the `next` of the page before",
    ),
    "audit.month": (
        "月份写作 2026-03，不是 {month}",
        "a month is written as 2026-03, not {month}",
    ),
    "audit.month_ahead": ("{month} 还没有开始", "{month} has not begun"),
    "audit.packed": (
        "已写出审计包 {file}；解压后运行 python verify.py 核对",
        "wrote the pack {file}; unpack it and run: python verify.py",
    ),
    "audit.no_file": ("没有文件 {file}", "there is no file {file}"),
    "audit.no_folder": ("没有文件夹 {folder}", "there is no folder {folder}"),
    "live.subscriber_taken": (
        "已有名为 {name} 的订阅；同一引擎内每个名字只用一次",
        "there is a subscriber called {name}; a name is used once in an engine",
    ),
    "value_inexact": (
        "{value} 无法记入日志：只收文字、是否、时间、2^53 以内的整数，名称用 ASCII",
        "{value} cannot stand in the log: text, booleans, times, integers below 2^53, names in ASCII",
    ),
    "db_spoiled": (
        "{url} 里说明这是什么数据库的那一行缺失或无法读取",
        "the row that says what {url} is cannot be read, or is not there",
    ),
    "column.fault": ("问题", "what is wrong"),
    "column.position": ("位置", "position"),
    "column.seal": ("封存", "seal"),
}

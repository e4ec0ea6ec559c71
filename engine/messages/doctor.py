"""What `doctor` found, and what to do where it is not well."""

TEXTS: dict[str, tuple[str, str]] = {
    "doctor.version": ("{name} {found}", "{name} {found}"),
    "doctor.too_old": (
        "{name} 是 {found}，至少要 {least}；请升级",
        "{name} is {found}, at least {least} is needed: upgrade it",
    ),
    "doctor.missing": (
        "缺少 {names}；请重新安装：pip install -r requirements.txt，或 pip install paidan",
        "{names} not installed: pip install -r requirements.txt, or pip install paidan",
    ),
    "doctor.libraries": ("{found}", "{found}"),
    "doctor.zone": ("本机时区 {zone}（{offset}）", "this machine is in {zone} ({offset})"),
    "doctor.other_zone": (
        "本机时区是 {zone}（{offset}），不是北京时间；派单不受影响，别的日志要换算。可设 TZ=Asia/Shanghai",
        "this machine is in {zone} ({offset}), not Beijing time; other logs differ: TZ=Asia/Shanghai",
    ),
    "doctor.encoding": ("终端编码 {found}", "the terminal takes {found}"),
    "doctor.other_encoding": (
        "终端编码是 {found}，输出是 UTF-8，会显示成乱码；请设 LANG=C.UTF-8，Windows 上先运行 chcp 65001",
        "the terminal takes {found}, paidan writes UTF-8: set LANG=C.UTF-8, on Windows run chcp 65001",
    ),
    "doctor.horizon": ("工作日历已知到 {on}", "the working calendar knows through {on}"),
    "doctor.horizon_near": (
        "工作日历只知到 {on}，之后为暂定；{year} 年放假通知公布后请装入：paidan calendar load 文件 [--db …]",
        "known through {on}; with the notice for {year}: paidan calendar load FILE [--db …]",
    ),
    "doctor.provisional": (
        "{count} 个进行中的时限超出日历已知的日子，为暂定；装入下一年的放假通知后会重算",
        "{count} running deadlines go past it and are provisional until the next notice is loaded",
    ),
    "doctor.database": ("{database}，表结构第 {found} 版", "{database}, tables of version {found}"),
    "doctor.no_tables": (
        "{database} 可以连上，但其中没有工单的表；请检查地址，或用 paidan submit / run 建立",
        "{database} answers, but holds no tables of ours: check the address, or let submit or run make them",
    ),
    "doctor.tables_older": (
        "表结构是第 {found} 版，本程序需要第 {wanted} 版；请停用、备份，再运行 paidan migrate --db …",
        "the tables are of version {found}, not {wanted}: stop, back up, run paidan migrate --db …",
    ),
    "doctor.tables_later": (
        "表结构是第 {found} 版，本程序只认识第 {wanted} 版；请改用更新的 paidan",
        "the tables are of version {found}, this paidan knows {wanted}: use a newer one",
    ),
    "doctor.setting": ("{name} = {found}", "{name} = {found}"),
    "doctor.other_setting": (
        "{name} 是 {found}，应为 {wanted}；否则断电可能丢失已答复的命令，或写不进去。请改数据库设置或权限",
        "{name} is {found}, not {wanted}: a power cut may lose commands, or none can be written; change it",
    ),
    "doctor.triggers": ("日志只增不改，由触发器把守", "triggers keep the log append-only"),
    "doctor.triggers_missing": (
        "把守日志的触发器缺失或被停用：{names}；请查明是谁所为，重新启用或从备份恢复",
        "triggers that keep the log are gone or off: {names}; find out who did it, enable or restore them",
    ),
    "doctor.no_vault": (
        "没有保险库，身份信息不保存",
        "there is no vault, identities are not kept",
    ),
    "doctor.vault_to_come": (
        "还没有保险库；下次带这把主密钥启动时建立",
        "there is no vault yet; the next start with this master key makes one",
    ),
    "doctor.vault": (
        "有保险库，PAIDAN_KEY_FILE 中的主密钥是它的，可以启动",
        "there is a vault, and the master key of PAIDAN_KEY_FILE is its own: it starts",
    ),
    "doctor.disk": ("数据库所在磁盘还有 {free}", "{free} free where the database lies"),
    "doctor.disk_little": (
        "数据库所在磁盘只剩 {free}；写满后命令会失败，请清理或扩容",
        "only {free} free where the database lies; commands fail when it is full: make room",
    ),
    "doctor.clock": (
        "与数据库服务器的时钟相差 {seconds} 秒",
        "our clock and the server's are {seconds} s apart",
    ),
    "doctor.clock_apart": (
        "与数据库服务器的时钟相差 {seconds} 秒；事件时间以引擎时钟为准，请让两边都对时（NTP）",
        "our clock, which says when, and the server's are {seconds} s apart: synchronise both (NTP)",
    ),
    "doctor.swept": ("到期的时限都已登记", "whatever is overdue has been raised"),
    "doctor.not_swept": (
        "{due} 到期的时限过了 {minutes} 分钟仍未登记；没有进程在检查到期，请启动 paidan run --db …",
        "what fell due at {due} is not raised after {minutes} minutes: start paidan run --db …",
    ),
    "doctor.folded": ("抽查至多 {most} 张工单，与日志一致", "up to {most} orders are what their logs say"),
    "doctor.folded_differs": (
        "{count} 张工单的现状与日志不符（{orders}…）；日志为准，请用 Engine.rebuild() 重新归并，并查明原因",
        "{count} orders are not what their logs say ({orders}…): mend by Engine.rebuild(), find out why",
    ),
    "doctor.check.python": ("Python", "Python"),
    "doctor.check.libraries": ("程序库", "libraries"),
    "doctor.check.calendar": ("工作日历", "calendar"),
    "doctor.check.time_zone": ("时区", "time zone"),
    "doctor.check.terminal": ("终端", "terminal"),
    "doctor.check.database": ("数据库", "database"),
    "doctor.check.durability": ("持久", "durability"),
    "doctor.check.append_only": ("日志", "log"),
    "doctor.check.vault": ("保险库", "vault"),
    "doctor.check.disk": ("磁盘", "disk"),
    "doctor.check.clock": ("时钟", "clock"),
    "doctor.check.horizon": ("库内日历", "its calendar"),
    "doctor.check.sweeping": ("到期检查", "sweeping"),
    "doctor.check.folded": ("现状", "orders"),
    "doctor.ok": ("正常", "ok"),
    "doctor.warn": ("注意", "warn"),
    "doctor.fail": ("有误", "fail"),
    "column.check": ("检查", "check"),
    "column.level": ("结果", "result"),
    "column.found": ("情况", "found"),
}

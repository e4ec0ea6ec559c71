"""What is said of identities, their vault and its master key."""

TEXTS: dict[str, tuple[str, str]] = {
    "live.apart_of_order": (
        "身份信息随工单保管，案件里的也在内：请对工单 {order} 做 {event}",
        "identities are kept with the order, those in its cases too: ask for {event} of order {order}",
    ),
    "live.event_apart": (
        "{event} 不能提交；请用命令 paidan {event}，或 Engine.{event}(…)",
        "{event} is not submitted; use the command paidan {event}, or Engine.{event}(…)",
    ),
    "live.apart_needs": ("{event} 须写明 {name}", "{event} must say its {name}"),
    "live.no_vault": (
        "这个数据库没有保险库，身份信息从未保存；要从今以后保存，请带主密钥打开它（PAIDAN_KEY_FILE）",
        "this database has no vault and never kept identities; open it with a master key (PAIDAN_KEY_FILE)",
    ),
    "vault_key_missing": (
        "这个数据库有身份信息保险库，没有主密钥不能启动；请把环境变量 PAIDAN_KEY_FILE 设为主密钥文件的路径",
        "this database has a vault and does not start without its key: set PAIDAN_KEY_FILE to the key's file",
    ),
    "vault_key_wrong": (
        "主密钥不是这个数据库的；请改用当初建立保险库（或上次更换）的主密钥文件",
        "the master key is not that of this database; give the file it was made with, or last rotated to",
    ),
    "vault_key_replaced": (
        "这个数据库的主密钥已被另一进程更换；请换成新的主密钥文件后重新启动",
        "another process has replaced the master key of this database; start anew with the new key's file",
    ),
    "vault_broken": (
        "保险库中的密文与其位置或密钥不符，可能被改动过；请从备份恢复，并查明是谁改动",
        "a cipher of the vault does not fit its place or key and may have been altered; restore a backup",
    ),
    "log_only": (
        "数据库是为只读日志打开的，没有主密钥不能写入",
        "the database was opened to read its log; nothing is written without the master key",
    ),
    "key_size": ("主密钥应为 {bytes} 字节", "a master key has {bytes} bytes"),
    "key_there": (
        "{file} 已经存在，不会覆盖；请换一个文件名",
        "{file} is there and is not overwritten; choose another name",
    ),
    "key_unreadable": (
        "读不了主密钥文件 {file}（{why}）；请检查 PAIDAN_KEY_FILE 与文件权限",
        "cannot read the master key in {file} ({why}); check PAIDAN_KEY_FILE and the file's rights",
    ),
    "key_open": (
        "主密钥文件 {file} 他人可读（权限 {mode}）；请运行 chmod 600 {file}",
        "others may read the master key in {file} (mode {mode}); run: chmod 600 {file}",
    ),
    "key_broken": (
        "{file} 里不是主密钥（应为 {bytes} 字节的 base64）；新的可用 paidan key new 生成",
        "{file} holds no master key ({bytes} bytes in base64); paidan key new makes one",
    ),
    "column.name": ("项目", "name"),
    "vault.unmasked": (
        "已查看 {order} 的身份信息，记入日志第 {seq} 条",
        "identities of {order} shown; entry {seq} of its log says so",
    ),
    "vault.erased": (
        "已清除 {order} 的身份信息（第 {seq} 条）；备份中的须另行处理",
        "identities of {order} erased (entry {seq}); see to backups yourself",
    ),
    "vault.not_scrubbed": (
        "有程序仍在读取旧内容，数据库文件中可能残留字节；请待其结束后再运行一次",
        "somebody still reads what was there; bytes of it may lie in the file: run this again afterwards",
    ),
    "vault.key_made": (
        "主密钥已写入 {file}；请与数据库及其备份分开保管，丢失则身份信息无法恢复",
        "master key written to {file}; keep it apart from database and backups: lost, identities are lost",
    ),
    "vault.key_rotated": (
        "主密钥已更换；今后请用 {file}，并重新启动其他进程",
        "master key replaced; use {file} from now on and start other processes anew",
    ),
}

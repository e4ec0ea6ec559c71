"""What each event of the engine's log and each of its measures stands for."""

TEXTS: dict[str, tuple[str, str]] = {
    "journal.store_opened": ("打开了数据库", "a store was opened"),
    "journal.store_failed": (
        "数据库没有应答，正在做的事（doing）没有做成",
        "the store did not answer, and what was being done (doing) was not",
    ),
    "journal.command_accepted": ("命令已受理并写入", "a command was accepted and is written"),
    "journal.command_refused": (
        "命令不予受理；rules 是依据的规则，流程所限的写其代码",
        "a command was refused; rules are those that refuse it, or a code where no rule does",
    ),
    "journal.command_repeated": (
        "同一个键的命令再次提交，未重复执行",
        "a command came again under its key; nothing was done",
    ),
    "journal.time_out_raised": (
        "登记了一次超时；late_seconds 是登记时已过到期时间多久",
        "a time-out was raised; late_seconds is how long after its due time it was written",
    ),
    "journal.warned": (
        "时限将到，作了一次预警；late_seconds 是比应预警之时晚了多久",
        "a limit was warned of; late_seconds is how long after its time that was written",
    ),
    "journal.escalated": (
        "逾期未办，升级了一级；late_seconds 是比应升级之时晚了多久",
        "a missed limit went one rung up; late_seconds is how long after its time that was written",
    ),
    "journal.swept": (
        "检查了一遍到期；late_seconds 是其中登记得最迟的",
        "what was due was looked through; late_seconds is that of the latest written",
    ),
    "journal.sweep_failed": (
        "一次检查失败，下次再来；附错误的细节",
        "a sweep failed, the next will try again; with the traceback",
    ),
    "journal.sealed": (
        "封存了一次日志：第几份，到哪一位置，共多少条",
        "the log was sealed: which seal, up to which position, how many entries",
    ),
    "journal.seal_failed": (
        "没有封存成，十分钟后再试；附错误的细节",
        "a seal could not be made and is tried again in ten minutes; with the traceback",
    ),
    "journal.subscriber_failed": (
        "订阅者没有收下一条，稍后再给一次；附错误的细节",
        "a subscriber did not take an entry and is given it again; with the traceback",
    ),
    "journal.scheduler_started": ("开始按时检查", "sweeping has begun"),
    "journal.scheduler_stopped": ("停止按时检查", "sweeping has stopped"),
    "journal.rebuilt": (
        "从日志重新归并；differed 表示与原来不同",
        "everything was folded anew; differed says whether it had to be",
    ),
    "journal.calendar_loaded": (
        "装入一份放假通知，重算了 recomputed 个时限",
        "a holiday notice was loaded, and recomputed deadlines were counted again",
    ),
    "journal.log_imported": (
        "并入了日志文件；各是读入、适用、拒绝、退回与已在其中的行数",
        "log files were taken in; the counts are of their rows",
    ),
    "journal.vault_made": (
        "数据库有了身份信息保险库，今后没有主密钥不能启动",
        "the store has a vault now, and starts with its master key only",
    ),
    "journal.identities_unmasked": (
        "查看了一张工单的身份信息，共 values 项；日志第 seq 条写明谁、为什么",
        "identities of an order were shown, values of them; entry seq of its log says to whom and why",
    ),
    "journal.identities_erased": (
        "清除了一张工单的身份信息；scrubbed 为否则文件中可能残留字节，须再清除一次",
        "identities of an order were erased; where not scrubbed, bytes may lie in a file: erase again",
    ),
    "journal.key_rotated": (
        "更换了主密钥；scrubbed 为否则文件中可能残留旧密钥的密文",
        "the master key was replaced; where not scrubbed, ciphers of the old one may lie in a file",
    ),
    "journal.request_failed": (
        "一个 HTTP 请求因程序故障未能答复；where 说明在哪里，已遮蔽",
        "an HTTP request could not be answered for a fault of ours; where says where, masked",
    ),
    "journal.signed_in": (
        "有人用编号为 token 的令牌登录了控制台；wall 表示用于大屏",
        "somebody signed in to the console with the token of that number; wall: for a screen on a wall",
    ),
    "journal.sign_in_failed": (
        (
            "登录没有成功，控制台的与接口的都在内：why 为 unknown（不认识）、expired（已过期）、"
            "ended（已停用）、session（会话不认识）或 held_off（这个地址失败过多，未予核对）；"
            "token 是令牌的编号，不知道则为空；untold 是此前因过多而没有逐条写的"
        ),
        (
            "a sign-in failed, to the console or of a program: why is unknown, expired, ended, session (one "
            "that nobody knows) or held_off (too many failures of this address, not looked at); token is "
            "the number of the token where it is known; untold is how many before were too many to tell"
        ),
    ),
    "journal.access_refused": (
        "一个账号要用它没有的权限；untold 同上",
        "an account asked for what it has no right to; untold as above",
    ),
    "measure.sign_ins_failed": ("没有成功的登录，按原因", "sign-ins that failed, by why"),
    "measure.accesses_refused": (
        "没有权限而被拒的请求，按角色",
        "requests refused for want of a right, by role",
    ),
    "measure.commands": (
        "命令，按事件与结果（accepted、refused、repeated）",
        "commands by event and outcome (accepted, refused, repeated)",
    ),
    "measure.command_seconds": ("一个命令用了多久", "how long a command took"),
    "measure.time_outs": ("登记的超时，按规则", "time-outs raised, by rule"),
    "measure.warnings": ("到期前的预警，按规则", "warnings before a limit, by rule"),
    "measure.escalations": ("逾期后的升级，按规则", "escalations after a limit, by rule"),
    "measure.sweep_seconds": ("检查一遍到期用了多久", "how long a sweep took"),
    "measure.sweeps_failed": ("失败的检查", "sweeps that failed"),
    "measure.lag_seconds": (
        "最早到期而尚未登记的已过多久；没有则为 0，数据库不应答为 NaN",
        "how long the oldest deadline not raised has been overdue; 0 for none, NaN with the store away",
    ),
    "measure.store_errors": (
        "数据库没有应答，按正在做的事与代码",
        "times the store did not answer, by what was being done and code",
    ),
    "metrics_missing": (
        "统计指标须先安装：pip install 'paidan[{extra}]'",
        "metrics need their library: pip install 'paidan[{extra}]'",
    ),
    "metrics_taken": (
        "这个 registry 已有另一个引擎的指标；每个引擎用一个 registry，或先关闭那一个",
        "this registry holds the measures of another engine; give each its own, or close that one",
    ),
    "metrics_address": (
        "不能在 {address} 提供指标（{why}）；请写 端口 或 地址:端口",
        "cannot serve metrics at {address} ({why}); write PORT or HOST:PORT",
    ),
}

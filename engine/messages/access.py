"""Accounts, tokens and who looked at what."""

TEXTS: dict[str, tuple[str, str]] = {
    "access.role_unknown": (
        "没有“{role}”这个账号角色；可用：{allowed}",
        "there is no account role {role!r}; there are: {allowed}",
    ),
    "access.name": (
        "请写明姓名与经办人，各不超过 {most} 个字符",
        "say a name and by whom, each of at most {most} characters",
    ),
    "access.unit_missing": (
        "角色 {role} 属于承办单位，请写明单位：--unit",
        "role {role} is a unit's: say which, --unit",
    ),
    "access.unit_given": ("角色 {role} 不属于承办单位，不要写单位", "role {role} has no unit: leave it out"),
    "access.days": (
        "有效期 {days} 天不可用；请在 1 到 {most} 天之间",
        "a term of {days} days will not do; between 1 and {most}",
    ),
    "access.no_token": ("没有编号为 {number} 的令牌", "there is no token of number {number}"),
    "access.issued": (
        "已签发令牌 {number}：{name}，{role}{unit}，有效至 {until}。令牌只显示这一次：",
        "issued token {number}: {name}, {role}{unit}, good until {until}. It is shown this once:",
    ),
    "access.ended": ("令牌 {number} 已停用（{name}）", "token {number} has ended ({name})"),
    "access.in_force": ("有效", "in force"),
    "access.expired": ("已过期", "expired"),
    "access.stopped": ("已停用", "ended"),
    "access.title": ("账号令牌", "Tokens of accounts"),
    "column.issued_at": ("签发", "issued"),
    "column.issued_by": ("签发人", "issued by"),
    "column.expires_at": ("有效至", "good until"),
    "column.looked_at": ("看了什么", "looked at"),
    "access.sights": ("谁看过 {order}", "Who looked at {order}"),
}

"""The pages of the console."""

TEXTS: dict[str, tuple[str, str]] = {
    "console.name": ("派单", "paidan"),
    "console.about": ("12345 热线工单", "work orders of a 12345 hotline"),
    "console.skip": ("跳到正文", "Skip to the content"),
    "console.menu": ("页面", "Pages"),
    "console.login": ("登录", "Sign in"),
    "console.login_about": (
        "请粘贴安全管理员签发给您的令牌。令牌写明您是谁、以什么角色；您看过哪张工单会记入日志。",
        "Paste the token a security administrator gave you. Which orders you look at is written down.",
    ),
    "console.token": ("令牌", "Token"),
    "console.token_wrong": ("令牌无效、已停用或已过期", "The token is unknown, ended or past its time"),
    "console.logout": ("退出", "Sign out"),
    "console.language": ("English", "中文"),
    "console.me": ("我的权限", "My rights"),
    "console.me_about": (
        "{name}，{role}{unit}。以下是这个角色能做的事；没有写的都不能做。",
        "{name}, {role}{unit}. This is what the role may do; what is not written here it may not.",
    ),
    "console.rights": ("权限", "Rights"),
    "console.events": ("可提交的事件", "Events it may submit"),
    "console.back": ("返回", "Back"),
    "console.days": ("{count}天", "{count} d "),
    "console.hours": ("{count}小时", "{count} h "),
    "console.minutes": ("{count}分", "{count} min"),
    "console.now": ("现在", "Now"),
}

"""What the HTTP interface says of itself: the titles of problems, and words where nobody else has any."""

TEXTS: dict[str, tuple[str, str]] = {
    "problem.invalid": ("请求不能这样写", "The request makes no sense as it stands"),
    "problem.unauthenticated": ("需要有效的令牌", "A valid token is needed"),
    "problem.forbidden": ("没有这项权限", "Not within your rights"),
    "problem.not_found": ("没有找到", "Not found"),
    "problem.method": ("这个地址不接受这种方法", "The method is not allowed here"),
    "problem.conflict": ("与已有的冲突", "In conflict with what is there"),
    "problem.elsewhere": ("工单已有新的进展", "The order has gone on"),
    "problem.key_taken": ("这个键已属于另一个命令", "The key stands for another command"),
    "problem.too_large": ("请求太大", "The request is too large"),
    "problem.media_type": ("不接受这种内容类型", "The media type is not accepted"),
    "problem.refused": ("命令被拒绝", "The command was refused"),
    "problem.unprocessable": ("内容不能使用", "The content cannot be used"),
    "problem.too_many": ("请求过于频繁", "Too many requests"),
    "problem.unavailable": ("暂时无法服务", "Not available for now"),
    "problem.fault": ("程序出错", "A fault in the program"),
    "http.unauthenticated": (
        "请在 Authorization 头中给出 Bearer 令牌；令牌由安全管理员签发（paidan access issue）",
        "give a Bearer token in the Authorization header; a security administrator issues one",
    ),
    "http.signed_out": ("请先登录", "sign in first"),
    "http.held_off": (
        "这个地址登录失败过多；请 {seconds} 秒后再试",
        "too many sign-ins from this address failed; again in {seconds} s",
    ),
    "http.sign_ins": (
        "这个令牌登录过于频繁；请 {seconds} 秒后再试",
        "this token signs in too often; again in {seconds} s",
    ),
    "http.wall": (
        "这个浏览器是为大屏登录的，只显示“现在”；要办理请退出后重新登录",
        "this browser is signed in for a screen on a wall, which shows Now alone; sign in anew to work",
    ),
    "http.form_large": ("表单最多 {most} 项", "a form has {most} fields at most"),
    "http.forbidden": (
        "角色“{role}”没有这项权限：{said}（{right}）",
        "the role {role} may not {said} (the right {right})",
    ),
    "http.event_forbidden": (
        "角色“{role}”不能提交“{event}”；可提交者：{roles}",
        "the role {role} may not submit {event}; who may: {roles}",
    ),
    "http.not_held": (
        "工单 {order} 现在不由 {unit} 承办",
        "order {order} is not with {unit} now",
    ),
    "http.period_wanted": (
        "请写一个期间：month=2026-03、quarter=2026Q1 或 year=2026",
        "name one period: month=2026-03, quarter=2026Q1 or year=2026",
    ),
    "http.no_pair": (
        "“{text}”不是“设定=读法”；写法如 set=attr.callback=callback",
        "{text!r} is no NAME=VALUE; write it like set=attr.callback=callback",
    ),
    "http.scores_reading": (
        "正在读取日志以便考核（约 {of} 条已读 {read} 条）；请稍后再来",
        "the log is being read for scoring ({read} of about {of} entries); come again soon",
    ),
    "http.running_reading": (
        "正在读取在办工单（约 {of} 条日志已读 {read} 条）；请稍后再来",
        "what is under way is being read ({read} of about {of} entries); come again soon",
    ),
    "http.other_site": (
        "请求来自别的网站；请从本系统的页面操作",
        "the request comes from another site; use the pages of this one",
    ),
    "http.no_route": ("没有这个地址：{path}", "there is nothing at {path}"),
    "http.method": ("{path} 接受的方法：{allowed}", "{path} takes: {allowed}"),
    "http.body_large": ("请求体最多 {most} 字节", "a body has at most {most} bytes"),
    "http.too_many": (
        "每秒最多 {rate} 个请求；请 {seconds} 秒后再试",
        "at most {rate} requests a second; again in {seconds} s",
    ),
    "http.field": ("{where}：{why}", "{where}: {why}"),
    "http.if_match": (
        'If-Match 应为工单的序号，如 "3"，新工单为 "0"',
        'If-Match is the seq of the order, such as "3", "0" for a new one',
    ),
    "http.fault": ("{kind}：已记入日志", "{kind}: it is in the log"),
    "serve.running": (
        "HTTP 接口在 {url}（规则 {policy}，每 {every} 秒检查到期）；Ctrl-C 停止",
        "HTTP at {url} (policy {policy}, looking for what is due every {every} s); Ctrl-C stops it",
    ),
    "serve.extra": (
        "HTTP 接口需要附加项 http；请运行 pip install 'paidan[http]'",
        "the HTTP interface needs the extra http: pip install 'paidan[http]'",
    ),
    "serve.address": ("无法在 {address} 监听：{why}", "cannot listen at {address}: {why}"),
}

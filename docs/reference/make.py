"""
Writes pages from the code they describe, so that they cannot lag behind it.

`policy-format.md` comes from what reads rule files, `events.md` from the tables of what a running engine
tells and counts. `python docs/reference/make.py` writes them beside this file; `pages()` gives their text.
Which keys a row takes, which must be there and what each may hold is found out by asking the reader itself:
it is given a wrong value, and its complaint says what is allowed.
"""

import inspect
import runpy
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # bind this checkout as `paidan`, as the command line does
    runpy.run_path(str(HERE.parents[1] / "run_engine.py"))

from paidan.engine.messages import say
from paidan.engine.metrics import MEASURES as COUNTED
from paidan.engine.telemetry import EVENTS, fields_of
from paidan.policies import registry, schema, score_schema
from paidan.policies.loader import ENGINE_SETTINGS, LIVE_SETTINGS
from paidan.policies.reader import Findings, shown
from paidan.policies.row_checks import Words
from paidan.policies.rows import KINDS, read_rules
from paidan.workflows.attributes import ATTRIBUTES, IDENTITY, OUTCOMES, ROLES, SATISFACTION
from paidan.workflows.diagram import mermaid
from paidan.workflows.facts import FACTS, How, Setter
from paidan.workflows.work_order import STATES, WORK_ORDER

HEAD = """\
# 规则文件格式 · The format of a policy

<!-- 由 docs/reference/make.py 生成，请勿手改。 Written by docs/reference/make.py; do not edit. -->

一份规则文件是一个文件夹：`document.toml` 写标题、版本、考核类别与设定，规则行写在它指明的文件里。
怎样写、怎样检查，见[写一份规则](../howto/write-a-policy.md)。

A policy is a folder: `document.toml` holds title, versions, pools and settings, the rows stand in the
files it names. How to write and check one: [write a policy](../howto/write-a-policy.md).

本页 · On this page: [document.toml](#documenttoml) · [规则行 Rows](#规则行--rows) ·
[值 Values](#值--values) · [事实 Facts](#事实--facts) · [计数 Measures](#计数--measures) ·
[状态与事件 States and events](#状态与事件--states-and-events) · [属性 Attributes](#属性--attributes) ·
[角色 Roles](#角色--roles) · [通用设定 Shared settings](#通用设定--shared-settings)

## document.toml

| 键 key | | |
|---|---|---|
| `title`, `issuer` | 必填 required | 标题、发文机关 · title and issuer |
| `number`, `issued_on` | | 文号、发文日期 · number, day of issue |
| `office` | | 由谁收派、核查工单，[角色](#角色--roles)之一 · the role that takes in, dispatches and checks |
| `[pools]` | 必填 required | 标识 = 标签；没有名册时都归第一类 · the first where there is no roster |
| `[[version]]` | 必填 required | 版本，按生效日先后 · versions in order of date |
| – `rules` | 必填 required | 规则行所在的文件 · the file of its rows |
| – `effective_on`, `period_from`, `period_to` | | 生效日、考核期起止 · in force from; period assessed |
| `[consequences]` | | 结果运用的事项，`标识 = "标签"` · what may follow, `kind = "label"` |
| `[setting."NAME"]` | | 文件自己的设定，键见下 · settings of its own, as below |
| `[defaults]` | | 为通用设定另选默认值，`"NAME" = 读法` · another default for a shared setting |
| `[calendar]` | | 本单位另放假 `off`、另上班 `work` 的日期 · days off and days worked of its own |
| `[handling_classes]` | | 自有的办理类别 `标识 = "标签"` · handling classes of its own |

设定 · A setting: {setting}
"""
CHANGING = """\
每行都有 `rule`（编号）、`clause`（条文）、`zh`、`en`（标签），缺一不可：没有出处的规则读不进来。
任何值都可以随设定而变：`{ by = "设定", 读法 = 值, … }` 取所选读法的值，每个读法都要写；
`{ by = "设定" }` 取设定自己的值。设定有 `parts` 的，可以整张表地设；表设了，`part = "名"` 取其中一格，
`table = 值` 则取这个值。

Every row has `rule`, `clause`, `zh` and `en`: a rule that cites nothing is not read. Any value may depend
on a setting: `{ by = "setting", reading = value, … }` stands for the branch of the chosen reading, all of
them listed; `{ by = "setting" }` for the setting's own value. A setting with `parts` may be set as a whole
table; then `part = "name"` stands for one cell of it, or `table = value` for that value.
"""
LABELS = {
    "clock": "时限", "guard": "不予受理或提示", "extension": "延期", "escalation": "升级",
    "exclusion": "剔除情形", "finding": "结案评判", "role": "由谁办", "item": "得分项",
    "measure": "计数口径", "evaluation": "测评来源", "status": "特殊期间", "total": "总分",
    "ranking": "排名", "adjustment": "加减分", "cap": "加减分上限", "confirmation": "加减分的确认",
    "classes": "分类", "grade": "等次", "span": "季与年", "period_score": "季、年成绩",
    "in_force": "施行起讫", "consequence": "结果运用", "target": "目标", "worklist": "待办清单",
    "use": "结果用途", "case": "立案", "talk": "约谈由谁、谁参加",
    "post": "必设岗位", "keeping": "保管", "ledger": "台账", "ladder": "逐级告知",
    "reminder": "定期提醒", "planned": "尚未承载", "uncarried": "不能承载",
}  # fmt: skip
WANTED = {
    "text_wanted": "文字 text",
    "flag_wanted": "`true`, `false`",
    "number_wanted": "整数 whole number",
    "fraction_wanted": '精确数 exact number, `"5/2"`',
    "table_wanted": "表 table",
    "month_wanted": '月份 month, `"2026-03"`',
    "time_wanted": "时刻 time of day, `14:00:00`",
}
RATES = "`volume`, `contact`, `on_time`, `resolution`, `satisfaction`, `callback`"
REFERS = {
    "pools": "考核类别 pools", "over": "考核类别 pools", "groups": "考核类别 pools",
    "replaces": "时限的编号 rule of a clock", "clock": "时限的编号 rule of a clock",
    "clocks": "时限的编号 rules of clocks", "within": "申请期限的编号 rules of windows",
    "codes": "加减分代码 codes of adjustments", "adjustment": "加减分代码 code of an adjustment",
    "entered": "加减分代码，或编号 codes of adjustments, or rules", "talks": "事项 kinds of consequence",
    "rates": RATES,
}  # fmt: skip
"""What a key names where the reader, row by row, can only say that it takes a text."""
REFERS_IN = {
    ("item", "code"): "加减分代码 code of an adjustment",
    ("total", "items"): "得分项 names of items",
    ("total", "entered"): "加减分代码 code of an adjustment",
    ("evaluation", "items"): f"得分项 names of items, {RATES}",
    ("exclusion", "items"): f"得分项 names of items, {RATES}",
    ("finding", "items"): f"得分项 names of items, {RATES}",
    ("talk", "level"): "事项 one of `[consequences]`",
    ("talk", "unrectified"): "认定的代码 code of a finding that a consequence asks for",
    ("case", "level"): "事项 one of `[consequences]`",
    ("consequence", "kind"): "事项 one of `[consequences]`",
}
Place = Callable[[str, Any], dict[str, Any]]
HOW = {
    "AT": "时间 time of {event}",
    "FIRST_AT": "首次时间 first time of {event}",
    "AT_IF": "{event} 带 `{what}` 的时间 its time, if it says so",
    "SAID": "{event} 的 `{what}`，如有 if said",
    "ANEW": "{event} 的 `{what}`，每次重来 anew each time",
    "PRESENT": "{event} 是否写明 `{what}` whether it says",
    "ELSE": "{event} 的同名属性，否则 `{what}` its own attribute, else that fact",
    "UNIT": "{event} 的单位 the unit",
    "KEEP_UNIT": "{event} 的单位，如有 the unit, if named",
    "IS": "{event} → {what}",
    "MORE": "{event} +1",
}


EVENTS_HEAD = """\
# 运行时的事件与指标 · Events and measures of a running engine

<!-- 由 docs/reference/make.py 生成，请勿手改。 Written by docs/reference/make.py; do not edit. -->

怎样接到自己的日志与监控，见[嵌入自己的程序](../howto/embed.md)。

How to get them into your own log and monitoring: [embed it](../howto/embed.md).
"""


def pages() -> dict[str, str]:
    """Give the text of each page by the name of its file."""
    return {"policy-format.md": policy_format(), "events.md": events_and_measures()}


def events_and_measures() -> str:
    """Give the text of the page of what a running engine tells and counts."""
    told = (
        "由 structlog 说出；宿主配置过 structlog 就走它的处理链，否则写到标准日志 `paidan`。"
        "命令的属性从不写入日志：里面可能有市民说的话。\n\n"
        "Told through structlog: to the host's processors where it has set them up, else to the standard "
        "logger `paidan`. No attribute of a command is ever told: it may hold what a citizen said."
    )
    counted = (
        "须安装 `paidan[metrics]`。没有请求，什么也不登记。 · "
        "With `paidan[metrics]`; nothing is registered without being asked."
    )
    events = (
        (f"`{name}`", level, coded(fields_of(name)), said_in_both(f"journal.{name}"))
        for name, (level, _) in EVENTS.items()
    )
    measures = (
        (f"`{one.exposed}`", one.kind, coded(one.labels), said_in_both(f"measure.{one.name}"))
        for one in COUNTED
    )
    parts = (
        EVENTS_HEAD,
        section("事件 · Events", told, ("事件 event", "级别 level", "字段 fields", ""), events),
        section("指标 · Measures", counted, ("指标 measure", "种类 kind", "标签 labels", ""), measures),
    )
    return "\n".join(parts)


def said_in_both(code: str) -> str:
    """Give a sentence in both languages."""
    return f"{say(code)} · {say(code, 'en')}"


def policy_format() -> str:
    """Give the text of the page on rule files."""
    parts = (
        HEAD.replace("{setting}", said(schema.Setting)),
        "## 规则行 · Rows\n\n" + CHANGING,
        *(row(name, cls) for name, cls in KINDS.items()),
        "## 值 · Values\n\n" + "\n\n".join(nested(cls, *where) for cls, where in inner().items()) + "\n",
        facts(), measures(), life(), attributes(), roles(), settings(),
    )  # fmt: skip
    return "\n".join(parts)


def said(thing: Any) -> str:
    """Give a docstring as Markdown: its lines, unindented."""
    return inspect.cleandoc(thing.__doc__ or "")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def coded(names: Iterable[Any]) -> str:
    """List names as code."""
    return ", ".join(f"`{shown(name)}`" for name in names)


def row(name: str, cls: type[Any]) -> str:
    """Write the section of one kind of row."""
    own = [one for one in fields(cls) if one.name not in ("rule", "clause", "zh", "en")]
    cells = [(f"`{one.name}`", needed(one), taken(name, cls, one)) for one in own]
    listed = table(("键 key", "", "值 value"), cells)
    return f"### `[[{name}]]` {LABELS.get(name, '')}\n\n{said(cls)}\n\n{listed}\n"


def nested(cls: type[Any], kind: str, place: Place) -> str:
    """Write the section of a value that is a table of its own, found in a row of `kind` at `place`."""
    cells = [(f"`{one.name}`", needed(one), taken(kind, cls, one, place)) for one in fields(cls)]
    return f"### {cls.__name__}\n\n{said(cls)}\n\n" + table(("键 key", "", "值 value"), cells)


def needed(one: Field[Any]) -> str:
    """Say whether a key must be there, or what stands for it."""
    if one.default is MISSING and one.default_factory is MISSING:
        return "必填 required"
    default = one.default
    return f"默认 default `{shown(default)}`" if isinstance(default, bool) else ""


def in_row(key: str, value: Any) -> dict[str, Any]:
    """Give a row that says nothing but one key."""
    return {"rule": "?", key: value}


def inner() -> dict[type[Any], tuple[str, Place]]:
    """Find the values that are tables of their own, each with a kind of row and a place that holds one."""
    found: dict[type[Any], tuple[str, Place]] = {}
    waiting: list[tuple[type[Any], str, Place]] = [(cls, kind, in_row) for kind, cls in KINDS.items()]
    for cls, kind, place in waiting:
        for name, hint in get_type_hints(cls).items():
            value = table_of(hint)
            if value is not None and value not in found:
                found[value] = (kind, partial(within, place, name, listed(hint)))
                waiting.append((value, *found[value]))
    return found


def within(place: Place, name: str, many: bool, key: str, value: Any) -> dict[str, Any]:  # noqa: FBT001
    """Give a row that says nothing but one key of the table `name` in it."""
    return place(name, [{key: value}] if many else {key: value})


def table_of(hint: Any) -> type[Any] | None:
    """Give the dataclass that a type speaks of, if it does."""
    parts = get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return hint
    return next((found for part in parts if (found := table_of(part)) is not None), None)


def listed(hint: Any) -> bool:
    """Whether a type is a list of any length."""
    return get_origin(hint) is tuple and get_args(hint)[-1] is Ellipsis


def taken(kind: str, cls: type[Any], one: Field[Any], place: Place = in_row) -> str:
    """Say what a key takes, by what the reader answers to a wrong value."""
    hint = get_type_hints(cls)[one.name]

    def complaint(value: Any) -> tuple[str, tuple[str, ...]]:
        findings = Findings("")
        read_rules({kind: [place(one.name, value)]}, {}, {}, Words(()), findings)
        found = [
            mistake
            for mistake in findings.mistakes
            if mistake.key.partition(".")[0] == one.name and mistake.code != "key_missing"
        ]
        return (found[0].code, tuple(filter(None, found[0].allowed))) if found else ("", ())

    code, allowed = complaint(-1)
    many = code == "list_wanted"
    if many:
        code, allowed = complaint([-1])
    nested = many and code == "list_wanted"
    if nested:
        code, allowed = complaint([[-1]])
    if code == "text_wanted":  # a text, or one of a list after all
        allowed = complaint(["?"] if many else "?")[1]
    if code == "table_wanted":
        value = table_of(hint)
        keys = names(complaint([{"?": -1}] if many else {"?": -1})[1]) or named(kind, cls, one)
        what = f"[{value.__name__}](#{value.__name__.lower()})" if value else f"{keys} = {value_of(hint)}"
    else:
        what = names(allowed) or (code == "text_wanted" and named(kind, cls, one)) or WANTED.get(code, code)
    if code == "fraction_wanted" and not complaint("none")[0]:
        what += ', `"none"`'
    if code == "number_wanted" and not complaint("10%")[0]:
        what += ', `"10%"`'
    if code == "number_wanted" and not complaint({"?": 1})[0]:
        what += "; 或按考核类别分列 or a table by pool"
    return ("列表 list: " if many else "") + ("列表 list: " if nested else "") + what


def named(kind: str, cls: type[Any], one: Field[Any]) -> str:
    """Say what a key of a row names; empty where it names nothing, and in a table inside a row."""
    return (REFERS_IN.get((kind, one.name)) or REFERS.get(one.name, "")) if cls is KINDS[kind] else ""


def value_of(hint: Any) -> str:
    """Say what stands behind the keys of a table without keys of its own."""
    words = {Fraction: WANTED["fraction_wanted"], int: WANTED["number_wanted"]}
    parts = (part for one in (hint, *get_args(hint)) for part in get_args(one))
    return next((words[part] for part in parts if part in words), "值 value")


def names(allowed: Collection[str]) -> str:
    """List what is allowed, or point to the list it is; empty for nothing."""
    said_names = {one.name for one in ATTRIBUTES}
    lists = {
        "[事件 events](#状态与事件--states-and-events)": {
            one.name for one in WORK_ORDER.events if not one.by_engine
        },
        "[角色 roles](#角色--roles)": set(ROLES),
        "[属性 attributes](#属性--attributes)": said_names,
        "[计数 measures](#计数--measures)": set(score_schema.MEASURES),
        "[时间事实 instants](#事实--facts)": of_kind("INSTANT"),
        "[次数事实 counts](#事实--facts)": of_kind("COUNT"),
        "[事实 facts](#事实--facts)": of_kind("FLAG", "CHOICE", "COUNT"),
        "[属性或事实 attributes or facts](#属性--attributes)": said_names | {one.name for one in FACTS},
        **{f"[`{one.name}`](#属性--attributes)": set(one.choices) for one in ATTRIBUTES if one.choices},
    }
    return next((link for link, whole in lists.items() if set(allowed) == whole), coded(allowed))


def of_kind(*kinds: str) -> set[str]:
    """Name the facts of some kinds."""
    return {one.name for one in FACTS if one.kind.name in kinds}


def facts() -> str:
    """Write the section of facts."""
    kinds = {"INSTANT": "时间 instant", "FLAG": "是否 flag", "CHOICE": "选项 choice", "COUNT": "次数 count"}
    rows = [
        (
            f"`{one.name}`",
            one.zh,
            kinds[one.kind.name],
            "; ".join(map(sets, one.setters)) or "名册 the roster",
        )
        for one in FACTS
    ]
    text = (
        "规则只看得到这些；`when` 各项须同时成立。 · All that a rule sees; `when` is a conjunction of them."
    )
    return section("事实 · Facts", text, ("事实 fact", "", "种类 kind", "由谁写 set by"), rows)


def sets(setter: Setter) -> str:
    """Say how an event sets a fact."""
    cleared = setter.how is How.IS and setter.what is None
    what = (
        "–" if cleared else ", ".join(setter.what) if isinstance(setter.what, tuple) else shown(setter.what)
    )
    return HOW.get(setter.how.name, f"{{event}} {setter.how.name} {{what}}").format(
        event=f"`{setter.event}`", what=what
    )


def measures() -> str:
    """Write the section of measures."""
    answers = {name: f"测评答复为{zh} so answered" for name, zh in {**OUTCOMES, **SATISFACTION}.items()}
    answers |= {
        f"process_{name}": f"对办理过程答复为{zh} the process so answered"
        for name, zh in SATISFACTION.items()
    }
    sorts = {
        "工单的集合 a set of orders": score_schema.POPULATIONS,
        "说集合中的一张 said of an order in one": score_schema.SAYINGS,
        "逐件计的事 a case by itself": score_schema.CASES,
    }
    rows = [
        (f"`{name}`", {**MEASURED, **answers}[name], sort)
        for sort, listed_names in sorts.items()
        for name in listed_names
    ]
    text = (
        "一个单位一个期间里可以数的；工单归最后一次派单的单位。"
        " · What can be counted of a unit's period; an order is that of its last dispatch."
    )
    return section("计数 · Measures", text, ("计数 measure", "", "种类 kind"), rows)


MEASURED = {
    "accepted": "最后一次派单后的首次接单 first accepted after the last dispatch",
    "undertaken": "受理的，连同协办的 accepted, or assisted",
    "closed": "最后一次派单或重办后的首次结案 first closed after the last dispatch or redo",
    "closed_named": "结案的，匿名的除外 closed, anonymous callers aside",
    "callbacks": "有来源相符的回访 called back, by a source that counts",
    "evaluated": "有可计的测评，见 `[[evaluation]]` evaluated by a callback that counts",
    "closed_late": "误了按时的时限，见 `[[measure]]` missed a clock of `on_time`",
    "on_time": "按时，见 `[[measure]]` missed no clock of `on_time`",
    "contacted": "有可计的先行联系，见 `[[measure]]` a first contact that counts",
    "called": "回访过 called back",
    "late_returns": "逾期的退单申请 a return asked for late",
    "late_noncompliant": "逾期退回的不合规工单 a non-compliant order returned late",
    "uncontacted_returns": "未与反映人联系即退回的不合规工单 a non-compliant one returned without contact",
    "overdue": "时限届满仍未办，见 `[[measure]]` a limit that passed undone",
    "unmet_replies": "督办回复不符合要求 a reply under supervision that was not met",
}
"""What each measure counts; answers have their own labels."""


def life() -> str:
    """Write the section of states and events, with the diagram."""
    states = table(("状态 state", "", ""), ((f"`{one.name}`", one.zh, one.en) for one in STATES))
    drawn = f"```mermaid\n{mermaid(WORK_ORDER, 'zh')}```"
    rows = [
        (f"`{one.name}`", one.zh, one.en, "引擎 engine" if one.by_engine else "") for one in WORK_ORDER.events
    ]
    return section("状态与事件 · States and events", f"{drawn}\n\n{states}", ("事件 event", "", "", ""), rows)


_MANY = 20
"""Events beyond which nobody reads a list of them."""


def attributes() -> str:
    """Write the section of attributes."""
    holds = {
        "TEXT": "文字 text",
        "FLAG": "是否 flag",
        "INSTANT": "时间 time",
        "NUMBER": "序号 number of an entry",
        "DUE": "时限 limit: 只写日期指当日末 a date alone is its end",
    }
    rows = [
        (
            f"`{one.name}`",
            one.zh,
            choices(one.choices) or holds[one.holds.name],
            coded(one.events)
            if len(one.events) < _MANY
            else "除 `correct` 外的事件 every event but `correct`",
        )
        for one in ATTRIBUTES
    ]
    text = (
        "选项写标识或中文标签都可以。 · Choices by identifier or label.\n\n"
        f"{coded(IDENTITY)}：读入时丢弃，只计数。 · Dropped at intake and counted."
    )
    return section("属性 · Attributes", text, ("属性 attribute", "", "值 value", "事件 events"), rows)


def choices(listed: Mapping[str, str] | None) -> str:
    """List choices with their labels."""
    return ", ".join(f"`{name}` {zh}" for name, zh in (listed or {}).items())


def roles() -> str:
    """Write the section of roles."""
    rows = [(f"`{name}`", zh) for name, zh in ROLES.items()]
    return section("角色 · Roles", "", ("角色 role", ""), rows)


def settings() -> str:
    """Write the section of the settings that every document shares."""
    raw = tomllib.loads(registry.GENERAL.read_text(encoding="utf-8"))["setting"]
    text = (
        "每份文件都有这些；它自己的见 `policies show`。 · Every document has these; its own: `policies show`."
    )
    heads = ("设定 setting", "默认 default", "读法 readings", "为什么 why", "")
    return section("通用设定 · Shared settings", text, heads, shared(raw))


_MARKS = dict.fromkeys(ENGINE_SETTINGS, "计时 time") | dict.fromkeys(LIVE_SETTINGS, "在线 live")


def shared(raw: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Give the rows of the shared settings."""
    for name, one in raw.items():
        mark = _MARKS.get(name, "尚未承载 planned" if one.get("planned") else "")
        yield f"`{name}`", f"`{shown(one['default'])}`", coded(one.get("readings", ())), one["why"], mark


def section(title: str, text: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a section: its title, a text, a table."""
    return "\n\n".join(part for part in (f"## {title}", text, table(headers, rows)) if part) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")

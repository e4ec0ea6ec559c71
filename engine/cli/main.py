"""
The command line: `python run_engine.py …`, the same as `paidan …`.

Data goes to standard output, messages to standard error. Whatever paidan itself says went wrong
becomes one sentence and an exit code; no traceback of an expected fault ever reaches a user.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from paidan.engine.cli import (
    access,
    audit,
    cases,
    compared,
    custody,
    demo,
    directory,
    doctor,
    export,
    history,
    import_log,
    inbox,
    intake,
    late,
    ledger,
    live,
    pingpong,
    replay,
    report,
    rules,
    score,
    serve,
    talks,
    vault,
)
from paidan.engine.cli import calendar as notices
from paidan.engine.cli.progress import shown
from paidan.engine.environment import CALENDARS
from paidan.engine.faults import exit_code, sentences
from paidan.engine.masking import masked
from paidan.engine.version import own_version


class _Root(TyperGroup):
    """The root of all commands: what Typer echoes of a wrong one is masked, as in our own sentences."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        with _masking():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        with _masking():
            return super().invoke(ctx)


@contextmanager
def _masking() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        shown: Any = error  # of a class of Click, or of Typer's copy of it: that depends on the version
        if hasattr(shown, "format_message"):
            shown.message = masked(shown.message)
        raise


app = typer.Typer(
    cls=_Root,
    name="paidan",
    help="派单：12345 热线工单的运行、回放、计时与考核。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
policies = typer.Typer(help="规则文件：列出、查看、检查。", no_args_is_help=True)
keys = typer.Typer(help="主密钥：保管身份信息，签名封存。", no_args_is_help=True)
posts = typer.Typer(help="岗位名册（通讯录）。", no_args_is_help=True)
of_files = typer.Typer(help="要导入的文件。", no_args_is_help=True)
calendar = typer.Typer(help="工作日历。", no_args_is_help=True)
of_talks = typer.Typer(
    help="约谈、会议与汇报：按结果运用提出，约谈后列出应录入的加减分。", no_args_is_help=True
)
of_accounts = typer.Typer(help="账号令牌：签发、停用；谁看过哪张工单。", no_args_is_help=True)
of_audit = typer.Typer(help="审计：写出审计包。", no_args_is_help=True)
app.add_typer(policies, name="policies")
app.add_typer(of_files, name="intake")
app.add_typer(calendar, name="calendar")
app.add_typer(keys, name="key")
app.add_typer(posts, name="directory")
app.add_typer(of_talks, name="talks")
app.add_typer(of_accounts, name="access")
app.add_typer(of_audit, name="audit")

app.command(help="生成一个月的演示工单，回放、评分并说明下一步。")(demo.demo)
app.command(help="按规则回放历史日志，写出转移、时限、偏差、退回行与汇总。")(replay.replay)
app.command(help="计算一个月、一季或一年的得分、排名与结果运用。")(score.score)
app.command(help="一个月、一季或一年的考核报告（一个 HTML 文件）。")(report.report)
app.command(help="同一份日志换一份规则或读法：判定、得分、排名、结果运用的变动。")(compared.whatif)
app.command(help="一张工单的经过。")(history.history)
app.command(help="逐日说明时限如何算出；或说明得分来自哪些工单。")(replay.explain)
app.command(help="记录与实情不同的时限，及其原因（补录、更正、晚得知、日历）。")(late.differences)
app.command(help="一张工单何时在谁手上；他单位退单过迟造成的超期，提议由谁承担。")(custody.custody)
app.command(help="单位之间的退单：谁退给谁几次、退了又退的工单、兜圈。")(pingpong.pingpong)
app.command(help="按台账办事：风险、阶段推进、重办、重复、联动、顽症。")(ledger.ledger)
app.command(help="算一个到期时间。")(rules.due)
app.command(help="画出工单的状态图（Mermaid）。")(rules.diagram)
app.command(help="对在线工单提交一个事件。")(live.submit)
app.command(help="工单旁的案件：督办、确责、延期审批、约谈、专题派单。")(cases.cases)
app.command(help="一张在线工单现在可以做什么、到何时为止。")(live.available)
app.command(help="各岗位的告知：预警、超时、升级、案件、定期提醒，最新的在前。")(inbox.inbox)
app.command(help="签收告知；已签收的不再上报。")(inbox.acknowledge)
app.command("import", help="把历史日志并入在线工单；中断后再导入一次，只补所缺。")(import_log.import_log)
of_files.command("suggest", help="看一份文件，写出供修改的映射文件。")(intake.suggest)
app.command(help="运行引擎，按时登记超时。")(live.run)
app.command(help="运行引擎，并提供 HTTP 接口。")(serve.serve)
app.command(help="导出可回放的日志，或全部工单的转移、时限、偏差、经过：CSV、XLSX、JSONL、Parquet。")(
    export.export
)
app.command(help="把旧版在线数据库的表升级到本版（先停用并备份）。")(live.migrate)
app.command(help="检查本机与在线数据库是否可用，有问题时说明怎么办。")(doctor.doctor)
app.command(help="核对在线日志：逐条哈希链、工单表、封存文件。")(audit.verify)
app.command(help="封存在线日志：签名写明到何处为止、是何内容。")(audit.seal)
of_audit.command("pack", help="一个月的审计包（zip），附只用标准库的核对程序。")(audit.pack)
keys.command("public", help="核对封存签名用的公钥（PEM）。")(audit.key_public)
app.command(help="查看一张工单的身份信息，理由与经办人写入日志。")(vault.unmask)
app.command(help="永久清除一张工单的身份信息；日志保持完整。")(vault.erase)
keys.command("new", help="新建一个主密钥文件，不覆盖已有的。")(vault.key_new)
keys.command("rotate", help="换用另一个主密钥。")(vault.key_rotate)
of_talks.command("propose", help="列出一个月、一季引起的约谈；加 --db 则立为案件，只立一次。")(talks.propose)
of_talks.command("adjustments", help="已约谈的应录入哪些加减分与认定。")(talks.adjustments)
of_accounts.command("issue", help="签发一个令牌；只显示这一次。")(access.issue)
of_accounts.command("list", help="列出全部令牌（不含令牌本身）。")(access.tokens)
of_accounts.command("end", help="停用一个令牌。")(access.end)
of_accounts.command("sights", help="谁看过这张工单。")(access.sights)
policies.command("list", help="列出规则文件及其版本。")(rules.policies_list)
policies.command("show", help="逐条列出规则、条文与承载方式。")(rules.policies_show)
policies.command("check", help="检查一个规则文件夹，指出每一处错误。")(rules.policies_check)
calendar.command("show", help="一年的节假日与调休补班。")(notices.show_year)
calendar.command("horizon", help="日历已知到哪一天。")(notices.horizon)
calendar.command("load", help="装入一份放假通知（TOML）；加 --db 则装入在线数据库并重算暂定时限。")(
    notices.load
)

posts.command("load", help="把岗位名册存入在线数据库，自某日起算；以前的保留。")(directory.load)
posts.command("check", help="检查规则要求的岗位是否都有人，缺岗时退出码 4。")(directory.check)
posts.command("show", help="某一天谁在什么岗位；联系方式只给有权的角色看。")(directory.show_posts)


@app.callback(invoke_without_command=True)
def _root(*, show_version: bool = typer.Option(False, "--version", help="版本号。")) -> None:
    if show_version:
        typer.echo(own_version())
        raise typer.Exit


def run() -> None:
    """Run the command line and leave with the exit code of CONTRACT section 5."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lang = "en" if "en" in _language(sys.argv) else "zh"
    os.environ.setdefault(CALENDARS, str(Path(typer.get_app_dir("paidan")) / "calendars"))
    try:
        with shown(lang):
            app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place before the user
        for line in sentences(error, lang):
            typer.echo(line, err=True)
        sys.exit(exit_code(error))


def _language(arguments: list[str]) -> list[str]:
    return [value for name, value in pairwise(arguments) if name == "--lang"] + [
        one.removeprefix("--lang=") for one in arguments if one.startswith("--lang=")
    ]

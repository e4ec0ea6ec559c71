"""`serve`: the engine with its scheduler, and the HTTP interface over it."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from paidan.engine.cli.live import DbOption, PolicyOption
from paidan.engine.cli.options import Lang, LangOption, SetOption, choices


def serve(
    db: DbOption,
    policy: PolicyOption = None,
    settings: SetOption = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册；改动后考核页即用新的。")] = None,
    adjustments: Annotated[
        Path | None, typer.Option("--adjustments", help="加减分表；改动后考核页即用新的。")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="监听的地址；默认仅限本机。")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="监听的端口；0 为任一空闲端口。")
    ] = 8120,
    every: Annotated[float, typer.Option("--every", min=0.05, help="每隔多少秒检查一次到期。")] = 1.0,
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="每个令牌每秒最多多少个请求；0 为不限。")
    ] = 200.0,
    upload_most: Annotated[int, typer.Option("--upload-most", min=1, help="上传最多多少 MiB。")] = 64,
    idle: Annotated[
        int, typer.Option("--idle", min=1, max=720, help="控制台几分钟没有操作就退出；大屏不计。")
    ] = 30,
    metrics: Annotated[
        str | None,
        typer.Option("--metrics", help="在此端口提供 Prometheus 指标，默认仅限本机。", metavar="[HOST:]PORT"),
    ] = None,
    seals: Annotated[Path | None, typer.Option("--seals", help="每天封存一次日志，写入这个文件夹。")] = None,
    notify: Annotated[
        Path | None, typer.Option("--notify", help="告知的事项逐行追加到这个文件（JSON）。", metavar="FILE")
    ] = None,
    certificate: Annotated[Path | None, typer.Option("--tls-cert", help="TLS 证书（PEM）。")] = None,
    private_key: Annotated[Path | None, typer.Option("--tls-key", help="TLS 私钥（PEM）。")] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Run the engine with its scheduler and serve HTTP until SIGINT or SIGTERM."""
    import logging
    import socket
    from contextlib import nullcontext

    from paidan.engine.app import Engine
    from paidan.engine.collector import spare_what_stays
    from paidan.engine.errors import UsageError
    from paidan.engine.messages import say
    from paidan.engine.metrics import serving

    try:
        import uvicorn

        from paidan.engine.http.application import application
    except ImportError:
        raise UsageError("serve.extra") from None
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opening = partial(Engine.open, db, policy, settings=choices(settings) or None)
    with (
        listening,
        serving(metrics) if metrics else nullcontext() as registry,
        opening(units=units, adjustments=adjustments, metrics=registry) as engine,
    ):
        try:
            listening.bind((host, port))
            listening.listen(1024)  # whoever reads where we are may knock at once
        except OSError as error:
            raise UsageError("serve.address", address=f"{host}:{port}", why=error.strerror or error) from None
        config = uvicorn.Config(
            application(engine, rate=rate, upload_most=upload_most << 20, idle=timedelta(minutes=idle)),
            log_config=None, access_log=False, server_header=False,
            ssl_certfile=certificate, ssl_keyfile=private_key, timeout_graceful_shutdown=10,
        )  # fmt: skip
        engine.start(every_seconds=every, seals=seals, notify=notify)
        engine.read_ahead()
        spare_what_stays()
        scheme, bound = "https" if certificate else "http", listening.getsockname()
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        url = f"{scheme}://{name}:{bound[1]}"
        typer.echo(say("serve.running", lang, url=url, policy=engine.policy, every=f"{every:g}"), err=True)
        uvicorn.Server(config).run(sockets=[listening])
    typer.echo(say("live.stopped", lang), err=True)

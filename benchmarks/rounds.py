"""Contenders measured in turn, A B A B, so that a busy minute of the machine falls on each of them."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping


def machine() -> str:
    """Name what the figures were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def in_turn(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Call each contender once a round, each giving its figure, and list the figures."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            figures[name].append(contender())
    return figures


def lines(figures: Mapping[str, list[float]], unit: str, peer: str) -> list[str]:
    """Tell median and spread of each, and how many times the peer's median that is."""
    base = statistics.median(figures[peer])
    told = []
    for name, measured in figures.items():
        median = statistics.median(measured)
        spread = f"{min(measured):,.0f}..{max(measured):,.0f}"
        told.append(f"{name:>24}: {median:>12,.0f} {unit} ({spread}), {median / base:6.1f} x {peer}")
    return told

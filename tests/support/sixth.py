"""A sixth document, invented: a folder alone, with hours, holidays, classes and weights of its own."""

from pathlib import Path

DOCUMENT = """\
title = "临溪镇12345热线办理细则"
issuer = "临溪镇人民政府"

[[version]]
effective_on = 2026-01-01
rules = "rules.toml"

[pools]
village = "村居"

[calendar]
off = [2026-05-27]
work = [2026-05-30]

[handling_classes]
same_day = "当日办"
long_term = "长期跟踪"

[defaults]
"office.opens" = 08:30:00
"office.closes" = 17:00:00
"wd.makeup_days" = "off"
"hours.after_hours" = "next_opening"

[setting."lx.weights"]
default = "halves"
readings = ["halves", "solved_only"]
why = "细则写解释说明折半"
"""

RULES = """\
[[clock]]
rule = "LX-T01"
clause = "第三条"
zh = "先行联系"
en = "First contact"
kind = "duty"
starts = "receive"
ends = ["contact"]
limit = { hours = 2 }

[[clock]]
rule = "LX-T02"
clause = "第四条(一)"
zh = "当日办的两个工作日后同一时刻前答复"
en = "Same-day class: the same time two working days later"
kind = "duty"
starts = "dispatch"
ends = ["resolve"]
when = { handling_class = "same_day" }
limit = { working_days = 2, time = "start" }

[[clock]]
rule = "LX-T03"
clause = "第四条(二)"
zh = "一般五日内答复"
en = "Five civil days"
kind = "duty"
starts = "dispatch"
ends = ["resolve"]
unless = [{ handling_class = ["same_day", "long_term"] }]
limit = { days = 5 }

[[clock]]
rule = "LX-T04"
clause = "第四条(三)"
zh = "长期跟踪三个工作日内答复,收件当日计入"
en = "Long-term class: three working days, the first counted"
kind = "duty"
starts = "dispatch"
ends = ["resolve"]
when = { handling_class = "long_term" }
limit = { working_days = 3, first_day = true }

[[clock]]
rule = "LX-T05"
clause = "第五条"
zh = "次日下班前接单"
en = "Accepted by the close of the next working day"
kind = "duty"
starts = "dispatch"
ends = ["accept"]
limit = { working_days = 1, time = 17:00:00 }

[[guard]]
rule = "LX-G01"
clause = "第六条"
zh = "退单须写理由"
en = "A return gives its reason"
on = "request_return"
needs = ["reason"]

[[item]]
rule = "LX-S01"
clause = "第七条(一)"
zh = "解决"
en = "Resolution"
name = "resolution"
kind = "ratio"
points = "40"
of = "evaluated"

[item.weights]
by = "lx.weights"
halves = { resolved = "1", explained = "1/2", recorded = "1/4" }
solved_only = { resolved = "1" }

[[item]]
rule = "LX-S02"
clause = "第七条(二)"
zh = "满意"
en = "Satisfaction"
name = "satisfaction"
kind = "ratio"
points = "60"
of = "evaluated"
weights = { satisfied = "1", basically_satisfied = "9/10" }

[[total]]
rule = "LX-S03"
clause = "第七条"
zh = "月度总分"
en = "Monthly total"
items = ["resolution", "satisfaction"]
floor = { by = "floor.total" }

[[ranking]]
rule = "LX-S04"
clause = "第八条"
zh = "月度排名"
en = "Monthly rank"
on = { by = "rank.on" }
tie = { by = "rank.method" }
"""


def write(folder: Path, document: str = DOCUMENT, rules: str = RULES) -> Path:
    folder.mkdir()
    (folder / "document.toml").write_text(document, "utf-8")
    (folder / "rules.toml").write_text(rules, "utf-8")
    return folder

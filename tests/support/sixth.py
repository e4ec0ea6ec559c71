"""
A sixth document, invented: a folder alone, with hours, holidays, classes, weights and scores of its own.

It scores in the ways that none of the five does: a flat deduction, a rate held against a fixed target,
points by the case that also count entries, points entered with a default, a quarter recomputed.
"""

from pathlib import Path

DOCUMENT = """\
title = "临溪镇12345热线办理细则"
issuer = "临溪镇人民政府"

[[version]]
effective_on = 2026-01-01
rules = "rules.toml"

[pools]
village = "村居"
station = "站所"

[consequences]
visit = "上门督导"
study = "跟班学习"
summons = "镇长约谈"
flag = "摘流动红旗"

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
points = "30"
of = "evaluated"
rate_places = 2

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
kind = "below_reference"
points = "30"
of = "evaluated"
weights = { satisfied = "1", basically_satisfied = "9/10" }
target = "9/10"
rate_places = 3
step = "1/100"
off = "1/2"
floor = "0"
empty = "zero"

[[item]]
rule = "LX-S03"
clause = "第七条(三)"
zh = "作风"
en = "Conduct"
name = "conduct"
kind = "flat"
points = "10"
counts = ["unmet_replies"]
codes = ["rude"]
off = "4"

[[item]]
rule = "LX-S04"
clause = "第七条(四)"
zh = "规范"
en = "Order"
name = "order"
kind = "per_case"
points = "20"
counts = ["closed_late"]
codes = ["false_report"]
off = "3"
floor = "5"

[[item]]
rule = "LX-S05"
clause = "第七条(五)"
zh = "培训"
en = "Training"
name = "training"
kind = "entered"
points = "10"
code = "training"
default = "6"

[[measure]]
rule = "LX-S04"
clause = "第七条(四)"
zh = "按第四条的期限办结"
en = "Done within the limits of article 4"
name = "on_time"
clocks = ["LX-T02", "LX-T03", "LX-T04"]

[[measure]]
rule = "LX-T05"
clause = "第五条"
zh = "逾期未接单"
en = "Not accepted in time"
name = "overdue"
clocks = ["LX-T05"]

[[evaluation]]
rule = "LX-C01"
clause = "第七条(二)"
zh = "以中心回访为准"
en = "The centre's callbacks count"
items = ["resolution", "satisfaction"]
sources = ["centre"]

[[status]]
rule = "LX-P01"
clause = "第八条"
zh = "办结不足两件的不考核"
en = "Fewer than two closed: not assessed"
status = "not_assessed"
fewer = { closed = 2 }

[[total]]
rule = "LX-S06"
clause = "第七条"
zh = "月度总分"
en = "Monthly total"
items = ["resolution", "satisfaction", "conduct", "order", "training"]
full = "100"
floor = { by = "floor.total" }

[[classes]]
rule = "LX-S07"
clause = "第八条"
zh = "村居、站所分别排名"
en = "Villages and stations ranked apart"
groups = [["village"], ["station"]]

[[ranking]]
rule = "LX-S07"
clause = "第八条"
zh = "月度排名"
en = "Monthly rank"
on = { by = "rank.on" }
tie = { by = "rank.method" }
never_top = false

[[grade]]
rule = "LX-S08"
clause = "第八条"
zh = "三个等次"
en = "Three grades"
grades = { excellent = "90", pass = "60", fail = "0" }

[[span]]
rule = "LX-P02"
clause = "第九条"
zh = "季度自十二月起"
en = "Quarters from December"
name = "quarter"
begins_in = 12
months = 3

[[period_score]]
rule = "LX-P02"
clause = "第九条"
zh = "季度按全部工单重算"
en = "A quarter is scored anew from all its orders"
span = "quarter"
method = "recomputed"

[[in_force]]
rule = "LX-P03"
clause = "第十二条"
zh = "二月起施行"
en = "In force from February"
first_month = "2026-02"

[[target]]
rule = "LX-P04"
clause = "第三条"
zh = "先行联系不低于九成五"
en = "Contact of at least 95 %"
rates = ["contact"]
at_least = "19/20"

[[adjustment]]
rule = "LX-S03"
clause = "第七条(三)"
zh = "态度恶劣"
en = "Rude"
code = "rude"
side = "item"
least = "1"
most = "1"

[[adjustment]]
rule = "LX-S04"
clause = "第七条(四)"
zh = "虚报办结"
en = "Reported done, was not"
code = "false_report"
side = "item"
least = "1"
most = "1"

[[adjustment]]
rule = "LX-S05"
clause = "第七条(五)"
zh = "培训得分"
en = "Training, entered"
code = "training"
side = "item"
least = "0"
most = "10"
values = ["0", "6", "10"]

[[adjustment]]
rule = "LX-B01"
clause = "第十条"
zh = "表扬"
en = "Praise"
code = "praise"
side = "bonus"
least = "1"
most = "3"
more_when_good = "1/2"

[[confirmation]]
rule = "LX-B01"
clause = "第十条"
zh = "表扬须经中心负责人确认"
en = "Praise needs the centre head's word"
codes = ["praise"]
roles = ["centre_head"]

[[cap]]
rule = "LX-B01"
clause = "第十条"
zh = "加分最高2分"
en = "Bonus at most 2"
side = "bonus"
points = "2"

[[consequence]]
rule = "LX-E01"
clause = "第十一条(一)"
zh = "后一半村居上门督导"
en = "The lower half of the villages is visited"
kind = "visit"
pools = ["village"]
bottom = "50%"

[[consequence]]
rule = "LX-E02"
clause = "第十一条(二)"
zh = "督办回复不合格的跟班学习"
en = "A supervision reply not met: study"
kind = "study"
on = "unmet_replies"

[[consequence]]
rule = "LX-E03"
clause = "第十一条(三)"
zh = "第二次末位由镇长约谈"
en = "Last for the second time: summons"
kind = "summons"
bottom = { village = 1, station = "100%" }
times = 2
since = "ever"

[[talk]]
rule = "LX-E03"
clause = "第十一条(三)"
zh = "镇长会同分管领导约谈村居负责人"
en = "The town's head and a branch leader talk with the head"
level = "summons"
held_by = ["administrative_head", "hotline_branch_leader|business_branch_leader"]
attends = ["first_responsible"]

[[consequence]]
rule = "LX-E04"
clause = "第十一条(四)"
zh = "季度内虚报的摘红旗"
en = "A false report in the quarter: the flag is lost"
kind = "flag"
span = "quarter"
entered = ["false_report"]
loses = ["collective"]

[[consequence]]
rule = "LX-E05"
clause = "第十一条(五)"
zh = "同一诉求两次不满意由镇长约谈"
en = "Dissatisfied twice: summons"
kind = "summons"
repeats = { of = "dissatisfied", least = 2, window = "quarter" }
"""


def write(folder: Path, document: str = DOCUMENT, rules: str = RULES) -> Path:
    folder.mkdir()
    (folder / "document.toml").write_text(document, "utf-8")
    (folder / "rules.toml").write_text(rules, "utf-8")
    return folder

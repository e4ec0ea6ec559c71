"""What the report says: its headings, sentences, and what its marks mean."""

TEXTS: dict[str, tuple[str, str]] = {
    "report.written": ("报告已写入 {file}", "the report is in {file}"),
    # ---- head ------------------------------------------------------------------------------------
    "report.title.month": ("{period}热线考核月报", "Hotline assessment, {period}"),
    "report.title.quarter": ("{period}热线考核季报", "Hotline assessment, {period}"),
    "report.title.year": ("{period}热线考核年报", "Hotline assessment, {period}"),
    "report.period.month": ("{year}年{number}月", "{year}-{number:02}"),
    "report.period.quarter": ("{year}年第{number}季度", "{year}Q{number}"),
    "report.period.year": ("{year}年度", "{year}"),
    "report.rules": ("依据", "Rules"),
    "report.days": ("期间", "Period"),
    "report.from_to": ("{first} 至 {last}", "{first} to {last}"),
    "report.as_of": ("数据截至", "Data as of"),
    "report.compared": ("对照", "Compared with"),
    "report.compared_since": (
        "{period}（日志自 {since} 起，不满一期）",
        "{period} (the log begins on {since}, within it)",
    ),
    "report.compared_none": ("无（日志没有上一期）", "nothing (the log has no period before)"),
    "report.contents": ("目录", "Contents"),
    "report.notes": ("须知", "To be known"),
    "report.lacking": ("有未能计入的", "something could not be counted"),
    # ---- figures ---------------------------------------------------------------------------------
    "report.overview": ("概要", "Overview"),
    "report.figure.ranked": ("参加排名", "Ranked"),
    "report.figure.listed": ("考核单位", "Units"),
    "report.figure.closed": ("结案工单", "Orders closed"),
    "report.figure.follows": ("结果运用", "Consequences"),
    "report.of_units": ("共 {count} 家", "of {count} units"),
    "report.unit_count": ("家", ""),
    "report.order_count": ("件", ""),
    "report.against": ("较{period}", "against {period}"),
    "report.against_part": ("较{period}（不满一期）", "against {period} (in part)"),
    "report.same": ("持平", "no change"),
    "report.percent_points": ("{value} 个百分点", "{value} points"),
    "report.target": ("目标 {target}", "target {target}"),
    "report.target_met": ("目标 {target}，达到", "target {target}: met"),
    "report.target_missed": ("目标 {target}，未达到", "target {target}: missed"),
    "report.counted": ("{numerator} / {denominator} 件", "{numerator} of {denominator}"),
    "report.follows_none": ("本期没有", "none this period"),
    # ---- sentences -------------------------------------------------------------------------------
    "report.says.units": (
        "{count} 家单位中 {ranked} 家参加排名{out}。",
        "{ranked} of {count} units are ranked{out}.",
    ),
    "report.says.out": ("，{count} 家{status}", ", {count} {status}"),
    "report.says.unweighted": (
        "文件没有规定分值，不计总分、不排名，以下只列分项：{count} 家单位。",
        "The document sets no points: no total and no rank, rates only, for {count} units.",
    ),
    "report.says.class": (
        "{pool}：第一 {best}，末位 {worst}",
        "{pool}: first {best}, last {worst}",
    ),
    "report.says.only": ("{pool}：{best}", "{pool}: {best}"),
    "report.says.total": ("{unit}（{total} 分）", "{unit} ({total})"),
    "report.says.tied": ("{unit}等 {count} 家（{total} 分）", "{unit} and others, {count} tied ({total})"),
    "report.says.best_gain": ("；上升最多 {unit}（{places} 位）", "; most gained {unit} ({places} places)"),
    "report.says.worst_loss": ("；下降最多 {unit}（{places} 位）", "; most lost {unit} ({places} places)"),
    "report.says.stop": ("。", "."),
    "report.says.late": (
        "到期的时限 {of} 个，逾期 {missed} 个（{share}）；最多的是{label}（{rule}，{worst} / {worst_of}）。",
        "{of} limits ran out, {missed} missed ({share}); most often {label} ({rule}, {worst} of {worst_of}).",
    ),
    "report.says.never_late": (
        "本期到期的时限 {of} 个，没有逾期。",
        "{of} limits ran out, none was missed.",
    ),
    "report.says.follows": ("结果运用：{kinds}。", "What follows: {kinds}."),
    "report.says.kind": ("{label} {count} 家", "{label}: {count}"),
    "report.says.grades": ("等次：{grades}。", "Grades: {grades}."),
    "report.says.grade": ("{grade} {count} 家", "{grade} {count}"),
    # ---- ranks -----------------------------------------------------------------------------------
    "report.ranks": ("排名与得分", "Ranks and scores"),
    "report.ranks.about": (
        "得分构成每格的宽度是该项满分，深色是得到的分，浅红是失去的分。",
        "Each slot is as wide as the item's full points: dark is what was got, pale red what was lost.",
    ),
    "report.ranks.moves": (
        "名次变化中圆点是本期，圆圈是上期，左端为第一。",
        "Among the places a dot is the rank now, a ring the one before, the first at the left.",
    ),
    "report.ranks.mean": (
        "名次由各月总分的平均得出，构成为参加排名各月的平均。",
        "The rank is by the mean of the monthly totals; the make-up is the mean of the ranked months.",
    ),
    "report.ranks.pooled": ("总分由全期工单重新计算。", "The total is worked out anew from all orders."),
    "report.class_ranked": ("{ranked} 家参加排名", "{ranked} ranked"),
    "report.class_unranked": ("，{count} 家不排名", ", {count} not ranked"),
    "report.rank": ("名次", "Rank"),
    "report.moved": ("升降", "Moved"),
    "report.unit": ("单位", "Unit"),
    "report.total": ("总分", "Total"),
    "report.made_of": ("得分构成", "Make-up of the total"),
    "report.adjusted": ("加减分", "Bonus, deduction"),
    "report.places": ("名次变化", "Places"),
    "report.follows": ("结果运用", "What follows"),
    "report.grade": ("等次", "Grade"),
    "report.change.up": ("升 {places}", "up {places}"),
    "report.change.down": ("降 {places}", "down {places}"),
    "report.change.same": ("平", "same"),
    "report.change.new": ("新列", "new"),
    "report.change.back": ("上期未排", "was –"),
    "report.change.out": ("上期第 {rank}", "was {rank}"),
    "report.change.none": ("–", "–"),
    "report.slot": ("{item} {points} / {most}", "{item} {points} of {most}"),
    "report.slot_legend": ("{label} {most} 分", "{label} {most}"),
    "report.low": ("列末", "among the last"),
    "report.more_rows": (
        "其余 {count} 家（第 {first} 至第 {last} 名）",
        "the other {count} (ranks {first} to {last})",
    ),
    "report.left": ("上期在列、本期不再列出：{units}", "listed before and no longer: {units}"),
    "report.left_unit": ("{unit}（第 {rank}）", "{unit} ({rank})"),
    "report.history": ("各月名次", "Ranks by month"),
    "report.history.about": (
        "蓝线为前三名，红线为列末的单位，绿色虚线升得最多，点线降得最多，其余为细线；断开处为不排名的月份。",
        (
            "Blue: the first three; red: those among the last; green dashes gained most, dots lost most; "
            "the others are thin. A line breaks where a month has no rank."
        ),
    ),
    # ---- rates -----------------------------------------------------------------------------------
    "report.rates": ("各率与目标", "Rates and targets"),
    "report.rates.about": (
        "每点一家单位，自低至高，空心为未达到目标；实线是全体合计，虚线是目标；没有分母的不画，也不作 0。",
        (
            "A point is a unit, from low to high; hollow: below the target. The line is all units together, "
            "the dashed one the document's target. A unit without a denominator is left out and is no 0."
        ),
    ),
    "report.rate.contact": ("先行联系", "First contact"),
    "report.rate.on_time": ("按时办结", "On time"),
    "report.rate.callback": ("回访覆盖", "Called back"),
    "report.rate.resolution": ("诉求解决", "Resolution"),
    "report.rate.satisfaction": ("市民满意", "Satisfaction"),
    "report.whole": ("全体 {value}", "all {value}"),
    "report.aim": ("目标 {value}", "target {value}"),
    "report.reached": ("{met} 家达到，{missed} 家未达到", "{met} meet it, {missed} do not"),
    "report.undefined_units": ("{count} 家没有分母（–）", "{count} without a denominator (–)"),
    "report.lowest": ("最低", "Lowest"),
    "report.unit_rates": ("各单位各率", "Every unit's rates"),
    "report.share": ("{label}占比", "{label}, share"),
    # ---- lateness --------------------------------------------------------------------------------
    "report.late": ("逾期：单位与条文", "Lateness by unit and clause"),
    "report.late.about": (
        (
            "格内为逾期数 / 已判定数，颜色越深逾期占比越高；计到期日在本期的时限，申请期限只数已提出的；"
            "自收件起算的先行联系归最后派往的单位。"
        ),
        (
            "In a cell: missed of judged, the darker the greater the share; limits that ended in the period, "
            "of windows the requests made; a contact counted from the receipt is the last unit's."
        ),
    ),
    "report.late.all": ("合计", "All"),
    "report.late.everyone": ("全部", "Everyone"),
    "report.late.before": ("中心（派单之前）", "the centre (before dispatch)"),
    "report.late.none": ("本期没有到期的时限。", "No limit ran out in the period."),
    "report.late.more": ("其余 {count} 家", "the other {count}"),
    "report.scale": ("逾期占比", "share missed"),
    # ---- losses ----------------------------------------------------------------------------------
    "report.losses": ("失分最多之处", "What cost most"),
    "report.losses.about": (
        "每家单位失分最多的三处，失分最多的单位在前；工单编号为其中未得满分的。",
        "Each unit's three greatest losses, who lost most first, with the orders that earned too little.",
    ),
    "report.losses.rates": (
        "文件没有分值：按与目标（无目标的按 100%）相差最多的率列出。",
        "The document sets no points: the rates that fall shortest of their target (none: of 100%).",
    ),
    "report.losses.none": ("没有失分。", "Nothing was lost."),
    "report.lost": ("共失", "Lost"),
    "report.greatest": ("最多", "Most"),
    "report.second": ("其次", "Second"),
    "report.third": ("再次", "Third"),
    "report.points_off": ("−{points} 分", "−{points}"),
    "report.rate_off": ("差 {points} 个百分点", "{points} points short"),
    "report.cost_orders": ("{count} / {of} 件", "{count} of {of} orders"),
    "report.cost_cases": ("{count} 件", "{count} case(s)"),
    "report.cost_times": ("{count} 次", "{count} time(s)"),
    "report.all_orders": ("全部 {count} 件", "all {count}"),
    # ---- consequences ----------------------------------------------------------------------------
    "report.follows.about": (
        "由排名、工单或人工认定得出；约谈的扣分在录入之后、按举行的月份计，这里只是说明，不另行扣分。",
        (
            "Drawn from ranks, orders or findings; a talk lowers the month in which it is held and entered. "
            "It is shown here and applied nowhere twice."
        ),
    ),
    "report.follows.empty": ("本期没有结果运用。", "Nothing follows from this period."),
    "report.what": ("事项", "What"),
    "report.by_rule": ("规则与条文", "Rule and clause"),
    "report.because": ("缘由", "Because"),
    "report.feedback": ("约谈与扣分", "Talk and deduction"),
    "report.held": ("已于 {at} 举行，{month} 减 {points} 分", "held on {at}, {points} off in {month}"),
    "report.held_not": (
        "已于 {at} 举行，{month} 的减分不计（{why}）",
        "held on {at}; the points in {month} do not count ({why})",
    ),
    "report.not_held": ("尚未录入约谈", "no talk entered yet"),
    "report.fed": (
        "本期因以往约谈而减的分",
        "Deductions of this period for talks that earlier months led to",
    ),
    "report.fed_line": (
        "{unit}：{period} 的“{label}”（{rule}）{held}，已含在本期减分内。",
        "{unit}: {label} of {period} ({rule}) was {held}; it is part of this period's deduction.",
    ),
    "report.loses": ("取消：{who}", "lost: {who}"),
    "report.lost.head": ("负责人评优", "award of the head"),
    "report.lost.collective": ("集体评优", "award of the unit"),
    "report.lost.individual": ("个人评优", "award of a person"),
    "report.lost.section_head": ("对口科室负责人评优", "award of the section head"),
    "report.lost.branch_leader": ("分管领导评优", "award of the branch leader"),
    # ---- adjustments -----------------------------------------------------------------------------
    "report.adjustments": ("录入的加减分与认定", "Points and findings entered by hand"),
    "report.adjustments.none": ("本期没有录入。", "Nothing was entered for this period."),
    "report.at": ("时间", "At"),
    "report.code": ("项目", "What"),
    "report.more": ("其余 {count} 行", "{count} more"),
    "report.points": ("分值", "Points"),
    "report.counts": ("是否计入", "Counts"),
    "report.order": ("工单", "Order"),
    "report.note": ("说明", "Note"),
    "report.finding": ("认定，不计分", "a finding, no points"),
    "report.month_finding": ("全体", "everyone"),
    "report.no_points": ("文件未定分值", "no points set"),
    "report.capped": (
        "{unit}：{side}合计 {sum} 分，按上限计 {points} 分（{rule}）。",
        "{unit}: {side} sum to {sum} and count as {points} (cap, {rule}).",
    ),
    "report.bonus": ("加分", "bonus"),
    "report.deduction": ("减分", "deduction"),
    # ---- left out --------------------------------------------------------------------------------
    "report.left_out": ("剔除与前后对照", "Orders left out, and the figures without"),
    "report.left_out.about": (
        "不计入某些率的工单、依据，以及不剔除时的数字。",
        "Orders that leave rates, by what rule, and the figures as they would be without.",
    ),
    "report.left_out.none": ("本期没有工单被剔除。", "No order was left out."),
    "report.left_out.effect": ("对单位的影响（不剔除 → 剔除后）", "What it does to units (without → with)"),
    "report.left_out.no_effect": ("剔除没有改变任何单位的数字。", "No figure of any unit is changed by it."),
    "report.left_out.orders": ("被剔除的工单（{count} 件）", "Orders left out ({count})"),
    "report.left_out.refused": ("申请剔除而未计的（{count} 件）", "Requests that do not count ({count})"),
    "report.left_out.drawn": ("剔除后增加的结果运用：", "Consequences that arise with it: "),
    "report.left_out.withdrawn": ("剔除后不再有的结果运用：", "Consequences that fall away with it: "),
    "report.situation": ("情形", "Situation"),
    "report.from_rates": ("不计入", "Left"),
    "report.approved": ("批准", "Approved"),
    "report.why_not": ("未计的原因", "Why not"),
    "report.situation.returned": ("退单经认可", "its return was recognised"),
    "report.why.situation_unknown": ("文件没有这种情形", "no such situation in the document"),
    "report.why.exclusion_bare": ("没有证明材料", "no evidence"),
    "report.why.exclusion_refused": ("未获批准", "refused"),
    "report.why.exclusion_pending": ("尚未批准", "not decided yet"),
    "report.why.exclusion_role": ("批准人不是规定的角色", "approved by another role than the document names"),
    "report.item": ("分项", "Item"),
    "report.difference": ("增减", "Difference"),
    # ---- to look at ------------------------------------------------------------------------------
    "report.look": ("须核查的工单", "Orders to look at"),
    "report.look.about": (
        "不影响任何分数；相互矛盾的记录、临近时限的结案、尚缺举措的工单。",
        (
            "No point depends on these: records that contradict one another, closings at the last minute, "
            "orders that still need a measure."
        ),
    ),
    "report.look.none": ("没有须核查的工单。", "No order asks to be looked at."),
    "report.look.kind": ("内容", "What"),
    "report.look.count": ("件数", "Orders"),
    "report.look.units": ("单位（件数）", "Units (orders)"),
    "report.look.contact_denied": ("单位称已联系，回访答未联系", "unit says contacted, caller says not"),
    "report.look.contact_unrecorded": ("先行联系没有录音或通话记录", "contact without recording or call log"),
    "report.look.last_minutes": ("时限前十分钟内结案", "closed within ten minutes of the limit"),
    "report.look.measure_wanted": (
        "未满意或未解决，尚无举措",
        "below satisfied or unresolved, without a measure",
    ),
    "report.unit_orders": ("{unit}（{count}）", "{unit} ({count})"),
    # ---- calendar --------------------------------------------------------------------------------
    "report.next": ("{period}到期的事项", "Due in {period}"),
    "report.next.none": ("文件没有在这个月到期的定期事项。", "Nothing that recurs is due in that month."),
    "report.next.unknown": (
        "该月的放假安排尚未公布，不能算出到期日。",
        "The holidays of that month are not announced yet; no due date can be given.",
    ),
    "report.due": ("到期", "Due"),
    "report.speaks_of": ("所指期间", "Speaks of"),
    "report.whose": ("由谁", "By whom"),
    "report.often.day": ("每日，首次", "daily, first"),
    "report.often.week": ("每周，首次", "weekly, first"),
    "report.provisional": ("暂定", "provisional"),
    "report.uses": ("年度结果的运用", "What the year's result is used for"),
    # ---- foot ------------------------------------------------------------------------------------
    "report.made": ("来源与重做", "Sources, and how to make it again"),
    "report.version": ("规则版本", "Rule versions"),
    "report.version_orders": ("{version}（{count} 件工单）", "{version} ({count} orders)"),
    "report.calendar": ("工作日历", "Working calendar"),
    "report.settings": ("改动的设定", "Settings changed"),
    "report.settings_none": ("无，均为默认读法", "none, every reading is the default"),
    "report.inputs": ("输入", "Input"),
    "report.input": ("{name}（{rows} 行，SHA-256 {digest}…）", "{name} ({rows} rows, SHA-256 {digest}…)"),
    "report.events": ("事件", "Events"),
    "report.events_read": (
        "读入 {read}，适用 {applied}，拒绝 {refused}，退回 {rejected}，截至时间之后 {after_as_of}",
        "{read} read, {applied} applied, {refused} refused, {rejected} rejected, {after_as_of} after as-of",
    ),
    "report.again": ("重做本报告", "Make it again"),
    "report.each_point": ("逐分说明", "Explain a point"),
    "report.unit_item": ("单位 项目", "UNIT ITEM"),
    "report.reads": ("读法", "How to read"),
    "report.dash": (
        "“–”表示规则没有给出该数（没有分母、分值或名次），不是 0。分数为精确分数，显示时四舍五入到两位。",
        (
            "“–” means that the rules give no such figure (nothing to divide by, no points, no rank), not 0. "
            "Scores are exact and rounded half up to two places for display."
        ),
    ),
    "report.orders_of": (
        "工单计入最后一次派单的单位；结案与测评计入结案当月（文件另有规定的除外）。",
        (
            "An order counts for the unit of its last dispatch, its evaluation in the month of closing, "
            "unless the document says otherwise."
        ),
    ),
    "report.unfold": ("逐单位列出", "unit by unit"),
}

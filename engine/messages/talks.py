"""What the commands of talks say."""

TEXTS: dict[str, tuple[str, str]] = {
    "talks.title": ("{month} 引起的约谈、会议与汇报", "talks, meetings and reports that follow from {month}"),
    "talks.status.follows": ("应约谈", "follows"),
    "talks.status.opened": ("本次立案", "opened now"),
    "talks.status.unsettled": ("名次未定，未立案", "ranks not settled, not opened"),
    "talks.none": ("{month} 没有引起约谈", "no talk follows from {month}"),
    "talks.there": (
        "{count} 件已经立案，不再重复提出",
        "{count} had been proposed before and were left as they are",
    ),
    "talks.running": (
        "{month} 尚未结束，名次会变：因排名引起的 {count} 件没有立案，期满后再提出一次",
        "{month} is not over and ranks may change: {count} not opened; propose again when it is over",
    ),
    "talks.lapsed": (
        "{case} 已不再成立（成绩有变），尚未约谈：submit {case} drop_talk reason=…",
        "{case} no longer follows: scores have changed; not held yet, submit {case} drop_talk reason=…",
    ),
    "talks.because": ("提出的依据：{because}", "Proposed because: {because}"),
    "talks.held_by": (
        "{label}（{rule} {clause}）：由{held_by}，参加的是{attends}",
        "{label} ({rule} {clause}): held by {held_by}, attended by {attends}",
    ),
    "talks.nobody": ("未指定", "not named"),
    "talks.and": ("与", " and "),
    "talks.enter_title": ("应录入加减分表", "to enter in the adjustments"),
    "talks.to_enter": (
        "约谈本身不扣分；请录入加减分表（--adjustments），计入 {month}：{row}",
        "a talk by itself deducts nothing; enter in the adjustments, where it counts in {month}: {row}",
    ),
    "talks.finding_to_enter": (
        "未整改到位；请录入加减分表（--adjustments）这一认定：{row}",
        "not rectified; enter this finding in the adjustments (--adjustments): {row}",
    ),
}

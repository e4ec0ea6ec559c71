"""Why a consequence follows, in a sentence."""

TEXTS: dict[str, tuple[str, str]] = {
    "because.bottom": (
        "{period} 排名第 {rank}，共 {among} 家，列末 {bottom}",
        "{period}: rank {rank} of {among}, among the last {bottom}",
    ),
    "because.streak": (
        "连续 {times} 次列末 {bottom}：{trail}",
        "among the last {bottom} {times} times running: {trail}",
    ),
    "because.times": (
        "第 {times} 次列末 {bottom}：{trail}",
        "among the last {bottom} for time {times}: {trail}",
    ),
    "because.step": ("{period} 第 {rank}/{among}", "{period} {rank}/{among}"),
    "because.verified_repeats": (
        "{window} 内属实的重复投诉已达 {times} 件，最后一件 {at} 结案：{orders}",
        "{times} verified repeat complaints in {window}, the last closed {at}: {orders}",
    ),
    "because.dissatisfied": (
        "同一诉求（{of}）在 {window} 内回访不满意已达 {times} 次，最后一次 {at}：{orders}",
        "the same demand ({of}) dissatisfied {times} times in {window}, the last {at}: {orders}",
    ),
    "because.unmet_replies": (
        "督办后回复仍不符合要求 {times} 次：{orders}",
        "{times} replies under supervision still unmet: {orders}",
    ),
    "because.late_returns": (
        "超期申请退单 {times} 次：{orders}",
        "{times} late requests to return: {orders}",
    ),
    "because.late_noncompliant": (
        "不合规工单超期退回 {times} 次：{orders}",
        "{times} non-compliant orders returned late: {orders}",
    ),
    "because.uncontacted_returns": (
        "未与反映人联系直接退回 {times} 次：{orders}",
        "{times} returned without contact with the caller: {orders}",
    ),
    "because.overdue": ("期限内未回复 {times} 件：{orders}", "{times} unanswered when due: {orders}"),
    "because.entered": ("{at} 人工认定{note}", "found by hand on {at}{note}"),
    "because.note": ("：{note}", ": {note}"),
    "because.none_between": ("、", ", "),
}

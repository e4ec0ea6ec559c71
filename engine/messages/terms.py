"""The field's terms: labels of states, events, facts, attributes, roles and table headers."""

TEXTS: dict[str, tuple[str, str]] = {
    "verdict.met": ("按时", "met"),
    "verdict.late": ("逾期完成", "late"),
    "verdict.overdue": ("逾期未办", "overdue"),
    "verdict.open": ("进行中", "open"),
    "verdict.unused": ("未申请", "unused"),
    "verdict.void": ("不再适用", "void"),
    "day.workday": ("工作日", "working day"),
    "day.weekend": ("周末", "weekend"),
    "day.holiday": ("法定节假日（{holiday}）", "public holiday ({holiday})"),
    "day.own_off": ("本单位放假", "day off of the document's own"),
    "day.own_work": ("本单位上班", "working day of the document's own"),
    "day.makeup": ("调休补班（{holiday}）", "make-up day ({holiday})"),
    "kind.duty": ("必办时限", "duty"),
    "kind.window": ("申请期限", "window"),
}

"""The lives of cases, document by document."""

from support.case_lives import CaseLife, CaseShelf, on

IN = (
    on("O", "receive", "2026-03-02 09:00:00"),
    on("O", "register", "2026-03-02 09:05:00"),
)


def dispatched(**said):
    return (*IN, on("O", "dispatch", "2026-03-02 09:10:00", unit="甲", **said))


def at_work(**said):
    return (*dispatched(**said), on("O", "accept", "2026-03-02 10:00:00", unit="甲"))


YY = CaseShelf(
    "YY",
    (
        CaseLife(
            "a supervision with its sheet, a reply that is not fit, one that is, and its end",
            (
                *at_work(handling_class="ordinary"),
                on("O", "contact", "2026-03-02 11:00:00", unit="甲"),
                on("O", "supervise", "2026-03-03 10:00:00", ground="推诿扯皮"),
                on(
                    "~supervision~1",
                    "issue_sheet",
                    "2026-03-03 11:00:00",
                    number="2026-1",
                    reply_due="2026-03-05 18:00:00",
                ),
                on("O", "supervision_reply", "2026-03-04 10:00:00", unit="甲", met=False),
                on("O", "supervision_reply", "2026-03-05 18:00:01", unit="甲", met=True),
                on(
                    "~supervision~1", "end_supervision", "2026-03-06 10:00:00", role="party_government_office"
                ),
                on("O", "resolve", "2026-03-06 11:00:00", unit="甲", closing_ground="completed"),
            ),
            (
                "~supervision~1 open_supervision supervised YY-R06",
                "~supervision~1 issue_sheet supervised",
                "~supervision~1 answer_sheet unmet",
                "~supervision~1 time_out unmet YY-R06",
                "~supervision~1 answer_sheet replied",
                "~supervision~1 end_supervision ended",
                "~supervision~1 YY-R06 2026-03-05 18:00:00 late",
            ),
        ),
    ),
)
SHELVES = (YY,)

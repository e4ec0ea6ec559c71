"""Bonuses and deductions of the month (加减分), some unconfirmed, two units past the caps."""

from typing import NamedTuple

from paidan.engine.demo.month import Month

_CENTRE = "centre_head"


class Adjustment(NamedTuple):
    """A row of `adjustments.csv` (CONTRACT section 4), as text."""

    unit: str
    at: str
    code: str
    points: str = ""
    order_id: str = ""
    good: str = ""
    confirmed_by: str = ""
    note: str = ""


def demo_adjustments(month: Month) -> tuple[Adjustment, ...]:
    """Give every code at least once; `three_duty` and the talk before a dispatch name their orders."""
    duties = {
        duty: next(one for one in month.cases if one.category == duty)
        for duty in ("first_asked", "designated", "backstop")
    }
    talked = next(one for one in month.cases if one.category == "talk_first")
    praised, blamed, careful = "事务中心", "蔷薇居民区", "晨光居民区"
    return (
        Adjustment(praised, "2026-10-09", "praise", "3", "", "", _CENTRE, "市级媒体报道节日值守"),
        Adjustment(praised, "2026-10-15", "praise", "3", "", "", _CENTRE, "区热线办通报表扬"),
        Adjustment(praised, "2026-10-20", "praise", "3", "", "", _CENTRE, "街道主要领导批示"),
        Adjustment(praised, "2026-10-26", "praise", "2.5", "", "", _CENTRE, "区级媒体报道"),
        Adjustment(careful, "2026-10-13", "praise", "1.5", "", "", _CENTRE, "楼道堆物集中整治"),
        Adjustment(careful, "2026-10-22", "praise", "2", note="拟加分,城运中心尚未确认"),
        Adjustment("城建中心", "2026-10-21", "praise", "1", "", "", _CENTRE, "街道通报表扬"),
        Adjustment("城建中心", "2026-09-28", "praise", "1", "", "", _CENTRE, "上月"),
        *(
            Adjustment(case.unit, "2026-10-23", "three_duty", "0.5", case.order_id, good, by, note)
            for case, good, by, note in (
                (duties["first_asked"], "", _CENTRE, "首问负责,牵头协调"),
                (duties["designated"], "是", _CENTRE, "指定负责,群众满意"),
                (duties["backstop"], "否", "", "兜底负责,尚未确认"),
            )
        ),
        Adjustment(talked.unit, f"{talked.received_at:%Y-%m-%d}", "talk_main", "3", talked.order_id, "",
                   "administrative_head", "约谈派单"),
        Adjustment(blamed, "2026-10-10", "talk_joint", "2", "", "", "discipline_secretary", "联合约谈"),
        Adjustment(blamed, "2026-10-12", "supervise_late", "2", "", "", _CENTRE, "区领导督办工单逾期"),
        Adjustment(blamed, "2026-10-16", "media", "3", "", "", _CENTRE, "督办工单处置不当被媒体曝光"),
        Adjustment(blamed, "2026-10-19", "talk_main", "3", "", "", "main_leader", "主要领导约谈"),
        Adjustment(blamed, "2026-10-27", "absent", "1", "", "", _CENTRE, "无故缺席热线例会"),
        Adjustment("房管所", "2026-10-14", "talk_branch", "1", "", "", "hotline_branch_leader", "约谈"),
        Adjustment("市场所", "2026-10-27", "absent", "1", "", "", _CENTRE, "无故缺席业务培训"),
        Adjustment("城管中队", "2026-10-28", "supervise_late", "1.5", note="是否按时尚待核实,未确认"),
    )  # fmt: skip

"""An invented street: its departments, its neighbourhoods (居民区), what people call about."""

from typing import NamedTuple

from paidan.engine.demo.chance import Draw
from paidan.policies.roster import Unit

DEPARTMENTS = {
    "城建中心": ("城市建设和管理事务中心", "直属单位", "管理办"),
    "城管中队": ("城市管理综合行政执法中队", "直属单位", "管理办"),
    "房管所": ("房屋管理事务所", "直属单位", "管理办"),
    "市场所": ("市场监督管理所", "直属单位", "营商办"),
    "派出所": ("派出所", "直属单位", "平安办"),
    "事务中心": ("社区事务受理服务中心", "直属单位", "服务办"),
    "平安办": ("社区平安办公室", "职能科室", ""),
    "服务办": ("社区服务办公室", "职能科室", ""),
    "自治办": ("社区自治办公室", "职能科室", ""),
    "营商办": ("社区营商环境办公室", "职能科室", ""),
    "党政办": ("党政办公室", "职能科室", ""),
    "人武部": ("人民武装部", "职能科室", ""),
}
_PLACES = (
    "晨光 春晖 夏荷 秋月 冬青 云锦 和畅 惠风 清溪 竹影 梅园 兰亭 桂香 榆荫 枫林 杉海 樟苑 柳岸 桃源 杏坛 "
    "银杏 紫藤 海棠 木槿 芙蓉 丁香 百合 茉莉 蔷薇 玉兰 星河 月湾 朝霞 晚晴 锦绣 祥和 安澜 康宁 乐业 知行 "
    "致远 望江 听涛 观澜 松韵 鹤鸣"
)
NEIGHBOURHOODS = tuple(f"{place}居民区" for place in _PLACES.split())

WITHOUT_ORDERS = ("人武部", "松韵居民区", "鹤鸣居民区")
"""Units nobody calls about that month (JY-S08)."""
ONLY_ACCEPTED = "观澜居民区"
"""Accepts and closes nothing (JY-X01)."""
NOT_EVALUATED = ("营商办", "听涛居民区")
"""Close orders, and the district reaches no caller of theirs (JY-X02)."""
NOTHING_ACCEPTED = "党政办"
"""Closes in the month what it accepted before (setting jy.volume_no_accept)."""

_QUIET = {*WITHOUT_ORDERS, ONLY_ACCEPTED, *NOT_EVALUATED, NOTHING_ACCEPTED}
BUSY_NEIGHBOURHOODS = {name: 60 - place for place, name in enumerate(NEIGHBOURHOODS) if name not in _QUIET}
"""How often each neighbourhood is called about."""


class Topic(NamedTuple):
    """What a call is about: who handles it (empty: a neighbourhood), how often, and its signs in percent."""

    text: str
    case_type: str
    unit: str
    weight: int
    site: int = 0
    hazard: int = 0
    urgent: int = 0


TOPICS = (
    Topic("路面坑洼、窨井盖松动", "complaint_report", "城建中心", 90, site=25, hazard=12, urgent=6),
    Topic("道路积水、雨水管堵塞", "help", "城建中心", 60, site=20, hazard=5, urgent=8),
    Topic("绿化遮挡采光,要求修剪", "suggestion", "城建中心", 80, site=15),
    Topic("路灯不亮", "help", "城建中心", 70, urgent=2),
    Topic("垃圾箱房异味、清运不及时", "complaint_report", "城建中心", 96),
    Topic("占道设摊、跨门经营", "complaint_report", "城管中队", 110, site=10),
    Topic("违法搭建", "complaint_report", "城管中队", 50, site=40, hazard=8),
    Topic("夜间施工噪声", "complaint_report", "城管中队", 44, urgent=5),
    Topic("房屋渗漏水报修久未处理", "help", "房管所", 90, site=30, hazard=6, urgent=4),
    Topic("电梯故障频发", "complaint_report", "房管所", 50, site=10, hazard=14, urgent=10),
    Topic("物业费与维修资金查询", "enquiry", "房管所", 40),
    Topic("预付卡退费纠纷", "complaint_report", "市场所", 90),
    Topic("食品过期、餐馆卫生", "complaint_report", "市场所", 56, site=15),
    Topic("车辆乱停放", "complaint_report", "派出所", 80, urgent=2),
    Topic("犬只扰民、不牵绳", "complaint_report", "派出所", 30),
    Topic("消防通道堵塞", "complaint_report", "平安办", 40, site=20, hazard=30, urgent=12),
    Topic("社区助餐点菜价与排队", "suggestion", "服务办", 30),
    Topic("社保卡、居住证办理", "enquiry", "事务中心", 28),
    Topic("加装电梯邻里意见不一", "other", "自治办", 24),
    Topic("楼道堆物", "complaint_report", "", 210, site=5, hazard=6),
    Topic("电动自行车飞线充电", "complaint_report", "", 130, hazard=18, urgent=6),
    Topic("小区停车位分配", "suggestion", "", 130),
    Topic("邻里噪声", "complaint_report", "", 130),
    Topic("业委会换届", "enquiry", "", 60),
    Topic("独居老人上门关爱", "help", "", 70, urgent=6),
)
_RARE = {
    "营商办": Topic("楼宇企业办事窗口指引", "enquiry", "营商办", 1),
    "党政办": Topic("信访接待时间与窗口服务", "suggestion", "党政办", 1),
}
ENQUIRIES = ("办理老年综合津贴的材料", "助餐卡的办理地点", "居住证积分的政策", "公租房申请的条件")
"""What the centre answers by itself (直接处置)."""
CHANNELS = {"12345热线": 78, "随申办": 12, "市长信箱": 4, "网格巡查": 6}


def topic(draw: Draw, unit: str = "") -> Topic:
    """Give something to call about, of that unit's business if one is named."""
    if unit in _RARE:
        return _RARE[unit]
    fitting = [one for one in TOPICS if not unit or one.unit == (unit if unit in DEPARTMENTS else "")]
    return draw.weighted({one: one.weight for one in fitting})


def answerable(draw: Draw) -> Topic:
    """Give something that the centre answers, or that a supervisor settles on the spot."""
    if draw.chance(0.8):
        return Topic(draw.one(ENQUIRIES), "enquiry", "", 1)
    return Topic("共享单车倒伏占道", "help", "", 1)


def elsewhere(draw: Draw, unit: str) -> str:
    """Give another busy unit: the one an order really belongs to."""
    while True:
        other = topic(draw).unit or draw.weighted(BUSY_NEIGHBOURHOODS)
        if other != unit:
            return other


def demo_units() -> tuple[Unit, ...]:
    """Give the roster of the street, departments first."""
    return (
        *(
            Unit(unit, "department", f"虚构街道{name}", category, counterpart)
            for unit, (name, category, counterpart) in DEPARTMENTS.items()
        ),
        *(Unit(unit, "neighbourhood", f"虚构街道{unit}居民委员会", "居民区") for unit in NEIGHBOURHOODS),
    )


def slack(seed: int, unit: str) -> float:
    """Say how careless a unit is: about 1, most less, a few twice that."""
    draw = Draw(seed, "slack", unit)
    return 0.35 + 0.5 * draw.share() + (1.2 if draw.chance(0.16) else 0.35) * draw.share()

"""What hotline systems call our columns, events and values: names to look for, never read by an import."""

from collections.abc import Mapping

HEADERS: Mapping[str, tuple[str, ...]] = {
    "order_id": ("任务号", "工单编号", "热线12345工单编号", "工单号", "单号", "受理编号", "诉求编号",
        "案件编号", "工单流水号", "orderid", "caseid", "ticketid", "concept:name"),
    "unit": ("主责部门", "三级主责部门", "承办单位", "责任单位", "主办单位", "承办部门", "处置单位",
        "处理部门", "办理单位", "责任部门", "department", "unit"),
    "case_type": ("工单类型", "业务类型", "诉求类型", "诉求类别", "事件类型", "casetype"),
    "channel": ("工单来源", "来源渠道", "受理渠道", "诉求来源", "诉求渠道", "channel"),
    "repeat_of": ("重复工单号", "关联工单号", "原工单号"),
    "area": ("区域", "所属区域", "所属街镇", "街镇", "街道", "area"),
    "anonymous": ("是否匿名", "匿名", "是否匿名诉求"),
    "urgent": ("是否紧急", "紧急", "是否紧急工单", "是否加急"),
    "order_due": ("工单时限", "办理时限", "截止时间", "到期时间", "要求办结时间", "限办时间",
        "应办结时间", "deadline", "duedate"),
    "law_due": ("法定时限", "法定期限", "法定办理时限"),
    "outcome": ("解决情况", "解决结果", "问题解决情况", "诉求解决情况"),
    "satisfaction": ("综合满意度", "满意度", "满意情况", "总体满意度", "满意度评价", "办理结果满意度",
        "结果满意度"),
    "process_satisfaction": ("过程满意度", "服务满意度", "办理过程满意度", "态度满意度"),
    "contacted": ("先行联系", "是否先行联系", "是否联系诉求人", "是否先行联系诉求人"),
    "finding": ("结案评判", "结案判定", "属实情况", "诉求属实情况"),
    "result_text": ("处理结果", "办理结果", "处置结果", "答复内容", "办理情况"),
    "actor": ("经办人", "操作人", "处理人", "办理人", "操作员", "resource"),
    "role": ("角色", "岗位", "操作角色"),
    "recorded_at": ("录入时间", "入库时间"),
    "caller": ("诉求人", "诉求人姓名", "来电人", "来电人姓名", "反映人", "联系人", "市民姓名", "投诉人",
        "举报人", "姓名"),
    "phone": ("联系电话", "来电号码", "来电电话", "电话", "电话号码", "手机", "手机号", "手机号码",
        "联系方式", "诉求人电话"),
    "address": ("地址", "诉求地址", "事发地址", "发生地址", "联系地址", "事发地点", "住址", "详细地址",
        "诉求人地址"),
    "content": ("诉求内容", "工单内容", "内容描述", "问题描述", "诉求描述", "反映内容", "工单标题",
        "标题", "主要内容", "事件描述", "内容"),
    "event": ("事件", "环节", "活动", "动作", "操作", "操作环节", "操作类型", "流程节点", "办理环节",
        "activity", "action"),
    "at": ("时间", "操作时间", "发生时间", "事件时间", "办理时间", "timestamp", "completetimestamp",
        "time"),
}  # fmt: skip
"""By column of ours, what its header may be called; spaces and case aside."""

TIMES: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("receive",): ("受理时间", "来电时间", "诉求时间", "接收时间", "下发时间", "工单受理时间",
        "诉求受理时间", "创建时间", "startdate", "createdate"),
    ("register",): ("接单时间", "中心接单时间", "中心签收时间"),
    ("dispatch",): ("派单时间", "派发时间", "转派时间", "交办时间", "派遣时间", "工单派发时间"),
    ("accept",): ("承办接单时间", "承办单位接单时间", "单位接单时间", "部门接单时间", "承办签收时间",
        "单位签收时间"),
    ("contact",): ("先行联系时间", "首次联系时间", "联系诉求人时间"),
    ("request_return", "approve_return"): ("退单时间", "退回时间"),
    ("request_extension",): ("延期申请时间", "申请延期时间"),
    ("resolve",): ("办结时间", "处置反馈时间", "反馈时间", "办理完成时间", "处理完成时间", "答复时间",
        "办理反馈时间", "enddate"),
    ("close",): ("结案时间", "归档时间", "工单归档时间", "closedate"),
    ("revisit",): ("回访时间", "回访完成时间", "电话回访时间"),
}  # fmt: skip
"""Events, and what the header of their time may be called where an order has one row."""

ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "receive": ("受理", "来电受理", "工单受理", "接收", "创建工单", "create", "register request",
        "insert ticket"),
    "register": ("中心接单", "登记"),
    "dispatch": ("派单", "派发", "转派", "交办", "派遣", "工单派发", "assign", "dispatch"),
    "accept": ("接单", "承办接单", "签收", "单位签收", "take in charge ticket", "accept"),
    "contact": ("联系", "先行联系", "联系诉求人", "首次联系", "contact"),
    "request_return": ("申请退单", "退单申请", "退单"),
    "approve_return": ("同意退单", "退单审核通过"),
    "request_extension": ("申请延期", "延期申请", "延期"),
    "approve_extension": ("同意延期", "延期审核通过"),
    "resolve": ("办结", "处置反馈", "反馈", "办理完成", "答复", "resolve ticket", "resolve", "resolved"),
    "revisit": ("回访", "电话回访", "满意度回访"),
    "close": ("结案", "归档", "关闭", "closed", "close"),
    "redo": ("重办", "退回重办", "发回重办"),
    "urge": ("催办", "催单"),
    "note": ("备注", "批注", "wait", "comment"),
}  # fmt: skip
"""Events, and what an activity may be called that is one."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "satisfaction": {"非常满意": "satisfied", "很满意": "satisfied", "较满意": "basically_satisfied",
        "比较满意": "basically_satisfied", "不太满意": "dissatisfied", "很不满意": "dissatisfied",
        "非常不满意": "dissatisfied"},
    "outcome": {"已解决": "resolved", "解决": "resolved", "已解释": "explained", "解释": "explained",
        "未能解决": "unresolved", "没有解决": "unresolved", "备案": "recorded"},
    "case_type": {"咨询": "enquiry", "投诉": "complaint_report", "举报": "complaint_report",
        "投诉举报": "complaint_report", "求助": "help", "建议": "suggestion", "意见建议": "suggestion",
        "其他": "other"},
    "finding": {"基本属实": "partly_founded", "不实": "unfounded"},
}  # fmt: skip
"""By column, values that say one of ours in other words."""

FLAGS: Mapping[str, str] = {
    "Y": "是", "y": "是", "√": "是", "✓": "是", "有": "是", "T": "是", "已联系": "是", "匿名": "是",
    "紧急": "是", "加急": "是", "N": "否", "n": "否", "×": "否", "无": "否", "F": "否", "未联系": "否",
    "不匿名": "否", "实名": "否", "一般": "否", "普通": "否",
}  # fmt: skip
"""Words for yes and no beside those that are read."""

UNSAID = frozenset(("?", "？", "未评价", "-", "—", "/", "无数据", "未知"))
"""Words that say nothing."""

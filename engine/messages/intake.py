"""Why a file or a row could not be read, and what to do."""

TEXTS: dict[str, tuple[str, str]] = {
    "file_missing": ("找不到文件 {file}，请检查路径", "no file {file}; check the path"),
    "file_unreadable_input": ("读不了文件 {file}：{why}", "cannot read {file}: {why}"),
    "file_empty": ("文件 {file} 是空的，至少要有表头一行", "{file} is empty; it needs at least a header"),
    "file_encoding_input": (
        "文件 {file} 既不是 UTF-8 也不是 GB18030 文本；请另存为 CSV(UTF-8)",
        "{file} is text neither in UTF-8 nor in GB18030; save it as CSV (UTF-8)",
    ),
    "file_utf16": (
        "文件 {file} 是 UTF-16 文本，或不是文本；请另存为 CSV(UTF-8)",
        "{file} is text in UTF-16, or no text; save it as CSV (UTF-8)",
    ),
    "line_long": (
        "文件 {file} 有一行超过 {most} MiB，不像是工单日志",
        "{file} has a row of more than {most} MiB; that is no log of orders",
    ),
    "file_changed": (
        "文件 {file} 在读取中被改动；请等它写完再试",
        "{file} was changed while it was read; wait until it is whole and try again",
    ),
    "zip_other": (
        "压缩文件 {file} 里不是工作簿；其他格式请先解压",
        "the archive {file} holds no workbook; unpack other forms first",
    ),
    "workbook_broken": (
        "工作簿 {file} 已损坏或不完整：{why}；请重新导出",
        "the workbook {file} is damaged or cut short: {why}; export it again",
    ),
    "workbook_large": (
        "工作簿 {file} 太大（上限 {most}）；请按月或按周分开导出，或另存为 CSV(UTF-8)",
        "the workbook {file} is too large (at most {most}); split it, or save it as CSV (UTF-8)",
    ),
    "workbook_parts": (
        "工作簿 {file} 的部件超过 {most} 个，不像是工单日志",
        "the workbook {file} has more than {most} parts; that is no log of orders",
    ),
    "workbook_path": (
        "工作簿 {file} 有一个部件指向包外（{part}），可能有害，所以不读",
        "a part of the workbook {file} leads out of it ({part}); that can do harm, so it is not read",
    ),
    "workbook_twice": (
        "工作簿 {file} 有两个同名的部件（{part}），不知该信哪个；请另存一份",
        "two parts of the workbook {file} have one name ({part}); save it anew",
    ),
    "workbook_locked": (
        "工作簿 {file} 已加密；请去掉密码后另存",
        "the workbook {file} is encrypted; save it without a password",
    ),
    "workbook_other": (
        "文件 {file} 是 {form}，不是 XLSX；请另存为 XLSX 或 CSV(UTF-8)",
        "{file} is {form}, not XLSX; save it as XLSX or CSV (UTF-8)",
    ),
    "workbook_macros": (
        "工作簿 {file} 带有宏（{part}），所以不读；请另存为不带宏的 XLSX",
        "the workbook {file} holds macros ({part}), so it is not read; save it as XLSX without macros",
    ),
    "workbook_nested": (
        "工作簿 {file} 里还有压缩文件或别的文件（{part}），所以不读；请去掉嵌入的对象后另存",
        "the workbook {file} holds another file ({part}), so it is not read; remove embedded objects",
    ),
    "workbook_bomb": (
        "工作簿 {file} 的部件 {part} 解开后大得不合情理，可能有害，所以不读",
        "part {part} of the workbook {file} unpacks beyond all reason; that can do harm, so it is not read",
    ),
    "workbook_overlap": (
        "工作簿 {file} 的部件互相重叠（{part}），可能有害，所以不读",
        "parts of the workbook {file} overlap ({part}); that can do harm, so it is not read",
    ),
    "workbook_no_log": (
        "工作簿 {file} 没有一张看得见的表有数据（{sheets}）；隐藏的表不读，请先取消隐藏",
        "no visible sheet of the workbook {file} holds data ({sheets}); hidden ones are not read: show them",
    ),
    "file_broken": (
        "文件 {file} 第 {line} 行起不再是 CSV：{why}",
        "{file} stops being CSV at line {line}: {why}",
    ),
    "column_missing": (
        "文件 {file} 缺少必需的列：{missing}；现有的列：{found}",
        "{file} lacks required columns: {missing}; it has: {found}",
    ),
    "column_doubled": (
        "文件 {file} 有重名的列：{columns}；请改名或删去其一",
        "{file} has columns of the same name: {columns}; rename or remove one",
    ),
    "row_too_long": (
        "这一行有 {cells} 格，表头只有 {columns} 列；可能少了引号",
        "the row has {cells} cells, the header {columns}; perhaps a quote is missing",
    ),
    "row_doubled": ("与第 {first} 行完全相同的重复行", "the same in every cell as row {first}"),
    "order_id_missing": ("没有工单编号", "no order id"),
    "event_unknown": ("不认识的事件；可用：{allowed}", "unknown event; allowed: {allowed}"),
    "event_engine": (
        "engine event：由引擎自己写入的事件，不能从文件读入",
        "engine event: written by the engine alone, never read from a file",
    ),
    "value_not_listed": (
        "{column} 不能是“{value}”；可用：{allowed}",
        "{column} cannot be {value!r}; allowed: {allowed}",
    ),
    "value_no_flag": (
        "{column} 应为是或否，不能是“{value}”；可用：{allowed}",
        "{column} is yes or no, not {value!r}; allowed: {allowed}",
    ),
    "value_no_time": (
        "{column} 不是一个存在的时间：“{value}”；写法如：{allowed}",
        "{column} is no time that exists: {value!r}; write it like: {allowed}",
    ),
    "worker_lost": (
        "一个分担回放的进程意外结束（可能内存不足，或被终止）；原有结果未动，请重试",
        "a process that shared the replay was lost (out of memory?); earlier results stand; try again",
    ),
    "row_is_total": (
        "这一行是合计，不是工单",
        "the row is a total, no order",
    ),
    "number_long": (
        "{column} 是超过 15 位的数字，表格只保留 15 位，后面的已经丢失；请把这一列按文本重新导出",
        "{column} is a number of which a workbook keeps 15 digits only; export the column as text",
    ),
    "row_is_header": ("这一行又是表头", "the row is the header again"),
    "row_without_time": (
        "这一行没有任何时间，不知道发生过什么",
        "the row holds no time, so nothing is known to have happened",
    ),
    "json_broken": (
        "这一行不是完整的 JSON 对象；每行应是一个 {{…}}",
        "the line is no whole JSON object; each line should be one {{…}}",
    ),
    "json_key_twice": ("同一个键在这一行出现两次", "a key stands twice in the line"),
    "json_none": ("文件 {file} 里没有一个 JSON 对象", "{file} holds no JSON object"),
    "columns_many": (
        "文件 {file} 的列超过 {most} 个，不像是工单日志",
        "{file} has more than {most} columns; that is no log of orders",
    ),
    "gzip_broken": ("压缩文件 {file} 已损坏：{why}", "the archive {file} is damaged: {why}"),
    "gzip_other": (
        "压缩文件 {file} 里不是 XES；其他格式请先解压",
        "the archive {file} holds no XES; unpack other forms first",
    ),
    "gzip_bomb": (
        "压缩文件 {file} 解开后大得不合情理，可能有害，所以不读",
        "the archive {file} unpacks beyond all reason; that can do harm, so it is not read",
    ),
    "xes_deep": (
        "文件 {file} 的属性嵌套超过 {most} 层，不像是工单日志",
        "{file} nests attributes more than {most} deep; that is no log of orders",
    ),
    "xml_broken": (
        "文件 {file} 第 {line} 行起不再是 XML：{why}",
        "{file} stops being XML at line {line}: {why}",
    ),
    "xml_entities": (
        "文件 {file} 带有文档类型或实体声明；日志用不着，又可能有害，所以不读。请删去后再试",
        "{file} declares a document type or entities; no log needs them and they can do harm: remove them",
    ),
    "xes_no_log": (
        "文件 {file} 是 XML 但不是 XES：最外层是 <{found}>，应是 <log>",
        "{file} is XML but no XES: it begins with <{found}>, not <log>",
    ),
    "xes_none": ("文件 {file} 里没有一个事件", "{file} holds no event"),
    "xes_trace_late": (
        "文件 {file} 有一个 trace 把属性“{key}”写在事件之后；XES 要求属性在前",
        "a trace of {file} has its attribute {key!r} after its events; XES wants it before them",
    ),
    "xes_tag_long": (
        "文件 {file} 第 {line} 行有一个超过 16 MiB 的标记，不像是工单日志",
        "{file} has a tag of more than 16 MiB at line {line}; that is no log of orders",
    ),
    "parquet_broken": ("读不了 Parquet 文件 {file}：{why}", "cannot read the Parquet file {file}: {why}"),
    "file_unwritable": (
        "无法写入 {file}：{why}；请检查路径、权限与磁盘空间",
        "cannot write {file}: {why}; check the path, permissions and disk space",
    ),
    "extra_missing": (
        "读写 {file} 需要 {needs}，它属于附加项 {extra}；请运行 pip install 'paidan[{extra}]'",
        "{file} needs {needs}, which the extra {extra} brings: pip install 'paidan[{extra}]'",
    ),
    "mapping_header_missing": (
        "映射文件 {mapping} 提到的列“{header}”不在 {file} 中（相近：{nearest}）；现有的列：{found}",
        "{mapping} names a column {header!r} that {file} lacks (nearest: {nearest}); it has: {found}",
    ),
    "mistake.mapping_skip_twice": ("既写在 [events] 又写在 [skip]", "stands in [events] and in [skip]"),
    "mistake.mapping_column_twice": ("另有一列也改名为“{value}”", "another column becomes {value!r} too"),
    "mistake.mapping_time_twice": (
        "已在 [columns] 中改名，不能再写在 [times]",
        "is renamed in [columns] and cannot stand in [times] too",
    ),
    "mistake.mapping_events_none": ("没有写任何事件", "names no event"),
    "mistake.mapping_zone": ("没有这个时区“{value}”", "{value!r} is no time zone"),
    "told.skipped": (
        "{file}：按映射略过“{activity}”{rows} 行（{why}）",
        "{file}: {rows} rows of {activity!r} passed over by the mapping ({why})",
    ),
    "told.added": (
        "{file}：在工单开头补了日志没有的 {total} 个事件（{listed}），不计入读入",
        "{file} added {total} events that orders lack at their beginning ({listed}); not counted as read",
    ),
    "told.from_columns": (
        "{file}：时间列里读出 {total} 个事件（{listed}）",
        "{file}: {total} events read from columns of times ({listed})",
    ),
    "told.callback_time_missing": (
        "{file}：{total} 格回访内容没有回访时间，未读入（{listed}）",
        "{file}: {total} cells about a callback without its time were not read ({listed})",
    ),
    "told.header_row": (
        "{file}：表头在第 {header_row} 行，数据从下一行起编号",
        "{file}: the header stands in row {header_row}; data rows are numbered from the next",
    ),
    "told.sheets_passed_over": (
        "{file}：略过不是工单日志或隐藏的表 {total} 张（{listed}）",
        "{file}: {total} sheets that are hidden or no log passed over ({listed})",
    ),
    "told.error_cells": (
        "{file}：{total} 个格子是 #N/A、#REF! 之类的错误，按没有说处理",
        "{file}: {total} cells are errors like #N/A or #REF!, read as empty",
    ),
    "columns_ignored": ("未使用的列：{columns}", "columns not used: {columns}"),
}

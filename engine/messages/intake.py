"""Why a file or a row could not be read, and what to do."""

TEXTS: dict[str, tuple[str, str]] = {
    "file_missing": ("找不到文件 {file},请检查路径", "no file {file}; check the path"),
    "file_unreadable_input": ("读不了文件 {file}:{why}", "cannot read {file}: {why}"),
    "file_empty": ("文件 {file} 是空的,至少要有表头一行", "{file} is empty; it needs at least a header"),
    "file_encoding_input": (
        "文件 {file} 既不是 UTF-8 也不是 GB18030 文本;请另存为 CSV(UTF-8)",
        "{file} is text neither in UTF-8 nor in GB18030; save it as CSV (UTF-8)",
    ),
    "file_broken": (
        "文件 {file} 第 {line} 行起不再是 CSV:{why}",
        "{file} stops being CSV at line {line}: {why}",
    ),
    "column_missing": (
        "文件 {file} 缺少必需的列:{missing};现有的列:{found}",
        "{file} lacks required columns: {missing}; it has: {found}",
    ),
    "column_doubled": (
        "文件 {file} 有重名的列:{columns};请改名或删去其一",
        "{file} has columns of the same name: {columns}; rename or remove one",
    ),
    "row_too_long": (
        "这一行有 {cells} 格,表头只有 {columns} 列;可能少了引号",
        "the row has {cells} cells, the header {columns}; perhaps a quote is missing",
    ),
    "row_doubled": ("与第 {first} 行完全相同的重复行", "the same in every cell as row {first}"),
    "order_id_missing": ("没有工单编号", "no order id"),
    "event_unknown": ("不认识的事件;可用:{allowed}", "unknown event; allowed: {allowed}"),
    "event_engine": (
        "engine event:由引擎自己写入的事件,不能从文件读入",
        "engine event: written by the engine alone, never read from a file",
    ),
    "event_correct": (
        "更正只能对在线日志提出,不能从文件读入",
        "a correction is made to a live log, not read from a file",
    ),
    "value_not_listed": (
        "{column} 不能是“{value}”;可用:{allowed}",
        "{column} cannot be {value!r}; allowed: {allowed}",
    ),
    "value_no_flag": (
        "{column} 应为是或否,不能是“{value}”;可用:{allowed}",
        "{column} is yes or no, not {value!r}; allowed: {allowed}",
    ),
    "value_no_time": (
        "{column} 不是一个存在的时间:“{value}”;写法如:{allowed}",
        "{column} is no time that exists: {value!r}; write it like: {allowed}",
    ),
    "columns_ignored": ("未使用的列:{columns}", "columns not used: {columns}"),
}

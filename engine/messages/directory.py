"""What the directory says: its files, what is missing, who may see what."""

TEXTS: dict[str, tuple[str, str]] = {
    "directory_row": ("{file} 第 {row} 行：{why}", "{file} row {row}: {why}"),
    "directory_column": (
        "{file} 有不认识的列“{column}”，请删去或改名；可用：{allowed}",
        "{file} has a column {column!r} that means nothing here; take it out or rename it; known: {allowed}",
    ),
    "directory_role": (
        "没有岗位“{value}”；是否为：{allowed}",
        "no post is called {value!r}; did you mean: {allowed}",
    ),
    "directory_person": ("没有写姓名", "no person is named"),
    "directory_unit": (
        "{role}是各单位的岗位，要写单位",
        "every unit has this post ({role}): say which unit",
    ),
    "directory_twice": (
        "同一人在同一时间两次列为同一岗位（{value}）；合并，或用起止日期分开",
        "the same person holds {value} twice at a time; join the rows, or part them by dates",
    ),
    "directory_actor": (
        "请用 --actor 写明由谁备案",
        "say with --actor who files it",
    ),
    "directory.one_source": (
        "请用 --directory 或 --db 给出名册，二者取一",
        "give the directory by --directory or by --db, one of them",
    ),
    "directory.policy_wanted": (
        "请用 --policy 写明按哪份规则检查",
        "say with --policy which rules ask for posts",
    ),
    "directory.empty": (
        "数据库中还没有岗位名册；先用 directory load 存入",
        "the database holds no directory yet; load one with directory load",
    ),
    "directory.role_unknown": ("没有角色“{role}”", "no role is called {role!r}"),
    "directory.loaded": (
        "已存入 {posts} 个岗位，自 {on} 起算",
        "{posts} posts kept, counting from {on}",
    ),
    "directory.same": ("与上次存入的相同，未作改动", "the same as was loaded last; nothing was changed"),
    "directory.began": ("到岗", "begins"),
    "directory.ended": ("离岗", "ends"),
    "directory.whole": ("{on}：{units} 个单位，岗位齐全", "{on}: {units} unit(s), no post missing"),
    "directory.missing": ("{on}：{units} 个单位，缺 {count} 处", "{on}: {units} unit(s), {count} missing"),
    "directory.not_asked": (
        "{rule}（{clause}）须知每月件数才能检查：加 --run 或 --db",
        "{rule} ({clause}) leans on the number of orders a month and was not checked: add --run or --db",
    ),
    "directory.no_roster": (
        "没有单位名册，只检查岗位名册中出现的单位；加 --units 可查出整个缺失的单位",
        "no roster: only units that the directory names were checked; --units finds those that it lacks",
    ),
    "directory.masked": ("（不显示）", "(not shown)"),
    "directory.named": ("{role}（{people}）", "{role} ({people})"),
    "directory.kept_until": (
        "；录音保存至{on}（{rule} {clause}）",
        "; recording kept until {on} ({rule} {clause})",
    ),
    "gap.unfilled": ("无人", "nobody"),
    "gap.too_few": ("{found} 人，应至少 {wanted} 人", "{found}, should be at least {wanted}"),
    "gap.title": (
        "{person}的职务为“{title}”，应为：{wanted}",
        "{person} is {title!r}, should be: {wanted}",
    ),
    "gap.held_twice": (
        "{person}同时任{wanted}，应由两人分任",
        "{person} is {wanted} too: it takes two people",
    ),
    "gap.untold": ("{person}未填：{wanted}", "not said of {person}: {wanted}"),
    "column.person": ("姓名", "person"),
    "column.post": ("岗位", "post"),
    "column.duty": ("职务", "title"),
    "column.contact": ("联系方式", "contact"),
    "column.from": ("起", "from"),
    "column.to": ("止", "to"),
    "column.note": ("备注", "note"),
    "column.lacks": ("所缺", "missing"),
    "column.change": ("变动", "change"),
    "finding.not_to_be_seen": (
        "{label}：限{roles}查看，不是{role}",
        "{label}: for {roles} to see, not {role}",
    ),
    "finding.not_its_unit": (
        "{label}：工单在{holder}，须是该单位的{role}并写明单位，不是“{unit}”",
        "{label}: the order is with {holder}; only its {role} may see it, and says the unit, not {unit!r}",
    ),
    "journal.directory_filed": (
        "存入一份岗位名册，posts 个岗位，自 from_on 起算",
        "a directory of posts was filed, counting from from_on",
    ),
}

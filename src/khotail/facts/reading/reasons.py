"""Why a row was rejected, or a cell mended or flagged: short reasons that people read in the returned workbook."""

from __future__ import annotations

from khotail.texts import Text

#: The row could not be used. It comes back in the workbook of rejected rows.
REJECTED = {
    "household-number-missing": Text("缺户编号", "the household number is missing"),
    "number-destroyed": Text(
        "编号已被 Excel 损坏，请以文本格式重新导出", "Excel destroyed the number; export it again as text"
    ),
    "id-missing": Text("缺证件号码，无法对应到人", "the ID number is missing, so the row belongs to nobody"),
    "id-destroyed": Text(
        "证件号码已被 Excel 损坏，请以文本格式重新导出", "Excel destroyed the ID number; export it again as text"
    ),
    "not-in-register": Text("登记库中查无此人（户）", "not in the register"),
    "key-conflict": Text(
        "与前面的行编号相同但内容不同，请核实后保留一行",
        "same key as an earlier row but other content; keep one of them",
    ),
    "cut-off-row": Text("文件在此行被截断", "the file breaks off in this row"),
    "unreadable-date-in-key": Text("关键日期无法识别", "the date that identifies the row cannot be read"),
    "unknown-region": Text("地名不在区划表中", "the place is not in the list of divisions"),
    "outside-region": Text("不在本批次的行政区划内，未写入", "outside the region of this batch; not written"),
    "household-unknown": Text("登记库中没有这一户，未写入", "the household is not in the register; not written"),
    "total-row": Text("合计行，不是数据", "a row of totals, not data"),
}

#: The same row twice: dropped without loss, only counted.
DROPPED = {
    "duplicate-row": Text("与前面的行完全相同，已去重", "identical with an earlier row; dropped"),
    "repeated-header": Text("重复的表头行，已忽略", "the header again; ignored"),
}

#: The cell was put right without doubt.
MENDED = {
    "tidied": Text("去掉多余空格、全角字符转半角", "spaces removed, full-width characters made half-width"),
    "code-spelling": Text("统一写法", "spelled as the register spells it"),
    "number-form": Text("去掉单位和千分位", "unit or thousands separators removed"),
    "date-form": Text("日期统一格式", "date written in one form"),
    "excel-date": Text("Excel 日期序号转为日期", "Excel's day number turned into a date"),
    "id-upgraded": Text("15 位证件号码升为 18 位", "15-digit ID number made 18"),
    "id-lower-case": Text("证件号码末位 x 改为大写", "lower-case x of the ID number made a capital"),
    "id-tidied": Text("证件号码去掉空格等符号", "spaces and marks removed from the ID number"),
    "birth-from-id": Text("出生日期按证件号码补填", "date of birth taken from the ID number"),
    "sex-from-id": Text("性别按证件号码补填", "sex taken from the ID number"),
    "added-up": Text("同一人同日同类多笔，已合计", "several amounts of one person, day and kind were added up"),
    "region-code": Text("区划代码补足 12 位", "region code padded to 12 digits"),
}

#: The cell needs a look: emptied where it could not be read, kept where it is only doubtful.
FLAGGED = {
    "unreadable-number": Text("不是数字，已置空", "not a number; left empty"),
    "unreadable-date": Text("不是日期，已置空", "not a date; left empty"),
    "unreadable-yes-no": Text("不是“是”或“否”，已置空", "neither yes nor no; left empty"),
    "unknown-code": Text("不在指标取值范围内，原样保留", "not among the known values; kept as it is"),
    "id-destroyed": Text(
        "证件号码已被 Excel 损坏，已置空，请以文本格式重新导出",
        "Excel destroyed the ID number; left empty, export it again as text",
    ),
    "id-length": Text("证件号码位数不对，原样保留", "the ID number has a wrong length; kept as it is"),
    "id-check-digit": Text("证件号码校验位不符，原样保留", "the ID number's check digit is wrong; kept as it is"),
    "number-destroyed": Text("编号已被 Excel 损坏，已置空", "Excel destroyed the number; left empty"),
    "household-conflict": Text(
        "同一户的各行填写不一致，采用第一行", "the rows of one household differ; the first was taken"
    ),
    "unknown-region": Text("地名不在区划表中", "the place is not in the list of divisions"),
    "name-differs": Text("姓名与登记库不一致", "the name differs from the register's"),
}


def reason(kind: str, name: str) -> Text:
    """The text of one reason; kind is rejected, dropped, mended or flagged."""
    catalogues = {"rejected": REJECTED, "dropped": DROPPED, "mended": MENDED, "flagged": FLAGGED}
    return catalogues[kind][name]

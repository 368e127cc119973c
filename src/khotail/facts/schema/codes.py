"""Values of coded columns as the national register writes them, with their English names."""

from __future__ import annotations

HOUSEHOLD_TYPES = (("脱贫户", "out-of-poverty household"), ("普通农户", "general household"))
MONITORED_TYPES = (
    ("脱贫不稳定户", "unstable out-of-poverty household"),
    ("边缘易致贫户", "marginal household"),
    ("突发严重困难户", "sudden-hardship household"),
)
RISKS = (
    ("因病", "illness"),
    ("因残", "disability"),
    ("因学", "schooling"),
    ("因自然灾害", "natural disaster"),
    ("因意外事故", "accident"),
    ("因产业失败", "failed business"),
    ("因务工就业不稳", "unstable work"),
    ("缺劳动力", "lack of labour"),
    ("因安全住房", "unsafe housing"),
    ("因安全饮水", "unsafe drinking water"),
    ("其他", "other"),
)
RISK_RESOLUTIONS = (("帮扶消除", "through help"), ("自然消除", "by itself"))
HEALTH = (
    ("健康", "healthy"),
    ("长期慢性病", "chronic illness"),
    ("患有大病", "serious illness"),
    ("残疾", "disabled"),
)
LABOUR = (
    ("普通劳动力", "ordinary labour"),
    ("技能劳动力", "skilled labour"),
    ("弱劳动力或半劳动力", "weak or half labour"),
    ("丧失劳动力", "lost ability to work"),
    ("无劳动力", "no labour"),
)
SCHOOL_STATUSES = (
    ("学龄前儿童", "below school age"),
    ("学前教育", "pre-school"),
    ("小学", "primary school"),
    ("七年级", "junior high 1"),
    ("八年级", "junior high 2"),
    ("九年级", "junior high 3"),
    ("普通高中一年级", "senior high 1"),
    ("普通高中二年级", "senior high 2"),
    ("普通高中三年级", "senior high 3"),
    ("中职一年级", "secondary vocational 1"),
    ("中职二年级", "secondary vocational 2"),
    ("中职三年级", "secondary vocational 3"),
    ("高职高专一年级", "higher vocational 1"),
    ("高职高专二年级", "higher vocational 2"),
    ("高职高专三年级", "higher vocational 3"),
    ("本科一年级", "undergraduate 1"),
    ("本科二年级", "undergraduate 2"),
    ("本科三年级", "undergraduate 3"),
    ("本科四年级", "undergraduate 4"),
    ("技师学院", "technician college"),
    ("硕士生及以上", "postgraduate"),
)
EDUCATION = (
    ("文盲或半文盲", "illiterate or semi-literate"),
    ("小学", "primary school"),
    ("初中", "junior high"),
    ("高中", "senior high"),
    ("大专", "college"),
    ("本科及以上", "bachelor or above"),
)
SUBSISTENCE = (("未享受", "none"), ("农村低保", "rural allowance"), ("城市低保", "urban allowance"))
EXTREME_POVERTY = (("不享受", "none"), ("农村特困", "rural support"), ("城市特困", "urban support"))
RELATIONS = (
    ("户主", "head"),
    ("配偶", "spouse"),
    ("之子", "son"),
    ("之女", "daughter"),
    ("之儿媳", "daughter-in-law"),
    ("之女婿", "son-in-law"),
    ("之孙子", "grandson"),
    ("之孙女", "granddaughter"),
    ("之外孙子", "grandson (daughter's)"),
    ("之外孙女", "granddaughter (daughter's)"),
    ("之父", "father"),
    ("之母", "mother"),
    ("之岳父", "wife's father"),
    ("之岳母", "wife's mother"),
    ("之公公", "husband's father"),
    ("之婆婆", "husband's mother"),
    ("之祖父", "grandfather"),
    ("之祖母", "grandmother"),
    ("之兄弟", "brother"),
    ("之姐妹", "sister"),
    ("其他", "other"),
)
ID_TYPES = (("居民身份证", "citizen ID"), ("残疾人证", "disability card"), ("其他", "other"))
WORK_CHANNELS = (
    ("自主就业", "found alone"),
    ("亲友介绍", "through friends"),
    ("政府组织", "organised by government"),
    ("企业招聘", "hired by a firm"),
    ("公益性岗位", "public post"),
    ("帮扶车间", "help workshop"),
    ("东西部协作", "East-West pairing"),
)
HOUSE_GRADES = (("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"))
DISASTERS = (
    ("干旱", "drought"),
    ("雪灾", "snow"),
    ("洪涝", "flood"),
    ("风雹", "wind or hail"),
    ("火灾", "fire"),
    ("地震", "earthquake"),
    ("动物疫病", "animal disease"),
    ("病虫害", "crop pest"),
    ("低温冷冻", "frost"),
    ("其他", "other"),
)
INCIDENTS = (
    ("死亡", "death"),
    ("交通事故", "traffic accident"),
    ("工伤", "work injury"),
    ("刑事案件", "crime"),
    ("火灾", "house fire"),
    ("信访", "petition"),
    ("热线求助", "hotline call"),
    ("网络线索", "media or online lead"),
    ("产业失败", "failed business"),
    ("价格大跌", "price fall"),
    ("其他", "other"),
)

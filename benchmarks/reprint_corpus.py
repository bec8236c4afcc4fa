"""Articles, families of templated notices, and what mirrors make of them: the data of `benchmarks.reprints`.

Articles are cut from the texts of `../shared/text` and written by the replica's author; families are filled in from the
templates below. Same seed, same data.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.replica.models import Province
from crawler.replica.pollution import pollute
from crawler.replica.writing import names
from crawler.replica.writing.author import Author
from crawler.restore import restore

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "text"
BRANDS = (
    "岚江日报",
    "云陂新闻网",
    "汀原广播电视台",
    "青埠晚报",
    "渌川在线",
    "霁阳发布客户端",
    "雁泽政务网",
    "桐岭融媒",
)

TEMPLATES: tuple[tuple[str, str], ...] = (
    ("关于{person}同志任职的通知", "各县（区）人民政府，市政府各部门、各直属机构：\n经{date}市政府第{n1}次常务会议研究决定，任命{person}同志为{place}县水利服务中心主任，试用期一年。\n任职时间自研究决定之日起计算。请有关单位按照干部管理权限做好任职谈话、档案移交和工资关系转移等工作，并于十个工作日内将办理情况报市委组织部备案。\n特此通知。"),
    ("{place}街道停水公告", "因{place}街道供水管网改造施工需要，定于{date}{n2}时起对沿线用户实施计划停水，停水时间约{n3}小时，施工结束后提前恢复供水的不再另行通知。\n停水期间请广大用户提前做好储水准备，关闭户内用水阀门，避免来水时无人看管造成财产损失。恢复供水初期水质可能短时浑浊，属正常现象，放水片刻即可正常使用。\n由此给您带来的不便，敬请谅解。服务热线：{phone}。"),
    ("关于{company}建设项目环境影响报告表拟批准的公示", "根据建设项目环境影响评价审批程序的有关规定，经审议，我局拟对{company}年产{n4}吨扩建项目环境影响报告表作出批准决定。为保证审批的严肃性和公正性，现将该项目的基本情况予以公示，公示期为{date}起五个工作日。\n该项目总投资{n4}万元，其中环保投资{n2}万元。项目废水经厂区污水站处理达标后接入园区管网，废气经布袋除尘后由排气筒高空排放，固体废物分类收集、综合利用。\n依据行政许可有关规定，自公示起五日内申请人、利害关系人可以向我局提出听证申请。联系电话：{phone}。"),
    ("{place}县发布暴雨蓝色预警信号", "{place}县气象台{date}{n2}时{n3}分发布暴雨蓝色预警信号：预计未来十二小时内，我县大部分乡镇降雨量将达{n5}毫米以上，局地伴有短时强降水、雷暴大风等强对流天气。\n请有关单位和人员做好防范工作：一是政府及相关部门按照职责做好防暴雨准备；二是学校、幼儿园采取适当措施保证学生和幼儿安全；三是驾驶人员注意道路积水和交通阻塞；四是检查城市、农田、鱼塘排水系统，做好排涝准备。\n易发生山洪、滑坡、泥石流的地段要加强巡查，必要时组织群众转移避险。"),
    ("行政处罚决定书（{n1}号）", "当事人：{company}，法定代表人：{person}。\n经查，当事人于{date}在未取得相应许可的情况下擅自从事预包装食品生产经营活动，货值金额{n4}元。以上事实有现场检查笔录、询问笔录、销售单据和现场照片等证据证实。\n当事人的行为违反了食品安全管理的有关规定。鉴于当事人积极配合调查、主动消除危害后果，依法从轻处罚，决定没收违法所得，并处罚款{n5}元。\n当事人应当自收到本决定书之日起十五日内缴纳罚款，逾期不缴纳的每日按罚款数额的百分之三加处罚款。如不服本决定，可在六十日内申请行政复议，或者在六个月内提起行政诉讼。"),
    ("{place}区国有建设用地使用权挂牌出让公告", "经{place}区人民政府批准，我局决定以挂牌方式出让一宗国有建设用地使用权，现将有关事项公告如下：\n地块编号为{n1}号，出让面积{n4}平方米，规划用途为二类工业用地，容积率不低于一点五，出让年限五十年，起始价{n5}万元，竞买保证金{n2}万元。\n中华人民共和国境内外的法人、自然人和其他组织均可申请参加竞买，申请人可以单独申请，也可以联合申请。有意者请于{date}前到我局土地利用科提交书面申请，资格审查合格并交纳保证金的，方可参加竞买。\n本次挂牌出让按照价高者得的原则确定竞得人。联系人：{person}，电话：{phone}。"),
    ("{place}区{date}新录用公务员拟录用人员公示", "根据公务员录用有关规定，经笔试、面试、体检和考察等程序，拟录用{person}等{n2}名同志为{place}区机关公务员，现予以公示。\n公示期间，如有问题请向区委组织部反映。反映情况和问题应当坚持实事求是的原则，以真实姓名反映，并提供必要的调核线索，电话和来信应当告知联系方式。\n凡以匿名或者其他方式反映的问题不予受理。公示时间：{date}起七日。受理电话：{phone}。"),
    ("关于对{person}代表第{n1}号建议的答复", "{person}代表：\n您提出的关于加强农村饮水工程运行管护的建议收悉，现答复如下：\n近年来我厅会同有关部门持续完善农村供水管护机制，推动县级统管，压实主管部门监管责任、供水单位运行责任。截至{date}，全省累计落实维修养护资金{n4}万元，维修养护工程{n5}处。\n下一步，我们将认真吸收您的意见，加快推进城乡供水一体化，健全水价形成机制，加强水质检测和信息公开，让群众长期喝上放心水。\n感谢您对水利工作的关心和支持。"),
    ("{place}公路交通管制的通告", "因{place}公路路面大修工程施工需要，为确保施工期间的行车安全和工程顺利进行，根据道路交通安全管理的有关规定，决定对该路段实施交通管制，现通告如下：\n一、管制时间：自{date}零时起，工期{n2}天。二、管制路段：起点桩号{n4}至终点桩号{n5}。三、管制措施：半幅封闭施工、半幅双向通行，禁止五吨以上货车驶入，大型客车请提前绕行。\n请过往车辆和行人服从现场执勤人员指挥，按照交通标志行驶。对违反本通告的，由公安机关交通管理部门依法处理。"),
    ("{place}市场主要食品价格监测快报", "据对{place}农贸市场的定点监测，截至{date}，主要食品价格总体平稳，市场供应充足。\n蔬菜方面，监测的二十种蔬菜平均零售价为每公斤{n2}元，环比上涨百分之{n3}，其中叶类菜受连阴雨影响涨幅较大，茄果类价格回落。肉类方面，精瘦肉平均零售价每公斤{n5}元，与上周持平；鸡蛋每公斤{n3}元，环比下降。\n粮油方面，大米、面粉和食用油货源稳定，价格没有明显变化。预计短期内主要食品价格仍将以小幅波动为主。"),
    ("关于注销{company}安全生产许可证的公告", "根据安全生产许可管理的有关规定，{company}提出注销申请，经我局核实，决定注销其安全生产许可证，证书编号为{n4}，自{date}起失效。\n请该企业自公告之日起三日内将许可证正本、副本交回发证机关，妥善处置剩余危险化学品及生产装置，不得再从事许可范围内的生产活动。有关县（区）应急管理部门要加强监督检查，防止死灰复燃。\n特此公告。经办人：{person}，联系电话：{phone}。"),
    ("{place}中学新建项目可行性研究报告的批复", "区教育局：\n你局报来的请示及有关材料收悉。经研究，原则同意{place}中学新建项目可行性研究报告，现批复如下：\n一、建设地点位于规划二路以北。二、建设规模为占地{n2}亩，总建筑面积{n4}平方米，包括教学楼、综合楼、学生宿舍、食堂、体育场及附属工程。三、项目总投资估算{n5}万元，资金来源为专项债券和区级财政配套。\n请据此抓紧开展初步设计等前期工作，严格执行招标投标、质量安全和节能审查制度。项目代码{n1}，本批复自{date}起两年内有效。"),
)  # fmt: skip
"""Title and body; slots: person, company, place, date, phone, n1..n5."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One article: its title and body, the family it belongs to (-1 for none), its number in the corpus."""

    number: int
    title: str
    body: str
    family: int = -1
    kind: str = "cut"


def _values(rng: random.Random) -> dict[str, str]:
    day = date(2025, 1, 1) + timedelta(days=rng.randrange(500))
    return {
        "person": names.person(rng),
        "company": names.company(rng),
        "place": names.place(rng),
        "date": f"{day.year}年{day.month}月{day.day}日",
        "phone": f"0{rng.randint(310, 999)}-{rng.randint(2000000, 8999999)}",
        "n1": str(rng.randint(11, 999)),
        "n2": str(rng.randint(6, 23)),
        "n3": str(rng.randint(3, 59)),
        "n4": str(rng.randint(1200, 98000)),
        "n5": str(rng.randint(50, 900)),
    }


FLAVOURS: dict[str, tuple[str, ...]] = {
    "name": ("person", "company", "place"),
    "number": ("n1", "n2", "n3", "n4", "n5"),
    "date": ("date",),
    "all": ("person", "company", "place", "date", "phone", "n1", "n2", "n3", "n4", "n5"),
}


def family(template: int, seed: int, count: int, flavour: str) -> list[tuple[str, str]]:
    """`count` siblings of one template; they differ in the slots of the flavour, each in every one that it uses."""
    rng = random.Random(f"{template}:{seed}:{flavour}")
    base = _values(rng)
    title, body = TEMPLATES[template]
    made: list[tuple[str, str]] = []
    seen: set[str] = set()
    for _ in range(count * 50):
        fresh = _values(rng)
        values = {slot: fresh[slot] if slot in FLAVOURS[flavour] else base[slot] for slot in base}
        text = body.format(**values)
        if text not in seen:
            seen.add(text)
            made.append((title.format(**values), text))
        if len(made) == count:
            break
    return made


def shared_articles() -> list[tuple[str, str]]:
    """The shared texts, cut at line ends into articles of 250 to 2,500 characters, no passage and no document twice."""
    rng = random.Random(7)
    made = []
    seen: set[str] = set()
    known: set[str] = set()
    for name in ("gwr.jsonl", "policy.jsonl"):
        with (SHARED / name).open(encoding="utf-8") as lines:
            for document in map(json.loads, lines):
                clauses = set(re.findall(r"\w{12,}", document))
                if len(clauses & known) > 0.05 * len(clauses):
                    continue  # another copy or version of a document that is in already
                known |= clauses
                wanted, parts, length = rng.choice((250, 400, 600, 900, 1400)), list[str](), 0
                for line in (line.strip() for line in document.split("\n")):
                    if not line or line in seen or len(line) > 2500:
                        continue
                    if len(line) > 30:
                        seen.add(line)
                    parts.append(line)
                    length += len(line)
                    if length >= wanted:
                        made.append((re.split(r"[，。；：]", parts[0])[0][:40], "\n".join(parts)))
                        wanted, parts, length = rng.choice((250, 400, 600, 900, 1400)), [], 0
    return made


def written_articles(count: int) -> list[tuple[str, str]]:
    """News of the replica's author: invented, and sharing phrases as news of one style does."""
    author = Author(11)
    province = Province(name="岚江省", short="岚", code="990000", paper="岚江日报")
    day = date(2025, 1, 1)
    made = []
    for number in range(count):
        kind = ("news", "news", "interpretation", "conference", "policy")[number % 5]
        post = author.write(number, kind, day + timedelta(days=number % 400), province)
        made.append((post.title, "\n".join(post.paragraphs)))
    return made


_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+$")
_HEADERS = (
    "当前位置：首页 > 新闻中心 > 要闻",
    "发布时间：2026-03-{d} 10:2{d}  来源：{brand}  浏览次数：{n}",
    "字号：大 中 小  打印本页",
)
_FOOTERS = (
    "（责任编辑：{person}）", "声明：本网转载此文仅为传递更多信息，文章版权归原作者所有，如有侵权请联系我们删除。", "关注{brand}公众号，获取更多资讯。",
    "上一篇：{place}县召开防汛工作会议", "下一篇：{place}区公布一季度重点项目清单", "欢迎登录{brand}官方网站查询更多政务信息和办事指南。",
)  # fmt: skip


def _brand(rng: random.Random, text: str) -> str:
    return text.format(
        brand=rng.choice(BRANDS),
        person=names.person(rng),
        place=names.place(rng),
        d=rng.randint(1, 9),
        n=rng.randint(50, 9999),
    )


def header_footer(rng: random.Random, sample: Sample) -> Sample:
    head = "\n".join(_brand(rng, line) for line in rng.sample(_HEADERS, 2))
    return replace(sample, body=f"{head}\n{sample.body}\n{_footer(rng)}")


def _footer(rng: random.Random) -> str:
    return "\n".join(_brand(rng, line) for line in rng.sample(_FOOTERS, 4))


def without_sentences(share: float) -> Callable[[random.Random, Sample], Sample]:
    def change(rng: random.Random, sample: Sample) -> Sample:
        sentences = _SENTENCE.findall(sample.body)
        gone = (
            set(rng.sample(range(len(sentences)), max(1, round(share * len(sentences)))))
            if len(sentences) > 2
            else set()
        )
        return replace(sample, body="".join(s for i, s in enumerate(sentences) if i not in gone))

    return change


def new_title(rng: random.Random, sample: Sample) -> Sample:
    return replace(sample, title=f"{rng.choice(('重磅', '最新', '权威发布', '速看'))}！{names.place(rng)}这件事定了")


def new_brand(rng: random.Random, sample: Sample) -> Sample:
    """Another outlet's name wherever one stands, at the head and at the tail."""
    old, new = rng.sample(BRANDS, 2)
    body = sample.body
    for brand in BRANDS:
        body = body.replace(brand, new if brand != new else old)
    lead = rng.choice(
        (
            f"{new}讯 ",
            f"{new}{rng.randint(1, 12)}月{rng.randint(1, 28)}日电（记者{names.person(rng)}）",
            f"据{new}报道，",
        )
    )
    return replace(sample, body=f"{lead}{body}（{new}）")


def other_characters(rng: random.Random, sample: Sample) -> Sample:
    """One character in a hundred replaced (70 %), lost or doubled by another, wherever it stands."""
    pool = "的一国在人了有中是年和大业不为发会工经上地市要出行和同成主方多面新"
    made = []
    for character in sample.body:
        if character == "\n" or rng.random() >= 0.01:
            made.append(character)
            continue
        what = rng.random()
        other = rng.choice(pool) if rng.random() < 0.5 else rng.choice(sample.body.replace("\n", ""))
        made.append(other if what < 0.7 else "" if what < 0.85 else character + other)
    return replace(sample, body="".join(made))


def first_half(_: random.Random, sample: Sample) -> Sample:
    sentences = _SENTENCE.findall(sample.body)
    kept: list[str] = []
    length = 0
    for sentence in sentences:
        if kept and length + len(sentence) / 2 > len(sample.body) / 2:
            break
        kept.append(sentence)
        length += len(sentence)
    return replace(sample, body="".join(kept))


def half_and_footer(rng: random.Random, sample: Sample) -> Sample:
    half = first_half(rng, sample)
    return replace(half, body=f"{half.body}\n{_footer(rng)}")


def polluted(style: str) -> Callable[[random.Random, Sample], Sample]:
    def change(rng: random.Random, sample: Sample) -> Sample:
        body = restore(pollute(sample.body, style, str(rng.random()))).text
        return replace(sample, body=body)

    return change


def any_pollution(rng: random.Random, sample: Sample) -> Sample:
    return polluted(rng.choice(("spaced", "toned", "random", "torn")))(rng, sample)


def all_together(rng: random.Random, sample: Sample) -> Sample:
    changed = first_half(rng, sample)
    for change in (without_sentences(0.1), new_brand, other_characters, header_footer, new_title, any_pollution):
        changed = change(rng, changed)
    return changed


VARIANTS: dict[str, Callable[[random.Random, Sample], Sample]] = {
    "as it is": lambda _, sample: sample,
    "header and footer": header_footer,
    "5 % of sentences removed": without_sentences(0.05),
    "10 % of sentences removed": without_sentences(0.1),
    "another title": new_title,
    "another brand": new_brand,
    "1 % of characters": other_characters,
    "first half": first_half,
    "half and footer": half_and_footer,
    "traditional": polluted("none"),
    "polluted": any_pollution,
    "all together": all_together,
}

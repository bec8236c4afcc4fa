from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import ConfigError
from crawler.portals import load_portals, parse_portal
from crawler.portals.loader import MAX_FILE_BYTES, MAX_FILES

PORTAL = """\
id = "demo"
name = "演示市人民政府"
region = "140000"
home = "https://www.demo.gov.cn/"
hosts = ["www.demo.gov.cn"]
cms = "trs"
evidence = "our own"
seen = "2026-11"
"""
SECTION = """
[[section]]
id = "news"
name = "要闻"
kind = "news"
url = "https://www.demo.gov.cn/news/"
evidence = "our own"
seen = "2026-11-22"
"""
GOOD = PORTAL + SECTION


def put(folder: Path, text: str, name: str = "demo.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def problem(text: str) -> str:
    """The line after the file's name."""
    with pytest.raises(ConfigError) as caught:
        parse_portal(text.encode(), "demo.toml", "demo")
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.exit_status == 2
    start, _, rest = line.partition(": ")
    assert start == "demo.toml"
    return rest


def test_a_file_beside_the_built_in_ones_is_added(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    portals = load_portals(tmp_path).portals
    assert portals["demo"].sections[0].url.host == "www.demo.gov.cn"
    assert list(portals) == sorted(portals)
    assert set(load_portals().portals) == set(portals) - {"demo"}


def test_a_users_file_replaces_the_built_in_one(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace('"demo"', '"shanxi"'), "shanxi.toml")
    registry = load_portals(tmp_path)
    assert registry.portals["shanxi"].name == "演示市人民政府"
    assert len(registry.portals) == len(load_portals().portals)


def test_a_later_folder_wins(tmp_path: Path) -> None:
    for folder, name in (("a", "first"), ("b", "second")):
        (tmp_path / folder).mkdir()
        put(tmp_path / folder, GOOD.replace("演示市人民政府", name))
    assert load_portals(tmp_path / "a", tmp_path / "b").portals["demo"].name == "second"
    assert load_portals(tmp_path / "b", tmp_path / "a").portals["demo"].name == "first"


def test_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "not toml", "._demo.toml")
    put(tmp_path, "not toml", "demo.toml.bak")
    assert load_portals(tmp_path).portals == load_portals().portals


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    raw = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert parse_portal(raw, "demo.toml", "demo") == parse_portal(GOOD.encode(), "demo.toml", "demo")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace("cms =", "cmss ="), "cmss: unknown key: did you mean cms? (and 1 more)"),
        (GOOD + "ulr = 1\n", "[[section]] news: ulr: unknown key: did you mean url?"),
        (GOOD + "[section.list]\nitm = 'li'\n", "[[section]] news: list.itm: unknown key: did you mean item?"),
        (
            PORTAL + "[politeness]\nwaiting = 3\n" + SECTION,
            "politeness.waiting: unknown key: known keys: delay, concurrency, cookies, verify_tls, robots",
        ),
        (
            GOOD + "oops\n",
            "line 17: is not TOML: Expected '=' after a key in a key/value pair; a line is written key = \"value\"",
        ),
        ('id = "demo', 'line 1: is not TOML: Unterminated string; a line is written key = "value"'),
        (GOOD + SECTION, "[[section]] news: id: is used twice: give each section its own id"),
        (
            GOOD.replace("demo.gov.cn/news/", "else.gov.cn/news/"),
            "[[section]] news: url: host 'www.else.gov.cn' is not among hosts: add it to hosts or correct the url",
        ),
        (
            GOOD.replace('home = "https://www', 'home = "https://web'),
            "home: host 'web.demo.gov.cn' is not among hosts: add it there or correct home",
        ),
        (
            GOOD + "enabled = false\n",
            "[[section]] news: reason: is missing: a section with enabled = false says why",
        ),
        (
            GOOD.replace('kind = "news"', 'kind = "gossip"'),
            "[[section]] news: kind: 'gossip' is none of news, policy, notice, interpretation, conference, other",
        ),
        (GOOD.replace('"trs"', '"own"'), "cms: 'own' is none of trs, hanweb, ucap, gkmlpt, json, other"),
        (GOOD.replace('region = "140000"\n', ""), "region: is missing: every portal file has it"),
        (GOOD.replace('name = "要闻"\n', ""), "[[section]] news: name: is missing: every section has it"),
        (PORTAL, "section: is missing: every portal file has it"),
        (
            GOOD.replace('"https://www.demo.gov.cn/news/"', '"/news/"'),
            "[[section]] news: url: '/news/' is not a full address: write it as in https://www.gov.cn/zhengce/",
        ),
        (
            GOOD.replace('"https://www.demo.gov.cn/news/"', '"ftp://www.demo.gov.cn/"'),
            (
                "[[section]] news: url: 'ftp://www.demo.gov.cn/' is not a full address: "
                "write it as in https://www.gov.cn/zhengce/"
            ),
        ),
        (
            GOOD.replace('"2026-11"', '"2026-13"'),
            "seen: '2026-13' is no day of the calendar: write 2024, 2024-08, 2024-08-15 or undated",
        ),
        (
            GOOD.replace('"2026-11"', '"lately"'),
            "seen: 'lately' is not a date: write 2024, 2024-08, 2024-08-15 or undated",
        ),
        (
            GOOD.replace('"140000"', '"shanxi"'),
            "region: 'shanxi' is not a GB/T 2260 code of six digits, for example 140000 (Shanxi) or 000000 (national)",
        ),
        (
            GOOD.replace('"demo"', '"Demo_1"'),
            "id: 'Demo_1' may hold only a-z, 0-9 and single hyphens between them, for example policy-files",
        ),
        (
            GOOD.replace('"demo"', '"other"'),
            "id: is 'other' but the file is called demo.toml: rename the file to other.toml or write id = \"demo\"",
        ),
        (GOOD.replace('"demo"', '"all"'), "id: 'all' means something else on the command line: choose another id"),
        (
            GOOD.replace('["www.demo.gov.cn"]', '["https://www.demo.gov.cn"]'),
            (
                "hosts.0: 'https://www.demo.gov.cn' is not a host name: "
                "write it in lower case without scheme, port or path, as in www.gov.cn"
            ),
        ),
        (GOOD.replace('["www.demo.gov.cn"]', "[]"), "hosts: [] holds too few: at least 1"),
        (
            GOOD.replace('["www.demo.gov.cn"]', '"www.demo.gov.cn"'),
            "hosts: 'www.demo.gov.cn' is not a list: write it in brackets",
        ),
        (GOOD.replace('"要闻"', '""'), "[[section]] news: name: '' is empty: write something or leave the key out"),
        (GOOD.replace('id = "news"', "id = 5"), "[[section]] number 1: id: 5 is not a text: put it in quotation marks"),
        (
            PORTAL + "[section]\nid = 'news'\n",
            "section: is not a list: write each section under a line [[section]], with two brackets",
        ),
        (
            PORTAL + "section = ['news']\n",
            "[[section]] number 1: 'news' is not a table: write key = value lines under its heading",
        ),
        (PORTAL + "[politeness]\ndelay = '2s'\n" + SECTION, "politeness.delay: '2s' is not a number"),
        (PORTAL + "[politeness]\ndelay = 9999\n" + SECTION, "politeness.delay: 9999 is too large: at most 3600.0"),
        (PORTAL + "[politeness]\nconcurrency = 0\n" + SECTION, "politeness.concurrency: 0 is too small: at least 1"),
        (GOOD + "enabled = 'maybe'\n", "[[section]] news: enabled: 'maybe' is neither true nor false"),
        (
            PORTAL + "status = 'open'\n" + SECTION,
            "status: needs status_evidence and status_seen: who saw it answer so, and when",
        ),
        (
            GOOD + "[section.list]\nentries = 'data'\n",
            "[[section]] news: list.item: is missing: beside list.entries it is the JMESPath of a row's address",
        ),
        (
            GOOD + "[section.list]\npage_url = 'index.html'\n",
            (
                "[[section]] news: list.page_url: 'index.html' does not say where the page number goes: "
                "write {page} or {page0}, as in list-{page}.html"
            ),
        ),
        (
            GOOD + "[section.list]\npage_param = 'page='\n",
            "[[section]] news: list.page_param: 'page=' is not the name of a query parameter, for example pageNo",
        ),
        (
            GOOD + "[section.list.params]\nwebid = 1\n",
            "[[section]] news: list.params.webid: 1 is not a text: put it in quotation marks",
        ),
        ("a = " + "[" * 100_000, "is nested too deeply: a portal file holds tables, texts and short lists"),
        ("", "id: is missing: every portal file has it (and 8 more)"),
    ],
)
def test_a_mistake_is_one_line_with_the_key_and_what_would_be_right(text: str, line: str) -> None:
    assert problem(text) == line


def test_a_proxys_password_is_not_repeated() -> None:
    for value in ('"user:hunter2@proxy"', '["http://user:hunter2@proxy"]', '"' + "hunter2" * 200 + '"'):
        assert "hunter2" not in problem(PORTAL + f"proxy = {value}\n" + SECTION)


def test_a_proxy_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    portal = parse_portal((PORTAL + "proxy = 'env:DEMO_PROXY'\n" + SECTION).encode(), "demo.toml", "demo")
    monkeypatch.setenv("DEMO_PROXY", "http://user:pw@proxy.example:3128")
    assert portal.proxy_url() == "http://user:pw@proxy.example:3128"
    monkeypatch.delenv("DEMO_PROXY")
    with pytest.raises(ConfigError, match="env:DEMO_PROXY"):
        portal.proxy_url()


def test_the_line_of_bytes_that_are_not_utf8_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_portal(GOOD.encode("gbk"), "demo.toml", "demo")
    assert str(caught.value) == "demo.toml: line 2: is not UTF-8 text: save the file as UTF-8"


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    put(tmp_path, "#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(ConfigError, match=r"demo\.toml: is larger than 256 KiB"):
        load_portals(tmp_path)


def test_many_mistakes_are_counted_quickly() -> None:
    keys = "".join(f"k{n}=1\n" for n in range(20_000))
    assert problem(keys).endswith("(and 20008 more)")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"nowhere: cannot be read as a folder of portal files: .*: name an existing folder"
    ):
        load_portals(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").mkdir()
    with pytest.raises(ConfigError, match=r"demo\.toml: cannot be read: .*: check that it is a readable file"):
        load_portals(tmp_path)


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"p{number}.toml").touch()
    with pytest.raises(ConfigError, match=r"holds 1001 portal files, more than 1000: split the folder"):
        load_portals(tmp_path)


@pytest.mark.parametrize(
    ("hints", "line"),
    [
        ("[section.list]\nitem = 'li['\n", "list.item: 'li[' is not a CSS selector: write it as in ul.list > li"),
        ("[section.article]\nbody = 'div >> p'\n", "article.body: 'div >> p' is not a CSS selector"),
        (
            "[section.list]\nentries = 'data['\nitem = 'url'\n",
            "list.entries: 'data[' is not a JMESPath expression: Invalid jmespath expression: Incomplete expression",
        ),
        ("[section.list]\nentries = 'data'\nitem = 'a b'\n", "list.item: 'a b' is not a JMESPath expression"),
    ],
)
def test_selectors_of_users_files_are_tried(tmp_path: Path, hints: str, line: str) -> None:
    put(tmp_path, GOOD + hints)
    with pytest.raises(ConfigError) as caught:
        load_portals(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'demo.toml'}: [[section]] news: {line}")
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (GOOD + text).encode("utf-8", "surrogatepass")))
@settings(max_examples=200)
def test_whatever_a_file_holds_the_answer_is_a_portal_or_one_line(raw: bytes) -> None:
    try:
        portal = parse_portal(raw, "demo.toml", "demo")
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either outcome is right
    else:
        assert portal.id == "demo"

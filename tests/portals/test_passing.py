import pytest

from crawler.exceptions import UsageError
from crawler.portals.passing import passing_portal


@pytest.mark.parametrize(
    ("url", "home", "host"),
    [
        ("https://www.qingshi.gov.cn/zwgk/?a=1", "https://www.qingshi.gov.cn/", "www.qingshi.gov.cn"),
        ("http://127.0.0.2:8080/a", "http://127.0.0.2:8080/", "127.0.0.2"),
        ("HTTP://WWW.Qingshi.GOV.cn", "http://www.qingshi.gov.cn/", "www.qingshi.gov.cn"),
        ("http://user:secret@a.cn/x", "http://a.cn/", "a.cn"),
        ("http://青石.cn/", "http://xn--y7y328d.cn/", "xn--y7y328d.cn"),
    ],
)
def test_a_portal_for_one_address(url: str, home: str, host: str) -> None:
    portal = passing_portal(url)
    assert (str(portal.home), portal.hosts) == (home, (host,))
    assert portal.politeness.robots
    assert portal.politeness.verify_tls


@pytest.mark.parametrize(
    "url",
    ["", "qingshi", "www.qingshi.gov.cn/zwgk/", "ftp://a.cn/", "http://", "http:///a", "http://[::1]/", "http://a.cn:99999/",
     "javascript:alert(1)", "http://a.cn/\n", "http://a.cn/" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        passing_portal(url)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400

from collections.abc import Callable

import pytest

from crawler.extract import block_reason
from crawler.text.page import Page, parse_page

LONG = "<p>" + "省网信办发布网络安全提示，提醒用户警惕恶意行为和异常访问，及时升级网站防火墙。" * 20 + "</p>"


@pytest.mark.parametrize(
    ("html", "status", "reason"),
    [
        ("<meta id='x' content='y' r='m'><script r='m'>$_ts=window['$_ts'];</script>", 412, "challenge-ruishu"),
        (
            "<script>document.cookie=('__jsl_clearance=')+1;location.href=location.pathname</script>",
            521,
            "challenge-jsl",
        ),
        (
            "<script>document.cookie=('_')+('_j')+('sl_c')+'learance=1';location.href=location.pathname</script>",
            521,
            "challenge-jsl",
        ),
        ("<script>self.location='?security_session_verify=1'</script>", 200, "challenge-cookie"),
        ("<script>self.location='/?security_verify_data='+screen.width</script>", 200, "challenge-cookie"),
        ('<meta http-equiv="refresh" content="0;url=/check">', 200, "challenge-refresh"),
        ("<script>var a=1;window.location.reload();</script>", 200, "challenge-script"),
        ("<h3>安全验证</h3><p>请输入验证码</p>", 200, "captcha"),
        ("<title>拦截提示</title><p>您的请求存在威胁，已被拦截</p>", 405, "firewall"),
        ("<h1>403 Forbidden</h1><p>nginx</p>", 403, "firewall"),
        ("<title>404</title><p>返回首页</p>", 200, "soft-404"),
        ("<p>抱歉，您访问的页面不存在或已删除。</p>", 200, "soft-404"),
        ("<h1>502 Bad Gateway</h1>", 502, "error-page"),
        ("<p>系统繁忙，请稍后再试</p>", 200, "error-page"),
        ("<p>x</p>", 412, "http-412"),
        ("<p>x</p>", 503, "http-503"),
        ("<p>x</p>", 404, "http-404"),
        ("<p>x</p>", 200, None),
        (LONG, 200, None),
        ("<title>关于网站系统升级维护的公告</title><p>联系电话：0351-4041404</p>", 200, None),
        ("<link rel=stylesheet href=a.css><div id=app></div><script>location.href;x=location=1</script>", 200, None),
    ],
)
def test_answers_that_are_no_page_are_named(html: str, status: int, reason: str | None) -> None:
    assert block_reason(parse_page(f"<html>{html}</html>".encode()), status) == reason


def test_an_article_about_firewalls_is_no_block_page(page_of: Callable[..., Page]) -> None:
    assert (
        block_reason(page_of(LONG, "<title>省网信办提醒：警惕恶意请求和访问频繁的网站防火墙告警信息</title>")) is None
    )

# ruff: noqa: E501 - templates are more readable on one line
"""What portals answer instead of a page: failures, challenges, block pages, missing pages."""

from __future__ import annotations

from http import HTTPStatus


def failure(status: int) -> str:
    """The server's own page for an error status."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    return f"<html>\n<head><title>{status} {phrase}</title></head>\n<body><center><h1>{status} {phrase}</h1></center><hr><center>nginx</center></body>\n</html>\n"


def not_found(site_name: str) -> str:
    """The portal's page for an address that leads nowhere; with soft_404 it comes with status 200."""
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8" /><title>页面不存在_{site_name}</title></head><body><div class="error">'
        '<h2>抱歉，您访问的页面不存在或已被删除！</h2><p><span id="seconds">5</span> 秒后将自动返回<a href="/">首页</a></p></div></body></html>'
    )


def cookies(block: str) -> dict[str, str]:
    """The headers that come with a challenge."""
    if block == "521":
        return {"Set-Cookie": "__jsluid_h=0f3a; max-age=31536000; path=/; HttpOnly"}
    if block == "412":
        return {"Set-Cookie": "FSSBBIl1UgzbO=4kP; Path=/; HttpOnly"}
    return {"Set-Cookie": "security_session_verify=9b1; path=/"} if block == "session" else {}


def challenge(block: str, host: str) -> str:
    """The body of a challenge or of a block page."""
    match block:
        case "412":
            return (
                '<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="9DhefwqGPrzGxEp9hPaoag" content="k1d0Ye2mX7"></head><body><script '
                'type="text/javascript">$_ts=window["$_ts"];if(!$_ts)$_ts={};$_ts.nsd=48213;$_ts.cd="qEyxrGlS0Zm";if($_ts.lcd)$_ts.lcd();</script>'
                '<script type="text/javascript" src="/f7Q2xk9d/qwA1.3e8c.js" r="m"></script></body></html>'
            )
        case "521":
            return "<script>document.cookie=('_')+('_jsl_clearance=')+('17')+('89|-1|x')+(';max-age=3600;path=/');location.href=location.pathname+location.search</script>"
        case "405":
            return (
                f"<html><head><meta charset='utf-8'><title>405</title></head><body><h1>网站防火墙</h1><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>"
                f"<p>拦截地址：{host}</p><p>联系网站管理员处理，事件编号：5e0c77d1</p></body></html>"
            )
        case "refresh":
            return (
                '<html><head><meta http-equiv="refresh" content="0;url=/?wafverify=7c1f" /></head><body></body></html>'
            )
        case "session":
            return (
                '<html><body><script>function YunSuoAutoJump(){var w=screen.width+","+screen.height;self.location="/?security_verify_data="+w;}'
                'setTimeout("YunSuoAutoJump()",50);</script></body></html>'
            )
        case _:
            return (
                f'<!DOCTYPE html><html><head><meta charset="utf-8" /><title>访问受限</title></head><body><div class="box"><h1>访问过于频繁，请稍后再试</h1>'
                f"<p>系统检测到您的网络（{host}）存在异常访问行为，为保障网站安全，您的请求已被拦截。</p><p>如需帮助请联系网站管理员。</p>"
                "<p>请输入验证码继续访问：<input name='captcha' /> <button>提交</button></p></div></body></html>"
            )

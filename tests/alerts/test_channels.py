from pathlib import Path
from typing import Any

import pytest

from crawler.alerts.channels import open_channels
from crawler.config import Channel, load_config
from crawler.exceptions import ConfigError

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def channel(**fields: Any) -> Channel:
    return Channel.model_validate(
        {"name": "desk", "url": "https://hooks.example.com/t0ken", "secret": SECRET, **fields}
    )


def test_urls_secrets_and_proxies_are_read_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTALWATCH_TEST_URL", "https://hooks.example.com/t0ken")
    monkeypatch.setenv("PORTALWATCH_TEST_PROXY", "http://user:t0ken@127.0.0.1:3128")
    (tmp_path / "secret").write_text(SECRET + "\n", "utf-8")
    made = channel(
        url="env:PORTALWATCH_TEST_URL", secret=f"file:{tmp_path / 'secret'}", proxy="env:PORTALWATCH_TEST_PROXY"
    )
    target = open_channels([made])["desk"]
    assert target.url == "https://hooks.example.com/t0ken"
    assert target.proxy == "http://user:t0ken@127.0.0.1:3128"
    assert target.signer is not None
    assert target.style is None
    assert "t0ken" not in repr(target) + repr(made) + str(made)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('url = "https://e.org/t0ken"', "secret: at least one is needed"),
        ('url = "https://e.org/t0ken"\nsecret = []', "secret: at least one is needed"),
        ('type = "fax"\nurl = "https://e.org/t0ken"', "channel.0.type"),
        ('url = "https://e.org/t0ken"\nsecret = "x"\nfax = 1', "channel.0.fax: unknown key"),
        ('url = 17\nsecret = "x"', "channel.0.url"),
    ],
)
def test_a_channel_that_is_none_is_named_without_its_secrets(tmp_path: Path, text: str, wanted: str) -> None:
    path = tmp_path / "portalwatch.toml"
    path.write_text(f'[[channel]]\nname = "desk"\n{text}\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert wanted in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"url": "t0ken"}, "url"),
        ({"url": "ftp://e.org/t0ken"}, "http"),
        ({"secret": "t0ken"}, "whsec_"),
        ({"secret": "whsec_t0kent0k"}, "24 to 64"),
        ({"proxy": "env:PORTALWATCH_TEST_UNSET"}, "PORTALWATCH_TEST_UNSET"),
    ],
)
def test_a_channel_that_cannot_be_opened_is_named_without_its_secrets(fields: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channels([channel(**fields)])
    assert str(caught.value).startswith("channel 'desk': ")
    assert wanted in str(caught.value)
    assert "t0ken" not in str(caught.value)

from __future__ import annotations

import builtins
from typing import Any

import pytest

from crawler.exceptions import ConfigError, UsageError
from crawler.store import Store


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not a database URL"),
        ("data/portalwatch.db", "not a database URL"),
        ("mysql://user:geheim@host/db", "mysql is not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///x.db?timeout=soon", "timeout must be a number"),
        ("sqlite:///x.db?timeout=-1", "timeout must be a number"),
        ("sqlite:///x.db?timeout=nan", "timeout must be a number"),
    ],
)
async def test_a_wrong_url_is_a_line_of_configuration(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        await Store.open(url)
    assert error.value.exit_status == 2
    assert "geheim" not in str(error.value)
    assert "\n" not in str(error.value)


async def test_a_missing_extra_is_one_line_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_psycopg(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "psycopg":
            raise ModuleNotFoundError(name="psycopg")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(UsageError, match=r"pip install 'portalwatch\[postgres\]'"):
        await Store.open("postgresql://user@localhost/portalwatch")

from pathlib import Path

import pytest
from pydantic import SecretStr

from crawler.cli.init import TEMPLATE
from crawler.config import find_config, load_config, parse_duration, read_secret
from crawler.exceptions import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "portalwatch.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), (90, 90), ("10m", 600), ("1.5h", 5400), ("7d", 604_800)])
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["soon", "5 parsecs", "-3m", "", "٣m", None, True])
def test_what_is_no_duration_says_what_would_be_right(text: object) -> None:
    with pytest.raises(ValueError, match="30s"):
        parse_duration(text)


def test_the_template_loads_and_its_comments_show_the_defaults(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, TEMPLATE))
    assert config.rules[0].channels == ("desk",)
    uncommented = "\n".join(
        line.removeprefix("# ").split("#")[0] if line.startswith(("# delay", "# concurrency", "# ages")) else line
        for line in TEMPLATE.splitlines()
    )
    defaults = load_config(write(tmp_path, uncommented))
    assert defaults == config


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_config(below) == path


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "[politeness]\ndelay = 5\nconcurrency = 2\n")
    monkeypatch.setenv("PORTALWATCH_POLITENESS__DELAY", "7")
    config = load_config(path)
    assert (config.politeness.delay, config.politeness.concurrency) == (7.0, 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense = 1", "nonsense: unknown key"),
        ("[output]\nrotate = 'week'", "output.rotate"),
        ("[[channel]]\nname = 'a'\nurl = 'https://x/'\nsecret = 'whsec_x'\n" * 2, "used twice"),
        ("[[channel]]\nname = 'a'\nsecret = 'whsec_x'\n", "channel.0.url"),
        ("[[channel]]\nname = 'a'\nurl = 'https://x/'\n", "channel.0: secret"),
    ],
)
def test_each_mistake_names_its_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert says in str(caught.value)
    assert "whsec_x" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", "whsec_one")
    (tmp_path / "secret").write_text("whsec_two\n", "utf-8")
    assert read_secret(SecretStr("env:DESK_SECRET")) == "whsec_one"
    assert read_secret(SecretStr(f"file:{tmp_path / 'secret'}")) == "whsec_two"
    for missing in ("env:NO_SUCH_NAME", "file:/nonexistent"):
        with pytest.raises(ConfigError):
            read_secret(SecretStr(missing))


def test_secrets_do_not_show(tmp_path: Path) -> None:
    text = "[[channel]]\nname = 'a'\nurl = 'https://x/'\nsecret = 'whsec_visible'\n"
    assert "whsec_visible" not in repr(load_config(write(tmp_path, text)))

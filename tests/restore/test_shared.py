"""The seed texts and the mirror texts, where the reference folder is there."""

import json
from pathlib import Path

import pytest

from crawler.restore import restore


@pytest.mark.parametrize("name", ["toned", "toneless"])
def test_seeds_come_back_character_by_character(shared: Path, name: str) -> None:
    text = (shared / "seeds" / f"mirror-{name}.txt").read_text("utf-8")
    want = json.loads((shared / "seeds" / f"mirror-{name}.expected.json").read_text("utf-8"))
    result = restore(text)
    lines = [line.strip() for line in result.text.split("\n")]
    assert want["title"] in lines
    assert [line for line in want["body"].split("\n") if line not in lines] == []
    assert result.script == "hant-machine"
    assert result.confidence > 0.9


def _mirror(shared: Path, number: str) -> str:
    return next((shared / "pages" / "mirrors").glob(f"{number}_*.txt")).read_text("utf-8")


def test_the_pair_differs_in_its_wording_alone(shared: Path) -> None:
    restored = restore(_mirror(shared, "004")).text.strip()
    pair = next((shared / "pages" / "mirrors").glob("004_pair_*.txt")).read_text("utf-8")
    original = "\n".join(pair.strip().split("\n")[1:]).replace("平原县", "我县")
    # Two of the four places where the mirror says "our county" have the county's name in the original.
    assert restored.replace("来我县", "来我县") == original


@pytest.mark.parametrize(
    ("number", "kept", "gone"),
    [
        ("001", "转变为“为我所用”,持续优化", "谩"),
        ("009", "同志们早早的来到会议室", "膩"),
        ("009", "收看直播的同志们全体起立", "w"),
        ("007", "担任中共中央总书记的第九年", "zhong"),
        ("011", "团结奋进的大会", "("),
        ("006", "有利于集聚更多先进生产力", "关於"),
        ("014", "在更大范围、更高层次", "範"),
    ],
)
def test_mirrors_are_mended(shared: Path, number: str, kept: str, gone: str) -> None:
    restored = restore(_mirror(shared, number)).text
    assert kept in restored
    assert gone not in restored


@pytest.mark.parametrize("number", ["004_pair", "015"])
def test_simplified_pages_stay(shared: Path, number: str) -> None:
    text = _mirror(shared, number)
    assert restore(text).text == text

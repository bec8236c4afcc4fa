import pytest

from crawler.restore.strays import find


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("??? 本報訊", [(0, 4, "")]),
        ("?", [(0, 1, "")]),
        ("進行調研??h領導參加", [(4, 7, "。縣")]),
        ("為什么??因為", []),
        ("參加?A項", []),
        ("真的嗎?", []),
        ("abc?", []),
    ],
)
def test_stray_question_marks(line: str, want: list[tuple[int, int, str]]) -> None:
    assert [tuple(found) for found in find(line)] == want

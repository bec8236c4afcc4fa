import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/portal_coverage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_coverage_page_is_up_to_date() -> None:
    done = run("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "portals.md"
    page.write_text("old", "utf-8")
    stale = run("--check", "--out", str(page))
    assert stale.returncode == 1
    assert "out of date" in stale.stderr
    assert run("--out", str(page)).returncode == 0
    assert page.read_text("utf-8") == (ROOT / "docs" / "portals.md").read_text("utf-8")


def test_the_page_says_what_was_not_done() -> None:
    page = (ROOT / "docs" / "portals.md").read_text("utf-8")
    assert "Nothing on this page was checked live." in page
    assert "| live |" not in page
    assert page.count("\n## ") == 34

"""What holds for all templates and for the bundle: nothing inline, known icons, known classes, a small page."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import yigongti

PACKAGE = Path(yigongti.__file__).parent
FRONTEND = PACKAGE.parent.parent / "frontend"
BUNDLE = PACKAGE / "shell" / "static" / "dist"
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
BASE_PAGE_LIMIT = 100_000  # bytes compressed, architecture 11

# A handler or a style written into a page: the policy forbids both and the browser would ignore them.
INLINE = re.compile(
    r"""<[^>]*\s(style|on[a-z]+|hx-on[^=\s]*)\s*=|<style\b|<script(?![^>]*\bsrc=)|hx-(vals|headers)=["']js:"""
)
ICON = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)|\bicon=["']([a-z0-9-]+)|Room\("[^"]*", "[^"]*", "([a-z0-9-]+)""")


def test_templates_are_found() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_has_nothing_inline(path: Path) -> None:
    markup = re.sub(r"\{%.*?%\}", "", path.read_text(), flags=re.S)  # {% query only=… %} is no handler
    assert INLINE.search(markup) is None


def test_the_inline_check_finds_each_kind() -> None:
    for bad in (
        '<p style="x">',
        "<a onclick='x'>",
        "<style>",
        "<script>x",
        '<p hx-on:click="x">',
        '<p hx-vals="js:{}">',
    ):
        assert INLINE.search(bad), bad
    assert INLINE.search('<script src="/static/app.js" defer></script><time data-on="x">') is None


def test_every_icon_used_is_in_the_sprite() -> None:
    known = {line.split("#")[0].strip() for line in (FRONTEND / "icons.txt").read_text().splitlines()}
    used = {
        name: path.name
        for path in [*TEMPLATES, *PACKAGE.rglob("*.py")]
        for pair in ICON.findall(path.read_text())
        for name in pair
        if name
    }
    assert used
    assert {name: where for name, where in used.items() if name not in known} == {}


def test_every_class_of_the_style_sheet_is_used() -> None:
    sheet = "".join(path.read_text() for path in FRONTEND.glob("css/*.css"))
    named = set(re.findall(r"\.([a-z][a-z0-9-]*)", re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", sheet, flags=re.S)))
    named -= {"css", "htmx-request", "htmx-indicator"}
    sources = [*TEMPLATES, *PACKAGE.rglob("*.py"), *FRONTEND.glob("ts/**/*.ts")]
    words = set(re.findall(r"[a-z][a-z0-9-]*", "\n".join(path.read_text() for path in sources)))
    built = {"panel-notice", "panel-warning", "panel-danger", *(f"w-{n}" for n in range(13))}
    assert named - words - built == set()


def test_the_base_page_stays_small() -> None:
    files = [BUNDLE / name for name in ("app.js", "app.css", "icons.svg", "mark.svg")]
    if not all(path.exists() for path in files):
        pytest.skip("the bundle is not built here")
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < BASE_PAGE_LIMIT


def test_the_bundle_needs_no_eval() -> None:
    """htmx keeps a guarded Function(); the meta tag switches it off, and no other code may bring one in."""
    script = BUNDLE / "app.js"
    if not script.exists():
        pytest.skip("the bundle is not built here")
    own = "".join(path.read_text() for path in FRONTEND.glob("ts/*.ts"))
    assert not re.search(r"\beval\(|new Function\(|\.style\b|setAttribute\(\"style\"", own)
    assert '"allowEval":false' in (PACKAGE / "shell/templates/shell/document.html").read_text()


def test_the_islands_pass_the_type_checker() -> None:
    compiler, node = FRONTEND / "node_modules/typescript/bin/tsc", shutil.which("node")
    if not compiler.exists() or node is None:
        pytest.skip("the developer's front-end packages are not installed here")
    done = subprocess.run([node, str(compiler), "--noEmit", "-p", str(FRONTEND)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout

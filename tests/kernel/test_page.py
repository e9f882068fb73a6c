"""Nothing that others wrote acts in the learner's front end."""

import pytest

from pythonmastery_ext.kernelside.page import Page

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "```\n</pre><script>alert(1)</script>\n```",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<details open ontoggle=alert(1)>",
    "`<script>`<script>alert(1)</script>",
]
LINKS = [
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "<javascript:alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "[x][y]\n\n[y]: vbscript:x",
    '[x](https://example.org/"onmouseover="alert(1))',
]


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("block", ["markdown", "para", "alert", "heading"])
def test_html_of_others_is_shown_and_not_interpreted(block, text):
    page = Page()
    getattr(page, block)(text)
    assert "<script" not in page.html
    assert "<img" not in page.html
    assert "<details" not in page.html


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("block", ["code", "folded"])
def test_html_in_code_is_code(block, text):
    page = Page()
    getattr(page, block)(text, text)
    assert "<script" not in page.html
    assert page.html.count("</pre>") == 1


@pytest.mark.parametrize("text", LINKS)
def test_a_link_cannot_run_code(text):
    page = Page()
    page.markdown(text)
    html = page.html.lower().replace("\t", "")
    assert 'href="javascript' not in html
    assert 'href="vbscript' not in html
    assert 'href="data:' not in html
    assert '"onmouseover' not in html


def test_a_picture_is_not_fetched_before_somebody_wants_it():
    page = Page()
    page.markdown("![the answer](https://example.org/?code=secret)")
    assert "<img" not in page.html
    assert '<a href="https://example.org/?code=secret">the answer</a>' in page.html


def test_control_characters_do_not_reach_a_terminal():
    page = Page()
    page.para("\x1b[2J\x1b]0;title\x07gone\u202edne")
    page.code("label", "a\rb\x00c")
    assert page.text == "[2J]0;titlegonedne\nlabel\n    abc"


def test_markdown_keeps_its_tables_and_code():
    page = Page()
    page.markdown("| a | b |\n|---|---|\n| 1 | `x < 2` |\n\n```python\na < b\n```")
    assert "<table>" in page.html
    assert "<code>x &lt; 2</code>" in page.html
    assert "a &lt; b" in page.html

"""Samples of code: each says the truth, and the home page shows them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SAMPLES = sorted((ROOT / "content/code_samples").glob("*.md"))
BLOCKS = re.compile(r"^```(?:python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIST = "/about/samples/"
SITE = """
-- content/code_samples/{name}.md --
---
title: Sample {name}
order: {order}
---
```python
print("{name}")
```

```text
{name}
```
"""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_prints_what_it_says(path, tmp_path):
    code, output = BLOCKS.findall(path.read_text(encoding="utf-8"))

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip

    assert done.stdout == output


@pytest.mark.row("S117")
def test_the_home_page_shows_the_first_five_highlighted_and_in_order(built):
    text = "".join(SITE.format(name=name, order=9 - n) for n, name in enumerate("abcdef"))

    page = built(text, nouns=("code_samples",))["/"]

    labels = re.findall(r'class="sample" role="group" aria-label="Sample (\w)"', page)
    assert labels == ["f", "e", "d", "c", "b"]
    assert (
        re.findall(r'<span class="nb">print</span>', page) == ['<span class="nb">print</span>'] * 5
    )


@pytest.mark.row("S182")
def test_each_sample_has_a_page_and_stands_in_the_list(built):
    text = "".join(SITE.format(name=name, order=n) for n, name in enumerate("ab"))

    pages = built(text, nouns=("code_samples",))

    assert re.findall(r'class="card-title" href="(/about/samples/\w/)"', pages[LIST]) == [
        "/about/samples/a/", "/about/samples/b/"
    ]  # fmt: skip
    assert "<h1" in pages["/about/samples/a/"]
    assert '<span class="nb">print</span>' in pages["/about/samples/a/"]


@pytest.mark.row("S182")
def test_the_list_and_the_page_say_what_there_is_to_see_in_a_sample(built):
    told = "order: 1\ndescription: A call of a function."
    text = SITE.format(name="a", order=1).replace("order: 1", told)

    pages = built(text, nouns=("code_samples",))

    assert "<p>A call of a function.</p>" in pages[LIST]
    assert '<p class="lead">A call of a function.</p>' in pages[f"{LIST}a/"]
    assert '<meta name="description" content="A call of a function.">' in pages[f"{LIST}a/"]


def test_without_samples_there_is_no_window_for_them(built):
    assert 'class="samples"' not in built("")["/"]


def test_a_list_without_samples_says_so(built):
    page = built("", nouns=("code_samples",))[LIST]

    assert "No sample is here yet." in page
    assert "Type them" not in page

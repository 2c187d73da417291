"""What the site needs beside the documents: a first page, and whole addresses for what stands elsewhere."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent


STYLE = """\
/* Room for output of 100 columns, and frames drawn in text whose lines meet. */
.md-grid { max-width: 76rem; }
.md-typeset pre > code { font-size: 0.66rem; line-height: 1.25; }
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The README is the first page; the style of all of them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/", "](", text)
    text = re.sub(
        r"\]\((?!https?:|#)((?:samples|tests|CHANGELOG|LICENSE|SECURITY)[^)]*)\)",
        rf"]({_address(config)}\1)",
        text,
    )
    files.append(File.generated(config, "index.md", content=text))
    files.append(File.generated(config, "site.css", content=STYLE))
    return files


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: object) -> str:
    """Files of the repository are shown where it lives."""
    return re.sub(r"\]\(\.\./", f"]({_address(config)}", markdown)


def _address(config: MkDocsConfig) -> str:
    return f"{config.repo_url}/blob/main/"

"""What the site needs beside the documents: a first page, and whole addresses for what stands elsewhere."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
ADDRESS = "https://github.com/gradcli/gradcli/blob/main/"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The README is the first page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/", "](", text)
    text = re.sub(
        r"\]\((?!https?:|#)((?:samples|tests|CHANGELOG|LICENSE|SECURITY)[^)]*)\)", rf"]({ADDRESS}\1)", text
    )
    files.append(File.generated(config, "index.md", content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Files of the repository are shown where it lives."""
    return re.sub(r"\]\(\.\./", f"]({ADDRESS}", markdown)

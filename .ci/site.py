"""What the site needs beside the documents: a first page, and whole addresses for what stands elsewhere."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent


SHIM = """\
// A page that was opened from a file may start no worker: the search runs in a frame then.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.inside = frame.contentWindow
      this.inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      const script = this.inside.document.createElement("script")
      script.src = address
      this.loaded = new Promise(loaded => script.addEventListener("load", loaded))
      this.inside.document.body.append(script)
    }
    postMessage(data) {
      this.loaded.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })))
    }
  }
}
"""
STYLE = """\
/* Room for output of 100 columns, and frames drawn in text whose lines meet. */
.md-grid { max-width: 76rem; }
.md-typeset pre > code { font-size: 0.66rem; line-height: 1.25; }
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The README is the first page; the style of all of them, and what lets them be searched from files."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/", "](", text)
    text = re.sub(
        r"\]\((?!https?:|#)((?:samples|tests|CHANGELOG|LICENSE|SECURITY)[^)]*)\)",
        rf"]({_address(config)}\1)",
        text,
    )
    files.append(File.generated(config, "index.md", content=text))
    files.append(File.generated(config, "site.css", content=STYLE))
    files.append(File.generated(config, "iframe-worker.js", content=SHIM))
    return files


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: object) -> str:
    """Files of the repository are shown where it lives; a link with a file for a name gets its title."""
    markdown = re.sub(r"\]\(\.\./", f"]({_address(config)}", markdown)
    return re.sub(
        r"\[(?:docs/)?([\w-]+\.md)\]\(\1\)", lambda link: f"[{_title(link[1])}]({link[1]})", markdown
    )


def _title(page: str) -> str:
    first, _, _ = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("# ")


def _address(config: MkDocsConfig) -> str:
    return f"{config.repo_url}/blob/main/"

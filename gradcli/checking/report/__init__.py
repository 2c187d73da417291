"""What came of checks, as text: plain lines, a table, JSON, TAP, GitHub's annotations, JUnit's XML.

`gradcli.cli.check` writes them; a `Report` (see `gradcli.checking.results`) is one program's.
"""

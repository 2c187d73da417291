"""Whether gradients are right: numerical differentiation, claims, own gradients, expected errors.

`gradcli.cli.check`, the pytest plugin and the Python functions in `gradcli.checking.api` come here; `runner`
checks one program and gives its results as data, which `gradcli.report` writes.
"""

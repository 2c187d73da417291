"""`gradcli explain`: one run told step by step, forwards and backwards. The command line calls `api`.

`watching` observes a run, `steps` and `walks` make a `model` of what it saw, `findings` say what went wrong,
`writers` write it.
"""

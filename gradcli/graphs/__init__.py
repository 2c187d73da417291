"""`gradcli graph`: the tape of a run as a picture.

`picture` is the model: boxes and arrows, made of the calls that a run recorded, folded where they are too
many. `layers`, `crossings` and `places` lay it out (`layout`), each file in `canvas` draws it in one format.
"""

"""`gradcli map`: a table in, values and derivatives for each row out.

`columns` says what comes out, `rows` evaluates a batch, `reading` and `writing` know the formats, `stream`
joins them to one pass over a table, `parts` cuts a dataset into parts that can be done again or elsewhere,
`cluster` does them on many processes.
"""

"""`gradcli map`: a table in, values and derivatives for each row out.

`columns` says what comes out, `rows` evaluates a batch (`arrays` is between Arrow and NumPy), `reading` and
`writing` know the formats (`pieces` is what a table is on its way, `as_text` makes lines), `stream`
joins them to one pass over a table (`ahead` has its threads), `finding` cuts a dataset into parts, `parts`
does one, here or elsewhere, `cluster` does them in many processes.
"""

"""From the syntax tree to the tape: the tree becomes closures once, and running them records nodes."""

"""From text to a syntax tree: lexer, parser, tables, tree, and what is wrong with a text."""

"""Pages for officers: parse, call one action or query, render."""

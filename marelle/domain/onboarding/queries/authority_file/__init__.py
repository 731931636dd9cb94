"""The file that describes an authority: its shapes, its reading with lines, its contradictions, its writing."""

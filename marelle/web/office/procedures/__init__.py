"""Procedures as the authority writes them: the list, the editor with its preview, who answers, in which words."""

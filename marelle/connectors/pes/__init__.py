"""The files exchanged with the Trésor (protocole d'échange standard, version 2): dockets out, answers in."""

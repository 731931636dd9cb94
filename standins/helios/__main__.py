"""`python -m standins.helios FICHIER`: takes a docket, writes its PES_ACQUIT and a PES_Retour where all is paid."""

from __future__ import annotations

import argparse
import os
from datetime import date, timedelta
from pathlib import Path

from lxml import etree

from standins.helios.gate import Helios


def main() -> None:
    """Answer one file, beside it."""
    parser = argparse.ArgumentParser(prog="python -m standins.helios", description="Doublure du guichet d'Hélios.")
    parser.add_argument("file", type=Path, help="fichier PES_Aller")
    parser.add_argument("--on", type=date.fromisoformat, required=True, help="jour de la réponse")
    parser.add_argument("--part", type=int, default=100, help="pour cent payés de chaque ligne")
    options = parser.parse_args()
    named = os.environ.get("MARELLE_PES_SCHEMAS")
    if not named:
        parser.error("MARELLE_PES_SCHEMAS ne nomme pas le dossier des schémas du PES")
    content = options.file.read_bytes()
    header = etree.fromstring(content).find("EnTetePES")
    known = {one.tag: one.get("V", "") for one in header} if header is not None else {}
    helios = Helios(
        Path(named),
        siret=known.get("IdColl", ""),
        codique=known.get("IdPost", ""),
        town_code=known.get("CodCol", ""),
        budget_code=known.get("CodBud", ""),
    )
    acknowledgement = helios.take(content, on=options.on)
    _write(options.file.with_suffix(".acquit.xml"), acknowledgement)
    if helios.dockets:
        for key, docket in helios.dockets.items():
            for piece in docket.pieces.values():
                for line in piece.lines.values():
                    cents = line.cents * options.part // 100
                    if cents:
                        helios.receive(key, piece.number, line.number, cents, on=options.on + timedelta(days=1))
        _write(options.file.with_suffix(".retour.xml"), helios.returned(on=options.on + timedelta(days=2)))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    print(path)


if __name__ == "__main__":
    main()

"""Both places where files are kept: a folder of this machine, and the stand-in of a storage that speaks S3."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from marelle.config.environment import BucketAccess
from standins.s3.server import Account, Server


@pytest.fixture
def folder(settings, tmp_path):
    settings.FILES_S3 = None
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.fixture
def bucket(settings, monkeypatch):
    """A bucket that is set; its pages hold three names."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    account = Account()
    server = Server(account, clock=lambda: datetime.now(UTC), page=3)  # noqa: TID251  the signatures are of this moment
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.FILES_S3 = BucketAccess(server.endpoint, account.bucket, account.key, account.secret, account.region)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["folder", "bucket"])
def kept_in(request):
    """Each place in turn, with how a test makes a file older, and what it holds."""
    where = request.getfixturevalue(request.param)
    if request.param == "folder":

        def written(name, at):
            os.utime(where / name[:2] / name, (at.timestamp(), at.timestamp()))

        def tokens():
            return {path.name: path.read_bytes() for path in where.rglob("*") if path.is_file()}

        def put(name, token):
            (where / name[:2]).mkdir(exist_ok=True, parents=True)
            (where / name[:2] / name).write_bytes(token)
    else:

        def written(name, at):
            where.objects[name].written_at = at

        def tokens():
            return {name: kept.content for name, kept in where.objects.items()}

        def put(name, token):
            where.objects[name].content = token

    return SimpleNamespace(written=written, tokens=tokens, put=put)

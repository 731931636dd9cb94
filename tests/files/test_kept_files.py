"""Files outside the database: encrypted under opaque names, in a folder or a bucket; none is left for ever."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction

from marelle.commands.reset import remove_files
from marelle.config.environment import BadEnvironment, BucketAccess, read
from marelle.domain.families.models import SupportingDocument
from marelle.domain.families.operations.documents import attach_document, forget_document
from marelle.foundation import clock, files, tenancy
from marelle.foundation.writes import permitted
from marelle.jobs.files import forget, sweep
from standins.s3.server import Mood
from tests.domain.household import AGENT, NOW
from tests.embedded import SURROUNDINGS
from tests.factories.papers import clean_document
from tests.factories.town import make_authority, make_family

SECRET = b"%PDF-1.7 le revenu de la famille Quenneville"


class TestBothPlaces:
    def test_what_is_kept_is_read_again_and_says_nothing_by_itself(self, kept_in):
        name = files.store(SECRET)

        assert files.read(name) == SECRET
        ((kept_as, token),) = kept_in.tokens().items()
        assert (kept_as, len(name)) == (name, 32)
        assert b"revenu" not in token

    def test_the_same_content_is_never_the_same_name_nor_the_same_token(self, kept_in):
        assert files.store(SECRET) != files.store(SECRET)
        assert len(set(kept_in.tokens().values())) == 2

    def test_a_file_that_is_forgotten_is_gone_and_forgetting_it_again_is_nothing(self, kept_in):
        name = files.store(SECRET)
        for _twice in range(2):
            files.forget(name)

        assert kept_in.tokens() == {}
        with pytest.raises(files.NoSuchFileError):
            files.read(name)

    @pytest.mark.parametrize("made_up", ["", "../../etc/passwd", "0" * 31, "0" * 32 + "/..", "G" * 32, "0" * 32 + "\n"])
    def test_a_name_that_is_not_ours_leads_nowhere(self, kept_in, made_up):
        for ask in (files.read, files.forget):
            with pytest.raises(files.NoSuchFileError):
                ask(made_up)

    def test_one_file_in_the_place_of_another_is_not_read(self, kept_in, caplog):
        one, other = files.store(b"one"), files.store(b"other")
        kept_in.put(one, kept_in.tokens()[other])

        with pytest.raises(files.NoSuchFileError):
            files.read(one)
        assert "holds another one" in caplog.text

    def test_a_file_that_was_tampered_with_is_not_read(self, kept_in):
        name = files.store(SECRET)
        kept_in.put(name, kept_in.tokens()[name][:-4] + b"AAA=")

        with pytest.raises(InvalidToken):
            files.read(name)

    def test_every_file_changes_its_key(self, kept_in, settings):
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        settings.ENCRYPTION_KEYS = [old]
        names = [files.store(bytes([n]) * 9) for n in range(7)]
        settings.ENCRYPTION_KEYS = [new, old]

        assert files.rotate_all() == 7

        settings.ENCRYPTION_KEYS = [new]
        assert [files.read(name) for name in names] == [bytes([n]) * 9 for n in range(7)]


class TestAFolder:
    def test_nobody_else_of_the_machine_reads_it(self, folder):
        name = files.store(SECRET)
        path = folder / name[:2] / name

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, path.parent)} == {0o700}
        assert list(path.parent.iterdir()) == [path]

    def test_a_disk_that_takes_nothing_is_said(self, folder):
        folder.parent.joinpath("files").write_text("not a folder")

        with pytest.raises(files.FilesUnavailableError):
            files.store(SECRET)

    def test_what_a_killed_writer_left_goes_with_the_sweep(self, folder, db):
        name = files.store(SECRET)
        draft = folder / name[:2] / ".draft-0123"
        draft.write_bytes(b"half")

        files.sweep(at=clock.machine_now())
        assert draft.exists()
        files.sweep(at=clock.machine_now() + timedelta(days=2))
        assert not draft.exists()


class TestABucket:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"secret": "another"}, "SignatureDoesNotMatch"),
            ({"key": "AKIAOTHER"}, "InvalidAccessKeyId"),
            ({"region": "nl-ams"}, "AuthorizationHeaderMalformed"),
            ({"bucket": "elsewhere"}, "NoSuchBucket"),
        ],
    )
    def test_who_is_not_let_in_is_told_to_come_back_and_the_secret_is_not_logged(
        self, bucket, settings, caplog, change, code
    ):
        said = {name: getattr(settings.FILES_S3, name) for name in ("endpoint", "bucket", "key", "secret", "region")}
        settings.FILES_S3 = BucketAccess(**said | change)

        with pytest.raises(files.FilesUnavailableError):
            files.store(SECRET)

        assert set(bucket.refused) == {code}
        assert bucket.objects == {}
        assert "does not answer" in caplog.text
        assert said["secret"] not in caplog.text

    def test_one_that_is_down_is_said_for_each_of_what_is_asked(self, bucket):
        name = files.store(SECRET)
        bucket.mood = Mood.UNAVAILABLE

        for ask in (
            lambda: files.store(SECRET),
            lambda: files.read(name),
            lambda: files.forget(name),
            files.rotate_all,
        ):
            with pytest.raises(files.FilesUnavailableError):
                ask()
        bucket.mood = Mood.GOOD
        assert files.read(name) == SECRET


@pytest.mark.django_db
class TestSweeping:
    @pytest.fixture
    def family(self, in_scope):
        authority = make_authority()
        in_scope(authority)
        return make_family(authority)

    def attached(self, family):
        return attach_document(family, clean_document(content=SECRET), kind="quotient", by=AGENT, at=NOW)

    def test_what_an_undone_transaction_kept_is_forgotten_a_day_later_and_what_a_row_names_is_not(
        self, kept_in, family
    ):
        named = self.attached(family)
        with transaction.atomic():
            undone = self.attached(family)
            transaction.set_rollback(True)
        assert set(kept_in.tokens()) == {named.stored_as, undone.stored_as}

        now = clock.machine_now()
        assert files.sweep(at=now) == 0
        assert files.sweep(at=now + timedelta(days=1, minutes=1)) == 1

        assert set(kept_in.tokens()) == {named.stored_as}
        assert named.content == SECRET

    def test_a_family_that_is_erased_leaves_no_file(self, kept_in, family):
        self.attached(family)
        with permitted("test"):
            SupportingDocument.objects.filter(family=family).delete()

        files.sweep(at=clock.machine_now() + timedelta(days=2))

        assert kept_in.tokens() == {}

    def test_another_authority_s_file_is_kept_whatever_the_scope(self, kept_in, family):
        kept = self.attached(family)
        with tenancy.scope({family.authority_id + 1}):
            files.sweep(at=clock.machine_now() + timedelta(days=2))

        assert kept.content == SECRET

    def test_the_wrong_database_empties_nothing(self, kept_in, caplog):
        for _each in range(21):
            files.store(SECRET)

        assert files.sweep(at=clock.machine_now() + timedelta(days=2)) == 0

        assert len(kept_in.tokens()) == 21
        assert "Is it the right database?" in caplog.text

    def test_the_jobs_may_run_twice(self, kept_in, family):
        document = self.attached(family)
        forget_document(document, by=AGENT, at=NOW)
        kept_in.written(files.store(SECRET), clock.machine_now() - timedelta(days=3))

        for _twice in range(2):
            forget(name=document.stored_as)
            sweep(timestamp=0)

        assert kept_in.tokens() == {}


BUCKET = {
    "MARELLE_FILES_S3_ENDPOINT": "https://s3.fr-par.example",
    "MARELLE_FILES_S3_BUCKET": "marelle",
    "MARELLE_FILES_S3_KEY": "cle",
    "MARELLE_FILES_S3_SECRET": "secret",
    "MARELLE_FILES_S3_REGION": "fr-par",
}


class TestSettings:
    def said(self, tmp_path, **said):
        keys = {name: SURROUNDINGS[name] for name in ("SECRET_KEY", "MARELLE_ENCRYPTION_KEYS", "MARELLE_OIDC_KEYS")}
        return read({"MARELLE_VAR": str(tmp_path), **keys, **said})

    def test_by_default_a_folder_beside_the_database_and_no_antivirus(self, tmp_path):
        said = self.said(tmp_path)

        assert (said.files_dir, said.files_s3, said.clamav) == (tmp_path / "files", None, "")

    def test_a_bucket_that_is_wholly_said_and_whose_secret_is_not_shown(self, tmp_path):
        said = self.said(tmp_path, **BUCKET)

        assert said.files_s3 == BucketAccess("https://s3.fr-par.example", "marelle", "cle", "secret", "fr-par")
        assert "'secret'" not in repr(said)

    @pytest.mark.parametrize("missing", BUCKET)
    def test_half_a_bucket_is_refused_by_its_name(self, tmp_path, missing):
        with pytest.raises(BadEnvironment, match=missing):
            self.said(tmp_path, **{name: value for name, value in BUCKET.items() if name != missing})

    def test_a_bucket_in_clear_is_refused(self, tmp_path):
        with pytest.raises(BadEnvironment, match="https://"):
            self.said(tmp_path, **BUCKET | {"MARELLE_FILES_S3_ENDPOINT": "http://ailleurs.example"})

    @pytest.mark.parametrize(
        "address", ["127.0.0.1:3310", "/run/clamav/clamd.ctl", "antivirus.local:3310", "[::1]:3310"]
    )
    def test_where_the_antivirus_listens(self, tmp_path, address):
        assert self.said(tmp_path, MARELLE_CLAMAV=address).clamav == address

    @pytest.mark.parametrize("address", ["clamd", "127.0.0.1", "a b:1", "http://127.0.0.1:3310"])
    def test_nowhere(self, tmp_path, address):
        with pytest.raises(BadEnvironment, match="MARELLE_CLAMAV"):
            self.said(tmp_path, MARELLE_CLAMAV=address)


def test_a_reset_removes_what_we_keep_and_nothing_else(folder):
    files.store(SECRET)
    (folder / "lisez-moi.txt").write_text("à quelqu’un d’autre")

    remove_files(folder)

    assert [path.name for path in folder.rglob("*")] == ["lisez-moi.txt"]

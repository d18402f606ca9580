import gzip
import lzma
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from equilingua.benchmarks.beir import read_beir, read_beir_languages
from equilingua.errors import EquilinguaWarning, InputError

Write = Callable[..., Path]

FILES = ("corpus.jsonl", "queries.jsonl", "test.tsv")


def test_documents_are_title_and_text_and_queries_those_of_the_split(write_beir: Write) -> None:
    benchmark = read_beir(write_beir("small"), language="en")
    corpus = benchmark.corpora["en"]
    assert dict(zip(corpus.ids, corpus.texts, strict=True)) == {"d1": "Owls They fly.", "d2": "Cats.", "q1": ""}
    assert benchmark.queries["en"].ids == ("q1",)
    assert benchmark.qrels == {"en": {"q1": {"d1": 2, "d2": 0}}}
    assert benchmark.name == "small"


def test_another_split_judges_other_queries(write_beir: Write) -> None:
    assert read_beir(write_beir("small"), language="en", split="dev").qrels == {"en": {"q2": {"d2": 1}}}


def test_a_document_with_the_querys_own_id_is_excluded_unless_it_is_relevant(
    write_beir: Write, write_lines: Write
) -> None:
    folder = write_beir("small")
    assert read_beir(folder, language="en").excluded == {"en": {"q1": ("q1",)}}
    write_lines("small/qrels/test.tsv", "q1\tq1\t1\n")
    assert read_beir(folder, language="en").excluded == {"en": {}}


def test_an_archive_reads_as_its_folder_does_without_being_unpacked(write_beir: Write, tmp_path: Path) -> None:
    folder = write_beir("small")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "small")
    shutil.copy(archive, tmp_path / "alone.zip")
    from_folder, from_archive = read_beir(folder, language="en"), read_beir(tmp_path / "alone.zip", language="en")
    assert from_archive.queries == from_folder.queries
    assert from_archive.corpora == from_folder.corpora
    assert from_archive.qrels == from_folder.qrels
    assert set(from_archive.hashes) == {"alone.zip"}
    assert set(from_folder.hashes) == {"corpus.jsonl", "queries.jsonl", "test.tsv"}


def test_an_archive_made_on_macos_with_compressed_files_reads_as_its_folder_does(
    write_beir: Write, tmp_path: Path
) -> None:
    folder = write_beir("small")
    compress = {"corpus.jsonl": (".gz", gzip.compress), "queries.jsonl": (".xz", lzma.compress)}
    compress["qrels/test.tsv"] = (".zst", zstandard.compress)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for name, (suffix, compressed) in compress.items():
            archive.writestr(f"small/{name}{suffix}", compressed((folder / name).read_bytes()))
            archive.writestr(f"__MACOSX/small/._{name}", b"\0\5\26\7")
        archive.writestr(".", b"")
    from_folder, from_archive = read_beir(folder, language="en"), read_beir(tmp_path / "packed.zip", language="en")
    assert from_archive.queries == from_folder.queries
    assert from_archive.corpora == from_folder.corpora
    assert from_archive.qrels == from_folder.qrels


def test_a_damaged_member_of_an_archive_is_told_with_its_line(write_beir: Write, tmp_path: Path) -> None:
    folder = write_beir("small")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("queries.jsonl.gz", gzip.compress((folder / "queries.jsonl").read_bytes())[:-20])
        for name in ("corpus.jsonl", "qrels/test.tsv"):
            archive.write(folder / name, name)
    with pytest.raises(InputError, match=r"packed.zip:queries.jsonl.gz:\d: cannot be read further"):
        read_beir(tmp_path / "packed.zip", language="en")


@pytest.mark.parametrize("member", ["../corpus.jsonl", "/corpus.jsonl", "a/../../corpus.jsonl", "..\\corpus.jsonl"])
def test_a_member_that_would_leave_the_archives_folder_is_refused(tmp_path: Path, member: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "{}")
    with pytest.raises(InputError, match=r"would lie outside the archive's folder"):
        read_beir(path, language="en")


def test_a_damaged_archive_and_a_missing_split_are_told(write_beir: Write, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK no zip")
    with pytest.raises(InputError, match=r"broken.zip: no readable zip archive"):
        read_beir(broken, language="en")
    with pytest.raises(InputError, match=r"holds no qrels/tets.tsv. Did you mean 'test'\? Allowed: dev, test."):
        read_beir(write_beir("small"), split="tets", language="en")
    with pytest.raises(InputError, match=r"holds no corpus.jsonl: a BEIR folder has"):
        read_beir(tmp_path / "small" / "qrels", language="en")
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr(".\\", b"")
    with pytest.raises(InputError, match=r"odd.zip: holds no corpus.jsonl"):
        read_beir(tmp_path / "odd.zip", language="en")


def test_judgements_of_documents_that_are_not_there_are_left_out_with_a_warning(
    write_beir: Write, write_lines: Write
) -> None:
    folder = write_beir("small")
    write_lines("small/qrels/test.tsv", "q1\td1\t1\nq2\tgone\t1\n")
    with pytest.warns(EquilinguaWarning, match=r"test.tsv: 1 judgements name passages that are not in the corpus"):
        benchmark = read_beir(folder, language="en")
    assert benchmark.queries["en"].ids == ("q1", "q2")
    assert benchmark.qrels == {"en": {"q1": {"d1": 1}}}


def test_languages_apart_keep_their_documents_apart(write_beir: Write, tmp_path: Path) -> None:
    for language in ("de", "en"):
        write_beir(f"many/{language}")
    separate = read_beir_languages(tmp_path / "many", parallel=False)
    assert separate.queries["de"].ids == ("de/q1",)
    assert separate.excluded == {tag: {f"{tag}/q1": (f"{tag}/q1",)} for tag in ("de", "en")}
    assert separate.qrels["de"] == {"de/q1": {"de/d1": 2, "de/d2": 0}}
    parallel = read_beir_languages(tmp_path / "many", parallel=True)
    assert parallel.queries["de"].ids == parallel.queries["en"].ids == ("q1",)
    assert parallel.qrels["de"] == parallel.qrels["en"] == {"q1": {"de/d1": 2, "de/d2": 0, "en/d1": 2, "en/d2": 0}}
    assert parallel.excluded == {tag: {"q1": ("de/q1", "en/q1")} for tag in ("de", "en")}
    assert set(parallel.hashes) == {f"{tag}/{file}" for tag in ("de", "en") for file in FILES}
    with pytest.raises(InputError, match=r"no folder 'fr' with corpus.jsonl. Allowed: de, en."):
        read_beir_languages(tmp_path / "many", languages=["en", "fr"])


def test_miracl_is_read_as_published_shard_by_shard(write_lines: Write, tmp_path: Path) -> None:
    for shard in (10, 2):
        row = f'{{"docid": "{shard}#0", "title": "T", "text": "text {shard}"}}\n'
        path = write_lines(f"miracl/miracl-corpus-v1.0-sw/docs-{shard}.jsonl", row)
        path.with_suffix(".jsonl.gz").write_bytes(gzip.compress(row.encode()))
        path.unlink()
    write_lines("miracl/miracl-v1.0-sw/topics/topics.miracl-v1.0-sw-dev.tsv", "7\tNani?\n8\tWapi?\n")
    write_lines("miracl/miracl-v1.0-sw/qrels/qrels.miracl-v1.0-sw-dev.tsv", "7\tQ0\t10#0\t1\n7\tQ0\t2#0\t0\n")
    benchmark = read_beir_languages(tmp_path / "miracl", split="dev", parallel=False)
    assert benchmark.corpora["sw"].ids == ("sw/2#0", "sw/10#0")
    assert benchmark.corpora["sw"].texts == ("T text 2", "T text 10")
    assert benchmark.queries["sw"].ids == ("sw/7",)
    assert benchmark.qrels["sw"] == {"sw/7": {"sw/10#0": 1, "sw/2#0": 0}}

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.batching.alpha import AlphaSchedule
from equilingua.batching.dataset import TrainingExamples
from equilingua.batching.plan import BatchPlan
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.files import cache_folder
from equilingua.mixtures.read import entry_files, parse_entries, read_entries
from equilingua.pairs.store import ParallelPairs

LINES = [
    {
        "id": f"p{n}",
        "source": "s",
        "queries": {"en": f"the question {n}", "fi": f"kysymys {n}"},
        "passages": {"en": f"the answer {n}", "fi": f"vastaus {n}"},
        "fit": n / 10,
    }
    for n in range(10)
]
BACK = [
    {"id": f"p{n}", "queries": {"en": f"again {n}", "sv": "x"}, "passages": {"en": f"reply {n}"}}
    for n in range(0, 10, 2)
]
SENTENCES = [
    ("the house", "das Haus"),
    ("the question", "die Frage"),
    ("a house", "ein Haus"),
    ("a question", "eine Frage"),
]


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    with gzip.open(path, "wt") as file:
        file.write("\n".join(map(json.dumps, lines)))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path / "p.jsonl.gz", LINES)
    write(tmp_path / "back.jsonl.gz", BACK)
    texts = [{"id": n, "texts": {"en": en, "de": de}} for n, (en, de) in enumerate(SENTENCES)]
    write(tmp_path / "sentences.jsonl.gz", texts)
    return tmp_path


def read(data: Path, *values: str | Mapping[str, Any]) -> ParallelPairs:
    return read_entries(parse_entries(values, place="study.toml: data.pairs"), data=data, progress=False)


def test_a_name_alone_reads_as_the_file_itself(data: Path) -> None:
    assert read(data, "p.jsonl.gz").fingerprint == ParallelPairs.read(data / "p.jsonl.gz").fingerprint
    assert list(read(data / "elsewhere", str(data / "p.jsonl.gz"))) == list(read(data, {"file": "p.jsonl.gz"}))


def test_a_format_that_is_named_wins_over_the_suffix(data: Path) -> None:
    for name in ("p.lines.gz", "q.json.gz"):
        write(data / name, LINES)
        assert list(read(data, {"file": name, "format": "pairs"})) == list(read(data, "p.jsonl.gz"))
    with pytest.raises(InputError, match=r"unknown format '\.lines'"):
        read(data, "p.lines.gz")


def test_each_entry_keeps_what_it_says_of_its_own_file(data: Path) -> None:
    few = {"file": "p.jsonl.gz", "where": "fit>=0.5", "languages": "fi", "source": "few", "max_characters": 10}
    pairs = read(data, few, "p.jsonl.gz")
    assert Counter(pair.source for pair in pairs) == {"few": 5, "s": 10}
    assert {tuple(pair.queries) for pair in pairs if pair.source == "few"} == {("fi",)}


def test_a_limit_draws_by_the_seed(data: Path) -> None:
    def ids(**options: int) -> list[str]:
        return [pair.id for pair in read(data, {"file": "p.jsonl.gz", "limit": 4, **options})]

    assert len(set(ids())) == 4
    assert ids() == ids(seed=0) != ids(seed=1)
    assert len(ids(limit=99)) == 10


def test_every_problem_is_told_with_its_entry_and_the_nearest_name() -> None:
    values = [
        3,
        {"file": "a.json"},
        {"file": "a.jsonl", "passage": "sentnce", "whre": "x>1", "limit": 0},
        {"fil": "x"},
        {"file": "a.jsonl", "code_switched": "b.jsonl", "back_translated": "c.jsonl", "languages": ["zh-Hant"]},
        {"file": "a.jsonl", "side": "both", "share": 0.5},
        {"file": "a.jsonl", "glossed": "b.jsonl", "side": "queries", "code_switched": "b.jsonl"},
        {"file": "a.jsonl", "glossed": "b.jsonl", "languages": ["en", "de"]},
        {"file": "a.jsonl", "glossed": "b.jsonl", "languages": "en", "from_language": "th"},
        {"file": "a.jsonl", "glossed": "b.jsonl", "languages": "de", "from_language": "e1"},
        {"file": "a.jsonl", "mode": "add", "per_pair": 2, "from_language": "de"},
        {"file": "a.jsonl", "language": "en", "passage": "sentence"},
    ]
    with pytest.raises(InputError) as error:
        parse_entries(values, place="study.toml")  # type: ignore[arg-type]
    report = str(error.value)
    for line in [
        "study.toml: pairs.1: a file's name or a table was expected, got 3",
        "study.toml: pairs.2: the format 'squad' does not say its language: add one, such as language = 'en'",
        "study.toml: unknown option 'pairs.3.whre'. Did you mean 'pairs.3.where'?",
        "pairs.3.passage: unknown value 'sentnce'. Did you mean 'sentence'? Allowed: paragraph, sentence.",
        "pairs.3.limit: must be at least 1, got 0",
        "unknown option 'pairs.4.fil'. Did you mean 'pairs.4.file'?",
        "'code_switched' and 'back_translated' were both given: give one, and the other in a table of its own",
        "pairs.5.languages: 'zh-Hant' puts no space between words",
        "pairs.6.side: has no part without 'back_translated' or 'code_switched'",
        "pairs.6.share: has no part without 'code_switched'",
        "passage = 'sentence' has no part in the format 'pairs'",
        "pairs.7.code_switched: 'glossed' and 'code_switched' were both given: give one",
        "pairs.7.languages: is missing. Those that glosses are added in.",
        "pairs.8: 'en' is the language that is glossed ('from_language'): leave it out of 'languages'",
        "pairs.9.from_language: 'th' puts no space between words",
        "pairs.10.from_language: unknown language 'e1'",
        "pairs.11.mode: has no part without 'back_translated' or 'code_switched' or 'glossed'",
        "pairs.11.from_language: has no part without 'glossed'",
        "pairs.11.per_pair: has no part without 'glossed'",
    ]:
        assert line in report


def test_a_pair_is_glossed_in_no_more_languages_than_there_are() -> None:
    entry = {"file": "a.jsonl", "glossed": "b.jsonl", "languages": ["fi", "de"], "per_pair": 3}
    with pytest.raises(InputError, match=r"pairs\.1: per_pair = 3 is more than the 2 'languages': give fewer"):
        parse_entries([entry], place="study.toml")


@pytest.mark.parametrize("values", [[], "p.jsonl", {"file": "p.jsonl"}])
def test_a_list_with_an_entry_is_needed(values: Any) -> None:
    with pytest.raises(InputError, match=r"data\.pairs: pairs: must (have at least 1|be a list, in brackets)"):
        parse_entries(values, place="data.pairs")


def test_missing_files_are_told_in_one_report(data: Path) -> None:
    entry = {"file": "p.jsonl", "back_translated": "nowhere.jsonl"}
    with pytest.raises(InputError, match=r"2 problems\n.*p\.jsonl: no such file\. Did you mean .*\n.*nowhere\.jsonl"):
        read(data, entry)


def test_a_language_that_the_file_lacks_is_told_with_the_file(data: Path) -> None:
    with pytest.raises(InputError, match=r"p\.jsonl\.gz: no pair has the language 'tr'\. Allowed: en, fi\."):
        read(data, {"file": "p.jsonl.gz", "languages": ["tr"]})


def test_the_files_of_entries_are_told_each_once() -> None:
    entries = parse_entries(["p.jsonl", {"file": "p.jsonl", "back_translated": "/b.jsonl"}], place="x")
    assert entry_files(entries, "DATA") == (Path("DATA/p.jsonl"), Path("/b.jsonl"))


def test_back_translations_are_added_beside_their_originals(data: Path) -> None:
    pairs = read(data, {"file": "p.jsonl.gz", "back_translated": "back.jsonl.gz"})
    assert Counter(pair.source for pair in pairs) == {"s": 10, "s back-translated": 5}
    copy = next(pair for pair in pairs if pair.source == "s back-translated" and pair.id == "p4")
    assert copy.queries == {"en": "again 4", "fi": "kysymys 4"}
    assert copy.passages == {"en": "reply 4", "fi": "vastaus 4"}
    assert copy.provenance == {"en": "back-translated"}
    assert copy.numbers == {"fit": 0.4}


def test_back_translations_of_one_side_take_the_place_of_their_originals(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "back_translated": "back.jsonl.gz", "side": "queries", "mode": "replace"}
    pairs = {pair.id: pair for pair in read(data, {**entry, "source": "copies"})}
    assert len(pairs) == 10
    assert (pairs["p2"].queries["en"], pairs["p2"].passages["en"]) == ("again 2", "the answer 2")
    assert (pairs["p3"].queries["en"], pairs["p3"].source) == ("the question 3", "s")
    assert pairs["p2"].source == "copies"


@pytest.mark.parametrize("side", ["queries", "passages", "both"])
def test_a_passage_in_other_words_is_the_same_passage(data: Path, side: str) -> None:
    pairs = read(data, {"file": "p.jsonl.gz", "back_translated": "back.jsonl.gz", "side": side})
    rows = TrainingExamples(pairs)
    labels = np.array([rows[number]["label"] for number in range(len(rows))])
    answers = {(item, question, passage) for item, question, passage, *_ in labels.tolist()}
    assert len(answers) == len({item for item, *_ in answers}) == 10


def test_two_variants_of_an_item_in_one_batch_are_no_negatives_of_each_other(data: Path) -> None:
    torch = pytest.importorskip("torch")
    from equilingua.training.masking import candidate_keys, false_negatives, query_keys

    pairs = read(data, {"file": "p.jsonl.gz", "back_translated": "back.jsonl.gz", "languages": ["en"]})
    plan = BatchPlan(kind="x-x-mono", alpha=AlphaSchedule.parse(1.0))
    stream = BatchStream(pairs.index, plan, batch_size=len(pairs), seed=0)
    rows = TrainingExamples(pairs)[stream.batch(0, 0).examples.tolist()]
    labels = torch.tensor(np.array(rows["label"]))
    masked = false_negatives(query_keys(labels), candidate_keys(labels, 0), own=torch.arange(len(labels)))
    same = labels[:, None, 0] == labels[None, :, 0]
    same.fill_diagonal_(0)
    assert int(same.sum()) == 10
    assert bool(masked[same].all())
    assert not bool(masked[~same].any())


def test_code_switched_copies_hold_words_of_the_lexicon_under_the_same_id(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "code_switched": "sentences.jsonl.gz", "languages": "de", "share": 1.0}
    pairs = list(read(data, entry))
    assert Counter(pair.source for pair in pairs) == {"s": 10, "s code-switched": 10}
    copy = next(pair for pair in pairs if pair.source == "s code-switched" and pair.id == "p7")
    assert copy.queries["en"].endswith("Frage 7")
    assert copy.queries["fi"] == "kysymys 7"
    assert copy.passages == LINES[7]["passages"]


def test_half_of_the_words_are_switched_the_same_ones_each_time(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"file": "p.jsonl.gz", "code_switched": "sentences.jsonl.gz", "languages": "de", "mode": "replace"}
    first = {pair.id: pair.queries["en"] for pair in read(data, entry)}
    assert 0 < sum("Frage" in query for query in first.values()) < 10
    monkeypatch.setenv("EQUILINGUA_CACHE", str(data / "other cache"))
    assert {pair.id: pair.queries["en"] for pair in read(data, entry)} == first
    assert {pair.id: pair.queries["en"] for pair in read(data, {**entry, "seed": 1})} != first


def test_a_language_no_sentences_lead_to_is_refused(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "code_switched": "sentences.jsonl.gz", "languages": ["de", "tr"]}
    with pytest.raises(InputError, match=r"no parallel sentences lead from en, fi to 'tr': add a file"):
        read(data, entry)


def test_glossed_copies_have_glosses_beside_their_texts_under_the_same_id(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "glossed": ["sentences.jsonl.gz", "p.jsonl.gz"], "languages": ["de", "fi"]}
    pairs = list(read(data, entry))
    assert Counter(pair.source for pair in pairs) == {"s": 10, "s glossed": 10}
    copy = next(pair for pair in pairs if pair.source == "s glossed" and pair.id == "p7")
    assert copy.queries == {"en": "the question 7", "fi": "kysymys 7", "de": copy.queries["de"]}
    assert copy.queries["de"] in {"die Frage 7", "das Frage 7"}
    assert copy.passages["de"] in {"die answer 7", "das answer 7"}
    assert copy.provenance == {"de": "glossed"}
    assert copy.numbers == {"fit": 0.7}


def test_each_pair_is_glossed_in_languages_drawn_for_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [{"id": n, "texts": {"en": en, "de": de, "sv": de, "da": de}} for n, (en, de) in enumerate(SENTENCES)]
    write(data / "sentences.jsonl.gz", texts)
    entry = {"file": "p.jsonl.gz", "glossed": "sentences.jsonl.gz", "languages": ["de", "sv", "da"], "per_pair": 2}
    first = {pair.id: pair for pair in read(data, {**entry, "mode": "replace", "source": "glosses"})}
    added = {id_: set(pair.provenance) for id_, pair in first.items()}
    assert {frozenset(tags) for tags in added.values()} == {
        frozenset(t) for t in ("de sv", "de da", "da sv") for t in [t.split()]
    }
    assert all(set(pair.queries) == set(pair.passages) == {"en", "fi", *added[pair.id]} for pair in first.values())
    assert {pair.source for pair in first.values()} == {"glosses"}
    monkeypatch.setenv("EQUILINGUA_CACHE", str(data / "other cache"))
    assert {pair.id: pair for pair in read(data, {**entry, "mode": "replace", "source": "glosses"})} == first
    few = read(data, {**entry, "mode": "replace", "source": "glosses", "limit": 3})
    assert {pair.id: pair for pair in few} == {pair.id: first[pair.id] for pair in few}
    other = {pair.id: set(pair.provenance) for pair in read(data, {**entry, "mode": "replace", "seed": 1})}
    assert other != added


def test_parallel_sentences_are_glossed_from_the_language_that_is_named(data: Path) -> None:
    entry = {"file": "sentences.jsonl.gz", "glossed": "p.jsonl.gz", "languages": "fi", "from_language": "en"}
    copies = [pair for pair in read(data, entry) if pair.source == "sentences glossed"]
    assert all(pair.sentences and pair.queries == pair.passages for pair in copies)
    assert {pair.queries["en"]: pair.queries["fi"] for pair in copies}["the question"].endswith("kysymys")


def test_glosses_need_texts_that_lead_to_their_language_and_from_one_of_the_file(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "glossed": "sentences.jsonl.gz", "languages": ["de", "tr", "sv"]}
    with pytest.raises(InputError, match=r"no parallel texts lead from 'en' to 'tr', 'sv': add a file"):
        read(data, entry)
    with pytest.raises(InputError, match=r"no pair has 'et', which is to be glossed\..*Allowed: en, fi\. Set 'from_l"):
        read(data, {**entry, "from_language": "et"})


def test_instructions_are_derived_one_a_pair(data: Path) -> None:
    pairs = list(read(data, {"file": "p.jsonl.gz", "instructions": True}))
    assert {pair.id for pair in pairs} == {line["id"] for line in LINES}
    assert {pair.source for pair in pairs} == {"instructions"}
    assert all("\n" in text for pair in pairs for text in pair.queries.values())


def test_what_an_entry_makes_is_made_once_and_anew_for_another_file(data: Path) -> None:
    entry = {"file": "p.jsonl.gz", "back_translated": "back.jsonl.gz"}
    first = read(data, entry)
    stores = cache_folder() / "pairs"
    times = {folder.name: folder.stat().st_mtime_ns for folder in stores.iterdir()}
    assert read(data, entry).fingerprint == first.fingerprint
    assert {folder.name: folder.stat().st_mtime_ns for folder in stores.iterdir()} == times
    write(data / "back.jsonl.gz", BACK[:1])
    assert len(read(data, entry)) == 11
    assert len(first) == 15

"""Counts of the real data, as their publishers and the folder's own list state them."""

import gzip
import json
from pathlib import Path
from statistics import median

import pytest

from equilingua.mixtures.glossing import glossaries_from
from equilingua.mixtures.read import parse_entries, read_entries
from equilingua.mixtures.word_alignment import words
from equilingua.pairs.store import ParallelPairs

pytestmark = pytest.mark.shared_data

NATIVE = [
    ("ar.arcd", "ar", 1395),
    ("zh.drcd", "zh", 3524),
    ("tr.tquad", "tr", 8308),
    ("vi.zalo", "vi", 985),
    ("en.tydiqa", "en", 3696),
    ("ko.tydiqa", "ko", 1625),
    ("sw.tydiqa", "sw", 2755),
]


def read(data: Path, *values: object) -> ParallelPairs:
    return read_entries(parse_entries(values, place="pairs"), data=data, progress=False)  # type: ignore[arg-type]


def answers(path: Path, source: str) -> dict[str, str]:
    """The first answer of each question of a SQuAD-format file."""
    with gzip.open(path, "rt") as file:
        articles = json.load(file)["data"]
    questions = (q for article in articles for paragraph in article["paragraphs"] for q in paragraph["qas"])
    return {f"{source}/{q['id']}": q["answers"][0]["text"].strip() for q in questions if q["answers"]}


@pytest.mark.parametrize(("name", "language", "count"), NATIVE)
def test_native_questions_have_a_sentence_with_their_answer(
    shared_data: Path, name: str, language: str, count: int
) -> None:
    entry = {"file": f"native/{name}.json.gz", "language": language, "source": name}
    paragraphs = {pair.id: pair.passages[language] for pair in read(shared_data, entry)}
    sentences = {pair.id: pair.passages[language] for pair in read(shared_data, {**entry, "passage": "sentence"})}
    assert len(paragraphs) == len(sentences) == count
    assert all(sentence in paragraphs[id_] for id_, sentence in sentences.items())
    stated = answers(shared_data / entry["file"], name)
    # Six answers of ARCD are spelled otherwise than their paragraph, by spaces.
    assert sum(stated[id_] not in sentence for id_, sentence in sentences.items()) <= (6 if language == "ar" else 0)
    assert sum(map(len, sentences.values())) < 0.6 * sum(map(len, paragraphs.values())) or language == "vi"


def test_thai_questions_have_phrases_around_their_answer(shared_data: Path) -> None:
    entry = {"file": "native/th.iapp.jsonl.gz", "format": "squad-rows", "language": "th", "source": "iapp"}
    pairs = {pair.id: pair for pair in read(shared_data, {**entry, "passage": "sentence"})}
    with gzip.open(shared_data / entry["file"], "rt") as file:
        rows = [json.loads(line) for line in file]
    assert len(pairs) == len(rows) == 2242
    for row in rows:
        assert row["answers"]["text"][0].strip() in pairs[f"iapp/{row['question_id']}"].passages["th"]


@pytest.mark.slow
def test_back_translations_stand_beside_english_and_keep_finnish(shared_data: Path) -> None:
    entry = {"file": "pairs/squad.train.jsonl.gz", "back_translated": "pairs/squad-back-translated.train.jsonl.gz"}
    pairs = read(shared_data, {**entry, "limit": 3000})
    originals = {pair.id: pair for pair in pairs if pair.source == "squad"}
    copies = {pair.id: pair for pair in pairs if pair.source == "squad back-translated"}
    assert len(originals) == 3000
    # 80,522 of 81,336 pairs have a back-translation, and a few of those say the same.
    assert 0.95 < len(copies) / len(originals) <= 1
    for id_, copy in copies.items():
        original = originals[id_]
        assert (copy.queries["en"], copy.passages["en"]) != (original.queries["en"], original.passages["en"])
        assert copy.queries.get("fi") == original.queries.get("fi")


@pytest.mark.slow
def test_code_switched_questions_hold_german(shared_data: Path) -> None:
    entry = {"file": "pairs/squad.train.jsonl.gz", "code_switched": "sentences/tatoeba.jsonl.gz", "languages": "de"}
    pairs = list(read(shared_data, {**entry, "limit": 300, "share": 1.0}))
    switched = [pair.queries["en"].split() for pair in pairs if pair.source == "squad code-switched"]
    assert len(switched) > 280
    assert sum("was" in words or "wie" in words or "wer" in words for words in switched) > 60


@pytest.mark.slow
def test_glossaries_of_real_sentences_know_most_words(shared_data: Path) -> None:
    names = [shared_data / f"sentences/{name}.jsonl.gz" for name in ("tatoeba", "ntrex")]
    files = [ParallelPairs.read(name, progress=False) for name in names]
    expected = {
        "de": {"university": "Universität University", "war": "Krieg Krieges"},
        "zh": {"university": "大学", "war": "战争"},
        "th": {"university": "มหาวิทยาลัย", "war": "สงคราม"},
    }
    glossaries = glossaries_from(files, "en", targets=list(expected), progress=False)
    questions = read(shared_data, {"file": "pairs/squad.train.jsonl.gz", "languages": "en", "limit": 500})
    tokens = [word for pair in questions for word in words(pair.queries["en"]) if word.isalpha()]
    for language, glossary in glossaries.items():
        choices = {word: glossary.translations(word) for word in expected[language]}
        assert {word: " ".join(choice.texts) for word, choice in choices.items() if choice} == expected[language]
        known = sum(glossary.translations(word) is not None for word in tokens) / len(tokens)
        assert 0.75 < known < 0.95


def test_no_word_is_glossed_by_nothing(shared_data: Path) -> None:
    """Of few sentences: the likeliest translation of 'offer' in Chinese is none of its first by score."""
    files = [ParallelPairs.read(shared_data / "sentences/ntrex.jsonl.gz", progress=False)]
    [glossary] = glossaries_from(files, "en", targets=["zh"], progress=False).values()
    assert [word for word, choice in {**glossary.words, **glossary.stems}.items() if "" in choice.texts] == []


@pytest.mark.slow
def test_glossed_questions_stand_beside_english_and_finnish(shared_data: Path) -> None:
    entry = {"file": "pairs/squad.train.jsonl.gz", "glossed": "sentences/tatoeba.jsonl.gz", "languages": ["es", "tr"]}
    pairs = read(shared_data, {**entry, "limit": 300, "per_pair": 1})
    copies = [pair for pair in pairs if pair.source == "squad glossed"]
    assert len(copies) == 300
    tags = [tag for pair in copies for tag in pair.provenance]
    assert 100 < tags.count("es") == 300 - tags.count("tr") < 200
    spanish = [pair.queries["es"].lower().split() for pair in copies if "es" in pair.queries]
    assert sum("qué" in text or "que" in text or "quién" in text for text in spanish) > 0.3 * len(spanish)


def test_a_thai_window_is_about_as_long_as_a_sentence_that_people_marked(shared_data: Path) -> None:
    with gzip.open(shared_data / "xquad-r/th.json.gz", "rt") as file:
        paragraphs = [paragraph for article in json.load(file)["data"] for paragraph in article["paragraphs"]]
    lengths = [end - begin for paragraph in paragraphs for begin, end in paragraph["sentence_breaks"]]
    entry = {"file": "native/th.iapp.jsonl.gz", "format": "squad-rows", "language": "th", "passage": "sentence"}
    windows = [len(pair.passages["th"]) for pair in read(shared_data, entry)]
    assert abs(median(lengths) - median(windows)) < 15

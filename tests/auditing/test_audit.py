"""An audit of the user's own files: who is behind, who is shown too often, and what to do."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equilingua.auditing.audit import audit
from equilingua.auditing.checks import standings
from equilingua.auditing.findings import advice
from equilingua.auditing.record import Audit, check_audit_output
from equilingua.errors import InputError
from equilingua.evaluation.scores import PairScores

LANGUAGES = ("de", "en", "es")
ITEMS = 60
WORDS = {
    "de": "Wer hat im Jahr {0} das Haus {0} in der Stadt {0} gebaut und warum?",
    "en": "Who built the house {0} in the town of {0} in the year {0}, and why?",
    "es": "¿Quién construyó la casa {0} en la ciudad {0} en el año {0} y por qué?",
}
SAID = {
    "de": "Das Haus {0} in der Stadt {0} wurde im Jahr {0} von einer Familie gebaut.",
    "en": "The house {0} in the town of {0} was built by a family in the year {0}.",
    "es": "La casa {0} en la ciudad {0} fue construida por una familia en el año {0}.",
}


class Encoder:
    """Vectors of what a text is about (its number) and of its language; Spanish is read badly on purpose."""

    def __init__(self, *, language: float, deaf: float) -> None:
        self._language, self._deaf = language, deaf

    def _encode(self, texts: list[str]) -> np.ndarray:
        rows = []
        for text in texts:
            number = int("".join(c for c in text.split("?")[0] if c.isdigit())[:3])
            tag = next(
                tag
                for tag in LANGUAGES
                if any(w in text for w in {"de": ("Haus",), "en": ("house",), "es": ("casa",)}[tag])
            )
            rng = np.random.default_rng([number, 1])
            meaning = rng.standard_normal(24) / 24**0.5
            noise = np.random.default_rng([number, LANGUAGES.index(tag), 2]).standard_normal(24) / 24**0.5
            own = np.eye(len(LANGUAGES))[LANGUAGES.index(tag)]
            rows.append(np.r_[meaning + (self._deaf if tag == "es" else 0.1) * noise, self._language * own])
        return np.array(rows)

    def encode_query(self, texts: list[str]) -> np.ndarray:
        return self._encode(texts)

    def encode_document(self, texts: list[str]) -> np.ndarray:
        return self._encode(texts)


def files(folder: Path, *, named: bool = True) -> tuple[Path, Path, Path]:
    """A parallel corpus, queries and judgements; without languages if not ``named``."""
    rows, asked, judged = [], [], []
    for tag in LANGUAGES:
        language = {"language": tag} if named else {}
        for n in range(100, 100 + ITEMS):
            rows.append({"id": f"d-{tag}-{n}", "text": SAID[tag].format(n), **language})
            asked.append({"id": f"q-{tag}-{n}", "text": WORDS[tag].format(n), "item": f"i{n}", **language})
            judged.append(f"q-{tag}-{n}\td-{tag}-{n}\t1")
    paths = folder / "docs.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    for path, lines in zip(paths, (map(json.dumps, rows), map(json.dumps, asked), judged), strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths


def problems(found: Audit, words: str) -> list[str]:
    return [finding.message for finding in found.problems if words in finding.message]


def test_a_language_that_is_read_badly_is_found_and_no_other(tmp_path):
    found = audit(Encoder(language=0.0, deaf=1.5), *files(tmp_path), resamples=300)
    assert found.standings[0].language == "es"
    assert [standing.language for standing in found.standings if standing.worse] == ["es"]
    [message] = problems(found, "Queries in some languages find less")
    assert "Spanish 0." in message
    assert "German" not in message
    assert found.queries.languages == {"de": ITEMS, "en": ITEMS, "es": ITEMS}


def test_a_fair_encoder_has_no_problem(tmp_path):
    found = audit(Encoder(language=0.0, deaf=0.1), *files(tmp_path), resamples=300)
    assert found.problems == ()
    assert "no problem found; queries 180 (de, en, es), passages 180" in str(found)


def test_language_as_part_of_the_meaning_is_found(tmp_path):
    found = audit(Encoder(language=1.0, deaf=0.1), *files(tmp_path), baseline=None, resamples=300)
    [message] = problems(found, "found less where they are in another language than the query")
    assert re.search(r"the difference: Spanish \+0\.\d+ \[\+0\.\d+, \+0\.\d+\], ", message)


def test_languages_that_are_not_given_are_detected(tmp_path):
    found = audit(Encoder(language=0.0, deaf=0.1), *files(tmp_path, named=False), baseline=None, resamples=50)
    assert found.passages.detected == 3 * ITEMS
    assert set(found.passages.languages) == set(LANGUAGES)
    assert found.passages.languages["de"] > 0.9 * ITEMS


def test_und_is_no_language_but_one_to_be_detected(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    for path in (corpus, queries):
        path.write_text(path.read_text().replace('"language": "de"', '"language": "und"'))
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert found.passages.languages == {"de": ITEMS, "en": ITEMS, "es": ITEMS}
    assert found.passages.detected == ITEMS


def test_without_judgements_exposure_is_told(tmp_path):
    corpus, queries, _ = files(tmp_path)
    found = audit(Encoder(language=1.0, deaf=0.1), corpus, queries, resamples=100)
    assert (found.result, found.standings, found.problems) == (None, (), ())
    assert found.bias.exposure_per_language["de"]["de"].share > 0.9
    assert [f.languages for f in found.findings if "in their own language" in f.message] == [("de", "en", "es")]
    assert "No judgements were given" in str(found)


def test_a_lexical_model_and_a_baseline_beside_it(tmp_path):
    found = audit("bm25", *files(tmp_path), baseline="tfidf", resamples=100)
    assert len(found.baseline) == 1
    assert {standing.language for rows in found.baseline.values() for standing in rows} == set(LANGUAGES)


def test_files_are_written_and_not_overwritten_unasked(tmp_path):
    found = audit(Encoder(language=0.0, deaf=1.5), *files(tmp_path), baseline=None, resamples=50)
    folder = found.save(tmp_path / "audit")
    held = json.loads((folder / "audit.json").read_text())
    assert held["standings"][0]["language"] == "es"
    assert (folder / "result" / "result.json").is_file()
    with pytest.raises(InputError, match="already holds an audit"):
        found.save(folder)
    found.save(folder, overwrite=True)
    with pytest.raises(InputError, match="is no audit"):
        found.save(tmp_path)
    with pytest.raises(InputError, match=r"audit.json: cannot be written, since .*qrels.tsv is a file"):
        check_audit_output(tmp_path / "qrels.tsv" / "audit", overwrite=False)


def test_every_bad_line_of_every_file_is_told_at_once(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    corpus.write_text(corpus.read_text() + '{"text": "x"}\n')
    queries.write_text(queries.read_text() + '{"id": "y", "text": "who?", "language": "xx"}\n')
    qrels.write_text(qrels.read_text() + "q-de-100\td-de-100\tgood\n")
    with pytest.raises(InputError) as error:
        audit("bm25", corpus, queries, qrels)
    for words in ("docs.jsonl:181", "queries.jsonl:181", "unknown language 'xx'", "qrels.tsv:181"):
        assert words in str(error.value)


def test_half_a_surrogate_pair_is_told_with_its_line(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    corpus.write_text(corpus.read_text() + '{"id": "x", "text": "cut off \\ud83d", "language": "en"}\n')
    queries.write_text(queries.read_text() + '{"id": "\\ud83d", "text": "who?", "language": "en"}\n')
    with pytest.raises(InputError) as error:
        audit("bm25", corpus, queries, qrels)
    assert "docs.jsonl:181: text holds half of a surrogate pair" in str(error.value)
    assert "queries.jsonl:181: id holds half of a surrogate pair" in str(error.value)


def test_detected_languages_are_those_that_rows_name_more_closely(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    for path in (corpus, queries):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for number, row in enumerate(rows):
            row["language"] = {"es": "es-MX"}.get(row["language"], row["language"]) if number % 2 else None
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert set(found.passages.languages) == {"de", "en", "es-MX"}


def test_what_cannot_be_measured_is_refused(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    corpus.write_text("".join(line + "\n" for line in corpus.read_text().splitlines() if '"d-en' in line))
    with pytest.raises(InputError, match=r"one language \(en\) and there are no judgements"):
        audit("bm25", corpus, queries)
    with pytest.raises(InputError, match=r"measure 'cross_language_R@10': no query has a value, with passages in en"):
        audit("bm25", corpus, only(queries, ["q-en"]), only(qrels, ["q-en"]), measure="cross_language_R@10")
    files(tmp_path)
    qrels.write_text("")
    with pytest.raises(InputError, match=r"qrels.tsv: no judgement"):
        audit("bm25", corpus, queries, qrels)


def only(path, wanted):
    """Keep the lines of a file that hold one of these parts."""
    path.write_text("".join(f"{line}\n" for line in path.read_text().splitlines() if any(w in line for w in wanted)))
    return path


def test_with_a_few_queries_or_no_judgements_no_problem_can_be_told(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    for path in (queries, qrels):
        only(path, ["-100", "-101", "-102"])
    found = audit(Encoder(language=0.0, deaf=1.5), corpus, queries, qrels, resamples=50)
    told = "no problem could be told (too few queries: 3 in a language at most, 30 are needed); queries 9"
    assert told in str(found)
    without = audit(Encoder(language=0.0, deaf=1.5), corpus, queries, resamples=50)
    assert "no problem could be told (no judgements); queries 9" in without.summary


def test_languages_with_few_queries_are_left_out_of_what_was_not_found(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    few = ["-de-", "-en-", *(f"-es-{n}" for n in range(100, 104))]
    for path in (queries, qrels):
        only(path, few)
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    quiet = replace(found, findings=())
    assert quiet.summary.startswith("no problem found (too few queries to tell: es 4); queries 124")


def test_one_language_alone_has_nothing_to_be_compared_with(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    for path in (corpus, queries, qrels):
        only(path, ["-en-"])
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert found.summary.startswith("no problem could be told (one language, and no baseline)")
    beside = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, resamples=50)
    assert beside.summary.startswith("no problem found; ")


def test_texts_whose_language_was_detected_are_counted_among_those_kept(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    unread = [json.dumps({"id": f"n{n}", "text": str(n)}) + "\n" for n in range(4)]
    queries.write_text(queries.read_text() + "".join(unread))
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert (found.queries.total, found.queries.detected, found.queries.undetermined) == (3 * ITEMS, 0, 4)


def test_a_language_given_to_texts_in_others_is_noted(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    rows = [json.loads(line) for line in corpus.read_text().splitlines()]
    corpus.write_text("".join(json.dumps({**row, "language": "de"}) + "\n" for row in rows))
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    [note] = [finding for finding in found.findings if "seem to be" in finding.message]
    assert (note.severity, note.languages) == ("note", ("de",))
    assert re.search(
        r"Not all passages seem to be in the language given: German 6\d% of 180 looked at \(", note.message
    )
    assert re.search(r"; such as 'd-e[ns]-\d+', 'd-e[ns]-\d+', 'd-e[ns]-\d+'\)", note.message)
    assert "English 60" in note.message
    files(tmp_path)
    right = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert not any("seem to be" in finding.message for finding in right.findings)


def test_a_few_queries_are_never_a_problem(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    lines = queries.read_text().splitlines()
    few = [line for line in lines if '"q-es' not in line or int(json.loads(line)["id"][-3:]) < 110]
    queries.write_text("\n".join(few) + "\n")
    asked = {json.loads(line)["id"] for line in few}
    qrels.write_text("".join(line + "\n" for line in qrels.read_text().splitlines() if line.split("\t")[0] in asked))
    found = audit(Encoder(language=0.0, deaf=4.0), corpus, queries, qrels, baseline=None, resamples=200)
    assert found.standings[0].language == "es"
    assert not found.standings[0].worse
    assert any("(30 are needed): Spanish 10." in finding.message for finding in found.findings)


def test_standings_equal_their_definition():
    rng = np.random.default_rng(0)
    values = {tag: rng.random(40 - 5 * place) for place, tag in enumerate(LANGUAGES)}
    scores = [
        PairScores("multilingual", tag, "*", tuple(f"i{n}" for n in range(len(v))), np.ones((len(v), 1)), {"mAP": v})
        for tag, v in values.items()
    ]
    found = {s.language: s for s in standings(scores, measure="mAP", resamples=400, seed=1)}
    mean = np.mean([v.mean() for v in values.values()])
    for tag, v in values.items():
        assert found[tag].value == pytest.approx(v.mean())
        assert found[tag].behind == pytest.approx(v.mean() - mean)
        assert found[tag].interval[0] < v.mean() < found[tag].interval[1]
        assert found[tag].behind_interval[0] < found[tag].behind < found[tag].behind_interval[1]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_queries_without_spread_show_no_difference_that_unseen_ones_could_hide(value):
    items = tuple(f"{number}" for number in range(40))
    scores = [
        PairScores("multilingual", tag, "*", items, np.ones((40, 1)), {"mAP": np.full(40, value)}) for tag in LANGUAGES
    ]
    for standing in standings(scores, measure="mAP", resamples=400, seed=1):
        assert standing.smallest is not None
        assert 0.05 < standing.smallest < 0.15


def test_passages_of_one_item_are_relevant_together(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    rows = [json.loads(line) for line in corpus.read_text().splitlines()]
    corpus.write_text("".join(json.dumps({**row, "item": row["id"][-3:]}) + "\n" for row in rows))
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert found.result is not None
    assert found.result.measures["cross-lingual"]["nDCG@10"] > 0.9
    assert all(pair.ranks.shape[1] == len(LANGUAGES) for pair in found.result.scores if pair.setting == "multilingual")


def test_answers_in_the_askers_language_are_no_problem_where_only_those_are_right(tmp_path):
    corpus, queries, qrels = files(tmp_path)

    def keep(path, wanted):
        path.write_text("".join(line + "\n" for line in path.read_text().splitlines() if wanted(line)))

    def rare(line):
        return "-en-" not in line and int(line.split("-")[2][:3]) >= 115

    keep(corpus, lambda line: not rare(line))
    keep(qrels, lambda line: not rare(line))
    asked = [json.loads(line) for line in queries.read_text().splitlines()]
    queries.write_text("".join(json.dumps({**row, "item": row["id"]}) + "\n" for row in asked))
    found = audit(Encoder(language=3.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=200)
    assert found.problems == ()
    assert any(finding.cause == "exposure" for finding in found.findings)


def test_exposure_is_told_as_the_mean_over_query_languages_that_it_is(tmp_path):
    corpus, queries, _ = files(tmp_path)
    for path in (corpus, queries):  # German has four times as many
        rows = [(json.loads(line), line) for line in path.read_text().splitlines()]
        kept = [line for row, line in rows if row["language"] == "de" or int(row["id"][-3:]) < 100 + ITEMS // 4]
        path.write_text("\n".join(kept) + "\n")
    found = audit(Encoder(language=3.0, deaf=0.1), corpus, queries, resamples=100)
    # Everybody gets their own language, so German fills as many of all places as it has passages: two thirds.
    own = [found.bias.exposure_per_language[tag][tag].share for tag in LANGUAGES]
    assert own == pytest.approx([1, 1, 1])
    [message] = [finding.message for finding in found.findings if finding.cause == "exposure"]
    assert message.startswith(
        "The first 10 places are not filled as the corpus is (points of share, means over query languages): German "
        "-33.3 [-38.9, -12.9]"
    )


def test_single_queries_have_no_interval_and_make_no_problem(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    for path in (queries, qrels):
        lines = [line for line in path.read_text().splitlines() if "-100" in line]
        path.write_text("\n".join(lines) + "\n")
    found = audit(Encoder(language=0.0, deaf=1.5), corpus, queries, qrels, baseline=None, resamples=50)
    assert found.problems == ()
    assert all(standing.interval is standing.behind_interval is None for standing in found.standings)
    assert "nan" not in str(found)
    json.loads((found.save(tmp_path / "audit") / "audit.json").read_text(), parse_constant=pytest.fail)


def test_texts_that_are_left_out_are_told(tmp_path):
    corpus, queries, qrels = files(tmp_path, named=False)
    corpus.write_text(corpus.read_text() + json.dumps({"id": "x", "text": "0x7f 0x80 == 0x91"}) + "\n")
    qrels.write_text(qrels.read_text() + "q-de-100\tx\t1\n")
    found = audit(Encoder(language=0.0, deaf=0.1), corpus, queries, qrels, baseline=None, resamples=50)
    assert found.passages.undetermined >= 1
    unsure = found.passages.undetermined
    [message] = [finding.message for finding in found.findings if finding.cause == "left out"]
    assert f"passages {unsure} of {3 * ITEMS + 1}" in message
    assert f"{unsure} unsure, left out" in found.summary
    assert "und" not in found.passages.languages


@pytest.mark.parametrize(
    ("corpus_tag", "query_tag", "joined"), [("nb", None, {}), ("nb", "no", {"no": "nb"}), ("no", "nb", {"nb": "no"})]
)
def test_a_language_named_in_two_ways_is_one(tmp_path, corpus_tag, query_tag, joined):
    places = ("Bergen", "Oslo", "Bodø", "Hamar", "Molde", "Narvik", "Skien", "Larvik", "Moss", "Halden")
    rows = [
        {"id": f"n{n}", "text": f"Kommunen {place} fikk i fjor nytt sykehus og flere skoler.", "language": corpus_tag}
        for n, place in enumerate(places)
    ]
    rows += [
        {"id": f"e{n}", "text": f"The town of {place} built a harbour.", "language": "en"}
        for n, place in enumerate(places)
    ]
    asked = [
        {"id": f"q{n}", "text": f"Hvilken kommune fikk i fjor nytt sykehus, var det {place}?"}
        | ({"language": query_tag} if query_tag else {})
        for n, place in enumerate(places)
    ]
    for name, lines in (("docs", rows), ("queries", asked)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "qrels.tsv").write_text("".join(f"q{n}\tn{n}\t1\n" for n in range(len(places))))
    found = audit("bm25", tmp_path / "docs.jsonl", tmp_path / "queries.jsonl", tmp_path / "qrels.tsv", resamples=50)
    assert set(found.queries.languages) == {corpus_tag}
    assert {tag: one.language for tag, one in found.queries.joined.items()} == joined
    assert {pair.setting for pair in found.result.scores} >= {"monolingual", "multilingual"}
    told = [finding.languages for finding in found.findings if finding.cause == "joined"]
    assert told == ([tuple(joined)] if joined else [])


@pytest.mark.parametrize("measure", ["rank_distance", "Max@R", "language_preference"])
def test_measures_without_a_better_end_make_no_standings(tmp_path, measure):
    with pytest.raises(InputError, match="where higher is better, such as nDCG@10"):
        audit("bm25", *files(tmp_path), measure=measure)


def test_exposure_is_printed_and_a_step_told_once(tmp_path):
    told = str(audit(Encoder(language=1.0, deaf=1.5), *files(tmp_path), resamples=100))
    assert re.search(r"passages +% of first 10 places +% of corpus +difference \[95 %\]", told)
    assert re.search(r"Spanish \(es\) +[\d.]+ +33\.3 +[+-][\d.]+ \[.*\]\nMeans over query languages, each of", told)
    steps = re.findall(r"(?m)^\d+\. (.*)$", told)
    assert steps
    assert len(set(steps)) == len(steps)


def test_languages_that_ask_for_one_step_share_it(tmp_path):
    corpus, queries, _ = files(tmp_path)
    found = audit(Encoder(language=1.0, deaf=0.1), corpus, queries, resamples=100)
    [given] = [given for given in advice(found.findings) if "Judge the queries" in given.step]
    assert [finding.languages for finding in given.findings] == [("de", "en", "es")]
    assert sum(len(given.findings) for given in advice(found.findings)) == len(found.findings)


@pytest.mark.parametrize("judged", [True, False])
def test_an_audit_is_read_as_it_was_written(tmp_path, judged):
    corpus, queries, qrels = files(tmp_path)
    found = audit(Encoder(language=0.5, deaf=1.5), corpus, queries, qrels if judged else None, resamples=50)
    read = Audit.load(found.save(tmp_path / "audit"))
    for part in ("model", "measure", "passages", "queries", "standings", "findings", "bias"):
        assert getattr(read, part) == getattr(found, part)
    assert str(read) == str(found)
    assert (read.result is None) == (not judged)
    assert read.to_dict() == found.to_dict()


def test_a_result_of_an_older_audit_does_not_stay(tmp_path):
    corpus, queries, qrels = files(tmp_path)
    audit("bm25", corpus, queries, qrels, baseline=None, resamples=20).save(tmp_path / "audit")
    audit("bm25", corpus, queries, resamples=20).save(tmp_path / "audit", overwrite=True)
    assert Audit.load(tmp_path / "audit").result is None


def test_an_edited_audit_is_refused_with_every_problem(tmp_path):
    folder = audit("bm25", *files(tmp_path), baseline=None, resamples=20).save(tmp_path / "audit")
    document = json.loads((folder / "audit.json").read_text())
    del document["measure"]
    document["passages"]["repeated"] = "many"
    (folder / "audit.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"no 'measure': was the file edited\? Audit again(.|\n)*passages.repeated"):
        Audit.load(folder)
    with pytest.raises(InputError, match=r"holds no audit.json: is it a folder that `equilingua audit` wrote\?"):
        Audit.load(tmp_path)


def test_an_audit_without_resamples_is_refused(tmp_path):
    with pytest.raises(InputError, match="resamples: 0 tell nothing beyond chance"):
        audit("bm25", *files(tmp_path), resamples=0)


def test_what_a_broken_off_audit_left_blocks_no_other(tmp_path, monkeypatch):
    found = audit("bm25", *files(tmp_path), resamples=50)
    whole = Audit.to_dict

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Audit, "to_dict", full)
    with pytest.raises(OSError, match="No space"):
        found.save(tmp_path / "audit")
    assert (tmp_path / "audit" / "result" / "result.json").is_file()
    monkeypatch.setattr(Audit, "to_dict", whole)
    check_audit_output(tmp_path / "audit", overwrite=False)
    found.save(tmp_path / "audit")
    assert Audit.load(tmp_path / "audit").measure == found.measure
    assert not [path for path in (tmp_path / "audit").iterdir() if path.name.startswith(".")]
    with pytest.raises(InputError, match="already holds an audit"):
        check_audit_output(tmp_path / "audit", overwrite=False)


def test_a_result_of_someone_is_not_taken_for_an_audits_own(tmp_path):
    found = audit("bm25", *files(tmp_path), resamples=50)
    found.result.save(tmp_path / "mine" / "result")
    with pytest.raises(InputError, match="is no audit"):
        found.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "result" / "result.json").is_file()

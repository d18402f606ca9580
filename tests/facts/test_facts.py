import os
import random
import re
import subprocess
import sys
from collections import Counter

import pytest

from equilingua.errors import InputError
from equilingua.facts import facts, facts_pairs
from equilingua.facts.knowledge import SPLITS, split
from equilingua.facts.names import name
from equilingua.facts.templates import LANGUAGES, relations


def fact_key(pair_id: str) -> str:
    """The fact a pair id belongs to."""
    return pair_id.rpartition("/")[0]


SCRIPTS = {"ar": "\u0600-\u06ff", "el": "\u0370-\u03ff\u1f00-\u1fff", "hi": "\u0900-\u097f", "ru": "\u0400-\u04ff"}
SCRIPTS |= {"th": "\u0e00-\u0e7f", "zh": "\u4e00-\u9fff"}
QUESTION_ENDS = {"ar": "؟", "el": ";", "zh": "？", "th": ""}
PASSAGE_ENDS = {"hi": "।", "zh": "。", "th": ""}


def named_things() -> set[tuple[str, str]]:
    mentions = set()
    for fact in facts():
        relation = relations()[fact.relation]
        mentions |= {(relation.entity, fact.entity), (relation.value, fact.value)}
    return {(kind, code) for kind, code in mentions if kind != "code"}


def mentions(fact) -> list[tuple[str, str]]:
    relation = relations()[fact.relation]
    both = [(relation.entity, fact.entity), (relation.value, fact.value)]
    return [(kind, code) for kind, code in both if kind != "code"]


def test_there_are_a_thousand_facts_of_several_relations():
    counts = Counter(fact.relation for fact in facts())
    assert len(facts()) >= 1000
    assert len(counts) >= 4
    assert set(counts) == set(relations())
    assert min(counts.values()) >= 50


def test_every_pair_has_all_languages_on_both_sides():
    pairs = [pair for name_ in SPLITS for pair in facts_pairs(name_)]
    assert len(pairs) == 3 * len(facts())
    for pair in pairs:
        assert tuple(pair.queries) == tuple(pair.passages) == LANGUAGES
        assert all(text == text.strip() and "{" not in text for text in pair.queries.values())
        assert all(text == text.strip() and "{" not in text for text in pair.passages.values())


def test_pair_ids_are_unique_and_free_of_language():
    ids = [pair.id for name_ in SPLITS for pair in facts_pairs(name_)]
    assert len(set(ids)) == len(ids)
    assert {"facts/country-code/JP/1", "facts/country-code/JP/2", "facts/country-code/JP/3"} <= set(ids)
    assert all(re.fullmatch(r"facts/[a-z-]+/[A-Za-z_/-]+/[123]", id_) for id_ in ids)


def test_wordings_of_a_fact_share_its_passage_and_differ_as_questions():
    by_fact: dict[str, list] = {}
    for pair in facts_pairs("train"):
        by_fact.setdefault(fact_key(pair.id), []).append(pair)
    for pairs in by_fact.values():
        for language in LANGUAGES:
            assert len({pair.passages[language] for pair in pairs}) == 1
            assert len({pair.queries[language] for pair in pairs}) == 3


def test_no_two_facts_share_a_question_or_a_passage_in_any_language():
    for language in LANGUAGES:
        passages = [fact.passage(language).text for fact in facts()]
        questions = [fact.question(language, wording) for fact in facts() for wording in (1, 2, 3)]
        assert len({text.casefold() for text in passages}) == len(passages)
        assert len({text.casefold() for text in questions}) == len(questions)


def test_both_passage_wordings_of_every_relation_are_used():
    for relation in relations():
        texts = {
            fact.passage("en").text.replace(fact.passage("en").answer, "")
            for fact in facts()
            if fact.relation == relation
        }
        first_words = Counter(text.split()[0] for text in texts)
        assert len(first_words) >= 2


def test_split_is_disjoint_and_holds_out_shares_of_every_relation():
    by_split = {name_: {fact_key(pair.id) for pair in facts_pairs(name_)} for name_ in SPLITS}
    assert not by_split["train"] & by_split["test"]
    assert not by_split["train"] & by_split["validation"]
    assert not by_split["validation"] & by_split["test"]
    total = Counter(fact.relation for fact in facts())
    for name_, low, high in (("test", 0.15, 0.2), ("validation", 0.07, 0.1)):
        held = Counter(fact.relation for fact in facts() if fact.split == name_)
        assert all(low * total[relation] <= held[relation] <= high * total[relation] for relation in total)


def test_no_held_out_passage_is_a_training_passage():
    for language in LANGUAGES:
        trained = {fact.passage(language).text for fact in facts() if fact.split == "train"}
        assert not trained & {fact.passage(language).text for fact in facts() if fact.split != "train"}


def test_every_held_out_entity_and_named_value_is_seen_in_training():
    seen = {mention for fact in facts() if fact.split == "train" for mention in mentions(fact)}
    held_out = [fact for fact in facts() if fact.split != "train"]
    assert held_out
    assert all(mention in seen for fact in held_out for mention in mentions(fact))


def test_split_does_not_depend_on_the_order_of_facts():
    known = [(fact.relation, fact.entity, fact.value) for fact in facts()]
    shuffled = random.Random(0).sample(known, len(known))
    assert dict(split(known)) == dict(split(shuffled))


def output_of(program: str, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_corpus_is_the_same_in_another_process():
    program = "from equilingua.facts import facts_pairs; print(repr(facts_pairs('test')).encode())"
    assert output_of(program, PYTHONHASHSEED="1") == output_of(program, PYTHONHASHSEED="2")


def test_no_name_is_empty_or_falls_back_to_its_code():
    for kind, code in named_things():
        for language in LANGUAGES:
            text = name(kind, code, language)
            assert text
            assert text == text.strip()
            assert text != code or kind in {"script", "zone"}


def test_names_are_written_in_the_script_of_the_language():
    for language, letters in SCRIPTS.items():
        foreign = [
            text
            for kind, code in named_things()
            if not re.search(f"[{letters}]", text := name(kind, code, language) or "")
        ]
        assert foreign == []


def test_names_of_countries_in_latin_script_languages_mostly_differ_from_english():
    countries = [code for kind, code in named_things() if kind == "country"]
    for language, share in (("de", 0.5), ("es", 0.4), ("tr", 0.5), ("vi", 0.2)):
        differing = sum(name("country", code, language) != name("country", code, "en") for code in countries)
        assert differing >= share * len(countries)


def test_texts_end_with_the_punctuation_of_the_language():
    for fact in facts():
        for language in LANGUAGES:
            end = QUESTION_ENDS.get(language, "?")
            assert fact.question(language, 1).endswith(end)
            assert fact.passage(language).text.endswith(PASSAGE_ENDS.get(language, "."))
            if not end:
                assert not re.search(r"[?.]$", fact.question(language, 1))


def test_chinese_writes_full_width_punctuation_without_spaces():
    for fact in facts():
        for text in (*(fact.question("zh", wording) for wording in (1, 2, 3)), fact.passage("zh").text):
            assert not re.search("[,.?!:;]", text)
            assert not re.search("[\u4e00-\u9fff] | [\u4e00-\u9fff]", text.replace("ISO ", ""))


def test_answer_span_is_the_value_in_every_language():
    for fact in facts():
        relation = relations()[fact.relation]
        for language in LANGUAGES:
            passage = fact.passage(language)
            assert passage.text[passage.answer_start :].startswith(passage.answer)
            if language != "de":
                assert name(relation.value, fact.value, language).casefold() in passage.answer.casefold()


@pytest.mark.parametrize(
    ("key", "language", "question", "passage"),
    [
        ("currency/CH", "de", "Wie heißt die offizielle Währung in der Schweiz?", "Schweizer Franken"),
        ("currency/US", "en", "What is the official currency of the United States?", "the US dollar"),
        ("currency/JP", "zh", "日本的官方货币是什么？", "日元"),
        ("country-of-city/Europe/Athens", "ru", "В какой стране находится город Афины?", "Греция"),
        ("country-of-city/Asia/Tokyo", "ar", "في أي دولة تقع مدينة طوكيو؟", "اليابان"),
        ("script/ru", "hi", "रूसी भाषा आमतौर पर किस लिपि में लिखी जाती है?", "सिरिलिक"),
        ("script/hi", "ru", "С помощью какой письменности обычно записывается язык хинди?", "деванагари"),
        ("official-language/TH", "th", "ภาษาราชการของประเทศไทยคือภาษาอะไร", "ภาษาไทย"),
        ("official-language/BR", "el", "Ποια είναι η επίσημη γλώσσα στη χώρα «Βραζιλία»;", "πορτογαλικά"),
        ("language-code/vi", "vi", "Mã ISO gồm hai chữ cái của tiếng Việt là gì?", "vi"),
        ("currency-code/TRY", "tr", "Türk lirası hangi üç harfli ISO koduna sahiptir?", "TRY"),
        ("time-zone/Asia/Tokyo", "es", "¿Qué hora oficial rige en Tokio?", "hora estándar de Japón"),
    ],
)
def test_known_facts_read_as_a_native_speaker_writes_them(key, language, question, passage):
    fact = next(fact for fact in facts() if fact.key == key)
    assert fact.question(language, 1) == question
    assert passage in fact.passage(language).text


@pytest.mark.parametrize(
    "key",
    [
        "currency/BG",  # changed its currency after older CLDR releases
        "currency/PA",  # two legal tenders
        "official-language/CH",  # several official languages
        "official-language/ZA",  # eleven more than CLDR has
        "script/sr",  # two scripts
        "country-of-city/Asia/Singapore",  # says nothing
        "country-of-city/Europe/Simferopol",  # disputed
        "country-code/AQ",  # no country
    ],
)
def test_ambiguous_and_disputed_facts_are_left_out(key):
    assert key not in {fact.key for fact in facts()}


def test_languages_can_be_chosen_and_are_normalised():
    pair = facts_pairs("test", languages=["eng", "vi", "en"])[0]
    assert sorted(pair.queries) == sorted(pair.passages) == ["en", "vi"]


def test_source_names_the_relation():
    assert {pair.source for pair in facts_pairs("test")} == {f"world-facts/{relation}" for relation in relations()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "tset"}, "world facts: no split 'tset'. Did you mean 'test'? Allowed: test, train, validation."),
        (
            {"split": "test", "languages": ["fr"]},
            "world facts: no language 'fr'. Allowed: ar, de, el, en, es, hi, ru, th, tr, vi, zh.",
        ),
        ({"split": "test", "languages": "de"}, "world facts: languages='de' is one text; give a list such as ['de']"),
        (
            {"split": "test", "languages": []},
            "world facts: no language chosen. Allowed: ar, de, el, en, es, hi, ru, th, tr, vi, zh.",
        ),
    ],
)
def test_wrong_choices_say_what_is_allowed(arguments, message):
    with pytest.raises(InputError) as error:
        facts_pairs(**arguments)
    assert str(error.value) == message


def test_importing_loads_no_babel():
    assert output_of("import sys, equilingua.facts; print('babel' in sys.modules)") == "False\n"

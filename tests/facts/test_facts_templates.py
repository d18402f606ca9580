import copy

import pytest

from equilingua.errors import InputError
from equilingua.facts.names import corrections, forms, name
from equilingua.facts.templates import LANGUAGES, parse_relations, read_toml, relations


def test_every_relation_has_three_questions_and_two_passages_in_every_language():
    for relation in relations().values():
        assert tuple(relation.questions) == tuple(relation.passages) == LANGUAGES
        assert all(len(set(relation.questions[language])) == 3 for language in LANGUAGES)
        assert all(len(set(relation.passages[language])) == 2 for language in LANGUAGES)


def test_all_faulty_templates_are_reported_at_once():
    tables = copy.deepcopy(read_toml("templates.toml"))
    tables["currency"]["de"]["questions"][0] = "Wie heißt die Währung?"
    tables["currency"]["en"]["passages"][1] = "People pay with {value}."
    tables["script"]["tr"]["questions"].pop()
    del tables["script"]["zh"]
    with pytest.raises(InputError) as error:
        parse_relations(tables)
    needs = "needs 1 for the entity and"
    assert str(error.value).splitlines() == [
        "templates.toml: 5 problems",
        f"[currency.de] 'Wie heißt die Währung?' has the placeholders [], but {needs} 0 for the value",
        f"[currency.en] 'People pay with {{value}}.' has the placeholders ['value'], but {needs} 1 for the value",
        "[script.tr] has 2 different questions, 3 are needed",
        "[script.zh] has 0 different questions, 3 are needed",
        "[script.zh] has 0 different passages, 2 are needed",
    ]


def test_unknown_placeholder_is_reported():
    tables = copy.deepcopy(read_toml("templates.toml"))
    tables["currency"]["de"]["questions"][0] = "{entity}: Was kostet {thing}?"
    with pytest.raises(InputError, match=r"\[currency\.de\].*\['entity', 'thing'\]"):
        parse_relations(tables)


def test_german_countries_take_their_article():
    assert forms("country", "US", "de", prefix="value")["in_value"] == "in den Vereinigten Staaten"
    assert forms("country", "FR", "de", prefix="value")["in_value"] == "in Frankreich"


def test_arabic_languages_take_their_noun_as_adjectives_or_in_the_genitive():
    assert forms("language", "ja", "ar", prefix="entity")["the_entity"] == "اللغة اليابانية"
    assert forms("language", "sn", "ar", prefix="entity")["the_entity"] == "لغة الشونا"
    assert forms("language", "st", "ar", prefix="entity")["the_entity"] == "لغة السوتو الجنوبية"


def test_russian_languages_take_their_noun():
    assert forms("language", "ja", "ru", prefix="entity")["the_entity"] == "японский язык"
    assert forms("language", "sw", "ru", prefix="entity")["the_entity"] == "язык суахили"


def test_a_thing_without_a_name_has_no_forms():
    assert name("script", "Sogd", "th") is None
    with pytest.raises(KeyError, match="script Sogd has no name in th"):
        forms("script", "Sogd", "th", prefix="value")


def test_corrections_name_things_the_corpus_knows():
    import babel

    english = babel.Locale("en")
    known = {
        "country": set(english.territories),
        "city": set(babel.Locale("ar").time_zones),
        "currency": set(english.currencies),
        "language": set(english.languages),
        "script": set(english.scripts),
        "zone": set(english.meta_zones),
    }
    for language, kinds in corrections()["names"].items():
        assert language in LANGUAGES
        for kind, names in kinds.items():
            assert set(names) <= known[kind]
    for kind, codes in corrections()["omitted"].items():
        assert set(codes) <= known[kind]
    assert set(corrections()["omitted_facts"]) <= set(relations())
    for table in corrections()["in"].values():
        assert set(table) - {"default"} <= known["country"]

import pytest

from equilingua.errors import InputError
from equilingua.languages import joined_languages, language_name, language_tag, same_language


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("EN", "en"),
        ("eng_Latn", "en"),
        ("pt-br", "pt-BR"),
        ("zho_Hans", "zh-Hans"),
        ("zh-cn", "zh-CN"),
        ("arb_Arab", "ar"),
        ("iw", "he"),
        ("yor", "yo"),
    ],
)
def test_a_language_has_one_spelling(name: str, tag: str) -> None:
    assert language_tag(name) == tag
    assert language_tag(tag) == tag


@pytest.mark.parametrize("name", ["xx", "english", "", "e n", "zzz"])
def test_an_unknown_language_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"unknown language {name!r}: give a BCP 47 tag"):
        language_tag(name)


def test_languages_are_named_in_english() -> None:
    assert [language_name(tag) for tag in ("fi", "zh-Hans", "haw")] == ["Finnish", "Chinese (Simplified)", "Hawaiian"]


@pytest.mark.parametrize(
    ("name", "meant"), [("jp", "'ja'"), ("ua", "'uk'"), ("cn", "'zh'"), ("CZ", "'cs'"), ("dk", "'da'")]
)
def test_the_code_of_a_country_is_refused_with_its_language(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"unknown language {name!r}: it is the code of a country, .*{meant}"):
        language_tag(name)


@pytest.mark.parametrize(
    ("tag", "others", "same"),
    [
        ("no", ["nb", "da"], "nb"),
        ("nb", ["no"], "no"),
        ("nn", ["nb"], None),
        ("no", ["nb", "nn"], None),
        ("zh", ["zh-CN"], "zh-CN"),
        ("zh-TW", ["zh-Hant", "zh"], "zh-Hant"),
        ("zh-TW", ["zh-CN"], None),
        ("pt-BR", ["pt"], "pt"),
        ("sr-Latn", ["sr", "hr"], "sr"),
        ("arz", ["ar"], "ar"),
        ("id", ["ms"], None),
        ("hr", ["sr-Latn"], None),
        ("de", [], None),
    ],
)
def test_which_tags_mean_the_same_language(tag: str, others: list[str], same: str | None) -> None:
    assert same_language(tag, others) == same


def test_tags_that_stand_side_by_side_are_not_joined() -> None:
    assert joined_languages(["pt", "pt-BR"], ["pt-BR"]) == {}
    assert joined_languages(["arz", "ary"], ["ar"]) == {}
    assert joined_languages(["no", "en"], ["nb", "en"]) == {"no": "nb"}

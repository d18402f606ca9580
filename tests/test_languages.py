import pytest

from equilingua.errors import InputError
from equilingua.languages import language_name, language_tag


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

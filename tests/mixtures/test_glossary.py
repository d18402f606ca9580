from itertools import pairwise

import numpy as np
import pytest

from equilingua.mixtures.glossing import Choice, Glossary, induce_glossary

WORDS = ["owl", "tree", "sees", "old", "river", "stone", "bright", "sings", "cold", "moon"]
# The same words in Chinese characters, in Vietnamese syllables and in Thai, each of them two units or a run of letters.
CHINESE = ["鸮鸟", "树木", "看见", "古老", "河流", "石头", "明亮", "歌唱", "寒冷", "月亮"]
THAI = ["นกฮูก", "ต้นไม้", "มองเห็น", "เก่าแก่", "แม่น้ำ", "ก้อนหิน", "สว่าง", "ร้องเพลง", "หนาว", "ดวงจันทร์"]


def corpus(words: list[str], joint: str, count: int = 80) -> list[tuple[str, str]]:
    rng = np.random.default_rng([3])
    drawn = [rng.choice(len(WORDS), 4, replace=False).tolist() for _ in range(count)]
    return [(" ".join(WORDS[n] for n in row), joint.join(words[n] for n in reversed(row))) for row in drawn]


def gloss(glossary: Glossary, text: str, seed: int = 0) -> str:
    return glossary.gloss(text, np.random.default_rng([seed]))


def test_words_are_translated_one_by_one_and_all_else_stays() -> None:
    backwards = induce_glossary(corpus([word[::-1] for word in WORDS], " "), source="en", target="eu")
    text = "Old OWL, 1973: the comet's moon (cold)?"
    assert gloss(backwards, text) == "dlo lwo, 1973: the comet noom (dloc)?"


def test_a_number_stays_whatever_stood_for_it() -> None:
    pairs = [(f"{text} 7", f"{other} neun") for text, other in corpus(WORDS, " ")]
    assert gloss(induce_glossary(pairs, source="en", target="de"), "owl 7") == "owl 7"


def test_an_unknown_english_word_takes_the_translation_of_its_stem() -> None:
    pairs = corpus([word.upper() for word in WORDS], " ")
    english = induce_glossary(pairs, source="en", target="de")
    other = induce_glossary(pairs, source="sv", target="de")
    assert (gloss(english, "rivers"), gloss(other, "rivers")) == ("RIVER", "rivers")


def test_translations_are_drawn_by_their_probability() -> None:
    glossary = Glossary("en", "de", {"owl": Choice(("Eule", "Uhu", "Kauz"), (0.5, 0.8))}, {})
    words = gloss(glossary, "owl " * 3000).split()
    assert [words.count(word) / 3000 for word in ("Eule", "Uhu", "Kauz")] == pytest.approx([0.5, 0.3, 0.2], abs=0.04)
    assert gloss(glossary, "owl " * 50) == gloss(glossary, "owl " * 50) != gloss(glossary, "owl " * 50, seed=1)


def test_a_word_with_two_translations_has_both() -> None:
    pairs = corpus([word.upper() for word in WORDS], " ", 60)
    twice = [(text, other.replace("OWL", "UHU") if n % 3 == 0 else other) for n, (text, other) in enumerate(pairs)]
    choice = induce_glossary(twice, source="en", target="de").words["owl"]
    assert choice.texts == ("OWL", "UHU")
    assert 0.5 < choice.bounds[0] < 0.75


def test_chinese_is_learned_by_characters_and_written_without_spaces() -> None:
    glossary = induce_glossary(corpus(CHINESE, ""), source="en", target="zh")
    assert gloss(glossary, "old moon in 1973, river") == "古老月亮in 1973,河流"


def test_units_of_a_word_stand_in_the_order_of_the_texts() -> None:
    syllables = [" ".join((word[:2], word[2:])) for word in WORDS]
    glossary = induce_glossary(corpus(syllables, " "), source="en", target="vi")
    assert gloss(glossary, "sees river") == "se es ri ver"


def test_thai_words_are_found_without_spaces_between_them() -> None:
    glossary = induce_glossary(corpus(THAI, ""), source="en", target="th")
    # A token may reach over words that often meet, so that not each is found with its own letters alone.
    found = [gloss(glossary, word) for word in WORDS]
    assert sum(thai in text for thai, text in zip(THAI, found, strict=True)) >= 8
    assert all(first != second for first, second in pairwise(found))


def test_no_texts_give_no_words() -> None:
    glossary = induce_glossary([], source="en", target="de")
    assert (glossary.words, glossary.stems) == ({}, {})
    assert gloss(glossary, "the owl") == "the owl"


def test_very_long_texts_and_repeated_ones_teach_nothing_more() -> None:
    pairs = corpus([word.upper() for word in WORDS], " ", 30)
    long = ("owl " * 121, "TREE " * 121)
    assert induce_glossary([*pairs, *pairs, long], source="en", target="de") == induce_glossary(
        pairs, source="en", target="de"
    )

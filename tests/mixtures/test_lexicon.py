import numpy as np

from equilingua.mixtures.code_switching import Lexicon, induce_lexicon

# A made-up language: each word of it is an English word backwards, and the order of words is the other way round.
WORDS = ["owl", "tree", "sees", "old", "river", "stone", "bright", "sings", "cold", "moon"]


def sentences(count: int) -> list[tuple[str, str]]:
    rng = np.random.default_rng([3])
    drawn = [[WORDS[number] for number in rng.choice(len(WORDS), 4, replace=False)] for _ in range(count)]
    return [(" ".join(words), " ".join(word[::-1] for word in reversed(words))) for words in drawn]


def test_every_word_of_a_made_up_language_is_found() -> None:
    assert induce_lexicon(sentences(60)).words == {word: word[::-1] for word in WORDS}


def test_a_word_of_one_sentence_alone_has_no_translation() -> None:
    assert "comet" not in induce_lexicon([*sentences(60), ("comet owl", "temoc lwo")]).words


def test_a_translation_has_its_most_frequent_spelling() -> None:
    pairs = [("a house", "ein Haus"), ("the house", "das Haus"), ("houses of a house", "HAUS"), ("a tree", "ein Baum")]
    assert induce_lexicon(pairs).words["house"] == "Haus"


def test_words_keep_their_vowel_signs() -> None:
    lexicon = induce_lexicon([("पत्थर नदी", "stone river"), ("पत्थर", "stone"), ("नदी", "river")])
    assert lexicon.words == {"पत्थर": "stone", "नदी": "river"}
    assert lexicon.switched("पत्थर!", 1.0, np.random.default_rng(0)) == "stone!"


def test_no_sentences_give_no_words() -> None:
    assert induce_lexicon([]).words == {}
    assert induce_lexicon([("...", "Haus")]).words == {}


def test_words_are_replaced_and_all_else_stays() -> None:
    lexicon = Lexicon({"house": "Haus", "old": "alt"})
    rng = np.random.default_rng([0])
    assert lexicon.switched("Is the OLD house's door, oldest?", 1.0, rng) == "Is the alt Haus's door, oldest?"
    many = lexicon.switched("old " * 1000, 0.5, rng).count("alt")
    assert 430 < many < 570

import random

import pytest

from equilingua.errors import InputError
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.training.tokens import balanced_texts, train_tokenizer

TEXTS = [
    "The oil crisis of 1973 began in October.",
    "Öljykriisi alkoi lokakuussa 1973.",
    "1973年的石油危机，石油价格",
    "石油価格は上がった",
    "ราคาน้ำมันเพิ่มขึ้น ราคาน้ำมัน",
]


def test_words_are_marked_in_scripts_with_spaces_only() -> None:
    tokenizer = train_tokenizer(TEXTS, 400)
    tokens = tokenizer.encode("Oil 石油, ราคา").tokens
    assert tokens[0].startswith("▁")
    assert "▁," in tokens
    assert not any(token.startswith("▁") and token != "▁," for token in tokens[1:])


def test_case_and_compatibility_forms_do_not_matter() -> None:
    tokenizer = train_tokenizer(TEXTS, 400)
    assert tokenizer.encode("ＯＩＬ Crisis").ids == tokenizer.encode("oil crisis").ids


def test_no_token_crosses_a_change_of_script_or_punctuation() -> None:
    tokenizer = train_tokenizer(["abc石油def, ghi"] * 2, 400)
    assert tokenizer.encode("abc石油def, ghi").tokens == ["▁abc", "石", "油", "▁def", "▁,", "▁ghi"]


def test_same_texts_in_another_order_and_number_give_the_same_tokenizer() -> None:
    texts = [f"word{number % 37} number{number % 11} 石油{number % 5}" for number in range(200)]
    shuffled = random.Random(0).sample(texts * 2, 400)
    assert train_tokenizer(texts, 150).to_str() == train_tokenizer(shuffled, 150).to_str()


def test_vocabulary_is_bounded_and_begins_with_the_special_tokens() -> None:
    tokenizer = train_tokenizer(TEXTS, 60, special_tokens=("<s>", "<unk>"))
    assert tokenizer.get_vocab_size() <= 60
    assert [tokenizer.id_to_token(number) for number in range(2)] == ["<s>", "<unk>"]


def test_the_same_characters_have_no_room_each_time() -> None:
    rare = [chr(0x4E00 + number) for number in range(400)]
    texts = ["common words and their common letters", *rare, f"{rare[300]} words"]
    kept = {character for character in rare if character in train_tokenizer(texts, 100).get_vocab()}
    letters = set("".join(texts[:1]).replace(" ", "")) | {"▁"}
    assert kept == {rare[300], *rare[: 50 - len(letters) - 1]}


def test_no_text_is_an_error() -> None:
    with pytest.raises(InputError, match="no text to train a tokenizer on: give pairs that have queries or passages"):
        train_tokenizer([], 100)


@pytest.mark.parametrize(("special_tokens", "least"), [((), 4), (("<s>", "<pad>", "</s>", "<unk>", "<mask>"), 12)])
def test_a_vocabulary_without_room_for_a_token_is_refused(special_tokens: tuple[str, ...], least: int) -> None:
    told = f"vocabulary: {least - 1} is too small: .* Give at least {least}; 32000 is usual"
    with pytest.raises(InputError, match=told):
        train_tokenizer(TEXTS, least - 1, special_tokens=special_tokens)
    assert train_tokenizer(TEXTS, least, special_tokens=special_tokens).get_vocab_size() == least


@pytest.mark.parametrize("progress", [True, False])
def test_the_bar_of_sampling_is_shown_where_progress_is(
    progress: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard error for a terminal
    pairs = ParallelPairs.from_pairs([ParallelPair("1", "s", {"en": "query"}, {"fi": "teksti"})])
    assert sorted(balanced_texts(pairs, progress=progress)) == ["query", "teksti"]
    assert ("sampling texts" in capfd.readouterr().err) == progress


def test_a_language_stops_at_its_share_of_the_characters() -> None:
    records = [ParallelPair(f"e{n}", "s", {"en": f"query {n:03}"}, {"en": f"passage {n:03}"}) for n in range(100)]
    records += [ParallelPair(f"f{n}", "s", {"fi": f"kysely {n:03}"}, {"fi": f"teksti {n:03}"}) for n in range(5)]
    texts = list(balanced_texts(ParallelPairs.from_pairs(records), characters=400, seed=1))
    finnish = [text for text in texts if text.startswith(("kysely", "teksti"))]
    english = sum(len(text) for text in texts) - sum(len(text) for text in finnish)
    assert len(finnish) == 10
    assert 200 <= english < 220


def test_glosses_are_left_out_where_a_language_has_other_texts() -> None:
    glossed = {"fi": "glossed", "de": "glossed"}
    pairs = ParallelPairs.from_pairs(
        [
            ParallelPair("1", "s", {"en": "a", "fi": "b", "de": "c"}, {"en": "d"}, provenance=glossed),
            ParallelPair("2", "s", {"en": "e", "fi": "f"}, {"fi": "g"}),
        ]
    )
    assert sorted(balanced_texts(pairs)) == ["a", "c", "d", "e", "f", "g"]


def test_texts_are_sampled_alike_for_the_same_seed() -> None:
    pairs = ParallelPairs.from_pairs(
        ParallelPair(f"{n}", "s", {"en": f"query {n}"}, {"fi": f"teksti {n}"}) for n in range(30)
    )
    assert list(balanced_texts(pairs, seed=3)) == list(balanced_texts(pairs, seed=3))
    assert list(balanced_texts(pairs, seed=3)) != list(balanced_texts(pairs, seed=4))

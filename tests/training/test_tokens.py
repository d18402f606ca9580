import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from equilingua.errors import InputError
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.tokens import TokenCache, balanced_texts, is_static, train_tokenizer, without_some_tokens

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


TOWERS = ["where is the tower", "the tower is in paris", "", "where is the tower", "qué es la torre"]


@pytest.fixture(scope="module")
def model():
    return build_encoder(StaticSpec(dimension=8, vocabulary=60), TOWERS, seed=0)


@pytest.mark.parametrize("most", [0, 2, 100])
def test_tokens_are_those_of_the_model_whatever_is_kept(model, most):
    cache = TokenCache(model, most=most)
    for inputs in (TOWERS, TOWERS[2:], ["a new tower", *TOWERS[:2]]):
        expected, found = model.preprocess(list(inputs)), cache(inputs)
        for name in ("input_ids", "offsets"):
            assert torch.equal(found[name], expected[name])
            assert found[name].dtype == expected[name].dtype


def test_a_prompt_is_put_before_every_text_and_is_no_other_text(model):
    cache = TokenCache(model)
    assert torch.equal(cache(TOWERS)["input_ids"], model.preprocess(TOWERS)["input_ids"])
    assert torch.equal(cache(TOWERS, prompt="the ")["input_ids"], model.preprocess(TOWERS, prompt="the ")["input_ids"])


def test_no_more_texts_are_kept_than_allowed(model):
    cut = []
    cache = TokenCache(model, most=2)
    tokenizer = cache._tokenizer

    class Counting:
        def encode_batch(self, texts, **options):
            cut.append(list(texts))
            return tokenizer.encode_batch(texts, **options)

    cache._tokenizer = Counting()
    cache(["one", "two", "three"])
    cache(["one", "two", "three"])
    assert cut == [["one", "two", "three"], ["three"]]


def test_only_a_static_encoder_is_one(model):
    assert is_static(model)
    assert not is_static(build_encoder(TransformerSpec(width=8, layers=1, heads=1, vocabulary=60), TOWERS, seed=0))


def features(lengths: list[int]) -> dict[str, torch.Tensor]:
    """Texts of these lengths, every token a number of its own."""
    offsets = torch.cumsum(torch.tensor([0, *lengths]), 0)
    return {"input_ids": torch.arange(int(offsets[-1])), "offsets": offsets[:-1]}


def texts(features: dict[str, torch.Tensor]) -> list[list[int]]:
    ends = [*features["offsets"][1:].tolist(), len(features["input_ids"])]
    starts = features["offsets"].tolist()
    return [features["input_ids"][start:end].tolist() for start, end in zip(starts, ends, strict=True)]


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=20),
    share=st.floats(0, 0.99),
    seed=st.integers(0, 2**20),
)
def test_every_text_keeps_some_of_its_own_tokens_in_order(lengths: list[int], share: float, seed: int) -> None:
    torch.manual_seed(seed)
    before = features(lengths)
    after = without_some_tokens(before, share)
    for whole, left in zip(texts(before), texts(after), strict=True):
        assert bool(left) == bool(whole)
        assert left == sorted(set(left) & set(whole))


def test_the_share_left_out_is_that_asked_for() -> None:
    torch.manual_seed(0)
    before = features([500] * 40)
    left = len(without_some_tokens(before, 0.3)["input_ids"])
    assert abs(1 - left / 20_000 - 0.3) < 4 * (0.3 * 0.7 / 20_000) ** 0.5


def test_the_same_state_of_the_generator_leaves_out_the_same() -> None:
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(texts(without_some_tokens(features([9] * 9), 0.5)))
    assert drawn[0] == drawn[1] != drawn[2]

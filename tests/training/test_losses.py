import math
import re

import pytest
import torch
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import Tensor, nn

from equilingua.batching.dataset import UNKNOWN
from equilingua.errors import InputError
from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.losses import ParallelInfoNCELoss

ROWS, WIDTH = 6, 5
BOTH = ("query-to-passage", "passage-to-query")


class Given(nn.Module):
    """An encoder whose vectors are its input."""

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"sentence_embedding": features["vectors"]}


def columns(count: int, *, rows: int = ROWS, seed: int = 0) -> list[dict[str, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    return [{"vectors": torch.randn(rows, WIDTH, generator=generator, requires_grad=True)} for _ in range(count)]


def distinct(rows: int = ROWS, keys: int = 4) -> Tensor:
    return torch.arange(rows * keys).reshape(rows, keys)


@pytest.mark.parametrize("negatives", [0, 1, 3])
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_equals_the_stock_loss_when_nothing_collides(negatives: int, temperature: float) -> None:
    batch = columns(2 + negatives)
    ours = ParallelInfoNCELoss(Given(), temperature)(batch, distinct(keys=4 + 2 * negatives))
    stock = MultipleNegativesRankingLoss(Given(), scale=1 / temperature)(batch, None)
    torch.testing.assert_close(ours, stock)


@pytest.mark.parametrize("negatives", [0, 2])
def test_both_directions_equal_the_stock_loss_averaged_over_directions(negatives: int) -> None:
    batch = columns(2 + negatives)
    ours = ParallelInfoNCELoss(Given(), directions=BOTH)(batch, distinct(keys=4 + 2 * negatives))
    stock = MultipleNegativesRankingLoss(
        Given(), directions=("query_to_doc", "doc_to_query"), partition_mode="per_direction"
    )
    torch.testing.assert_close(ours, stock(batch, None))


def test_without_labels_nothing_is_masked() -> None:
    batch = columns(2)
    loss = ParallelInfoNCELoss(Given())
    torch.testing.assert_close(loss(batch, None), loss(batch, distinct()))


def test_hard_negatives_can_be_left_out() -> None:
    batch = columns(4)
    without = ParallelInfoNCELoss(Given(), hard_negatives=False)(batch, distinct(keys=8))
    torch.testing.assert_close(without, ParallelInfoNCELoss(Given())(batch[:2], distinct()))


@pytest.mark.parametrize("directions", [BOTH[:1], BOTH[1:], BOTH])
@pytest.mark.parametrize("margin", [None, 0.0, 0.3])
def test_masked_loss_is_that_of_a_loop_over_the_candidates(directions: tuple[str, ...], margin: float | None) -> None:
    batch = columns(3)
    labels = torch.tensor(
        [
            [1, 51, 10, 100, 90, 200],
            [1, 51, 11, 101, 91, 201],
            [2, 52, 12, 102, 92, 100],
            [3, 53, 13, 103, 93, 203],
            [4, 54, 13, 104, 94, 204],
            [5, 55, 15, 100, 95, 205],
        ]
    )
    masked = {(0, 1), (1, 0), (3, 4), (4, 3), (0, 5), (5, 0)}  # translations, same passage, same text
    masked |= {(0, 8), (1, 8), (5, 8)}  # row 2's hard negative has the text of row 0's passage
    masked |= {(1, 5)}  # the text of row 5's passage answers row 1's translation
    loss = ParallelInfoNCELoss(Given(), directions=directions, margin=margin)(batch, labels)

    queries, passages, negatives = (nn.functional.normalize(column["vectors"], dim=1) for column in batch)
    candidates = torch.cat([passages, negatives])
    means = []
    for direction in directions:
        losses = []
        for row in range(ROWS):
            logits, positive = [], 0.0
            for column in range(2 * ROWS if direction == BOTH[0] else ROWS):
                if direction == BOTH[0]:
                    cosine, false = queries[row] @ candidates[column], (row, column) in masked
                else:
                    cosine, false = queries[column] @ passages[row], (column, row) in masked
                own = queries[row] @ passages[row]
                too_near = margin is not None and column != row and bool(cosine > own - margin)
                if column == row:
                    positive = cosine / 0.05
                if not false and not too_near:
                    logits.append(cosine / 0.05)
            losses.append(torch.logsumexp(torch.stack(logits), dim=0) - positive)
        means.append(torch.stack(losses).mean())
    torch.testing.assert_close(loss, torch.stack(means).mean())


def test_gradient_is_finite_when_every_negative_of_a_row_is_masked() -> None:
    batch = columns(2)
    labels = torch.tensor([1] * ROWS)
    loss = ParallelInfoNCELoss(Given(), directions=BOTH, margin=0.1)(batch, labels)
    loss.backward()
    assert loss.item() == 0
    assert all(torch.equal(column["vectors"].grad, torch.zeros(ROWS, WIDTH)) for column in batch)


@pytest.mark.parametrize("hard_negatives", [True, False])
def test_every_passage_of_a_question_is_masked_whether_hard_negatives_are_taken_or_not(hard_negatives: bool) -> None:
    labels = distinct(keys=7)
    labels[:, 6] = UNKNOWN
    labels[1, 1] = labels[0, 1]  # rows 0 and 1 ask the same
    labels[2, 6] = labels[3, 2]  # behind the negatives: row 3's passage answers row 2's question
    batch = columns(3)
    ParallelInfoNCELoss(Given(), hard_negatives=hard_negatives)(batch, labels).backward()
    gradient = batch[0]["vectors"].grad
    for row, changed in ((2, 3), (0, 1), (1, 0)):
        moved = columns(3)
        with torch.no_grad():
            moved[1]["vectors"][changed] += 1
        ParallelInfoNCELoss(Given(), hard_negatives=hard_negatives)(moved, labels).backward()
        torch.testing.assert_close(moved[0]["vectors"].grad[row], gradient[row])
        # Any other row sees the change, at whatever distance.
        assert not torch.equal(moved[0]["vectors"].grad[4], gradient[4])


def test_a_masked_candidate_does_not_move_its_query() -> None:
    labels = distinct(keys=6)
    labels[1, 5] = labels[0, 3]  # row 1's hard negative has the text of row 0's passage
    gradients = []
    for other in (0, 1):
        batch = columns(3)
        with torch.no_grad():
            batch[2]["vectors"][1] += other
        ParallelInfoNCELoss(Given())(batch, labels).backward()
        gradients.append(batch[0]["vectors"].grad)
    torch.testing.assert_close(gradients[0][0], gradients[1][0])
    assert not torch.allclose(gradients[0][2], gradients[1][2])


def test_bfloat16_autocast_gives_a_float32_loss_of_float32_scores() -> None:
    torch.manual_seed(0)
    encoder = build_encoder(TransformerSpec(layers=1, width=16, heads=2), ["one two three four"], seed=0).eval()
    texts = ["one two", "two three", "three four", "four one"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = ParallelInfoNCELoss(encoder)([encoder.preprocess(texts), encoder.preprocess(texts[::-1])], None)
        queries, passages = (encoder(encoder.preprocess(batch))["sentence_embedding"] for batch in (texts, texts[::-1]))
    scores = nn.functional.normalize(queries.float()) @ nn.functional.normalize(passages.float()).T
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, nn.functional.cross_entropy(scores / 0.05, torch.arange(4)))


def test_columns_of_a_static_encoder_embedded_at_once_give_the_loss_of_each_alone() -> None:
    encoder = build_encoder(StaticSpec(dimension=8, vocabulary=60), ["one two three four five six"], seed=0)
    texts = [["one", "two three", "four"], ["five", "", "six one two"], ["four", "three", "two"]]
    labels = distinct(rows=3, keys=6)
    ours = ParallelInfoNCELoss(encoder)([encoder.preprocess(column) for column in texts], labels)
    stock = MultipleNegativesRankingLoss(encoder)([encoder.preprocess(column) for column in texts], None)
    torch.testing.assert_close(ours, stock)


def test_card_says_what_was_used() -> None:
    model = build_encoder(StaticSpec(dimension=4, vocabulary=20), ["a b c"], seed=0)
    loss = ParallelInfoNCELoss(model, 0.02, directions=BOTH, margin=0.1)
    assert loss.get_config_dict() == {
        "temperature": 0.02,
        "directions": list(BOTH),
        "hard_negatives": True,
        "margin": 0.1,
        "token_dropout": 0.0,
        "masked": "same pair id, same question or passage in any language, identical text",
    }
    assert "1807.03748" in loss.citation
    assert "2408.10536" in loss.citation


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 0.0}, "temperature: 0.0 is not above 0; 0.05 is usual"),
        ({"temperature": math.nan}, "temperature: nan is not above 0"),
        ({"directions": ()}, "directions: none given. Allowed: query-to-passage, passage-to-query"),
        ({"directions": ("query-to-pasage",)}, "Did you mean 'query-to-passage'?"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        ParallelInfoNCELoss(Given(), **arguments)


def test_tokens_are_left_out_while_training_but_not_in_validation() -> None:
    texts = [f"word{number} and others of text {number}" for number in range(8)]
    model = build_encoder(StaticSpec(dimension=8, vocabulary=100), texts, seed=0)
    batch = [model.preprocess(texts), model.preprocess(texts[::-1])]
    plain, dropping = ParallelInfoNCELoss(model), ParallelInfoNCELoss(model, token_dropout=0.5)
    torch.manual_seed(0)
    first, second = dropping(batch), dropping(batch)
    assert first != second
    with torch.no_grad():
        assert dropping(batch) == plain(batch)

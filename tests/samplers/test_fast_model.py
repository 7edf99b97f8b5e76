"""The fast training step against the engine's own, on a small network; whole fits are in `test_generator`."""

from collections.abc import Iterator
from itertools import accumulate

import pytest

torch = pytest.importorskip("torch")

from mostlyai.engine._tabular.argn import FlatModel, ModelSize  # noqa: E402

from upsampling.errors import GeneratorError  # noqa: E402
from upsampling.generator.fast import FastModel  # noqa: E402

# The middle column has two sub-columns, the second of which is predicted from the first as well.
CARDINALITIES = {"tgt:t0/c0__cat": 5, "tgt:t0/c1__E0": 10, "tgt:t0/c1__E1": 7, "tgt:t0/c2__cat": 3}
ORDERS = [["tgt:t0/c2", "tgt:t0/c0", "tgt:t0/c1"], ["tgt:t0/c1", "tgt:t0/c2", "tgt:t0/c0"]]


def network(kind: type, seed: int = 0, order: list[str] | None = None, size: ModelSize = ModelSize.M) -> FlatModel:
    torch.manual_seed(seed)
    return kind(
        tgt_cardinalities=CARDINALITIES,
        ctx_cardinalities={},
        ctxseq_len_median={},
        model_size=size,
        column_order=order,
        device=torch.device("cpu"),
    )


@pytest.fixture
def batch():
    torch.manual_seed(1)
    return {name: torch.randint(n_values, (40, 1)) for name, n_values in CARDINALITIES.items()}


def learnt(model: FlatModel, batch: dict) -> tuple[dict, dict]:
    """Return logits and the gradients of a loss that weighs every logit differently."""
    logits, _ = model(batch, mode="trn")
    sum((values * torch.linspace(1, 2, values.numel()).view_as(values)).sum() for values in logits.values()).backward()
    return logits, {name: weights.grad for name, weights in model.named_parameters()}


def assert_equal(found: tuple[dict, dict], expected: tuple[dict, dict]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.keys() == theirs.keys()
        for name in theirs:
            assert (ours[name] is None) == (theirs[name] is None), name
            if theirs[name] is not None:
                torch.testing.assert_close(ours[name], theirs[name], msg=lambda text, name=name: f"{name}: {text}")


def masks_of_the_engine(model: FastModel, drawn: list[list[torch.Tensor]]) -> Iterator[torch.Tensor]:
    """Yield the masks that a step drew as the engine asks for them: for all columns, in the order of the table, layer after layer."""
    starts = list(accumulate(model.column_embedders.dims, initial=0))
    positions = [place for column in model._order() for place in range(starts[column], starts[column + 1])]
    of_columns, *others = drawn
    further = iter(mask for (mask,) in others)
    for (name, lookup), mask in zip(model.tgt_sub_columns_lookup.items(), of_columns, strict=True):
        whole = torch.ones(len(mask), starts[-1])
        whole[:, positions[: mask.shape[1]]] = mask
        yield torch.cat([whole, next(further)], dim=1) if lookup.sub_col_cum > lookup.sub_col_offset else whole
        for _ in model.regressors.get(name)[1:]:
            yield next(further)


@pytest.mark.parametrize("size", ModelSize)
@pytest.mark.parametrize("order", ORDERS)
def test_logits_and_gradients_are_the_engine_s(order, size, batch):
    expected, found = (network(kind, order=order, size=size).eval() for kind in (FlatModel, FastModel))
    found.load_state_dict(expected.state_dict())
    assert_equal(learnt(found, batch), learnt(expected, batch))


@pytest.mark.parametrize("size", ModelSize)
@pytest.mark.parametrize("order", ORDERS)
def test_values_are_dropped_where_the_engine_drops_them(order, size, batch, monkeypatch):
    expected, found = (network(kind, order=order, size=size) for kind in (FlatModel, FastModel))
    found.load_state_dict(expected.state_dict())
    drawn, draw = [], found._masks
    monkeypatch.setattr(found, "_masks", lambda *asked: drawn.append(draw(*asked)) or drawn[-1])
    ours = learnt(found, batch)
    masks = masks_of_the_engine(found, drawn)
    monkeypatch.setattr(expected.regressors.dropout, "forward", lambda values: values * next(masks))
    assert_equal(ours, learnt(expected, batch))
    assert not list(masks)


def test_every_order_of_the_columns_occurs_as_often():
    model = network(FastModel)
    torch.manual_seed(0)
    drawn = [tuple(model._order()) for _ in range(600)]
    # four standard deviations of a count
    assert all(drawn.count(order) == pytest.approx(100, abs=4 * (600 * 5 / 36) ** 0.5) for order in set(drawn))
    assert len(set(drawn)) == 6


def test_masks_follow_the_law_of_torch():
    wide, narrow = network(FastModel)._masks(1000, [400, 3])
    assert (wide.shape, narrow.shape) == ((1000, 400), (1000, 3))
    assert wide.unique().tolist() == pytest.approx([0, 4 / 3])
    # four standard deviations of a share of 400,000
    assert float((wide == 0).float().mean()) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 400_000) ** 0.5)
    # neither rows nor columns share their masks, nor do neighbours
    assert float((wide == 0).float().mean(0).std()) == pytest.approx((0.25 * 0.75 / 1000) ** 0.5, rel=0.2)
    assert float((wide == 0).float().mean(1).std()) == pytest.approx((0.25 * 0.75 / 400) ** 0.5, rel=0.2)
    # neighbouring pairs share values, so their share varies by up to twice as much
    both = float(((wide[:, 1:] == 0) & (wide[:, :-1] == 0)).float().mean())
    assert both == pytest.approx(1 / 16, abs=8 * (1 / 16 * 15 / 16 / 399_000) ** 0.5)


def test_masks_are_decided_by_the_seed_of_torch_and_differ_from_call_to_call():
    first, second = network(FastModel, seed=3), network(FastModel, seed=3)
    drawn = first._dropped(torch.ones(50, 50))
    assert torch.equal(drawn, second._dropped(torch.ones(50, 50)))
    assert not torch.equal(drawn, network(FastModel, seed=4)._dropped(torch.ones(50, 50)))
    assert not torch.equal(drawn, first._dropped(torch.ones(50, 50)))


def test_a_rate_that_is_no_quarter_is_refused(monkeypatch):
    dropout = torch.nn.Dropout
    monkeypatch.setattr(torch.nn, "Dropout", lambda p: dropout(0.3))
    with pytest.raises(GeneratorError, match=r"the engine drops 0\.3; use fast=False"):
        network(FastModel)

"""The fast training step against the engine's own, on small networks; whole fits are in `test_generator`."""

import pytest

torch = pytest.importorskip("torch")

from mostlyai.engine._tabular import training  # noqa: E402
from mostlyai.engine._tabular.argn import FlatModel, ModelSize  # noqa: E402

from upsampling.errors import GeneratorError  # noqa: E402
from upsampling.generator import fast as fast_model  # noqa: E402
from upsampling.generator.fast import FastModel  # noqa: E402
from upsampling.generator.patches import _losses_in_batches  # noqa: E402

# The middle column has two sub-columns, the second of which is predicted from the first as well.
FEW = {"tgt:t0/c0__cat": 5, "tgt:t0/c1__E0": 10, "tgt:t0/c1__E1": 7, "tgt:t0/c2__cat": 3}
# With more than 50 sub-columns the engine compresses columns of more than two.
MANY = {f"tgt:t0/c{c}__E{part}": 2 + (7 * c + 3 * part) % 9 for c in range(19) for part in range(1 + c % 6)}
MANY["tgt:t0/c19__cat"] = 60
TABLES = {"few": FEW, "many": MANY}
N_ROWS = 40


@pytest.fixture(autouse=True)
def _in_double_precision(monkeypatch):
    """Compute in double precision, in which a difference of law cannot hide behind rounding."""
    torch.set_default_dtype(torch.float64)
    draw = FastModel._mask
    monkeypatch.setattr(FastModel, "_mask", lambda *asked: draw(*asked).double())
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(params=[1, 4000, 10**9], ids=["one sub-column at a time", "some together", "all together"])
def _together(request, monkeypatch):
    monkeypatch.setattr(fast_model, "VALUES_TOGETHER", request.param)


def network(
    kind: type, cardinalities: dict = FEW, size: ModelSize = ModelSize.M, order: list | None = None, seed: int = 0
) -> FlatModel:
    torch.manual_seed(seed)
    return kind(
        tgt_cardinalities=cardinalities,
        ctx_cardinalities={},
        ctxseq_len_median={},
        model_size=size,
        column_order=order,
        device=torch.device("cpu"),
    )


def columns_in_some_order(cardinalities: dict) -> list[str]:
    columns = sorted({name.split("__")[0] for name in cardinalities})
    return [columns[place] for place in torch.randperm(len(columns), generator=torch.Generator().manual_seed(1))]


def rows(cardinalities: dict) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return {name: torch.randint(n_codes, (N_ROWS, 1), generator=generator) for name, n_codes in cardinalities.items()}


def packed(batch: dict) -> torch.Tensor:
    return torch.cat(list(batch.values()), dim=1).t()


def gradients(model: FastModel) -> dict[str, torch.Tensor]:
    """Return the gradient of the packed weights under the names of the engine's parameters."""
    with torch.no_grad():
        weights = model.packed.clone()
        model.packed.copy_(model.packed.grad)
        found = {name: values.clone() for name, values in model.named_parameters()}
        model.packed.copy_(weights)
    return found


def assert_close(found: dict, expected: dict) -> None:
    assert found.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(
            found[name], expected[name], rtol=1e-9, atol=1e-12, msg=lambda text, name=name: f"{name}: {text}"
        )


def pair(table: str, size: ModelSize) -> tuple[FlatModel, FastModel, dict]:
    cardinalities = TABLES[table]
    order = columns_in_some_order(cardinalities)
    return *(network(kind, cardinalities, size, order) for kind in (FlatModel, FastModel)), rows(cardinalities)


def share_masks(monkeypatch, ours: FastModel, theirs: FlatModel) -> list:
    """Let the engine drop what a step of ours dropped; return the list of masks still to be taken."""
    drawn, draw, step = {}, ours._mask, fast_model._Group.step

    def spied(group, chosen, order, values, codes, losses, mask, learn):
        masks = []
        step(group, chosen, order, values, codes, losses, lambda *shape: masks.append(draw(*shape)) or masks[-1], learn)
        width = int(order.widths[group._columns[[*chosen]]].max())
        names = list(ours.tgt_sub_columns_lookup)
        for place, member in enumerate(chosen):
            first, *others = (mask[place] for mask in masks)
            taken = order.inputs[: order.widths[group._columns[member]]][1:] - 1
            whole = torch.ones(sum(ours.column_embedders.dims) + int(group._n_earlier[member]), N_ROWS)
            whole[taken] = first[1 : 1 + len(taken)]
            whole[sum(ours.column_embedders.dims) :] = first[width : width + int(group._n_earlier[member])]
            drawn[names[group._places[member]]] = [whole, *(mask[1:] for mask in others)]

    monkeypatch.setattr(fast_model._Group, "step", spied)
    left = []

    def dropped(values):
        if not left:
            left.extend(mask for name in theirs.tgt_sub_columns_lookup for mask in drawn[name])
        return values * left.pop(0).t()

    monkeypatch.setattr(theirs.regressors.dropout, "forward", dropped)
    return left


@pytest.mark.parametrize("size", ModelSize)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("_together")
def test_losses_and_gradients_are_the_engine_s_for_the_same_order_and_masks(table, size, monkeypatch):
    theirs, ours, batch = pair(table, size)
    left = share_masks(monkeypatch, ours, theirs)
    found = ours.losses(packed(batch))
    found.mean().backward()
    expected = training._calculate_sample_losses(theirs, batch)
    expected.mean().backward()
    assert not left
    torch.testing.assert_close(found, expected)
    assert_close(gradients(ours), {name: values.grad for name, values in theirs.named_parameters()})


@pytest.mark.parametrize("size", ModelSize)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("_together")
def test_steps_of_the_optimiser_lead_to_the_engine_s_weights(table, size, monkeypatch):
    theirs, ours, batch = pair(table, size)
    share_masks(monkeypatch, ours, theirs)
    optimisers = [
        torch.optim.AdamW(theirs.parameters(), lr=0.01),
        torch.optim.AdamW([ours.packed], lr=0.01, fused=True),
    ]
    for _ in range(4):
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        (ours.losses(packed(batch)).mean() / 2).backward()
        (training._calculate_sample_losses(theirs, batch).mean() / 2).backward()
        for optimiser in optimisers:
            optimiser.step()
    for name, values in theirs.named_parameters():
        torch.testing.assert_close(dict(ours.named_parameters())[name], values, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("size", ModelSize)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("_together")
def test_validation_loss_is_the_engine_s_for_the_same_orders(table, size):
    theirs, ours = (network(kind, TABLES[table], size) for kind in (FlatModel, FastModel))
    batches = [rows(TABLES[table])] * 3
    torch.manual_seed(5)
    expected = training._calculate_val_loss(theirs, batches)
    torch.manual_seed(5)
    parts = {name: part for _, name, part in _losses_in_batches(FastModel.losses)}
    assert parts["_calculate_val_loss"](ours, [packed(batch) for batch in batches]) == pytest.approx(
        expected, rel=1e-12
    )
    assert ours.training


def test_an_order_is_drawn_once_a_step_as_the_engine_draws_it():
    theirs, ours = network(FlatModel).eval(), network(FastModel).eval()
    batch = rows(FEW)
    torch.manual_seed(7)
    expected = [training._calculate_sample_losses(theirs, batch) for _ in range(5)]
    torch.manual_seed(7)
    found = [ours.losses(packed(batch)) for _ in range(5)]
    torch.testing.assert_close(torch.stack(found), torch.stack(expected))
    assert len({round(losses.sum().item(), 6) for losses in found}) > 1


def test_gradients_of_several_batches_add_up():
    ours, once = (
        network(FastModel, order=columns_in_some_order(FEW)).eval(),
        network(FastModel, order=columns_in_some_order(FEW)).eval(),
    )
    codes = packed(rows(FEW))
    for half in codes.split(N_ROWS // 2, dim=1):
        (ours.losses(half).mean() / 2).backward()
    once.losses(codes).mean().backward()
    torch.testing.assert_close(ours.packed.grad, once.packed.grad)


@pytest.mark.parametrize("size", ModelSize)
def test_state_is_the_engine_s_and_the_engine_draws_and_scores_from_it(size, tmp_path):
    theirs, ours = (network(kind, MANY, size) for kind in (FlatModel, FastModel))
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    for name, values in expected.items():
        assert torch.equal(state[name], values), "the first weights are the engine's"
        assert state[name].is_contiguous()
        assert state[name].untyped_storage().nbytes() == values.untyped_storage().nbytes()
    assert sum(values.numel() for values in ours.parameters()) == sum(values.numel() for values in theirs.parameters())
    optimiser = torch.optim.AdamW([ours.packed], lr=0.01)
    before = ours.losses(packed(rows(MANY))).mean().item()
    for _ in range(20):
        optimiser.zero_grad()
        ours.losses(packed(rows(MANY))).mean().backward()
        optimiser.step()
    torch.save(ours.state_dict(), tmp_path / "weights")
    theirs.load_state_dict(torch.load(tmp_path / "weights"))
    with torch.no_grad():
        torch.manual_seed(3)
        losses = training._calculate_sample_losses(theirs.eval(), rows(MANY))
        torch.manual_seed(3)
        torch.testing.assert_close(ours.eval().losses(packed(rows(MANY))), losses)
        assert float(losses.mean()) < before - 1
        torch.manual_seed(3)
        drawn, _ = theirs({}, mode="gen", batch_size=50)
        _, chances = theirs({}, mode="probs", batch_size=50)
        torch.manual_seed(3)
        again, _ = ours({}, mode="gen", batch_size=50)
    assert all(torch.equal(drawn[name], again[name]) for name in MANY)
    assert all(chances[name].shape == (50, n_codes) for name, n_codes in MANY.items())
    network(FastModel, MANY, size, seed=9).load_state_dict(theirs.state_dict())


def test_loaded_weights_are_those_of_the_step():
    ours, other = (
        network(FastModel, order=columns_in_some_order(FEW)).eval(),
        network(FastModel, order=columns_in_some_order(FEW), seed=9).eval(),
    )
    codes = packed(rows(FEW))
    assert not torch.allclose(ours.losses(codes), other.losses(codes))
    other.load_state_dict(ours.state_dict())
    torch.testing.assert_close(ours.losses(codes), other.losses(codes))


def test_every_order_of_the_columns_occurs_as_often():
    model = network(FastModel)
    torch.manual_seed(0)
    drawn = [tuple(model._order()) for _ in range(600)]
    # four standard deviations of a count
    assert all(drawn.count(order) == pytest.approx(100, abs=4 * (600 * 5 / 36) ** 0.5) for order in set(drawn))
    assert len(set(drawn)) == 6


def test_masks_follow_the_law_of_torch():
    wide, narrow = network(FastModel)._mask(2, 500, 400), network(FastModel)._mask(3, 1, 7)
    assert (wide.shape, narrow.shape) == ((2, 500, 400), (3, 1, 7))
    assert wide.unique().tolist() == pytest.approx([0, 4 / 3])
    dropped = (wide == 0).double()
    share = 0.25 * 0.75
    # four standard deviations of a share of 400,000
    assert float(dropped.mean()) == pytest.approx(0.25, abs=4 * (share / 400_000) ** 0.5)
    # neither sub-columns nor inputs nor rows share their masks, nor do neighbours
    assert float(dropped.mean(0).mean(0).std()) == pytest.approx((share / 1000) ** 0.5, rel=0.2)
    assert float(dropped.mean((0, 2)).std()) == pytest.approx((share / 800) ** 0.5, rel=0.2)
    assert float((dropped[0] * dropped[1]).mean()) == pytest.approx(1 / 16, abs=4 * (15 / 256 / 200_000) ** 0.5)
    # neighbouring pairs share values, so their share varies by up to twice as much
    for pairs in (dropped[:, :, 1:] * dropped[:, :, :-1], dropped[:, 1:] * dropped[:, :-1]):
        assert float(pairs.mean()) == pytest.approx(1 / 16, abs=8 * (15 / 256 / pairs.numel()) ** 0.5)
    # in each of the four places that share a byte
    for place in range(4):
        assert float(dropped.view(-1)[place::4].mean()) == pytest.approx(0.25, abs=4 * (share / 100_000) ** 0.5)


def test_masks_are_decided_by_the_seed_of_torch_and_differ_from_call_to_call():
    first, second = network(FastModel, seed=3), network(FastModel, seed=3)
    drawn = first._mask(1, 50, 50)
    assert torch.equal(drawn, second._mask(1, 50, 50))
    assert not torch.equal(drawn, network(FastModel, seed=4)._mask(1, 50, 50))
    assert not torch.equal(drawn, first._mask(1, 50, 50))


def test_a_rate_that_is_no_quarter_is_refused(monkeypatch):
    dropout = torch.nn.Dropout
    monkeypatch.setattr(torch.nn, "Dropout", lambda p: dropout(0.3))
    with pytest.raises(GeneratorError, match=r"the engine drops 0\.3; use fast=False"):
        network(FastModel)


def test_a_context_is_refused():
    with pytest.raises(GeneratorError, match=r"without a context.*use fast=False"):
        FastModel(
            tgt_cardinalities=FEW,
            ctx_cardinalities={"ctxflt:t1/c0__cat": 3},
            ctxseq_len_median={},
            model_size=ModelSize.M,
            column_order=None,
            device=torch.device("cpu"),
        )

"""What stands in for parts of the engine while it trains, on a small network; whole fits are in `test_generator`."""

import pytest

torch = pytest.importorskip("torch")

from mostlyai.engine._tabular import training  # noqa: E402

from upsampling.samplers.engine_training import fast_draws  # noqa: E402


@pytest.fixture
def network(monkeypatch):
    """Make a network as the engine would within `fast_draws`."""
    layers = (torch.nn.Dropout(0.25), torch.nn.Sequential(torch.nn.Dropout(0.3)))
    monkeypatch.setattr(training, "FlatModel", lambda: torch.nn.Sequential(*layers))

    def make(seed: int):
        torch.manual_seed(seed)
        with fast_draws():
            return training.FlatModel()

    return make


def test_masks_follow_the_law_of_torch(network):
    dropout, ones = network(0)[0], torch.ones(1000, 400, requires_grad=True)
    out = dropout(ones)
    assert out.unique().tolist() == pytest.approx([0, 4 / 3])
    # four standard deviations of a share of 400,000
    assert float((out == 0).float().mean()) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 400_000) ** 0.5)
    # neither rows nor columns share their masks
    assert float((out == 0).float().mean(0).std()) == pytest.approx((0.25 * 0.75 / 1000) ** 0.5, rel=0.2)
    assert float((out == 0).float().mean(1).std()) == pytest.approx((0.25 * 0.75 / 400) ** 0.5, rel=0.2)
    out.sum().backward()
    assert torch.equal(ones.grad, out.detach())


def test_masks_are_decided_by_the_seed_of_torch_and_differ_from_call_to_call(network):
    ones = torch.ones(50, 50)
    first, second = network(3)[0], network(3)[0]
    assert torch.equal(first(ones), second(ones))
    assert not torch.equal(first(ones), network(4)[0](ones))
    assert not torch.equal(first(ones), first(ones))


def test_nothing_is_dropped_while_scoring(network):
    model, ones = network(0).eval(), torch.ones(50, 50)
    assert torch.equal(model(ones), ones)


def test_a_rate_that_bytes_cannot_give_stays_with_torch(network):
    model = network(0)
    assert not isinstance(model[0], torch.nn.Dropout)
    assert isinstance(model[1][0], torch.nn.Dropout)


def test_the_engine_is_as_before_afterwards_even_after_an_error():
    before = training.FlatModel, torch.optim.AdamW

    def fail():
        with fast_draws():
            assert (training.FlatModel, torch.optim.AdamW) != before
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert (training.FlatModel, torch.optim.AdamW) == before

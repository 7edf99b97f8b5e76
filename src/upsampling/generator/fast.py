"""The engine's network for flat tables with a training step that leaves out what is multiplied by zero."""

from itertools import accumulate

import numpy as np
import torch
from mostlyai.engine._tabular.argn import FlatModel
from torch.nn import functional

from upsampling.errors import GeneratorError


class FastModel(FlatModel):
    """The engine's network [1]_, whose training step follows the same law and costs less.

    In every step the columns get a random order, and each is predicted from those before it. The engine hands every column all others, drops
    a quarter of the values and multiplies those that come later by zero. This one hands it only those before it, so what its first layer drops and multiplies
    is half as much on average; and its masks take two random bits a value from a fast source. Loss and gradients for the same order and masks are the same
    but for rounding. Everything but the training step is the engine's own. It takes flat tables without a context.

    Parameters
    ----------
    **settings
        Those of the engine's class.

    Raises
    ------
    GeneratorError
        The engine drops a share of the values that is no multiple of a quarter.

    References
    ----------
    .. [1] Tiwald et al., "TabularARGN: A Flexible and Efficient Auto-Regressive Framework for Generating High-Fidelity
       Synthetic Data," arXiv 2501.12012, 2025.
    """

    def __init__(self, **settings):
        super().__init__(**settings)
        rate = self.regressors.dropout.p
        if not (4 * rate).is_integer():
            raise GeneratorError(
                f"fast=True drops quarters of the values, and the engine drops {rate}; use fast=False."
            )
        self._random = np.random.Generator(np.random.SFC64(int(torch.randint(2**31 - 1, ()))))
        # for each byte the factors of four values; as complex numbers, four floats are looked up at once
        quarters = np.stack(np.unravel_index(np.arange(256), (4, 4, 4, 4)), axis=1)
        self._factors = ((quarters >= 4 * rate) / np.float32(1 - rate)).astype(np.float32).view(np.complex128).ravel()
        self._starts = list(accumulate(self.column_embedders.dims, initial=0))

    def forward(self, x, mode, **settings):
        """Return the logits of each sub-column, and nothing else, for training; in other modes what the engine returns."""
        if mode != "trn":
            return super().forward(x, mode, **settings)
        embedded = self.embedders(x)
        columns = list(self.column_embedders(embedded).values())
        order = self._order()
        ends = list(accumulate((self.column_embedders.dims[column] for column in order), initial=0))
        widths = dict(zip(order, ends, strict=False))
        positions = torch.cat([torch.arange(self._starts[column], self._starts[column + 1]) for column in order])
        positions = positions.to(self.device)
        lookups = self.tgt_sub_columns_lookup
        first = {name: self.regressors.get(name)[0] for name in lookups}
        given = [positions[: widths[lookup.col_idx]] for lookup in lookups.values()]
        joined = torch.cat([columns[column] for column in order], dim=-1)
        masks = self._masks(len(joined), [len(used) for used in given])
        hidden = _FromEarlierColumns.apply(
            joined, given, masks, *(layer.weight for layer in first.values()), *(layer.bias for layer in first.values())
        )
        logits = {}
        for (name, lookup), values in zip(lookups.items(), hidden, strict=True):
            parts = [embedded[part] for part in self.tgt_sub_columns[lookup.sub_col_offset : lookup.sub_col_cum]]
            if parts:
                weight = first[name].weight[:, self._starts[-1] :]
                values = values + functional.linear(self._dropped(torch.cat(parts, dim=-1)), weight)
            for layer in self.regressors.get(name)[1:]:
                values = layer(self._dropped(values))
            logits[name] = self.predictors(functional.relu(values), name)
        return logits, {}

    def _order(self) -> list[int]:
        if self.column_order:
            return [self.tgt_columns.index(column) for column in self.column_order]
        return torch.randperm(len(self.tgt_columns)).tolist()

    def _masks(self, n_rows: int, widths: list[int]) -> list[torch.Tensor]:
        """Return what to multiply values by: zero for those to drop, one and a bit for the others; one for all outside training."""
        if not self.training:
            return [torch.ones((), device=self.device) for _ in widths]
        sizes = [n_rows * width for width in widths]
        drawn = np.frombuffer(self._random.bytes(-(-sum(sizes) // 4)), dtype=np.uint8)
        factors = torch.from_numpy(self._factors.take(drawn).view(np.float32)[: sum(sizes)]).to(self.device)
        return [part.view(n_rows, width) for part, width in zip(factors.split(sizes), widths, strict=True)]

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        (mask,) = self._masks(len(values), [values.shape[1]])
        return values * mask


class _FromEarlierColumns(torch.autograd.Function):
    """What the first layers of all sub-columns make of the columns before theirs.

    One function for all of them, since the gradient of the joined columns is summed in place then, and not padded with zeros for each.
    """

    @staticmethod
    def forward(context, joined, given, masks, *layers):
        """Return hidden values of shape (n_rows, n_units), one tensor for each sub-column.

        Parameters
        ----------
        context
            Where torch keeps what `backward` needs.
        joined : Tensor of shape (n_rows, n_embedded)
            Embedded columns in the order of this step.
        given : list of Tensor
            For each sub-column the positions, in a layer's weights, of the first values of `joined`, which are its input.
        masks : list of Tensor
            Factors of these values.
        *layers : Tensor
            Weights of all layers, then their biases. Weights beyond the joined columns are not used here.
        """
        weights, biases = layers[: len(given)], layers[len(given) :]
        inputs = [joined[:, : len(used)] * mask for used, mask in zip(given, masks, strict=True)]
        taken = [weight.index_select(1, used) for weight, used in zip(weights, given, strict=True)]
        context.shapes = [joined.shape, *(weight.shape for weight in weights)]
        context.save_for_backward(*given, *masks, *inputs, *taken)
        return tuple(
            torch.addmm(bias, values, weight.t()) for bias, values, weight in zip(biases, inputs, taken, strict=True)
        )

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context, *gradients):
        """Return the gradients of the joined columns, the weights and the biases, from those of the hidden values."""
        of_joined, *of_weights = (gradients[0].new_zeros(shape) for shape in context.shapes)
        saved, n_layers = context.saved_tensors, len(gradients)
        given, masks, inputs, taken = (saved[start : start + n_layers] for start in range(0, len(saved), n_layers))
        for gradient, used, mask, values, weight, of_weight in zip(
            gradients, given, masks, inputs, taken, of_weights, strict=True
        ):
            of_joined[:, : len(used)].addcmul_(gradient @ weight, mask)
            of_weight.index_copy_(1, used, gradient.t() @ values)
        return of_joined, None, None, *of_weights, *(gradient.sum(0) for gradient in gradients)

"""The engine's network for flat tables with a training step on packed weights that leaves out what is multiplied by zero."""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import torch
from torch.nn import functional

from upsampling.errors import GeneratorError
from upsampling.generator.patches import FlatModel

# Sub-columns are taken together as long as their first layers take no more values than these, which a processor's caches hold. Fewer calls then outweigh
# that a sub-column is handed some columns that come later, with weights of zero.
VALUES_TOGETHER = 400_000


class FastModel(FlatModel):
    """The engine's network [1]_, whose training step follows the same law and costs less.

    In every step the columns get a random order, and each is predicted from those before it. The engine hands every column all others, drops
    a quarter of the values, multiplies those that come later by zero, and does so for one sub-column after the other, each with weights of its own.
    Here all weights lie in one tensor, of which the engine's parameters are views. A step takes sub-columns whose layers have the same widths together,
    hands them only the columns before theirs, and computes losses and gradients in one go, without a graph; its masks take two random bits a value from a
    fast source. Losses and gradients for the same order and masks are the same but for rounding. Saving, drawing and scoring are the engine's own. It takes flat
    tables without a context.

    Parameters
    ----------
    **settings
        Those of the engine's class.

    Attributes
    ----------
    packed : Parameter
        All weights, for an optimiser that treats every element alike.

    Raises
    ------
    GeneratorError
        There is a context, or the engine drops a share of the values that is no multiple of a quarter.

    References
    ----------
    .. [1] Tiwald et al., "TabularARGN: A Flexible and Efficient Auto-Regressive Framework for Generating High-Fidelity
       Synthetic Data," arXiv 2501.12012, 2025.
    """

    def __init__(self, **settings):
        super().__init__(**settings)
        if self.ctx_cardinalities:
            raise GeneratorError("fast=True takes tables without a context, and this one has one; use fast=False.")
        rate = self.regressors.dropout.p
        if not (4 * rate).is_integer():
            raise GeneratorError(
                f"fast=True drops quarters of the values, and the engine drops {rate}; use fast=False."
            )
        self._random = np.random.SFC64(int(torch.randint(2**31 - 1, ())))
        # for each byte the factors of four values; as complex numbers, four floats are looked up at once
        quarters = np.stack(np.unravel_index(np.arange(256), (4, 4, 4, 4)), axis=1)
        self._factors = ((quarters >= 4 * rate) / np.float32(1 - rate)).astype(np.float32).view(np.complex128).ravel()
        self._inputs = _Inputs(self)
        kinds = {}
        for name in self.tgt_sub_columns_lookup:
            kinds.setdefault(tuple(layer.out_features for layer in self.regressors.get(name)), []).append(name)
        self._groups = [_Group(self, names) for names in kinds.values()]
        # no parameter of the module: the engine counts and saves those that are views of it
        object.__setattr__(self, "packed", self._pack([self._inputs, *self._groups]))
        self.register_state_dict_post_hook(_in_own_memory)

    @torch.no_grad()
    def _pack(self, parts: list) -> torch.nn.Parameter:
        """Return one tensor for all weights, in which the engine's parameters lie from now on; and let gradients lie in one tensor as well."""
        blocks = [block for part in parts for block in part.blocks]
        sizes = [block.size for block in blocks]
        packed = torch.zeros(sum(sizes), device=self.device)
        self._gradient = torch.zeros_like(packed)
        for block, values, gradient in zip(blocks, packed.split(sizes), self._gradient.split(sizes), strict=True):
            block.values, block.gradient = values.view(block.shape), gradient.view(block.shape)
        for part in parts:
            for parameter, view in part.parameter_views():
                parameter.data = view.copy_(parameter)
        return torch.nn.Parameter(packed)

    def losses(self, codes: torch.Tensor) -> torch.Tensor:
        """Return what rows lose, all sub-columns together.

        Parameters
        ----------
        codes : Tensor of shape (n_sub_columns, n_rows)
            Encoded rows.

        Returns
        -------
        Tensor of shape (n_rows,)
            Losses. Their mean, or a multiple of it, is all whose gradient may be asked for, and before the next losses are.
        """
        if torch.is_grad_enabled():
            return _Losses.apply(self.packed, self, codes)
        return self._step(codes, with_gradient=False)

    def _order(self) -> np.ndarray:
        if self.column_order:
            return np.array([self.tgt_columns.index(column) for column in self.column_order])
        return torch.randperm(len(self.tgt_columns)).numpy()

    def _mask(self, *shape: int) -> torch.Tensor:
        """Return what to multiply values by: zero for those to drop, one and a bit for the others."""
        size = math.prod(shape)
        drawn = self._random.random_raw(-(-size // 32)).view(np.uint8)
        return torch.from_numpy(self._factors.take(drawn).view(np.float32)[:size]).view(shape).to(self.device)

    @torch.no_grad()
    def _step(self, codes: torch.Tensor, with_gradient: bool) -> torch.Tensor:
        """Return the losses and, if asked to learn, leave the gradient of their sum."""
        order = _Order(self._order(), self._inputs)
        values = self._inputs.forward(codes, order)
        losses = values.joined.new_zeros(codes.shape[1])
        if with_gradient:
            self._gradient.zero_()
        for group in self._groups:
            for chosen in group.chunks(order, codes.shape[1]):
                group.step(chosen, order, values, codes, losses, self._mask if self.training else None, with_gradient)
        if with_gradient:
            self._inputs.backward(order, values)
            for group in self._groups:
                for block in group.blocks:
                    block.gradient[0] = 0
        return losses


class _Losses(torch.autograd.Function):
    """Losses, whose gradient is known as soon as they are."""

    @staticmethod
    def forward(context, packed, model, codes):
        context.model = model
        return model._step(codes, with_gradient=True)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context, of_losses):
        return context.model._gradient * of_losses[0], None, None


class _Block:
    """A part of the packed weights, and of their gradient."""

    values: torch.Tensor
    gradient: torch.Tensor

    def __init__(self, *shape: int):
        self.shape = shape
        self.size = math.prod(shape)


class _Order:
    """An order of the columns, and what follows from it.

    Attributes
    ----------
    ranks : ndarray of shape (n_columns,)
        Place of each column.
    widths : ndarray of shape (n_columns,)
        How many inputs a layer takes that is given the columns before this one: a one, then their values.
    inputs : ndarray of shape (1 + n_values,)
        The inputs of a layer in this order: a one, then the values of all columns.
    features : Tensor of shape (1 + n_values,)
        The features that are these inputs.
    """

    def __init__(self, order: np.ndarray, inputs: "_Inputs"):
        self.ranks, self.widths = np.empty((2, len(order)), dtype=int)
        self.ranks[order] = np.arange(len(order))
        ends = inputs.widths[order].cumsum()
        self.widths[order] = 1 + ends - inputs.widths[order]
        self.inputs = np.append(0, 1 + self.ranks[inputs.column_of_value].argsort(kind="stable"))
        self.features = torch.from_numpy(inputs.features[self.inputs]).to(inputs.device)


class _Values:
    """Features of a batch, those of the columns joined in the order of a step, and the gradients of both."""

    def __init__(self, features: torch.Tensor, joined: torch.Tensor):
        self.features, self.joined = features, joined
        self.of_features, self.of_joined = torch.zeros_like(features), torch.zeros_like(joined)


class _Inputs:
    """Embeddings of sub-columns, and what columns of many sub-columns are compressed to.

    Both are features of shape (n_features, n_rows); the last two are one, by which biases are multiplied, and zero.
    """

    def __init__(self, model: FastModel):
        self.device = model.device
        self._embedders = list(model.embedders.embedders.values())
        n_codes = np.array([embedder.num_embeddings for embedder in self._embedders])
        self._starts = torch.from_numpy(n_codes.cumsum() - n_codes).unsqueeze(1).to(self.device)
        self._n_dims = max(embedder.embedding_dim for embedder in self._embedders)
        self._n_embedded = len(self._embedders) * self._n_dims
        self._table = _Block(int(n_codes.sum()), self._n_dims)
        layers = list(model.column_embedders.column_embedders.values())
        self._compressors = [layer for layer in layers if isinstance(layer, torch.nn.Linear)]
        n_outputs = max((layer.out_features for layer in self._compressors), default=0)
        self._one = self._n_embedded + len(self._compressors) * n_outputs
        self.zero = self._one + 1
        columns, compressed = [[] for _ in layers], []
        # what the sub-columns before it in its own column are embedded as, for each sub-column
        self.earlier = []
        for n, (lookup, embedder) in enumerate(
            zip(model.tgt_sub_columns_lookup.values(), self._embedders, strict=True)
        ):
            self.earlier.append(np.array(columns[lookup.col_idx], dtype=int))
            columns[lookup.col_idx].extend(n * self._n_dims + np.arange(embedder.embedding_dim))
        for n, layer in enumerate(layers):
            if isinstance(layer, torch.nn.Linear):
                first = self._n_embedded + len(compressed) * n_outputs
                compressed.append(columns[n])
                columns[n] = range(first, first + layer.out_features)
        compressed = _padded(compressed, self.zero)
        self._compressed = torch.from_numpy(compressed.ravel()).to(self.device)
        self._weights, self._biases = _Block(*compressed.shape, n_outputs), _Block(len(compressed), n_outputs, 1)
        self.blocks = [self._table, self._weights, self._biases]
        self.features = np.concatenate([[self._one], *columns]).astype(int)
        self.widths = np.array(model.column_embedders.dims)
        self.column_of_value = np.arange(len(columns)).repeat(self.widths)

    def parameter_views(self) -> Iterator[tuple[torch.nn.Parameter, torch.Tensor]]:
        """Yield the engine's parameters with their places in the blocks."""
        for embedder, first in zip(self._embedders, self._starts.ravel().tolist(), strict=True):
            rows = self._table.values[first : first + embedder.num_embeddings]
            yield embedder.weight, rows[:, : embedder.embedding_dim]
        for layer, weight, bias in zip(self._compressors, self._weights.values, self._biases.values, strict=True):
            yield layer.weight, weight[: layer.in_features, : layer.out_features].t()
            yield layer.bias, bias[: layer.out_features, 0]

    def forward(self, codes: torch.Tensor, order: _Order) -> _Values:
        """Return the features of a batch and those of the columns in order."""
        n_rows = codes.shape[1]
        self._rows = (codes + self._starts).ravel()
        embedded = self._table.values.index_select(0, self._rows).view(-1, n_rows, self._n_dims)
        features = embedded.new_zeros(self.zero + 1, n_rows)
        features[self._one] = 1
        features[: self._n_embedded].view(-1, self._n_dims, n_rows).copy_(embedded.transpose(1, 2))
        if self._compressors:
            self._taken = features.index_select(0, self._compressed).view(*self._weights.shape[:2], n_rows)
            compressed = torch.baddbmm(self._biases.values, self._weights.values.transpose(1, 2), self._taken)
            features[self._n_embedded : self._one] = compressed.view(-1, n_rows)
        return _Values(features, features.index_select(0, order.features))

    def backward(self, order: _Order, values: _Values) -> None:
        """Leave the gradients of all blocks, from those of the features."""
        of_features = values.of_features.index_add_(0, order.features, values.of_joined)
        n_rows = of_features.shape[1]
        if self._compressors:
            of_compressed = of_features[self._n_embedded : self._one].view(len(self._compressors), -1, n_rows)
            torch.bmm(self._taken, of_compressed.transpose(1, 2), out=self._weights.gradient)
            torch.sum(of_compressed, -1, keepdim=True, out=self._biases.gradient)
            of_taken = torch.bmm(self._weights.values, of_compressed)
            of_features.index_add_(0, self._compressed, of_taken.view(-1, n_rows))
        of_embedded = of_features[: self._n_embedded].view(-1, self._n_dims, n_rows).transpose(1, 2)
        self._table.gradient.index_add_(0, self._rows, of_embedded.reshape(-1, self._n_dims))


class _Rows:
    """Weights of the sub-columns of a group, one below the other after a row that pads.

    Parameters
    ----------
    n_rows : list of int
        Rows of each sub-column.
    width : int
        Their width.
    """

    def __init__(self, n_rows: list[int], width: int):
        self._counts = np.array(n_rows)
        self.starts = 1 + self._counts.cumsum() - self._counts
        self._width = width
        self.block = _Block(1 + sum(n_rows), width)

    def of(self, member: int) -> torch.Tensor:
        """Return the weights of a sub-column."""
        return self.block.values[self.starts[member] :][: self._counts[member]]

    def all_of(self, chosen: tuple[int, ...]) -> slice | torch.Tensor:
        """Return where all rows of some sub-columns are; as a slice if it is one sub-column."""
        starts, counts = self.starts[[*chosen]], self._counts[[*chosen]]
        if len(chosen) == 1:
            return slice(starts[0], starts[0] + counts[0])
        places = np.arange(counts.max())
        rows = np.where(places < counts[:, None], starts[:, None] + places, 0)
        return torch.from_numpy(rows).to(self.block.values.device)

    def take(self, rows: slice | torch.Tensor) -> torch.Tensor:
        """Return weights of shape (n_sub_columns, n_rows, width)."""
        if isinstance(rows, slice):
            return self.block.values[rows].unsqueeze(0)
        return self.block.values.index_select(0, rows.view(-1)).view(*rows.shape, self._width)

    def write_gradient(self, rows: slice | torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> None:
        """Leave the product of two factors as the gradient of weights."""
        if isinstance(rows, slice):
            torch.bmm(left, right, out=self.block.gradient[rows].unsqueeze(0))
        else:
            self.block.gradient.index_copy_(0, rows.view(-1), torch.bmm(left, right).view(-1, self._width))


class _Group:
    """Sub-columns whose regressors have the same widths: what they are predicted to be, and how that is learnt."""

    def __init__(self, model: FastModel, names: list[str]):
        inputs, places = model._inputs, {name: place for place, name in enumerate(model.tgt_sub_columns_lookup)}
        self._device, self._places = model.device, np.array([places[name] for name in names])
        self._columns = np.array([model.tgt_sub_columns_lookup[name].col_idx for name in names])
        self._regressors = [model.regressors.get(name) for name in names]
        self._predictors = [model.predictors.predictors[name] for name in names]
        self._n_inputs = len(inputs.features)
        earlier = [inputs.earlier[place] for place in self._places]
        self._earlier, self._n_earlier = _padded(earlier, inputs.zero), np.array([len(part) for part in earlier])
        # of regressors there is an input to a row, the first of them the bias; of predictors a class to a row, the last value in it the bias
        self._layers = [
            _Rows([1 + layer.in_features for layer in layers], layers[0].out_features)
            for layers in zip(*self._regressors, strict=True)
        ]
        self._classes = _Rows([layer.out_features for layer in self._predictors], 1 + self._predictors[0].in_features)
        self.blocks = [rows.block for rows in (*self._layers, self._classes)]
        self._rows = lru_cache(self._rows)

    def parameter_views(self) -> Iterator[tuple[torch.nn.Parameter, torch.Tensor]]:
        """Yield the engine's parameters with their places in the blocks."""
        # a class that pads is never predicted
        self._classes.block.values[0, -1] = -1e30
        for member, (regressor, predictor) in enumerate(zip(self._regressors, self._predictors, strict=True)):
            for layer, weights in zip(regressor, self._layers, strict=True):
                yield layer.weight, weights.of(member)[1:].t()
                yield layer.bias, weights.of(member)[0]
            yield predictor.weight, self._classes.of(member)[:, :-1]
            yield predictor.bias, self._classes.of(member)[:, -1]

    def chunks(self, order: _Order, n_rows: int) -> list[tuple[int, ...]]:
        """Return which sub-columns are taken together: those of neighbouring columns."""
        size = max(1, VALUES_TOGETHER // (n_rows * self._n_inputs))
        ranked = order.ranks[self._columns].argsort(kind="stable").tolist()
        return [tuple(sorted(ranked[start : start + size])) for start in range(0, len(ranked), size)]

    def _rows(self, chosen: tuple[int, ...]) -> tuple[torch.Tensor, list]:
        """Return where the labels of some sub-columns are, and the rows of all their layers but the first."""
        places = torch.from_numpy(self._places[[*chosen]]).to(self._device)
        return places, [part.all_of(chosen) for part in (*self._layers[1:], self._classes)]

    def _first_rows(self, chosen: tuple[int, ...], order: _Order) -> tuple[torch.Tensor, int, int]:
        """Return the rows of the first layers, and how many inputs from columns before and from sub-columns before they have at most."""
        widths, depths = order.widths[self._columns[[*chosen]]][:, None], self._n_earlier[[*chosen]][:, None]
        width, depth = widths.max(), depths.max()
        inputs = np.append(order.inputs[:width], self._n_inputs + np.arange(depth))
        rows = self._layers[0].starts[[*chosen], None] + inputs
        if len(chosen) > 1:
            rows[:, :width][np.arange(width) >= widths] = 0
            rows[:, width:][np.arange(depth) >= depths] = 0
        return torch.from_numpy(rows).to(self._device), width, depth

    def step(
        self,
        chosen: tuple[int, ...],
        order: _Order,
        values: _Values,
        codes: torch.Tensor,
        losses: torch.Tensor,
        mask: Callable | None,
        with_gradient: bool,
    ) -> None:
        """Add what rows lose in some sub-columns; if asked to learn, leave the gradients of their layers and add those of what they take.

        Parameters
        ----------
        chosen : tuple of int
            The sub-columns.
        order : _Order
            Order of the columns.
        values : _Values
            What they take.
        codes : Tensor of shape (n_all_sub_columns, n_rows)
            Encoded rows.
        losses : Tensor of shape (n_rows,)
            To add to.
        mask : callable or None
            Returns masks of a shape; None drops nothing.
        with_gradient : bool
            Whether gradients are asked for.
        """
        first_rows, width, depth = self._first_rows(chosen, order)
        places, rows = self._rows(chosen)
        rows = [first_rows, *rows]
        hidden = values.joined[:width].expand(len(chosen), -1, -1)
        if depth:
            earlier = torch.from_numpy(self._earlier[[*chosen], :depth].ravel()).to(self._device)
            hidden = torch.cat([hidden, values.features.index_select(0, earlier).view(len(chosen), depth, -1)], dim=1)
        taken, masks, weights = [], [], []
        for layer, numbers in zip(self._layers, rows, strict=False):
            if taken:
                hidden = functional.pad(hidden, (0, 0, 1, 0), value=1)
            if mask:
                masks.append(mask(*hidden.shape))
                hidden = hidden * masks[-1]
                hidden[:, 0] = 1
            taken.append(hidden)
            weights.append(layer.take(numbers))
            hidden = torch.bmm(weights[-1].transpose(1, 2), hidden)
        hidden = functional.pad(hidden, (0, 0, 0, 1), value=1).relu_()
        classes = self._classes.take(rows[-1])
        logits = torch.bmm(classes, hidden)
        labels = codes.index_select(0, places).unsqueeze(1)
        log_probs = torch.log_softmax(logits, dim=1).gather(1, labels)
        losses.sub_(log_probs.sum(dim=(0, 1)))
        if not with_gradient:
            return

        of_logits = torch.softmax(logits, dim=1).scatter_(1, labels, log_probs.expm1_())
        self._classes.write_gradient(rows[-1], of_logits, hidden.transpose(1, 2))
        of_hidden = torch.ops.aten.threshold_backward(torch.bmm(classes.transpose(1, 2), of_logits), hidden, 0)[:, :-1]
        for layer, numbers in zip(reversed(self._layers), reversed(rows[:-1]), strict=True):
            layer.write_gradient(numbers, taken.pop(), of_hidden.transpose(1, 2))
            of_hidden = torch.bmm(weights.pop(), of_hidden)
            if mask:
                of_hidden.mul_(masks.pop())
            if taken:
                of_hidden = of_hidden[:, 1:]
        values.of_joined[:width] += of_hidden[:, :width].sum(0)
        if depth:
            values.of_features.index_add_(0, earlier, of_hidden[:, width:].reshape(len(earlier), -1))


def _padded(lists: list, fill: int) -> np.ndarray:
    """Return lists of numbers as the rows of an array."""
    padded = np.full((len(lists), max(map(len, lists), default=0)), fill)
    for row, numbers in zip(padded, lists, strict=True):
        row[: len(numbers)] = numbers
    return padded


def _in_own_memory(module, state: dict, prefix: str, metadata: dict) -> None:
    """Give every tensor of a state memory of its own, as they have in the engine's."""
    state.update({name: values.detach().clone(memory_format=torch.contiguous_format) for name, values in state.items()})

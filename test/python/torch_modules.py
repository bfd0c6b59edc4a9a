"""What a user does with an emitted PyTorch module: shapes, training, saving, and what it refuses."""

import copy
import io
import math
import os
import pickle

import torch
from report import require
from subjects import Subject
from torch import nn
from torch_values import arguments, same


def shapes(subject):
    """Any strides and shapes, and the input stays as it was."""
    case = subject.cases[0]
    given = arguments(subject, case)
    base = torch.linspace(-5, 5, 24).reshape(4, 6)
    layouts = {
        "transposed": base.t(),
        "strided": base[:, ::2],
        "flipped": base.flip(0),
        "expanded": base[:, :1].expand(4, 3),
        "of four axes": base.reshape(2, 2, 3, 2),
        "channels last": base.reshape(1, 4, 3, 2).to(memory_format=torch.channels_last),
        "empty": base[:0],
        "of no axes": torch.tensor(0.75),
    }
    for name, x in layouts.items():
        before = x.clone()
        x = x.detach().requires_grad_()
        y = subject.function(x, **given)
        dense = x.detach().clone(memory_format=torch.contiguous_format)
        require(
            y.shape == x.shape, f"{name}: shape {tuple(y.shape)} of {tuple(x.shape)}"
        )
        require(
            _close(y, subject.module.value(dense, **given)),
            f"{name}: other values than in a row",
        )
        (slope,) = torch.autograd.grad(y.sum(), x)
        expected = subject.module.derivative(dense, **given)
        require(_close(slope, expected), f"{name}: other gradients than in a row")
        require(same(x, before), f"{name}: the input was changed")
    on_meta = subject.function(torch.empty(3, 5, device="meta"), **_on_meta(given))
    require(tuple(on_meta.shape) == (3, 5), "no shape without values")


def _close(got, expected):
    """PyTorch's exp and the like differ in the last bits between tensors in a row and others; subnormal results have none."""
    return torch.allclose(got, expected, rtol=2.0**-20, atol=2.0**-126)


def _on_meta(given):
    return {
        name: held.to("meta") if torch.is_tensor(held) else held
        for name, held in given.items()
    }


def _note_dtype(seen):
    return lambda module, inputs, output: seen.append(output.dtype)


def training(subject):
    """Steps under autocast with a scaler change all weights and leave them finite."""
    for dtype in (torch.bfloat16, torch.float16):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 16), subject.layer(), nn.Linear(16, 2))
        before = copy.deepcopy(model.state_dict())
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
        x, target = torch.randn(64, 5), torch.randn(64, 2)
        inner = []
        model[1].register_forward_hook(_note_dtype(inner))
        for _ in range(3):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=dtype):
                loss = nn.functional.mse_loss(model(x).float(), target)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        require(set(inner) == {dtype}, f"under autocast gives {inner}")
        after = model.state_dict()
        for name, held in after.items():
            require(bool(held.isfinite().all()), f"{name} is not finite in {dtype}")
            require(
                not torch.equal(held, before[name]), f"{name} did not change in {dtype}"
            )


def saving(subject):
    """state_dict, torch.save, pickle, copies and the text of a layer."""
    for case in subject.cases:
        numbers = subject.numbers(case.parameters)
        layer = subject.layer(**numbers)
        x = torch.linspace(-3, 3, 31)
        expected = layer(x)
        fresh = subject.layer(**numbers)
        fresh.load_state_dict(layer.state_dict())
        names = [name for name, _ in layer.named_parameters()]
        require(
            list(layer.state_dict()) == names and len(names) == len(subject.learnable),
            f"state is {list(layer.state_dict())}",
        )
        file = io.BytesIO()
        torch.save(layer, file)
        file.seek(0)
        copies = {
            "state_dict": fresh,
            "torch.save": torch.load(file, weights_only=False),
            "pickle": pickle.loads(pickle.dumps(layer)),
            "deepcopy": copy.deepcopy(layer),
            "double and back": copy.deepcopy(layer).double().float(),
        }
        for name, made in copies.items():
            require(same(made(x), expected), f"{name} computes something else")
        for name, held in numbers.items():
            if names == []:
                require(
                    f"{name}={held}" in repr(layer), f"{layer!r} does not say {name}"
                )
    defaults = {row["name"]: row["default"] for row in subject.row["parameters"]}
    require(
        same(subject.layer()(x), subject.layer(**subject.numbers(defaults))(x)),
        "a layer without arguments is not one with the defaults",
    )


def refused(kind, function, *positional, **named):
    """The message of the error that a call must raise."""
    try:
        function(*positional, **named)
    except kind as error:
        return str(error)
    given = ", ".join(
        [*map(repr, positional), *(f"{name}={held!r}" for name, held in named.items())]
    )
    require(False, f"no {kind.__name__} for {given}")


def bad_numbers(parameter):
    """What a parameter must not be."""
    low, high = parameter["range"]
    return [
        math.nan,
        *([math.nextafter(low, -math.inf), -math.inf] if math.isfinite(low) else []),
        *([math.nextafter(high, math.inf), math.inf] if math.isfinite(high) else []),
    ]


def refusals(subject):
    """TypeError for what is not floating-point, ValueError for parameters out of range, both by name."""
    given = arguments(subject, subject.cases[0])
    for dtype in (torch.int64, torch.bool, torch.complex64, torch.uint8):
        message = refused(
            TypeError, subject.function, torch.ones(3, dtype=dtype), **given
        )
        require(subject.id in message and str(dtype) in message, message)
    for parameter in subject.row["parameters"]:
        name = subject.names[parameter["name"]]
        if parameter["learnable"]:
            continue
        for held in bad_numbers(parameter):
            numbers = {**given, name: held}
            message = refused(ValueError, subject.function, torch.ones(3), **numbers)
            require(name in message, message)
            layer = {**subject.numbers(subject.cases[0].parameters), name: held}
            require(name in refused(ValueError, subject.layer, **layer), message)
        for end in parameter["range"]:
            if math.isfinite(end):
                subject.function(torch.ones(3), **{**given, name: end})


def channels(subject):
    """What is learned may be a number for each channel; the state is that of PyTorch's own module of the name."""
    if not subject.learnable:
        return "nothing is learned"
    layer = subject.layer(num_parameters=3, dtype=torch.float64)
    learned = dict(zip(subject.learnable, layer.parameters(), strict=True))
    for name, held in learned.items():
        require(held.shape == (3,), f"{name}: {tuple(held.shape)} of 3")
        require(held.dtype == torch.float64, f"{name}: {held.dtype}")
    own = getattr(nn, subject.layer.__name__, None)
    if own is not None:
        layer.load_state_dict(own(3).state_dict())
    with torch.no_grad():
        for k, held in enumerate(learned.values()):
            held.copy_(torch.tensor([0.5, -2.0, 0.0]) + 0.25 * k)
    x = torch.linspace(-3, 3, 24, dtype=torch.float64).reshape(2, 3, 4)
    expected = [
        subject.function(
            x[:, i], **{subject.names[name]: held[i] for name, held in learned.items()}
        )
        for i in range(3)
    ]
    require(same(layer(x), torch.stack(expected, 1)), "channels are not apart")
    torch.autograd.gradcheck(layer, (x + 0.01).requires_grad_())
    for shape in ((4,), (2, 4), ()):
        refused(ValueError, layer, torch.ones(shape))


# Told from the output, as PyTorch's own does, the gradient has lost its digits where the output is 1: the input is kept.
KEEP_INPUT = {"sigmoid", "tanh"}


def memory(subject):
    """No more bytes kept for backward than by PyTorch's own function; where it has none, the input and what is learned."""
    case = subject.cases[0]
    x = torch.randn(1000, requires_grad=True)

    def kept(other):
        given = arguments(other, case)
        sizes = {}

        def pack(tensor):
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            y = other.function(x, **given)
        # What comes out lives on anyway.
        sizes.pop(y.untyped_storage().data_ptr(), None)
        return sum(sizes.values())

    native = Subject(os.path.join(subject.folder, "native"), subject.id, subject.row)
    ours, theirs = kept(subject), kept(native)
    given = arguments(subject, case).values()
    inputs = [x, *(held for held in given if torch.is_tensor(held))]
    is_composed = ", by torch." not in " ".join((native.function.__doc__ or "").split())
    allowed = (
        sum(held.untyped_storage().nbytes() for held in inputs)
        if is_composed or subject.id in KEEP_INPUT
        else theirs
    )
    require(ours <= allowed, f"keeps {ours} bytes, PyTorch's own {theirs}")
    return f"{ours} bytes, PyTorch's own {theirs}"


CHECKS = {
    "shapes": shapes,
    "training": training,
    "saving": saving,
    "refusals": refusals,
    "channels": channels,
    "memory": memory,
}

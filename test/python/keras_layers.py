"""What a user does with an emitted Keras layer: configure, train, save, and what it refuses."""

import importlib
import math
import os
import tempfile

import numpy as np
import report
from keras_backends import KERAS
from keras_values import arguments
from report import require


def _keras():
    return importlib.import_module(KERAS)


def layer(at, subject):
    """get_config and back, shapes, weights, masks."""
    keras = _keras()
    x = at.tensor(np.linspace(-3, 3, 24).reshape(2, 3, 4), "float32")
    for case in subject.cases:
        made = subject.layer(**subject.numbers(case.parameters), name="it")
        got = at.numpy(made(x))
        expected = subject.function(x, **arguments(at, subject, case))
        require(np.array_equal(got, at.numpy(expected)), "layer and function differ")
        config = made.get_config()
        for name, held in subject.numbers(case.parameters).items():
            require(config[name] == held, f"{name} is {config[name]} in the config")
        require(config["name"] == "it", "the name is not in the config")
        copies = (
            subject.layer.from_config(config),
            keras.layers.deserialize(keras.layers.serialize(made)),
        )
        for copy in copies:
            require(type(copy) is subject.layer, f"is read as {type(copy)}")
            require(np.array_equal(at.numpy(copy(x)), got), "a copy computes another")
        learned = [weight.name for weight in made.trainable_weights]
        require(len(learned) == len(subject.learnable), f"weights {learned}")
        shape = tuple(made.compute_output_shape((None, 7, 5)))
        require(shape == (None, 7, 5), f"output shape {shape}")
        symbolic = made(keras.Input((7, 5)))
        require(tuple(symbolic.shape) == (None, 7, 5), f"shape {symbolic.shape}")
        require(made.supports_masking, "no masks")
        start = keras.Input((3, 4))
        model = keras.Model(
            start, subject.function(start, **arguments(at, subject, case))
        )
        same = np.array_equal(at.numpy(model(x)), at.numpy(expected))
        require(same, "the function is another in a functional model")
    defaults = subject.layer()(x)
    numbers = {
        subject.names[row["name"]]: row["default"] for row in subject.row["parameters"]
    }
    explicit = subject.layer(**numbers)(x)
    require(np.array_equal(at.numpy(defaults), at.numpy(explicit)), "other defaults")


def refusals(at, subject):
    """TypeError for what is not floating-point, ValueError for parameters out of range, both by name."""
    # Not needed for PyTorch's tests, which need no Keras.
    from torch_modules import bad_numbers, refused

    case = subject.cases[0]
    given = arguments(at, subject, case)
    for dtype in ("int32", "bool"):
        x = at.tensor(np.ones(3), dtype)
        message = refused(TypeError, subject.function, x, **given)
        require(subject.id in message and dtype in message, message)
    x = at.tensor(np.ones(3), "float32")
    for parameter in subject.row["parameters"]:
        name = subject.names[parameter["name"]]
        if parameter["learnable"]:
            continue
        for held in bad_numbers(parameter):
            message = refused(ValueError, subject.function, x, **{**given, name: held})
            require(name in message, message)
            numbers = {**subject.numbers(case.parameters), name: held}
            require(name in refused(ValueError, subject.layer, **numbers), message)
        for end in parameter["range"]:
            if math.isfinite(end):
                subject.function(x, **{**given, name: end})


def _model(keras, subjects, policy):
    """A model of two dense layers with each activation between them, beside each other."""
    inputs = keras.Input((5,))
    outputs = []
    for subject in subjects:
        hidden = keras.layers.Dense(8, dtype=policy, name=f"first_{subject.id}")(inputs)
        active = subject.layer(dtype=policy, name=subject.id)(hidden)
        last = keras.layers.Dense(1, dtype="float32", name=f"last_{subject.id}")
        outputs.append(last(active))
    return keras.Model(inputs, outputs)


def _fit(keras, subjects, policy):
    """JAX needs its compiler; elsewhere compiling takes longer than training, so that only a graph is made, and that once."""
    keras.utils.set_random_seed(0)
    model = _model(keras, subjects, policy)
    before = [np.array(weight) for weight in model.get_weights()]
    optimizer = keras.optimizers.SGD(0.05)
    if policy == "mixed_float16":
        optimizer = keras.mixed_precision.LossScaleOptimizer(optimizer)
    compiler = (
        {"jit_compile": True}
        if keras.backend.backend() == "jax"
        else {"jit_compile": False, "run_eagerly": policy == "mixed_bfloat16"}
    )
    model.compile(optimizer, ["mse"] * len(subjects), **compiler)
    random = np.random.default_rng(0)
    x = random.normal(size=(32, 5)).astype("float32")
    target = random.normal(size=(32, 1)).astype("float32")
    model.fit(x, [target] * len(subjects), epochs=1, batch_size=8, verbose=0)
    for subject in subjects:
        of = model.get_layer(subject.id)
        require(of.compute_dtype == policy.removeprefix("mixed_"), "not mixed")
    for weight, old in zip(model.weights, before):
        new = _array(weight)
        name = getattr(weight, "path", weight.name)
        require(np.isfinite(new).all(), f"{name} is not finite with {policy}")
        require(not np.array_equal(new, old), f"{name} did not change with {policy}")


def training(subjects):
    """model.fit under both mixed policies changes all weights and leaves them finite."""
    keras = _keras()
    for policy in ("mixed_float16", "mixed_bfloat16"):
        _fit(keras, subjects, policy)


def _outputs(model, x, count):
    outputs = model(x)
    outputs = [outputs] if count == 1 and not isinstance(outputs, list) else outputs
    return [_array(y) for y in outputs]


def _array(tensor):
    tensor = tensor.detach() if hasattr(tensor, "detach") else tensor
    return np.array(tensor)


def saving(subjects):
    """A model in a .keras file is read as the same."""
    keras = _keras()
    model = _model(keras, subjects, "float32")
    x = np.random.default_rng(0).normal(size=(32, 5)).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        copy = keras.models.load_model(path)
    for subject in subjects:
        require(type(copy.get_layer(subject.id)) is subject.layer, "another class")
    expected, got = (_outputs(of, x, len(subjects)) for of in (model, copy))
    wrong = [
        subject.id
        for subject, left, right in zip(subjects, expected, got)
        if not np.allclose(left, right, rtol=1e-6, atol=1e-7)
    ]
    require(not wrong, f"{wrong} predict something else")


def together(subjects, check, function):
    """One model for all, since building and compiling takes longest; each alone when that fails."""
    try:
        function(subjects)
    except Exception:
        for subject in subjects:
            report.run(subject.id, check, function, [subject])
    else:
        for subject in subjects:
            report.say(subject.id, check, True, "")


CHECKS = {"layer": layer, "refusals": refusals}
TOGETHER = {"training": training, "saving": saving}

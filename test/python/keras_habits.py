"""What Keras' own layers do, of every emitted one: keras_habits.py MODULES [CHECK,...] [ID,...]

The backend is that of KERAS_BACKEND. Policies, functional models of layers and of functions, saving, compilers, masks, and
the checks of Keras' own tests.
"""

import inspect
import os
import sys
import tempfile

import keras
import numpy as np
import report
from keras_given import DRAWN, given
from keras_layers import together
from report import require

BACKEND = keras.backend.backend()
POLICIES = {"mixed_float16": 2**-8, "mixed_bfloat16": 2**-5, "float16": 2**-8}
# Modules are the same on every backend: all policies on one, and on the others that they are heeded.
if BACKEND != "tensorflow":
    POLICIES = {"mixed_bfloat16": POLICIES["mixed_bfloat16"]}
# JAX compiles each operation for each type and shape, or a step at once.
EAGERLY = {"run_eagerly": BACKEND != "jax", "jit_compile": BACKEND == "jax"}


def inputs(subject):
    return np.random.default_rng(0).uniform(-2, 2, subject.shape).astype("float32")


def array(tensor):
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")))


def name_of(tensor):
    return keras.backend.standardize_dtype(tensor.dtype)


def near(got, wanted, most, about):
    require(
        got.shape == wanted.shape, f"{about}: shape {got.shape}, not {wanted.shape}"
    )
    require(np.isfinite(got).all(), f"{about}: not finite")
    error = np.abs(got - wanted).max()
    require(error <= most * max(1.0, np.abs(wanted).max()), f"{about}: {error} off")


def model_of(subject, policy="float32"):
    """A dense layer in front, so that a gradient by inputs has something to change."""
    start = keras.Input(subject.shape[1:])
    dense = keras.layers.Dense(
        subject.shape[-1],
        kernel_initializer="identity",
        dtype="float32",
        name=f"before_{subject.id}",
    )
    layer = subject.make(dtype=policy, name=subject.id)
    return keras.Model(start, subject.called(layer, dense(start)))


def step(model, given, shapes, **compiler):
    """One step of training: all weights stay finite, and change."""
    before = [array(weight) for weight in model.trainable_weights]

    def loss(upstream, y):
        return keras.ops.mean(upstream * keras.ops.cast(y, "float32"))

    model.compile(keras.optimizers.SGD(0.5), [loss] * len(shapes), **compiler)
    upstream = [
        np.random.default_rng(1).normal(size=shape).astype("float32")
        for shape in shapes
    ]
    model.train_on_batch(given, upstream)
    for weight, old in zip(model.trainable_weights, before):
        new = array(weight)
        require(np.isfinite(new).all(), f"{weight.path} is not finite")
        require(not np.array_equal(new, old), f"{weight.path} did not change")


def policies(subject):
    """The type of outputs, values near those in float32, and a step of training."""
    x = inputs(subject)
    exact = model_of(subject)
    wanted = array(exact(x))
    for policy, most in POLICIES.items():
        model = model_of(subject, policy)
        model.set_weights(exact.get_weights())
        got = model(x)
        compute = policy.removeprefix("mixed_")
        require(name_of(got) == compute, f"{policy} gives {name_of(got)}")
        layer = model.get_layer(subject.id)
        for weight in layer.trainable_weights:
            held = "float32" if policy != compute else compute
            require(name_of(weight) == held, f"{weight.path} is {name_of(weight)}")
        if subject.id not in DRAWN:
            near(array(got), wanted, most, policy)
        step(model, x, [subject.output], **EAGERLY)


def models(subject):
    """Shapes of functional models; the same after saving and reading; masks."""
    model = model_of(subject)
    shape = (None, *subject.output[1:])
    require(model.output_shape == shape, f"output shape {model.output_shape}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        copy = keras.models.load_model(path)
    x = inputs(subject)
    got, wanted = array(copy(x)), array(model(x))
    # Generators of numbers are saved as weights.
    if subject.id not in DRAWN:
        require(np.array_equal(got, wanted), "another after reading it")


def compiled(subjects):
    """A step of training in a compiler, where the backend has one: PyTorch's own is another test."""
    if BACKEND == "torch":
        return
    models = [model_of(subject) for subject in subjects]
    model = keras.Model([of.input for of in models], [of.output for of in models])
    given = [inputs(subject) for subject in subjects]
    step(model, given, [subject.output for subject in subjects], jit_compile=True)


def functions(subject):
    """An emitted function in a functional model is what it is of arrays, in their type, before and after saving."""
    if subject.function is None or subject.function is subject.layer:
        return "no function"
    x = inputs(subject)
    more = learned(subject)
    for dtype in ("float32", "float16"):
        start = keras.Input(subject.shape[1:], dtype=dtype)
        model = keras.Model(start, subject.function(start, *more))
        got = model(x.astype(dtype))
        require(name_of(got) == dtype, f"{dtype} becomes {name_of(got)}")
        wanted = array(subject.function(x.astype(dtype), *more))
        near(array(got), wanted, 0.0, "function")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            model.save(path)
            copy = keras.models.load_model(path)
        near(array(copy(x.astype(dtype))), wanted, 0.0, "read again")


def learned(subject):
    """What a function takes beside its input: tensors that are learned elsewhere."""
    _, *more = inspect.signature(subject.function).parameters.values()
    tensors = [one for one in more if one.default is inspect.Parameter.empty]
    shape = (3,) if subject.id == "softmax_sink" else ()
    return [keras.ops.full(shape, 0.25) for _ in tensors]


def keras_own(subject):
    """Keras' own test of layers: configuration, shapes, symbolic calls, training, mixed precision."""
    from keras.src.testing import TestCase

    case = TestCase()
    case.setUp()
    shape = (subject.shape, subject.shape) if subject.pair else subject.shape
    names = inspect.signature(subject.layer).parameters
    case.run_layer_test(
        subject.layer,
        {**dict(zip(names, subject.arguments)), **subject.options},
        input_shape=shape,
        expected_output_shape=subject.output,
        supports_masking=True if subject.is_own else None,
    )
    # As Keras' own: what has no weights is there when it is made.
    layer = subject.make()
    has_weights = len(model_of(subject).get_layer(subject.id).weights) > 0
    require(layer.built or has_weights, "not built when made")


CHECKS = {
    "policies": policies,
    "models": models,
    "functions": functions,
    "keras": keras_own,
}
TOGETHER = {"compiled": compiled}


def main():
    folder, *rest = sys.argv[1:]
    names, only = (text.split(",") if text else [] for text in (rest + ["", ""])[:2])
    subjects = given(folder, only)
    for name, check in report.selected({**CHECKS, **TOGETHER}, names).items():
        if name in TOGETHER:
            together(subjects, name, check)
            continue
        for subject in subjects:
            report.run(subject.id, name, check, subject)


if __name__ == "__main__":
    main()

"""One way to compute, differentiate and compile with Keras 3 on any backend, and with tf.keras 2."""

import contextlib
import importlib
import os

import numpy as np

# tf.keras 2 where the modules are for that.
KERAS = os.environ.get("NONLIN_KERAS", "keras")


@contextlib.contextmanager
def float64_numbers():
    """Python's numbers as float64, as Keras takes them for its floatx."""
    keras = importlib.import_module(KERAS)
    keras.backend.set_floatx("float64")
    try:
        yield
    finally:
        keras.backend.set_floatx("float32")


class Tensorflow:
    """TensorFlow, whose threads take subnormal numbers for 0."""

    flushes = True
    has_float64 = True

    def __init__(self):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.get_logger().setLevel("ERROR")
        self.tf = tf

    def tensor(self, values, dtype):
        return self.tf.cast(self.tf.constant(values), dtype)

    def pattern(self, words, dtype):
        return self.tf.bitcast(self.tf.constant(words), dtype)

    def numpy(self, tensor):
        return self.tf.cast(tensor, "float64").numpy()

    def dtype(self, tensor):
        return tensor.dtype.name

    def gradient(self, function):
        tf = self.tf

        def slope(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            return tape.gradient(
                y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO
            )

        return slope

    def compiled(self, function):
        return self.tf.function(function, jit_compile=True)

    def traced(self, function):
        return self.tf.function(function)


class Jax:
    """JAX, whose compiler takes subnormal numbers for 0."""

    flushes = True
    has_float64 = False

    def __init__(self):
        import jax

        self.jax = jax

    def tensor(self, values, dtype):
        return self.jax.numpy.asarray(values, dtype=dtype)

    def pattern(self, words, dtype):
        return self.jax.lax.bitcast_convert_type(
            self.jax.numpy.asarray(words), self.jax.numpy.dtype(dtype)
        )

    def numpy(self, tensor):
        with np.errstate(all="ignore"):
            return np.asarray(tensor).astype(np.float64)

    def dtype(self, tensor):
        return tensor.dtype.name

    def gradient(self, function):
        return self.jax.grad(lambda x: function(x).sum())

    def compiled(self, function):
        return self.jax.jit(function)


class Torch:
    flushes = False
    has_float64 = False

    def __init__(self):
        import torch

        torch.set_num_threads(1)
        self.torch = torch

    def tensor(self, values, dtype):
        return self.torch.as_tensor(np.asarray(values)).to(getattr(self.torch, dtype))

    def pattern(self, words, dtype):
        return self.torch.from_numpy(words).view(getattr(self.torch, dtype))

    def numpy(self, tensor):
        return tensor.detach().double().numpy()

    def dtype(self, tensor):
        return str(tensor.dtype).removeprefix("torch.")

    def gradient(self, function):
        torch = self.torch

        def slope(x):
            x = x if x.requires_grad else x.detach().clone().requires_grad_()
            y = function(x)
            if not y.requires_grad:
                return torch.zeros_like(x)
            (found,) = torch.autograd.grad(
                y.sum(), x, create_graph=True, materialize_grads=True
            )
            return found

        return slope

    # Keras does not compile for PyTorch.
    compiled = None


BACKENDS = {"tensorflow": Tensorflow, "jax": Jax, "torch": Torch}


def backend():
    return BACKENDS[os.environ.get("KERAS_BACKEND", "tensorflow")]()

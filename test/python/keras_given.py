"""How every emitted layer of Keras is made and called."""

import os

from subjects import load


class Given:
    """A layer, the arguments that make it, and the shapes of what it is called with and of what it gives."""

    def __init__(self, *arguments, shape=(2, 6, 4), output=None, pair=False, **options):
        self.arguments = arguments
        self.options = options
        self.shape = shape
        self.output = output or shape
        self.pair = pair
        self.id = self.module = None

    def of(self, folder, identifier):
        """The same in the module of this name."""
        self.id = identifier
        path = os.path.join(folder, f"{identifier}.py")
        self.module = load(f"habits_{identifier}", path)
        return self

    @property
    def function(self):
        return getattr(self.module, self.id, None)

    @property
    def layer(self):
        """A class, or a function that makes layers."""
        names = [name for name in self.module.__all__ if name[0].isupper()]
        return getattr(self.module, names[0]) if names else self.function

    @property
    def is_own(self):
        """Whether the class is the module's, and not Keras'."""
        return self.layer.__module__ == self.module.__name__ and isinstance(
            self.layer, type
        )

    def make(self, **more):
        return self.layer(*self.arguments, **self.options, **more)

    def called(self, layer, x):
        """With what keeps the arguments of all layers alike; without what is drawn in training."""
        return layer([x, x]) if self.pair else layer(x)


def halves():
    return Given(output=(2, 6, 2))


def gated():
    return Given(3, output=(2, 6, 3))


GRAPHS = {
    "softmax": Given(),
    "masked_softmax": Given(),
    "log_softmax": Given(),
    "softmin": Given(),
    "softmax2d": Given(shape=(2, 3, 4, 5)),
    "softmax_sink": Given(3, shape=(2, 3, 4, 4)),
    "sparsemax": Given(),
    "glu": halves(),
    "swiglu": halves(),
    "geglu": halves(),
    "geglu_tanh": halves(),
    "reglu": halves(),
    "swiglu_oai": halves(),
    "swiglu_clamped": halves(),
    "swiglu_step": halves(),
    "situ": halves(),
    "relu2_gated": halves(),
    "prelu_channels": Given(),
    "snake_channels": Given(),
    "gumbel_softmax": Given(seed=3),
    "rrelu_random": Given(seed=3),
    "dropout": Given(0.25, seed=3),
    "alpha_dropout": Given(0.25, seed=3),
    "dense_relu": gated(),
    "gated_dense_silu": gated(),
    "conv1d_relu": Given(3, 2, output=(2, 5, 3)),
    "conv2d_relu": Given(3, 2, shape=(2, 5, 5, 4), output=(2, 4, 4, 3)),
    "layer_norm": Given(),
    "rms_norm": Given(),
    "batch_norm": Given(),
    "dyt": Given(),
    "derf": Given(),
    "poly_norm": Given(),
    "residual_relu": Given(pair=True),
}
# Called with more than a tensor.
OTHERS = {"attention", "cross_entropy", "multihead_attention", "adaptive_log_softmax"}
# Drawn anew: two calls differ.
DRAWN = {"gumbel_softmax"}


def given(folder, only):
    """All that the folder holds; a module without a row is an elementwise one."""
    files = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py"))
    ids = [name for name in files if name not in {"__init__", "weights", *OTHERS}]
    chosen = [name for name in ids if not only or name in only]
    return [GRAPHS.get(name, Given()).of(folder, name) for name in chosen]

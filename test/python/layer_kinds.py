"""Kinds of cases that are run alike, and inputs of layers that are no weights."""

HALVES = (
    "glu",
    "swiglu",
    "geglu",
    "geglu_tanh",
    "reglu",
    "relu2_gated",
    "swiglu_oai",
    "swiglu_clamped",
    "swiglu_step",
    "situ",
)
ROWS = ("softmax", "log_softmax", "softmin", "softmax2d", "sparsemax", "entmax15", "masked_softmax")
TENSORS = (
    "x",
    "residual",
    "target",
    "query",
    "key",
    "value",
    "mask",
    "blocked",
    "padding",
)

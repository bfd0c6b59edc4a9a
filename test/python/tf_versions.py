"""How run_versions.py computes with tf.keras, from TensorFlow 2.4 on."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from report import require


class At:
    # ULP that exp and tanh are off, and what is lost where a factor is subnormal: TensorFlow takes it for 0.
    slack = 8
    anywhere = 2.0**-120
    flushes = True
    # Nearer to 0 the native style is not looked at: tf.nn.selu tells the branch from exp(x) - 1.
    smallest = 2.0**-40
    told_from_output = False

    def __init__(self):
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.get_logger().setLevel("ERROR")

    def tensor(self, numbers, dtype):
        return tf.constant(numbers, dtype)

    def value_and_slope(self, function, numbers, dtype):
        x = tf.constant(numbers, dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        slope = tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return y.numpy(), slope.numpy()

    def check_gradients(self, subject, function, numbers):
        """tf.test.compute_gradient's differences, of the function and of its slope."""

        def slope(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)

        x, step = tf.constant(numbers), 2.0**-17
        for of in (function, slope):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = of(x)
            got = tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            expected = (of(x + step) - of(x - step)) / (2 * step)
            require(
                np.allclose(got, expected, rtol=1e-5, atol=1e-7),
                f"a gradient is not the difference: {np.abs(got - expected).max()}",
            )

    def check_saving(self, subject, case, numbers):
        keras = tf.keras
        x = tf.constant(np.linspace(-3, 3, 24).reshape(2, 12), "float32")
        model = keras.Sequential([keras.Input((12,)), subject.layer(**numbers, name="it")])
        learned = sum(int(np.prod(held.shape)) for held in model.trainable_weights)
        require(learned == len(subject.learnable), f"{learned} learned numbers")
        wanted = model(x).numpy()
        with tempfile.TemporaryDirectory() as folder:
            for name in ("model.h5", "model"):
                path = os.path.join(folder, name)
                model.save(path)
                copy = keras.models.load_model(path)
                require(np.array_equal(copy(x).numpy(), wanted), f"{name} loads another")

/** The emitted Keras modules on TensorFlow and JAX, and by tf.keras 2; the rest of the checks on PyTorch. */
import { testKeras } from "./helpers/keras-checks.js";

testKeras(["Keras 3 on PyTorch"], ["rest"]);
testKeras(["Keras 3 on TensorFlow", "Keras 3 on JAX", "tf.keras 2"], ["first", "rest"]);

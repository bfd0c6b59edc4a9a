/** The emitted Keras modules, run by Keras 3 on PyTorch: values, gradients, layers. */
import { testKeras } from "./helpers/keras-checks.js";

testKeras(["Keras 3 on PyTorch"], ["first"]);

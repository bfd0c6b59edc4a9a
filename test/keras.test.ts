/** The emitted Keras modules, run by Keras 3 on PyTorch. */
import { testKeras } from "./helpers/keras-checks.js";

testKeras(["Keras 3 on PyTorch"]);

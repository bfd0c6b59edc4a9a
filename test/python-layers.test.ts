/** Emitted layers and row-wise activations in PyTorch. */
import { testLayers } from "./helpers/layer-checks.js";

testLayers((title) => title === "PyTorch");

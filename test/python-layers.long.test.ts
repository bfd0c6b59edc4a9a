/** Emitted layers and row-wise activations in PyTorch, in Keras on each backend, and in tf.keras. */
import { testLayers } from "./helpers/layer-checks.js";

testLayers();

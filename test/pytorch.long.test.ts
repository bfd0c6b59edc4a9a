/** The modules for PyTorch 1.13, run by it. */
import { testPyTorch } from "./helpers/pytorch-checks.js";

testPyTorch(["PyTorch 1.13"]);

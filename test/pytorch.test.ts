/** The emitted PyTorch modules, run by the newest PyTorch that they are made for: values, gradients, modules. */
import { testPyTorch } from "./helpers/pytorch-checks.js";

testPyTorch(["PyTorch 2.13"]);

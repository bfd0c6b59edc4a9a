/** PyTorch modules with gradcheck, torch.compile, export and half precision, and those for PyTorch 1.13. */
import { testPyTorch } from "./helpers/pytorch-checks.js";

testPyTorch(["PyTorch 2.13, the rest", "PyTorch 1.13"]);

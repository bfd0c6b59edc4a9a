/** Constructs of Python with which no function of tensors can be read, each with a reason and a way out. */
import { reason } from "../place.js";

export const UNKNOWN = reason(
  "this is not read",
  "write forward and backward with elementwise operations, numbers and local variables",
);
export const LOOP = reason("loops are not read", "write out what the loop computes");
export const TEXT = reason("text is not read here", "give each case a function of its own");
export const FORMAT = reason("formatted text is not read", "use it in messages of errors only");
export const COMPREHENSION = reason("comprehensions are not read", "name each value");
export const TABLE = reason("dictionaries and sets are not read", "use local variables");
export const SPREAD = reason(
  "arguments by ** are not read: which they are is known when it runs",
  "pass each argument by its name",
);
export const LIST_OF_ARGUMENTS = reason(
  "a list of arguments is not read: how many there are is known when it runs",
  "name each argument",
);
export const STARRED = reason("a starred name in an assignment is not read", "name each value");
export const WALRUS = reason(
  "an assignment inside an expression is not read",
  "write the assignment as a statement of its own",
);
export const TRY = reason('"try" is not read: which path is taken is known when it runs', "leave it out");
export const MATCH = reason('"match" is not read', 'write "if" and "elif"');
export const WITH = reason(
  'this "with" may change what is computed inside it',
  "torch.no_grad, torch.enable_grad and autocast are read",
);
export const GLOBAL = reason("this changes a variable outside the function, which is not read", "return the value");
export const DELETED = reason('"del" is read for names only', "leave it out");
export const PRINT = reason("this is Python 2", 'write "print(...)"');
export const MATRIX = reason(
  "a matrix product mixes elements of a tensor: only elementwise operations are read",
  "put the product outside of this function",
);
export const JUMPS = reason(
  "this jumps: it has the derivative 0 wherever it has one",
  "a straight-through gradient is no derivative, so nothing can be proved of it",
);
export const REDUCTION = reason(
  "this mixes elements of a tensor: only elementwise operations are read",
  "keep reductions outside of this function",
);
export const RANDOM = reason("this is random, so it is no function of its arguments", "pass the random tensor in");
export const RESHAPES = reason(
  "this moves elements of a tensor: only elementwise operations are read",
  "move them outside of this function",
);
export const DYNAMIC = reason(
  "what this does is known when it runs: nothing is executed here",
  "write the names and values out",
);
export const AUTOGRAD = reason(
  "this asks autograd for a gradient, which is what is to be proved",
  "write the derivative out",
);
export const DATA_DEPENDENT = reason(
  "this decides by the values of a tensor, which may be different for each element",
  "use torch.where (tf.where), which decides for each element",
);
export const PLUMBING = reason(
  "this decides or computes by a type, a device or a shape, which are not known here",
  "give each case a function of its own",
);
export const CIRCULAR = reason("this is defined by itself", "define it by something else");
export const REASSIGNED = reason(
  "this is assigned to more than once in the file, so its value is not known",
  "give each value a name of its own",
);
export const CONDITIONAL_NAME = reason(
  "whether this is defined so is known when it runs",
  "define it without a condition",
);
export const ALWAYS_RAISES = reason("this function always raises", "return a value");
export const UNSET = reason("this has no value yet here", "give it a value first");
export const DECORATOR = reason(
  "this decorator may change what the function computes",
  "decorators of torch and TensorFlow are read that leave the values as they are",
);
export const RAISES = reason(
  "this raises for some values of the parameters, in a way that is not read",
  "compare one parameter with a number, as in: if alpha <= 0: raise",
);
export const INFINITE = reason("infinity is not a number here: formulas are over the reals", "leave the bound out");
export const NO_MASK = reason(
  "only elements chosen by a mask can be read or written here",
  "index with a comparison, as in grad[x < 0], or use where",
);
export const OTHER_MASK = reason(
  "this mixes elements that were chosen by different masks",
  "choose them all with the same mask, or use where",
);
export const NO_NUMBER = reason("this is no number and no tensor", "give a number or a tensor");

export const PATCHED = reason(
  "this file assigns to a method of a class, so what its methods are is not known",
  "define forward and backward in the class",
);
export const WHOLE_NUMBERS = reason(
  "this changes whole numbers in place, which cuts off what is behind the point",
  "convert to the type of the input first",
);
export const ENCLOSING = reason(
  "this is a variable of the function around, whose value is not known here",
  "pass it as an argument, or define it at the top of the file",
);

/** Why a tensor must not be changed in place. */
export const INPUT = reason(
  "this changes an input in place without ctx.mark_dirty",
  "call ctx.mark_dirty, or change a clone",
);
export const INCOMING = reason(
  "this changes the gradient from above in place, which others still use",
  "change a clone: grad_output.clone()",
);
export const SAVED = reason(
  "this changes in place what forward has saved or taken, so a second backward would be wrong",
  "change a clone",
);
export const SHARED = reason(
  "this changes in place what may or may not share its memory with another tensor",
  "change a clone",
);
export const NOT_LOCAL = reason("this is no tensor that can be changed in place", "change a local tensor");
export const MAY_CHANGE = reason(
  "another part of the file may change this, so its value is not known",
  "use a number, or a tuple of numbers",
);
export const STARS = reason(
  'an "import *" after this may have given the name to something else',
  "import names one by one",
);
export const METACLASS = reason("a metaclass may change what this class is", "leave it out");
export const MAYBE_NAN = reason(
  "this gives a number even where it is given NaN, where formulas have no value",
  "use torch.where, and ask for the number that it is computed from",
);
export const OVERFLOW = reason(
  "these whole numbers may be beyond the ends of their type, where they come out at the other one",
  "convert to the type of the input first, as in mask.to(x.dtype)",
);
export const TRUTHS = reason(
  "torch computes with truths alone as truths, not as numbers",
  "write mask.float(), or mask.to(x.dtype)",
);

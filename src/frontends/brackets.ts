/** Checks what encloses what before mathjs parses: brackets, commas, `?` with its `:`, and how deep it all nests. */
import { quote, refusal } from "./place.js";
import { endsValue, type Token } from "./tokens.js";

/** mathjs parses by recursion: this deep it needs about half of Node's default stack. */
const DEEPEST = 256;

interface Opening {
  readonly token: Token;
  readonly isCall: boolean;
  /** The conditionals inside this bracket whose ":" is still to come. */
  readonly questions: Token[];
  /** All conditionals inside this bracket and after the last comma: each branch lies inside the one before. */
  conditionals: number;
}

export function checkBrackets(text: string, tokens: readonly Token[]): void {
  const outermost: Opening = { token: tokens[0]!, isCall: false, questions: [], conditionals: 0 };
  const stack = [outermost];
  let depth = 0;

  const finishConditionals = (opening: Opening): void => {
    const open = opening.questions.pop();
    if (open !== undefined)
      throw refusal(text, open, { message: 'this "?" has no ":" after it', hint: 'write "condition ? a : b"' });
    depth -= opening.conditionals;
    opening.conditionals = 0;
  };

  tokens.forEach((token, index) => {
    const top = stack.at(-1)!;
    switch (token.kind === "operator" ? token.text : "") {
      case "(":
        stack.push({ token, isCall: tokens[index - 1]?.kind === "name", questions: [], conditionals: 0 });
        depth += 1;
        break;
      case ")":
        if (top === outermost)
          throw refusal(text, token, { message: 'this ")" closes nothing', hint: 'remove it, or add the missing "("' });
        finishConditionals(top);
        stack.pop();
        depth -= 1;
        break;
      case ",":
        if (!top.isCall)
          throw refusal(text, token, {
            message: "a comma separates the arguments of a function, and this one is in none",
            hint: 'write decimals with a point, such as "0.5"',
          });
        finishConditionals(top);
        break;
      case "?":
        top.questions.push(token);
        top.conditionals += 1;
        depth += 1;
        break;
      case "and":
      case "or":
        // mathjs takes the word for a name where a value should stand.
        if (!endsValue(tokens[index - 1] ?? token))
          throw refusal(text, token, {
            message: `a condition is missing before ${quote(token.text)}`,
            hint: `write "a < b ${token.text} c < d"`,
          });
        break;
      case ":":
        if (top.questions.pop() === undefined)
          throw refusal(text, token, {
            message: 'this ":" belongs to no "?", and ranges are not supported in a formula',
            hint: 'write "condition ? a : b"',
          });
        break;
    }
    if (depth > DEEPEST)
      throw refusal(text, token, {
        message: `the formula nests more than ${DEEPEST} brackets and conditionals in one another`,
        hint: "build so large an expression with the functions of nonlin in TypeScript",
      });
  });

  const open = stack.at(-1)!;
  if (open !== outermost)
    throw refusal(text, open.token, { message: 'this "(" is never closed', hint: 'add the missing ")"' });
  finishConditionals(outermost);
}

/** Patterns that targets look for in expressions, and the cost that makes one worth a line of its own. */
export { match, wildcard } from "../symbolic/match.js";
export { cost } from "../symbolic/simplify.js";

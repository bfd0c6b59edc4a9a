/** What targets look for in expressions: patterns, and what is worth a line of its own. */
export { match, wildcard } from "../symbolic/match.js";
export { cost } from "../symbolic/simplify.js";

/** The plain values of a file of YAML, by the parser of prettier. */
import { readFileSync } from "node:fs";
import { parsers } from "prettier/plugins/yaml";

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly (Node | null)[];
}

export type Plain = string | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/** Scalars are their texts; anchors, tags and several documents are not known. */
export async function readYaml(path: string): Promise<Plain> {
  const root = (await parsers.yaml.parse(readFileSync(path, "utf8"), {} as never)) as Node;
  const found = under(root).flatMap((document) => under(document).filter(({ type }) => type === "documentBody"));
  return plain(under(found[0]!)[0]!);
}

const under = ({ children }: Node): Node[] => (children ?? []).filter((child) => child !== null);

function plain(node: Node): Plain {
  const inside = under(node);
  switch (node.type) {
    case "plain":
    case "quoteDouble":
    case "quoteSingle":
    case "blockLiteral":
      return node.value;
    case "sequence":
    case "flowSequence":
      return inside.map(plain);
    case "mapping":
    case "flowMapping":
      return Object.fromEntries(inside.map((item) => under(item).map(plain) as [string, Plain]));
    case "mappingKey":
    case "mappingValue":
    case "sequenceItem":
    case "flowSequenceItem":
      return inside.length === 0 ? undefined : plain(inside[0]!);
    default:
      throw new Error(`YAML of the kind ${node.type} is not read`);
  }
}

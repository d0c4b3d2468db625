import { compressionError } from "./compression-error.ts";

/**
 * RFC 7541, appendix B, as code lengths: the character for symbol n is "a" + (length - 5).
 * The code is canonical (codes of a length count up in symbol order, shorter ones first), so the lengths say it all.
 */
const codeLengths =
  "isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxxbffhibdgffdgdbbbaaabbbbbbbcdkbhfibccccccccccccccccccccccdcdioijbkabababbbaccbbbabcbaabccccck" +
  "gjixprpprrrsrssssststtrstssssqrsrsstrqprrssqsrrtqrssqqrqsrssprrrsrrsvvporsruvvvwwvtuoqvwwvwtqqvvxwwwptpqrqqsrruuttvsvwvvwwwww" +
  "xwwwwwvz";
const endOfString = 256;

/** A binary tree: entry `2 * node + bit` is the next node, or `-1 - symbol` at a leaf. */
const tree = buildTree();

/**
 * Decodes a Huffman-coded string to octets (RFC 7541, section 5.2).
 * Throws a COMPRESSION_ERROR on EOS, on padding over 7 bits or padding that is not all ones.
 */
export function decodeHuffman(encoded: Uint8Array): Uint8Array {
  // The shortest code has 5 bits.
  const out = new Uint8Array(Math.floor((encoded.length * 8) / 5));
  let length = 0;
  let node = 0;
  let pendingBits = 0;
  let allOnes = true;
  for (const octet of encoded) {
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (octet >> shift) & 1;
      const next = tree[2 * node + bit] ?? 0;
      pendingBits++;
      allOnes &&= bit === 1;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === endOfString) throw compressionError("a Huffman string contains EOS");
      out[length++] = symbol;
      node = 0;
      pendingBits = 0;
      allOnes = true;
    }
  }
  if (pendingBits > 7 || !allOnes) throw compressionError("a Huffman string has wrong padding");
  return out.subarray(0, length);
}

function buildTree(): Int16Array {
  const symbols = Array.from(codeLengths, (letter, symbol) => ({
    symbol,
    length: letter.charCodeAt(0) - 92,
  })).toSorted((a, b) => a.length - b.length || a.symbol - b.symbol);
  // A full binary tree with n leaves has n - 1 inner nodes.
  const nodes = new Int16Array(2 * (symbols.length - 1));
  let nodeCount = 1;
  let code = 0;
  let previousLength = 0;
  for (const { symbol, length } of symbols) {
    code <<= length - previousLength;
    previousLength = length;
    let node = 0;
    for (let shift = length - 1; shift > 0; shift--) {
      const entry = 2 * node + ((code >> shift) & 1);
      node = nodes[entry] || (nodes[entry] = nodeCount++);
    }
    nodes[2 * node + (code & 1)] = -1 - symbol;
    code++;
  }
  return nodes;
}

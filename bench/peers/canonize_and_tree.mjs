// rdf-canonize (RDFC-1.0), then OpenZeppelin's standard tree over the lines: a root over a dataset in npm packages.
//     node canonize_and_tree.mjs FILE.nq
// Prints the SHA-256 of the canonical document, and the root.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { canonize } from 'rdf-canonize';

const canonical = await canonize(readFileSync(process.argv[2], 'utf8'), {
  algorithm: 'RDFC-1.0',
  inputFormat: 'application/n-quads',
  format: 'application/n-quads',
});
const digest = createHash('sha256').update(canonical).digest('hex');
const lines = canonical.split('\n').slice(0, -1);
const tree = StandardMerkleTree.of(lines.map((line) => [line]), ['string']);
console.log(digest, tree.root);

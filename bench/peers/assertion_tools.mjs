// OriginTrail's assertion-tools: canonize the dataset, then their Merkle root over chunks of 32 bytes.
//     node assertion_tools.mjs FILE.nq
// Prints the SHA-256 of the canonical document, and the root.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { kcTools } from 'assertion-tools';

const made = await kcTools.formatDataset({ public: readFileSync(process.argv[2], 'utf8') }, 'application/n-quads');
const digest = createHash('sha256').update(made.public.map((line) => `${line}\n`).join('')).digest('hex');
console.log(digest, kcTools.calculateMerkleRoot(made.public));

// Single parts of docs/verifier.js for the tests: one request {part, …} a line in, one {value} or {refused} a line out.
// Bytes are hexadecimal digits after 0x.
"use strict";

const path = require("node:path");
const triplock = require(path.join(__dirname, "..", "..", "docs", "verifier.js"));
const {parts} = triplock;
const {hex, unhex} = parts;

const shape = (item) => {
  if (typeof item === "bigint") return {number: String(item)};
  if (typeof item === "string") return {text: item};
  if (item instanceof Uint8Array) return {bytes: hex(item)};
  if (Array.isArray(item)) return {list: item.map(shape)};
  return {map: [...item].map(([key, value]) => [key, shape(value)])};
};

function* from(list, start) {
  for (let i = start; i < list.length; i++) yield list[i];
}

const PARTS = {
  keccak: ({bytes}) => hex(parts.keccak256(unhex(bytes))),
  sha256: async ({bytes}) => hex(await parts.sha256(unhex(bytes))),
  recover: ({digest, signature}) => parts.recover(unhex(digest), unhex(signature)),
  cbor: ({bytes}) => shape(parts.decodeCbor(unhex(bytes))),
  rlp: ({bytes}) => shape(parts.decodeRlp(unhex(bytes))),
  line: ({bytes}) => parts.parseLine(unhex(bytes)),
  json: ({bytes}) => parts.readJson(unhex(bytes), 65536),
  manifest: async ({bytes}) => {
    const {graphId, digest, head} = await parts.readManifest(unhex(bytes));
    return {graphId, digest: hex(digest), head: hex(head)};
  },
  graph: (fields) => hex(parts.graphOf(fields)),
  digest: (fields) => hex(parts.versionDigest({...fields, manifest: unhex(fields.manifest)})),
  tree: async ({entries}) => hex(await parts.treeRoot(await parts.leafHashes(entries.map(unhex)))),
  // The root that a path gives for the entry at an index.
  path: async ({entry, index, count, path}) =>
    hex(await parts.multiPath([{position: index, hash: await parts.leafHash(unhex(entry))}], count, unhex(path))),
  // A file over the leaves of the vectors' rule.
  file: async ({count}) => {
    const leaves = [];
    for (let i = 0; i < count; i++) {
      leaves.push({digest: await parts.leafHash(Buffer.from(String(i))), length: BigInt(i % 20000 + 1)});
    }
    return parts.cidText((await parts.contentFile(leaves)).cid);
  },
  // What a dataset of these lines commits to.
  dataset: async ({lines}) => {
    const rest = lines.map((line) => new Uint8Array(Buffer.from(line, "utf8"))), tops = [], leaves = [];
    let start = 0;
    while (start < rest.length) {
      const length = await parts.cutAfter(from(rest, start)), block = [];
      for (let size = 0; start + block.length < rest.length && size !== length;) {
        block.push(rest[start + block.length]);
        size += block.at(-1).length + 1;
      }
      const count = block.length, content = Buffer.concat(block.flatMap((line) => [line, Buffer.from("\n")]));
      const digest = await parts.sha256(new Uint8Array(content));
      const lineRoot = await parts.treeRoot(await parts.leafHashes(block));
      tops.push(parts.topLeaf({start, count, length: content.length, digest}, lineRoot));
      leaves.push({digest, length: BigInt(content.length)});
      start += count;
    }
    const file = await parts.contentFile(leaves);
    return {
      quads: rest.length, blocks: tops.length, root: hex(await parts.treeRoot(await parts.leafHashes(tops))),
      size: Number(file.size), cid: parts.cidText(file.cid), firstTopLeaf: tops.length ? hex(tops[0]) : null,
      blockLengths: leaves.slice(0, 8).map((leaf) => Number(leaf.length)),
    };
  },
};

(async () => {
  for await (const line of require("node:readline").createInterface({input: process.stdin})) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = {value: await PARTS[request.part](request)};
    } catch (problem) {
      if (!(problem instanceof triplock.Refused)) throw problem;
      answer = {refused: problem.message};
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();

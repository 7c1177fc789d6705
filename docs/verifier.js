/*
 * A verifier of proof bundles, written from docs/format.md alone, in one file without dependencies.
 *
 * In Node.js 20 or newer:
 *
 *     node docs/verifier.js BUNDLE --graph eip155:CHAIN:0xREGISTRY/0xGRAPH
 *                           [--block-hash 0xHASH]... [--current] [--max-age SECONDS] [--json]
 *     node docs/verifier.js --fraud FILE --graph ...
 *     node docs/verifier.js --batch        one request a line, one answer a line; see `answer` below
 *
 * In a browser: `await triplock.verify(bytes, {graph, blockHashes, current, maxAge, now})`.
 *
 * Exit codes: 0 every check ran and holds, 1 one does not, 2 wrong usage, 6 none is refuted but some were not made.
 * Nothing is fetched. Any bytes may be given; whatever is no bundle is refuted.
 * SHA-256 is the platform's (WebCrypto); keccak-256 and the recovery of public keys stand here.
 */
"use strict";

const triplock = (() => {

const MAX_BUNDLE = 16 * 1024 * 1024, MAX_MANIFEST = 65_536, MAX_LINE = 1_048_575, MAX_ITEMS = 65_536, MAX_DEPTH = 8;
const MAX_EXCERPTS = 64, MAX_ATTACHMENTS = 1_024, MAX_VERSION = 2 ** 40 - 1, MAX_PATH = 64;

/** What a check finds wrong: the check is then refuted, with these words. */
class Refused extends Error {}

/** The verifier was asked in a form that is none; nothing about a bundle. */
class WrongUsage extends Error {}

function demand(holds, words) {
  if (!holds) throw new Refused(words);
}

// ---------------------------------------------------------------------------------------------------- byte strings

const EMPTY = new Uint8Array(0);

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { joined.set(part, at); at += part.length; }
  return joined;
}

/** Below zero, zero or above zero, as `a` stands before, with or after `b` in the order of bytes. */
function compare(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

const same = (a, b) => a.length === b.length && compare(a, b) === 0;
const startsWith = (line, prefix) => line.length >= prefix.length && same(line.subarray(0, prefix.length), prefix);
const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const DIGITS = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(bytes) {
  let text = "0x";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/** The bytes of `0x` and hexadecimal digits that have been checked. */
function unhex(text) {
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.substr(2 + 2 * i, 2), 16);
  return bytes;
}

function bigOf(bytes) {
  return bytes.length ? BigInt(hex(bytes)) : 0n;
}

/** A number in `width` bytes, big-endian. */
function bytesOf(number, width) {
  return unhex("0x" + BigInt(number).toString(16).padStart(2 * width, "0"));
}

/** The text of UTF-8 bytes, or null: no surrogates, nothing overlong, a byte order mark is a character. */
function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes of a stranger for people: short, and as text where they are text. */
function shown(bytes) {
  const text = utf8(bytes.subarray(0, 400)) ?? hex(bytes.subarray(0, 80));
  return text.length > 200 ? text.slice(0, 200) + "…" : text;
}

// ---------------------------------------------------------------------------------------------------------- hashes

async function sha256(...parts) {
  const content = parts.length === 1 ? parts[0] : concat(...parts);
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", content));
}

/** The round constants of Keccak-f[1600], low and high halves in turn, from its shift register. */
const KECCAK_ROUNDS = (() => {
  const constants = new Uint32Array(48);
  let register = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      if (register & 1) {
        const bit = (1 << j) - 1;
        constants[2 * round + (bit >> 5)] ^= 1 << (bit & 31);
      }
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
  }
  return constants;
})();

/** For each step of rho and pi: the lane that is moved to and how far it is turned. */
const KECCAK_MOVES = (() => {
  const moves = [];
  let x = 1, y = 0;
  for (let t = 0; t < 24; t++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    moves.push([2 * (x + 5 * y), ((t + 1) * (t + 2) / 2) % 64]);
  }
  return moves;
})();

/** Keccak-f[1600] on 25 lanes of two 32-bit halves, low half first. */
function keccakPermute(lanes) {
  const columns = new Uint32Array(10), row = new Uint32Array(10);
  for (let round = 0; round < 24; round++) {
    for (let i = 0; i < 10; i++) {
      columns[i] = lanes[i] ^ lanes[i + 10] ^ lanes[i + 20] ^ lanes[i + 30] ^ lanes[i + 40];
    }
    for (let x = 0; x < 10; x += 2) {
      const left = (x + 8) % 10, right = (x + 2) % 10;
      const low = columns[left] ^ (columns[right] << 1 | columns[right + 1] >>> 31);
      const high = columns[left + 1] ^ (columns[right + 1] << 1 | columns[right] >>> 31);
      for (let y = 0; y < 50; y += 10) { lanes[x + y] ^= low; lanes[x + y + 1] ^= high; }
    }
    let low = lanes[2], high = lanes[3];
    for (const [lane, turn] of KECCAK_MOVES) {
      const [nextLow, nextHigh] = [lanes[lane], lanes[lane + 1]];
      if (turn >= 32) [low, high] = [high, low];
      const bits = turn & 31;
      lanes[lane] = bits ? low << bits | high >>> (32 - bits) : low;
      lanes[lane + 1] = bits ? high << bits | low >>> (32 - bits) : high;
      [low, high] = [nextLow, nextHigh];
    }
    for (let y = 0; y < 50; y += 10) {
      for (let i = 0; i < 10; i++) row[i] = lanes[y + i];
      for (let i = 0; i < 10; i++) lanes[y + i] = row[i] ^ (~row[(i + 2) % 10] & row[(i + 4) % 10]);
    }
    lanes[0] ^= KECCAK_ROUNDS[2 * round];
    lanes[1] ^= KECCAK_ROUNDS[2 * round + 1];
  }
}

function keccak256(...parts) {
  const message = concat(...parts), rate = 136;
  const padded = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
  padded.set(message);
  padded[message.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const lanes = new Uint32Array(50), words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += rate) {
    for (let i = 0; i < rate / 4; i++) lanes[i] ^= words.getUint32(at + 4 * i, true);
    keccakPermute(lanes);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setUint32(4 * i, lanes[i], true);
  return new Uint8Array(digest.buffer);
}

// ------------------------------------------------------------------------------------------------------- secp256k1

const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  1n,
];
const INFINITY = [1n, 1n, 0n];
const mod = (value, modulus) => { const rest = value % modulus; return rest < 0n ? rest + modulus : rest; };

function power(base, exponent, modulus) {
  let result = 1n;
  for (let square = mod(base, modulus); exponent; exponent >>= 1n, square = square * square % modulus) {
    if (exponent & 1n) result = result * square % modulus;
  }
  return result;
}

/** Points are (X, Y, Z) in Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity. */
function doubled([x, y, z]) {
  if (!z || !y) return INFINITY;
  const ySquared = y * y % P, s = 4n * x * ySquared % P, m = 3n * x * x % P;
  const newX = mod(m * m - 2n * s, P);
  return [newX, mod(m * (s - newX) - 8n * ySquared * ySquared, P), 2n * y * z % P];
}

function sum(a, b) {
  if (!a[2]) return b;
  if (!b[2]) return a;
  const aSquared = a[2] * a[2] % P, bSquared = b[2] * b[2] % P;
  const u = a[0] * bSquared % P, s = a[1] * bSquared % P * b[2] % P;
  const h = mod(b[0] * aSquared - u, P), r = mod(b[1] * aSquared % P * a[2] - s, P);
  if (!h) return r ? INFINITY : doubled(a);
  const hSquared = h * h % P, hCubed = hSquared * h % P, v = u * hSquared % P;
  const x = mod(r * r - hCubed - 2n * v, P);
  return [x, mod(r * (v - x) - s * hCubed, P), h * a[2] % P * b[2] % P];
}

/** i·A + j·B, both scalars at once. */
function combination(i, a, j, b) {
  const table = [null, a, b, sum(a, b)];
  let result = INFINITY;
  for (let bit = 255n; bit >= 0n; bit--) {
    result = doubled(result);
    const which = Number(i >> bit & 1n) + 2 * Number(j >> bit & 1n);
    if (which) result = sum(result, table[which]);
  }
  return result;
}

/** The address that signed a 32-byte digest, as `0x` and 40 digits in lower case; Refused for a second form. */
function recover(digest, signature) {
  demand(signature.length === 65, `the signature has ${signature.length} bytes, not 65`);
  const r = bigOf(signature.subarray(0, 32)), s = bigOf(signature.subarray(32, 64)), v = signature[64];
  demand(r > 0n && r < N && s > 0n && s <= N / 2n && (v === 27 || v === 28), "the signature is not in its one form");
  const ySquared = (power(r, 3n, P) + 7n) % P, root = power(ySquared, (P + 1n) / 4n, P);
  demand(root * root % P === ySquared, "the signature's r is on no point of the curve");
  const point = [r, Number(root & 1n) === v - 27 ? root : P - root, 1n];
  const inverse = power(r, N - 2n, N);
  const key = combination(mod(-bigOf(digest) * inverse, N), G, s * inverse % N, point);
  demand(key[2], "the signature recovers to no key");
  const z = power(key[2], P - 2n, P), zSquared = z * z % P;
  const address = keccak256(bytesOf(key[0] * zSquared % P, 32), bytesOf(key[1] * zSquared % P * z % P, 32)).subarray(12);
  demand(address.some((byte) => byte), "the signature recovers to the zero address");
  return hex(address);
}

// ------------------------------------------------------------------------------------------------------------ CBOR

/** The item that these bytes are the one deterministic encoding of: BigInt, Uint8Array, string, Array or Map. */
function decodeCbor(bytes) {
  let at = 0, items = 0;

  function take(length) {
    demand(length <= bytes.length - at, `the bytes end at ${bytes.length}, ${length} more are announced at ${at}`);
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  }

  function head() {
    const start = at, first = take(1)[0], major = first >> 5, short = first & 31;
    demand([0, 2, 3, 4, 5].includes(major) && short < 28, `byte ${start} begins nothing that this format has`);
    if (short < 24) return [major, BigInt(short)];
    const width = 1 << (short - 24), number = bigOf(take(width));
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    demand(number >= least, `the number at byte ${start} is not in its shortest form`);
    return [major, number];
  }

  function item(depth) {
    demand(depth <= MAX_DEPTH, `items stand in each other more than ${MAX_DEPTH} deep`);
    demand(++items <= MAX_ITEMS, `there are more than ${MAX_ITEMS} items`);
    const [major, number] = head();
    if (major === 0) return number;
    if (major === 2) return take(number);
    if (major === 3) {
      const text = utf8(take(number));
      demand(text !== null, `a text before byte ${at} is no UTF-8`);
      return text;
    }
    demand(number <= MAX_ITEMS, `there are more than ${MAX_ITEMS} items`);
    if (major === 4) {
      const list = [];
      for (let i = 0n; i < number; i++) list.push(item(depth + 1));
      return list;
    }
    const map = new Map();
    let previous = EMPTY;
    for (let i = 0n; i < number; i++) {
      const start = at, key = item(depth + 1), spelled = bytes.subarray(start, at);
      demand(typeof key === "string", `the key at byte ${start} is no text`);
      demand(compare(previous, spelled) < 0, `the key at byte ${start} repeats or is out of order`);
      previous = spelled;
      map.set(key, item(depth + 1));
    }
    return map;
  }

  const decoded = item(0);
  demand(at === bytes.length, `${bytes.length - at} bytes are left over`);
  return decoded;
}

const KINDS = {
  number: (value) => typeof value === "bigint",
  text: (value) => typeof value === "string",
  bytes: (value) => value instanceof Uint8Array,
  list: Array.isArray,
  map: (value) => value instanceof Map,
  word: (value) => value instanceof Uint8Array && value.length === 32,
};

/** The members of a map that has exactly those of `shape` (name: kind), as an object without a prototype. */
function members(value, shape, what) {
  demand(value instanceof Map, `${what} is no map`);
  const names = Object.keys(shape), found = Object.create(null);
  demand(value.size === names.length, `${what} has ${value.size} members, not ${names.join(", ")}`);
  for (const name of names) {
    demand(value.has(name) && KINDS[shape[name]](value.get(name)), `${what} has no ${name}, or one of another kind`);
    found[name] = value.get(name);
  }
  return found;
}

function listOf(value, kind, what) {
  demand(value.every(KINDS[kind]), `${what} holds something else than ${kind}`);
  return value;
}

// ----------------------------------------------------------------------------------------------------------- lines

const UNWRITTEN = new Set([
  "http://www.w3.org/2001/XMLSchema#string",
  "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
  "http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString",
]);
const SHORT_ESCAPES = {b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\"};
const LONG_ESCAPE = /^(?:000[0-7BEF]|001[0-9A-F]|007F|FFF[EF])$/;

/** The terms of a canonical line, in order, each {kind: "iri", "blank" or "literal", value}; Refused for others. */
function parseLine(line) {
  demand(line.length <= MAX_LINE, `a line of ${line.length} bytes is too long`);
  const text = utf8(line);
  demand(text !== null, "a line is no UTF-8");
  let at = 0;
  const canonical = (holds) => demand(holds, `no canonical line, from character ${at}: ${text.slice(0, 200)}`);

  function matched(pattern) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    canonical(found);
    at = pattern.lastIndex;
    return found[0];
  }

  function iri() {
    return {kind: "iri", value: matched(/<[A-Za-z][A-Za-z0-9+.-]*:[^\u0000-\u0020<>"{}|^`\\]*>/y).slice(1, -1)};
  }

  function literal() {
    at++;
    let value = "";
    for (;;) {
      value += matched(/[^\u0000-\u001f\u007f\ufffe\uffff"\\]*/y);
      if (text[at] === '"') break;
      canonical(text[at] === "\\");
      const letter = text[at + 1];
      if (letter === "u") {
        const digits = text.slice(at + 2, at + 6);
        canonical(LONG_ESCAPE.test(digits));
        value += String.fromCharCode(parseInt(digits, 16));
        at += 6;
      } else {
        canonical(letter !== undefined && Object.hasOwn(SHORT_ESCAPES, letter));
        value += SHORT_ESCAPES[letter];
        at += 2;
      }
    }
    at++;
    if (text[at] === "@") {
      matched(/@[a-z]+(?:-[a-z0-9]+)*/y);
    } else if (text[at] === "^") {
      matched(/\^\^/y);
      canonical(!UNWRITTEN.has(iri().value));
    }
    return {kind: "literal", value};
  }

  function term(kinds) {
    const kind = {"<": "iri", _: "blank", '"': "literal"}[text[at]];
    canonical(kinds.includes(kind));
    const read = kind === "iri" ? iri() : kind === "literal" ? literal()
      : {kind, value: matched(/_:c14n(?:0|[1-9][0-9]*)(?![0-9])/y)};
    matched(/ /y);
    return read;
  }

  const terms = [term(["iri", "blank"]), term(["iri"]), term(["iri", "blank", "literal"])];
  if (text[at] !== ".") terms.push(term(["iri", "blank"]));
  matched(/\./y);
  canonical(at === text.length);
  return terms;
}

// -------------------------------------------------------------------------------------------------------- manifest

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const RAW = 0x55, DAG_PB = 0x70;

/** A binary CID (36 bytes: version 1, raw or dag-pb, sha2-256) as text. */
function cidText(cid) {
  let text = "b", bits = 0, held = 0;
  for (const byte of cid) {
    held = (held << 8 | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[held >> (bits - 5) & 31];
  }
  return bits ? text + BASE32[held << (5 - bits) & 31] : text;
}

function checkedCid(cid) {
  const known = cid.length === 36 && cid[0] === 1 && (cid[1] === RAW || cid[1] === DAG_PB);
  demand(known && cid[2] === 0x12 && cid[3] === 32, `${hex(cid.subarray(0, 40))} is no CID of this format`);
  return cid;
}

const rawCid = (digest) => concat([1, RAW, 0x12, 32], digest);

/** The binary CID that a text is the one spelling of. */
function parseCid(text) {
  demand(typeof text === "string" && /^b[a-z2-7]{58}$/.test(text), `${String(text).slice(0, 80)} is no CID`);
  const cid = new Uint8Array(36);
  let bits = 0, held = 0, at = 0;
  for (const letter of text.slice(1)) {
    held = (held << 5 | BASE32.indexOf(letter)) & 0xfff;
    if ((bits += 5) >= 8) cid[at++] = held >> (bits -= 8) & 0xff;
  }
  demand(cidText(checkedCid(cid)) === text, `${text} is not the one spelling of its CID`);
  return cid;
}

/** The RFC 8785 text of a document of objects, lists, texts, integers, booleans and null. */
function canonicalJson(value, depth = 0) {
  demand(depth <= 32, "objects and lists of the JSON stand in each other more than 32 deep");
  if (typeof value === "number") {
    demand(Number.isSafeInteger(value), `${value} is no integer below 2^53`);
    return String(value);
  }
  if (typeof value === "string") {
    demand(value.isWellFormed(), "a text of the JSON is not Unicode");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each, depth + 1)).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name], depth + 1)}`).join(",")}}`;
}

function readJson(bytes, atMost) {
  demand(bytes.length <= atMost, `the JSON has ${bytes.length} bytes, more than ${atMost}`);
  const text = utf8(bytes);
  let document;
  try {
    document = JSON.parse(text ?? "");
  } catch {
    throw new Refused("the bytes are no JSON in UTF-8");
  }
  demand(canonicalJson(document) === text, "the JSON is not in the one form of RFC 8785");
  return document;
}

const WORD = /^0x[0-9a-f]{64}$/, ADDRESS = /^0x[0-9a-f]{40}$/, FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ZERO_WORD = "0x" + "0".repeat(64);
const MANIFEST_MEMBERS = ["format", "chainId", "registry", "owner", "label", "graph", "version", "parent",
  "parentManifest", "root", "quads", "blocks", "files", "ontology", "sources", "licence", "leafKinds", "ext"];

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const hasMembers = (value, names) => isObject(value) && Object.keys(value).length === names.length &&
  names.every((name) => Object.hasOwn(value, name));
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isText = (value, pattern) => typeof value === "string" && pattern.test(value);

/** A manifest of its bytes, with `digest` (EIP-712), `head` (32 bytes) and `manifest` (SHA-256) beside its members. */
async function readManifest(bytes) {
  const read = readJson(bytes, MAX_MANIFEST);
  demand(hasMembers(read, MANIFEST_MEMBERS), "the manifest has not exactly the members of its format");
  demand(read.format === "triplock-version/1", "the manifest is of another format");
  demand(canonicalJson(read.leafKinds) === "[1]", "the manifest has unknown kinds of leaves");
  for (const name of ["label", "graph", "parent", "root"]) demand(isText(read[name], WORD), `${name} is no word`);
  for (const name of ["registry", "owner"]) demand(isText(read[name], ADDRESS), `${name} is no address`);
  for (const name of ["chainId", "version", "quads", "blocks"]) demand(isCount(read[name]), `${name} is no number`);
  demand(read.chainId >= 1 && read.version >= 1 && read.version <= MAX_VERSION, "chainId or version is out of range");
  demand(read.blocks <= read.quads && read.blocks < 2 ** 32 && (read.quads === 0) === (read.blocks === 0),
    `${read.quads} quads cannot stand in ${read.blocks} blocks`);
  demand(isText(read.licence, /^[\x20-\x7e]{1,256}$/) && read.licence.trim(), "the licence is no text of its form");
  demand(isObject(read.ext), "ext is no object");
  demand(Array.isArray(read.files) && read.files.every((file) => hasMembers(file, ["cid", "name", "size"]) &&
    isText(file.name, FILE_NAME) && isCount(file.size)), "files is no list of files");
  const names = read.files.map((file) => file.name), cids = read.files.map((file) => cidText(parseCid(file.cid)));
  demand(names.every((name, i) => i === 0 || names[i - 1] < name) && names.includes("data.nq") &&
    !names.includes("manifest.json") && !names.includes("signature.json"), "the files' names are not as they must be");
  demand(Array.isArray(read.ontology) && read.ontology.every(parseCid), "ontology is no list of CIDs");
  demand(read.sources === null || cids.includes(read.sources), "sources is none of the files");
  if (read.version === 1) {
    demand(read.parent === ZERO_WORD && read.parentManifest === null, "version 1 has a parent");
  } else {
    demand(parseInt(read.parent.slice(2, 12), 16) === read.version - 1, "the parent is of another version");
    parseCid(read.parentManifest);
  }
  const graph = graphOf(read);
  demand(hex(graph) === read.graph, "graph is not the digest of chain, registry, owner and label");
  const manifest = await sha256(bytes), digest = versionDigest({...read, manifest});
  return Object.assign(Object.create(null), read, {
    manifest, digest, root: unhex(read.root), head: concat(bytesOf(read.version, 5), digest.subarray(0, 27)),
    graphId: `eip155:${read.chainId}:${read.registry}/${read.graph}`,
  });
}

const wordOf = (value) => typeof value === "string" ? bytesOf(value, 32) : bytesOf(BigInt(value), 32);

function graphOf({chainId, registry, owner, label}) {
  return keccak256(wordOf(chainId), wordOf(registry), wordOf(owner), unhex(label));
}

/** D: the EIP-712 digest of a version. */
function versionDigest({chainId, registry, graph, version, root, quads, blocks, parent, manifest}) {
  const context = "Context(bytes32 parent,bytes32 manifest)";
  const type = "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)" + context;
  const domain = keccak256(
    keccak256(ascii("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
    keccak256(ascii("triplock")), keccak256(ascii("1")), wordOf(chainId), wordOf(registry));
  const struct = keccak256(
    keccak256(ascii(type)), unhex(graph), wordOf(version), unhex(root), wordOf(quads), wordOf(blocks),
    keccak256(keccak256(ascii(context)), unhex(parent), manifest));
  return keccak256([0x19, 0x01], domain, struct);
}

// ------------------------------------------------------------------------------------------- trees and openings

const leafHash = (entry) => sha256([0], entry);
const nodeHash = (left, right) => sha256([1], left, right);

/** The root of a tree of `size` leaves of which `nodes` ({position, hash}, in order) are known; uses `path` up. */
async function multiPath(nodes, size, path) {
  let at = 0;
  for (; size > 1; size = Math.ceil(size / 2)) {
    const above = [];
    for (let i = 0; i < nodes.length; i++) {
      const {position, hash} = nodes[i];
      let joined = hash;
      if (position % 2 === 0 && i + 1 < nodes.length && nodes[i + 1].position === position + 1) {
        joined = await nodeHash(hash, nodes[++i].hash);
      } else if (position % 2 || position !== size - 1) {
        const sibling = path.subarray(at, at += 32);
        demand(sibling.length === 32, "a path is too short");
        joined = await (position % 2 ? nodeHash(sibling, hash) : nodeHash(hash, sibling));
      }
      above.push({position: Math.floor(position / 2), hash: joined});
    }
    nodes = above;
  }
  demand(at === path.length, `a path has ${path.length - at} bytes too many`);
  return nodes[0].hash;
}

const topLeaf = (block, lineRoot) =>
  concat([1], bytesOf(block.start, 8), bytesOf(block.count, 4), bytesOf(block.length, 4), lineRoot, block.digest);

/** The opening that a CBOR map states; only its kinds are checked. */
function readOpening(value, what) {
  const opening = members(value, {blocks: "list", path: "bytes"}, what);
  opening.blocks = opening.blocks.map((each) => {
    const block = members(each, {block: "number", start: "number", count: "number", length: "number", digest: "word",
      indexes: "list", lines: "list", path: "bytes"}, `a block of ${what}`);
    listOf(block.indexes, "number", "indexes");
    listOf(block.lines, "bytes", "lines");
    return block;
  });
  return opening;
}

/**
 * Refused unless the opening holds against a version; returns the opened lines in order, each
 * {line, terms, position, block, index, closes}: `closes` says that it is its block's last.
 * `grammar` and `order` can be left out, for fraud proofs.
 */
async function checkOpening(opening, {root, quads, blocks}, {grammar = true, order = true} = {}) {
  if (!opening.blocks.length) {
    demand(quads === 0 && blocks === 0, "nothing is opened, and the version is not empty");
    demand(!opening.path.length, "the path of an empty opening is not empty");
    demand(same(root, await sha256(EMPTY)), "the root is not that of the empty dataset");
    return [];
  }
  const total = BigInt(quads), opened = [], tops = [];
  let before = null;
  for (const each of opening.blocks) {
    const {block, start, count, length, indexes, lines} = each, end = start + count;
    demand(block < BigInt(blocks), `block ${block} is none of ${blocks}`);
    demand(count >= 1n && count < 2n ** 32n && length < 2n ** 32n, `block ${block} has a count or length out of range`);
    demand(end <= total, `block ${block} ends after ${end} lines of ${quads}`);
    demand((start === 0n) === (block === 0n), `block ${block} starts at ${start}`);
    demand((end === total) === (block === BigInt(blocks - 1)), `block ${block} ends at ${end} of ${quads}`);
    if (before) {
      const gap = block - before.block - 1n, least = before.start + before.count + gap;
      demand(gap >= 0n, "the opened blocks are not in order");
      demand(gap ? start >= least : start === least, `block ${block} starts at ${start}, after ${least} lines`);
    }
    before = each;
    demand(indexes.length >= 1 && indexes.length === lines.length, "lines and indexes are not as many");
    const nodes = [];
    for (const [i, line] of lines.entries()) {
      demand(indexes[i] < count && (i === 0 || indexes[i - 1] < indexes[i]), "the indexes are not in order");
      const previous = opened.at(-1);
      demand(!order || !previous || compare(previous.line, line) < 0, `out of order: ${shown(line)}`);
      const terms = grammar ? parseLine(line) : null, index = Number(indexes[i]);
      opened.push({line, terms, index, block: Number(block), position: start + indexes[i],
        closes: indexes[i] === count - 1n});
      nodes.push({position: index, hash: await leafHash(line)});
    }
    const lineRoot = await multiPath(nodes, Number(count), each.path);
    tops.push({position: Number(block), hash: await leafHash(topLeaf(each, lineRoot))});
  }
  demand(same(await multiPath(tops, blocks, opening.path), root), "the paths do not lead to the version's root");
  return opened;
}

// ---------------------------------------------------------------------------------------------------------- claims

const ORDERED = "if the version's list of lines is strictly increasing";
const BOTH_ORDERED = "if the lists of lines of both versions are strictly increasing";

const areNeighbours = (a, b) => b.position === a.position + 1n &&
  (a.block === b.block || (a.closes && b.block === a.block + 1 && b.index === 0));

/** The first of the opened lines that is `line` or stands after it. */
function place(opened, line) {
  let low = 0, high = opened.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(opened[middle].line, line) < 0) low = middle + 1; else high = middle;
  }
  return low;
}

function checkPresence(line, {opened}) {
  const found = opened[place(opened, line)];
  demand(found && same(found.line, line), `the opening does not show ${shown(line)}`);
  return `it is statement ${found.position + 1n}`;
}

/** Between the opened lines before `at` and at it nothing can stand. */
function checkGap(at, {opened, quads}, what) {
  if (quads === 0) return;
  const left = opened[at - 1], right = opened[at];
  if (left && right) demand(areNeighbours(left, right), `${what}: the opened lines around it are not neighbours`);
  else if (right) demand(right.position === 0n, `${what}: the first opened line is not the version's first`);
  else demand(left.position === BigInt(quads - 1), `${what}: the last opened line is not the version's last`);
}

function checkAbsence(line, side) {
  const at = place(side.opened, line), found = side.opened[at];
  demand(!found || !same(found.line, line), `the version holds ${shown(line)}`);
  checkGap(at, side, shown(line));
}

function checkPrefix(prefix, side) {
  const {opened} = side, from = place(opened, prefix);
  let to = from;
  while (to < opened.length && startsWith(opened[to].line, prefix)) to++;
  for (let i = from + 1; i < to; i++) demand(areNeighbours(opened[i - 1], opened[i]), "lines between are not opened");
  checkGap(from, side, "before the first line with the prefix");
  if (to > from) checkGap(to, side, "after the last line with the prefix");
  return to - from;
}

const counted = (number, one, many = one + "s") => `${number} ${number === 1 ? one : many}`;

/** What is found of a claim; `parent` is the parent's side where the claim is about two versions. */
function checkClaim({kind, statements}, side, parent) {
  const words = counted(statements.length, "statement");
  if (kind === "presence") {
    statements.forEach((line) => checkPresence(line, side));
    return `${words} present in this version`;
  }
  if (kind === "absence") {
    statements.forEach((line) => checkAbsence(line, side));
    return `${words} absent from this version`;
  }
  if (kind === "prefix") {
    return `${counted(checkPrefix(statements[0], side), "statement begins", "statements begin")} with the prefix, no others`;
  }
  if (kind === "added") {
    for (const line of statements) { checkPresence(line, side); if (parent) checkAbsence(line, parent); }
    return `${words} added by this version`;
  }
  demand(parent, "version 1 removes nothing");
  for (const line of statements) { checkAbsence(line, side); checkPresence(line, parent); }
  return `${words} removed by this version`;
}

const CONDITIONS = {presence: null, absence: ORDERED, prefix: ORDERED, added: BOTH_ORDERED, removed: BOTH_ORDERED};

// -------------------------------------------------------------------------------------------------------- excerpts

const MAX_NODE = 2 * 1024 * 1024, MAX_NODES_DEEP = 12, MAX_QUOTE = 65_536, MAX_EXCERPT_BLOCKS = 64;
/** What windows-1252 has in place of the control characters 80 to 9f; the web's own table fills its five gaps. */
const WINDOWS_1252 = "€\uffff‚ƒ„…†‡ˆ‰Š‹Œ\uffffŽ\uffff\uffff‘’“”•–—˜™š›œ\uffffžŸ";
const LEGACY = ["windows-1251", "koi8-r", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"];

/** Protobuf fields in a known order, numbers as shortest varints. */
class Fields {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }

  get next() { return this.bytes[this.at]; }

  number(tag) {
    demand(this.next === tag, `a node has another field than 0x${tag.toString(16)} at byte ${this.at}`);
    this.at++;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.next;
      demand(byte !== undefined && shift < 63n, "a number in a node has no end");
      this.at++;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        demand(byte || !shift, "a number in a node is not in its shortest form");
        return value;
      }
    }
  }

  content(tag) {
    const length = this.number(tag);
    demand(length <= BigInt(this.bytes.length - this.at), "a field of a node is cut short");
    return this.bytes.subarray(this.at, this.at += Number(length));
  }

  finish() { demand(this.at === this.bytes.length, "bytes are left over in a node"); }
}

/** The children of a dag-pb node of a file, each {cid, size}, and the size of all. */
function readFileNode(block) {
  demand(block.length <= MAX_NODE, `a node has ${block.length} bytes`);
  const node = new Fields(block), children = [];
  while (node.next === 0x12) {
    const link = new Fields(node.content(0x12));
    children.push({cid: checkedCid(link.content(0x0a)), size: 0n});
    demand(!link.content(0x12).length, "a link of a file has a name");
    link.number(0x18);
    link.finish();
  }
  const data = new Fields(node.content(0x0a));
  node.finish();
  demand(children.length, "a node of a file has no links");
  demand(data.number(0x08) === 2n, "a node is of no file");
  const size = data.number(0x18);
  for (const child of children) {
    child.size = data.number(0x20);
    demand(child.size > 0n, "a node of a file states an empty part");
  }
  data.finish();
  demand(children.reduce((total, child) => total + child.size, 0n) === size, "a node's sizes do not add up");
  return {children, size};
}

/**
 * The bytes from `start` to before `end` of a document, from `blocks` in the order in which they are opened.
 *
 * What was read whole is kept, since a few blocks can stand for millions of visits: one byte under ten nodes of one
 * child each, fifty thousand times.
 */
async function readRange(document, start, end, blocks) {
  const opened = new Map(), whole = new Map();
  let used = 0;

  async function open(cid) {
    const name = hex(cid);
    if (!opened.has(name)) {
      demand(used < blocks.length, `block ${cidText(cid)} is missing`);
      const block = blocks[used++];
      demand(same(await sha256(block), cid.subarray(4)), `block ${cidText(cid)} is not the next of the excerpt's`);
      opened.set(name, cid[1] === RAW ? {leaf: block, size: BigInt(block.length)} : readFileNode(block));
    }
    return opened.get(name);
  }

  /** {content, depth}: how many nodes stand above the deepest leaf that was opened for it. */
  async function read(cid, from, to, stated, depth) {
    const name = hex(cid), isWhole = from === 0n && to === stated;
    let part = isWhole ? whole.get(name) : undefined;
    if (!part || BigInt(part.content.length) !== stated) {
      part = await readPart(cid, from, to, stated, depth);
      if (isWhole) whole.set(name, part);
    }
    demand(depth + part.depth <= MAX_NODES_DEEP, "the document is too deep");
    return part;
  }

  async function readPart(cid, from, to, stated, depth) {
    demand(cid[1] === RAW || depth < MAX_NODES_DEEP, "the document is too deep");
    const {leaf, children, size} = await open(cid);
    demand(stated === null ? to <= size : stated === size, `${cidText(cid)} holds ${size} bytes, others were stated`);
    if (leaf) return {content: leaf.subarray(Number(from), Number(to)), depth: 0};
    const parts = [];
    let at = 0n, deepest = 0;
    for (const child of children) {
      const begin = at, stop = at += child.size;
      if (begin >= to) break;
      if (stop <= from) continue;
      const inner = [from > begin ? from - begin : 0n, (to < stop ? to : stop) - begin];
      const part = await read(child.cid, ...inner, child.size, depth + 1);
      parts.push(part.content);
      deepest = Math.max(deepest, part.depth);
    }
    return {content: concat(...parts), depth: deepest + 1};
  }

  const {content} = await read(document, start, end, null, 0);
  demand(used === blocks.length, "a block of the excerpt leads nowhere");
  return content;
}

const inLatin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

function inWindows1252(bytes) {
  const text = inLatin1(bytes).replace(/[\x80-\x9f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80]);
  return text.includes("\uffff") ? null : text;
}

function inFourBytes(bytes, littleEndian) {
  if (bytes.length % 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return null;
    text += String.fromCodePoint(point);
  }
  return text;
}

function decodedAs(label, bytes) {
  try {
    const text = new TextDecoder(label, {fatal: true, ignoreBOM: true}).decode(bytes);
    // The web's table gives the one byte that this encoding leaves undefined to a control character.
    return label === "windows-1251" && text.includes("\u0098") ? null : text;
  } catch {
    return null;
  }
}

const readsAs = (bytes, quote) => utf8(bytes) === quote || inLatin1(bytes) === quote || inWindows1252(bytes) === quote ||
  inFourBytes(bytes, true) === quote || inFourBytes(bytes, false) === quote ||
  ["utf-16le", "utf-16be", ...LEGACY].some((label) => decodedAs(label, bytes) === quote);

/** What the document says; Refused unless it holds the quote there, and opened lines name it and have the quote. */
async function checkExcerpt({document, start, end, quote, blocks}, opened) {
  const name = cidText(document);
  demand(end > start && end - start <= BigInt(MAX_QUOTE), `bytes ${start} to ${end} are no quotation`);
  const quoted = await readRange(document, start, end, blocks);
  demand(readsAs(quoted, quote), `${name} holds other bytes at ${start}: ${shown(quoted)}`);
  const terms = opened.flatMap((each) => each.terms), iri = `ipfs://${name}`;
  demand(terms.some(({kind, value}) => kind === "iri" && value.split("#")[0] === iri), `no opened line names ${iri}`);
  demand(terms.some(({kind, value}) => kind === "literal" && value === quote), "no opened line has the quote");
  return `${name} holds it at bytes ${start} to ${end}: ${quote.slice(0, 200)}`;
}

// ------------------------------------------------------------------------------------------------- the chain's part

const MAX_HEADER = 16_384, MAX_TRIE_PATH = 128, MAX_TRIE_NODE = 1_024, MAX_RLP_DEPTH = 8;
const EVENT = keccak256(ascii("Version(bytes32,bytes32,bytes32,bytes32,uint256,bytes32,address)"));

/** The item of canonical RLP: Uint8Array or Array. */
function decodeRlp(bytes) {
  let at = 0;

  function length(first, base) {
    if (first - base <= 55) return first - base;
    const width = first - base - 55, digits = bytes.subarray(at, at += width);
    demand(digits.length === width && width <= 4 && digits[0], "a length in the RLP is not canonical");
    const value = Number(bigOf(digits));
    demand(value > 55, "a length in the RLP is not canonical");
    return value;
  }

  function item(limit, depth) {
    demand(at < limit, "the RLP is cut short");
    const first = bytes[at++];
    if (first < 0x80) return bytes.subarray(at - 1, at);
    const isList = first >= 0xc0, size = length(first, isList ? 0xc0 : 0x80), end = at + size;
    demand(end <= limit, "the RLP is cut short");
    if (!isList) {
      demand(size !== 1 || bytes[at] >= 0x80, "a byte in the RLP is not canonical");
      return bytes.subarray(at, at = end);
    }
    demand(depth < MAX_RLP_DEPTH, "lists of the RLP stand in each other too deep");
    const list = [];
    while (at < end) list.push(item(end, depth + 1));
    return list;
  }

  const decoded = item(bytes.length, 0);
  demand(at === bytes.length, "bytes are left over after the RLP");
  return decoded;
}

const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

function encodeRlpNumber(number) {
  if (number === 0n) return Uint8Array.of(0x80);
  const digits = number.toString(16), bytes = unhex("0x" + (digits.length % 2 ? "0" : "") + digits);
  return bytes.length === 1 && bytes[0] < 0x80 ? bytes : concat([0x80 + bytes.length], bytes);
}

/** The length of an item's RLP. */
function rlpLength(item) {
  const size = Array.isArray(item) ? item.reduce((sum, each) => sum + rlpLength(each), 0) : item.length;
  if (isBytes(item, 1) && item[0] < 0x80) return 1;
  return size > 55 ? 1 + Math.ceil(size.toString(16).length / 2) + size : 1 + size;
}

const nibblesOf = (bytes) => Array.from(bytes, (byte) => [byte >> 4, byte & 15]).flat();

/** The value at `key` of the Merkle Patricia trie with this root; every node is used. */
function walkTrie(root, key, nodes) {
  let rest = nibblesOf(key), used = 0, node = null;

  function follow(reference) {
    if (Array.isArray(reference)) {
      demand(rlpLength(reference) < 32, "a node of the trie stands within another and not under its hash");
      node = reference;
      return;
    }
    demand(isBytes(reference, 32), "the trie has nothing at the key");
    demand(used < nodes.length && same(keccak256(nodes[used]), reference), `node ${used} of the trie is not the next`);
    node = decodeRlp(nodes[used++]);
  }

  follow(root);
  for (;;) {
    demand(Array.isArray(node) && (node.length === 17 || node.length === 2), "a node of the trie is none");
    if (node.length === 17 && rest.length) {
      follow(node[rest[0]]);
      rest = rest.slice(1);
      continue;
    }
    let value = node[16];
    if (node.length === 2) {
      demand(isBytes(node[0]) && node[0].length, "a node of the trie has no path");
      const [flag, ...digits] = nibblesOf(node[0]), path = flag & 1 ? digits : digits.slice(1);
      demand(flag < 4 && (flag & 1 || digits[0] === 0), "a path in the trie is not canonical");
      demand(path.length <= rest.length && path.every((digit, i) => digit === rest[i]), "the trie has nothing at the key");
      rest = rest.slice(path.length);
      if (flag < 2) {
        demand(path.length, "an extension of the trie is empty");
        follow(node[1]);
        continue;
      }
      demand(!rest.length, "the trie has nothing at the key");
      value = node[1];
    }
    demand(isBytes(value) && value.length, "the trie has nothing at the key");
    demand(used === nodes.length, "a node of the trie is not used");
    return value;
  }
}

function wholeNumber(bytes, what) {
  demand(isBytes(bytes) && bytes.length <= 8 && bytes[0] !== 0, `${what} is no number`);
  return bigOf(bytes);
}

function readHeader(bytes) {
  const fields = decodeRlp(bytes);
  demand(Array.isArray(fields) && fields.length >= 15 && fields.every((each) => isBytes(each)), "the header is none");
  demand(isBytes(fields[3], 32) && isBytes(fields[5], 32), "the header's roots are none");
  return {
    hash: hex(keccak256(bytes)), stateRoot: fields[3], receiptsRoot: fields[5],
    number: wholeNumber(fields[8], "the block's number"), time: wholeNumber(fields[11], "the block's time"),
  };
}

const blockWords = ({number, time}) => {
  const date = new Date(Number(time) * 1000);
  return `block ${number}${isNaN(date) ? "" : ` of ${date.toISOString().replace(".000", "")}`}`;
};

/** The event of the version: {header, publisher}. */
function readAnchor({header: encoded, index, log, receipt: nodes}, manifest) {
  const header = readHeader(encoded), encodedReceipt = walkTrie(header.receiptsRoot, encodeRlpNumber(index), nodes);
  const typed = encodedReceipt[0] >= 1 && encodedReceipt[0] <= 0x7f;
  const receipt = decodeRlp(typed ? encodedReceipt.subarray(1) : encodedReceipt);
  const isReceipt = Array.isArray(receipt) && receipt.length === 4 && Array.isArray(receipt[3]);
  demand(isReceipt && isBytes(receipt[1]) && isBytes(receipt[2]), "the receipt is none");
  demand(isBytes(receipt[0]) && same(receipt[0], [1]), "the transaction was reverted");
  demand(log < BigInt(receipt[3].length), `the receipt has no log ${log}`);
  const entry = receipt[3][Number(log)];
  demand(Array.isArray(entry) && entry.length === 3 && Array.isArray(entry[1]), "the log is none");
  const [address, topics, data] = entry;
  demand(isBytes(address) && hex(address) === manifest.registry, "the log is of another contract");
  demand(topics.length === 3 && topics.every((topic) => isBytes(topic, 32)) && same(topics[0], EVENT),
    "the log is no Version event");
  demand(hex(topics[1]) === manifest.graph, "the event is of another graph");
  demand(same(topics[2], manifest.head), "the event is of another version");
  const size = (BigInt(manifest.quads) << 32n) + BigInt(manifest.blocks);
  const expected = concat(unhex(manifest.parent), manifest.root, bytesOf(size, 32), manifest.manifest, new Uint8Array(12));
  demand(isBytes(data, 160) && same(data.subarray(0, 140), expected), "the event says other things than the version");
  return {header, publisher: hex(data.subarray(140))};
}

/** The graph's head word as of a block: {header, word}. */
function readHead({header: encoded, account: accountNodes, storage}, manifest) {
  const header = readHeader(encoded);
  const account = decodeRlp(walkTrie(header.stateRoot, keccak256(unhex(manifest.registry)), accountNodes));
  const isAccount = Array.isArray(account) && account.length === 4 && account.every((each) => isBytes(each));
  demand(isAccount && isBytes(account[2], 32), "the account is none");
  const slot = keccak256(keccak256(unhex(manifest.graph), new Uint8Array(32)));
  const value = decodeRlp(walkTrie(account[2], slot, storage));
  demand(isBytes(value) && value.length >= 1 && value.length <= 32 && value[0], "the slot's value is no word");
  return {header, word: concat(new Uint8Array(32 - value.length), value)};
}

// ---------------------------------------------------------------------------------------------------------- bundles

function readNodes(nodes, what, longLeaf = false) {
  demand(nodes.length <= MAX_TRIE_PATH, `${what} has more than ${MAX_TRIE_PATH} nodes`);
  listOf(nodes, "bytes", what).forEach((node, i) => {
    demand(node.length <= MAX_TRIE_NODE || (longLeaf && i === nodes.length - 1), `a node of ${what} has ${node.length} bytes`);
  });
}

function readChain(value) {
  demand([...value.keys()].every((name) => name === "anchor" || name === "head"), "chain has other members");
  const chain = {anchor: null, head: null};
  if (value.has("anchor")) {
    chain.anchor = members(value.get("anchor"), {header: "bytes", index: "number", log: "number", receipt: "list"}, "anchor");
    readNodes(chain.anchor.receipt, "receipt", true);
  }
  if (value.has("head")) {
    chain.head = members(value.get("head"), {header: "bytes", account: "list", storage: "list"}, "head");
    readNodes(chain.head.account, "account");
    readNodes(chain.head.storage, "storage");
  }
  for (const part of [chain.anchor, chain.head]) demand(!part || part.header.length <= MAX_HEADER, "a header is too long");
  return chain;
}

function readExcerpts(list) {
  demand(list.length <= MAX_EXCERPTS, `there are more than ${MAX_EXCERPTS} excerpts`);
  return list.map((each) => {
    const excerpt = members(each, {document: "bytes", start: "number", end: "number", quote: "text", blocks: "list"},
      "an excerpt");
    checkedCid(excerpt.document);
    demand(excerpt.blocks.length <= MAX_EXCERPT_BLOCKS, `an excerpt has more than ${MAX_EXCERPT_BLOCKS} blocks`);
    listOf(excerpt.blocks, "bytes", "blocks");
    return excerpt;
  });
}

function readClaim(value) {
  const {kind, statements} = members(value, {kind: "text", statements: "list"}, "claim");
  demand(Object.hasOwn(CONDITIONS, kind), `${kind.slice(0, 40)} is no kind of claim`);
  demand(statements.length >= 1, "the claim has no statements");
  listOf(statements, "bytes", "statements").forEach((each, i) => {
    demand(i === 0 || compare(statements[i - 1], each) < 0, "the claim's statements do not strictly increase");
    if (kind === "prefix") demand(each.length && utf8(each) !== null && !i, "the claim is not of one prefix in UTF-8");
    else {
      const terms = parseLine(each);
      demand(kind === "presence" || terms.every((term) => term.kind !== "blank"), "the claim has a blank node");
    }
  });
  return {kind, statements};
}

/** What a bundle of the present format says, its manifests read, nothing of it checked against anything. */
async function readBundle(bytes, map) {
  const bundle = members(map, {format: "text", claim: "map", version: "map", parent: "map", excerpts: "list",
    chain: "map", ext: "map", integrity: "word"}, "the bundle");
  demand(same(await sha256(bytes.subarray(0, -32)), bundle.integrity), "the bytes are not those that were written");
  demand(bundle.ext.size === 0, "ext is not empty");
  const version = members(bundle.version, {manifest: "bytes", signature: "bytes", opening: "map"}, "version");
  const {signature} = version, claim = readClaim(bundle.claim), manifest = await readManifest(version.manifest);
  demand(signature.length === 65 || !signature.length, `the signature has ${signature.length} bytes`);
  const isChange = claim.kind === "added" || claim.kind === "removed";
  let parent = null;
  if (isChange && manifest.version > 1) {
    parent = members(bundle.parent, {manifest: "bytes", opening: "map"}, "parent");
    parent = {manifest: await readManifest(parent.manifest), opening: readOpening(parent.opening, "parent")};
  } else {
    demand(bundle.parent.size === 0, "the parent is filled for a claim about one version");
  }
  return {manifest, signature, claim, parent, opening: readOpening(version.opening, "opening"),
    excerpts: readExcerpts(bundle.excerpts), chain: readChain(bundle.chain)};
}

/** The former bundle, as openings of one line each. */
async function readFormerBundle(map) {
  const bundle = members(map, {format: "text", manifest: "bytes", signature: "bytes", presence: "map",
    attachments: "list", excerpts: "list", ext: "map"}, "the bundle");
  demand(bundle.ext.size === 0, "ext is not empty");
  demand(bundle.signature.length === 65, `the signature has ${bundle.signature.length} bytes`);
  demand(bundle.attachments.length <= MAX_ATTACHMENTS, `there are more than ${MAX_ATTACHMENTS} attachments`);
  const presences = [bundle.presence, ...bundle.attachments].map((value) => {
    const {line, index, linePath, blockPath, ...block} = members(value, {line: "bytes", block: "number", index: "number",
      start: "number", count: "number", length: "number", digest: "word", linePath: "bytes", blockPath: "bytes"},
    "a presence");
    return {blocks: [{...block, indexes: [index], lines: [line], path: linePath}], path: blockPath};
  });
  return {manifest: await readManifest(bundle.manifest), signature: bundle.signature, presences,
    excerpts: readExcerpts(bundle.excerpts), chain: {anchor: null, head: null}};
}

// ---------------------------------------------------------------------------------------------------------- verdict

const EXIT = {passed: 0, refuted: 1, unchecked: 6};

/** Checks as they are made, by name. */
class Examination {
  constructor(about) { this.checks = []; this.about = about; }

  note(name, outcome, detail) { this.checks.push({name, outcome, detail}); }

  /** Notes a check by a step that gives its words, or is Refused; whether it holds. */
  async attempt(name, step) {
    try {
      this.note(name, "passed", await step());
      return true;
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      this.note(name, "refuted", problem.message);
      return false;
    }
  }

  verdict(subject) {
    const outcome = ["refuted", "unchecked"].find((each) => this.checks.some((check) => check.outcome === each)) ?? "passed";
    return {subject, outcome, exitCode: EXIT[outcome], about: this.about, checks: this.checks};
  }
}

const NO_CHAIN = "the bundle has no proof of the chain's part";
const NOT_BROUGHT = "its hash is none that was brought";

function checkGraph(examination, {manifest}, graph) {
  Object.assign(examination.about, {version: manifest.version, root: hex(manifest.root), quads: manifest.quads});
  if (graph === null) {
    examination.about.graph = manifest.graphId;
    examination.note("graph", "unchecked", `no graph id was brought; the proof is about ${manifest.graphId}`);
    return true;
  }
  return examination.attempt("graph", () => {
    demand(manifest.graphId === graph, `it is a version of ${manifest.graphId}, not of ${graph}`);
    return graph;
  });
}

/** Notes the signature, judged by the event's publisher where an event is believed; returns who signed, if anybody. */
function checkSignature(examination, manifest, signature, publisher) {
  if (!signature.length) {
    if (publisher) examination.note("signature", "passed", "not signed; the publisher's transaction stands for it");
    else examination.note("signature", "unchecked", "not signed: a contract account, or the chain, has to say who published");
    return null;
  }
  try {
    const signer = recover(manifest.digest, signature), entitled = publisher ?? manifest.owner;
    if (signer === entitled) {
      examination.note("signature", "passed", `by the ${signer === manifest.owner ? "owner" : "publisher"} ${signer}`);
    } else {
      const words = `by ${signer}, the ${publisher ? "publisher" : "owner"} is ${entitled}`;
      examination.note("signature", publisher ? "refuted" : "unchecked", words);
    }
    return signer;
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    examination.note("signature", "refuted", problem.message);
    return null;
  }
}

/** A part of the chain's proof, read once: {found} or {wrong} with the words, null where there is none. */
function attemptPart(part, read, manifest, brought) {
  if (!part) return null;
  try {
    const found = read(part, manifest);
    return {...found, brought: brought.has(found.header.hash)};
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    return {wrong: problem.message, brought: false};
  }
}

function checkChain(examination, bundle, anchor, head, trusted, signer) {
  const {manifest, signature} = bundle, headers = [anchor, head].filter((part) => part?.header);
  const known = headers.filter((part) => part.brought);
  if (!headers.length) examination.note("block", "unchecked", NO_CHAIN);
  else if (known.length === headers.length) {
    examination.note("block", "passed", [...new Set(known.map((part) => blockWords(part.header)))].join(", "));
  } else {
    // Not its hash: it would be copied from here, and would then have been brought by whoever made the bundle.
    const missing = new Set(headers.filter((part) => !part.brought).map((part) => blockWords(part.header)));
    examination.note("block", "unchecked", `no hash that was brought is that of ${[...missing].join(", ")}`);
  }

  if (anchor?.wrong) examination.note("anchor", "refuted", anchor.wrong);
  else if (anchor?.brought) {
    examination.note("anchor", "passed", `published in ${blockWords(anchor.header)}`);
    Object.assign(examination.about, {publisher: anchor.publisher, time: Number(anchor.header.time)});
  }
  else examination.note("anchor", "unchecked", anchor ? `${blockWords(anchor.header)}: ${NOT_BROUGHT}` : NO_CHAIN);

  if (!anchor?.brought) examination.note("publisher", "unchecked", anchor?.wrong ?? (anchor ? NOT_BROUGHT : NO_CHAIN));
  else if (signature.length && signer !== anchor.publisher) {
    examination.note("publisher", "refuted", `the event's publisher is ${anchor.publisher}, who did not sign`);
  } else examination.note("publisher", "passed", anchor.publisher);

  if (head || trusted.current) checkHead(examination, manifest, head, trusted);
}

function checkHead(examination, manifest, head, {current, maxAge, now}) {
  const note = (outcome, words) => examination.note("head", outcome, words);
  if (!head) return note("unchecked", "the bundle has no proof of the graph's head");
  if (head.wrong) return note("refuted", head.wrong);
  const version = Number(bigOf(head.word.subarray(0, 5))), as = `as of ${blockWords(head.header)}`;
  if (!head.brought) return note("unchecked", `${blockWords(head.header)}: ${NOT_BROUGHT}`);
  if (version < manifest.version) return note("refuted", `${as} the head is version ${version}: this one was not published`);
  if (version === manifest.version && !same(head.word, manifest.head)) {
    return note("refuted", `${as} another version ${version} stands in this one's place`);
  }
  if (version > manifest.version) return note(current ? "refuted" : "passed", `${as} the newest version is ${version}`);
  const age = Math.floor(now) - Number(head.header.time);
  if (current && age > maxAge) return note("unchecked", `newest ${as}, which is ${age} seconds old, more than ${maxAge}`);
  return note("passed", `version ${version} is the newest ${as}`);
}

const GRAPH_ID = /^eip155:[1-9][0-9]{0,15}:0x[0-9a-f]{40}\/0x[0-9a-f]{64}$/;

/** What the verifier brings, in its one form; throws WrongUsage for what is no graph id or block hash. */
function trustedOf({graph, blockHashes = [], current = false, maxAge = 3_600, now = Date.now() / 1000}) {
  const require = (holds, words) => { if (!holds) throw new WrongUsage(words); };
  require(graph === null || isText(graph, GRAPH_ID), `${String(graph).slice(0, 120)} is no graph id (eip155:CHAIN:0xREGISTRY/0xGRAPH)`);
  const hashes = blockHashes.map((hash) => String(hash).toLowerCase());
  for (const hash of hashes) require(WORD.test(hash), `${hash.slice(0, 80)} is no block hash (0x and 64 digits)`);
  require(maxAge >= 0 && Number.isFinite(now), "the greatest age and the time are numbers of seconds");
  return {graph, hashes: new Set(hashes), current: Boolean(current), maxAge, now};
}

/**
 * The verdict about a proof bundle: {subject, outcome, exitCode, about, checks: [{name, outcome, detail}]}.
 *
 * `trusted` is {graph, blockHashes, current, maxAge, now}; only `graph` is needed; where it is null the
 * check `graph` is left unchecked, for a page that has to show something first. Throws WrongUsage where it is not well
 * formed, and for nothing that stands in the bundle.
 */
async function verify(bytes, trusted) {
  const given = trustedOf(trusted), examination = new Examination({graph: given.graph});
  let bundle;
  const isBundle = await examination.attempt("bundle", async () => {
    demand(bytes.length <= MAX_BUNDLE, `${bytes.length} bytes are more than ${MAX_BUNDLE}`);
    const map = decodeCbor(bytes), format = map instanceof Map ? map.get("format") : null;
    demand(["triplock-proof/1", "triplock-proof/2"].includes(format), "the file is no proof bundle of a known format");
    bundle = await (format.endsWith("2") ? readBundle(bytes, map) : readFormerBundle(map));
    return `${bytes.length} bytes`;
  });
  if (!isBundle || !await checkGraph(examination, bundle, given.graph)) return examination.verdict("proof");
  const {manifest, chain} = bundle;
  const anchor = attemptPart(chain.anchor, readAnchor, manifest, given.hashes);
  const head = attemptPart(chain.head, readHead, manifest, given.hashes);
  const signer = checkSignature(examination, manifest, bundle.signature, anchor?.brought ? anchor.publisher : null);
  const opened = await (bundle.presences ? checkPresences : checkOpenings)(examination, bundle);
  if (!opened) return examination.verdict("proof");
  for (const [i, excerpt] of bundle.excerpts.entries()) {
    const holds = await examination.attempt(`excerpt ${i + 1}`, () => checkExcerpt(excerpt, opened));
    if (!holds) continue;
    const {document, start, end, quote} = excerpt;
    (examination.about.quotes ??= []).push({document: cidText(document), start: String(start), end: String(end), quote});
  }
  checkChain(examination, bundle, anchor, head, given, signer);
  return examination.verdict("proof");
}

const statementsOf = (lines) => lines.map((line) => utf8(line) ?? hex(line));

/** The lines opened in the version, or null where nothing more is to be checked. */
async function checkOpenings(examination, {manifest, opening, claim, parent}) {
  const condition = CONDITIONS[claim.kind];
  Object.assign(examination.about, {claim: claim.kind, statements: statementsOf(claim.statements), condition});
  let side, before = null;
  const holds = await examination.attempt("opening", async () => {
    side = {opened: await checkOpening(opening, manifest), quads: manifest.quads};
    return `${counted(side.opened.length, "line")} of ${manifest.quads}`;
  });
  if (!holds) return null;
  examination.about.opened = statementsOf(side.opened.map((each) => each.line));
  if (parent) {
    await examination.attempt("parentManifest", () => {
      demand(parent.manifest.graphId === manifest.graphId, "the parent is of another graph");
      demand(hex(parent.manifest.head) === manifest.parent, "the parent is not the one that the version names");
      const cid = cidText(rawCid(parent.manifest.manifest));
      demand(cid === manifest.parentManifest, "the parent's manifest is not the one that the version names");
      return `${cid}, version ${parent.manifest.version}`;
    });
    await examination.attempt("parentOpening", async () => {
      before = {opened: await checkOpening(parent.opening, parent.manifest), quads: parent.manifest.quads};
      return `${counted(before.opened.length, "line")} of ${parent.manifest.quads}`;
    });
  }
  await examination.attempt("claim", () => {
    demand(before || !parent, "the lines of the parent are not shown");
    return `${checkClaim(claim, side, before)}${condition ? `, ${condition}` : ""}`;
  });
  return side.opened;
}

/** The same for the former bundle. */
async function checkPresences(examination, {manifest, presences}) {
  const opened = [], lines = presences.map((presence) => presence.blocks[0].lines[0]);
  Object.assign(examination.about, {claim: "presence", statements: statementsOf(lines.slice(0, 1)), condition: null});
  for (const [i, presence] of presences.entries()) {
    const holds = await examination.attempt(i ? `attachment ${i}` : "statement", async () => {
      opened.push(...await checkOpening(presence, manifest));
      return `statement ${opened.at(-1).position + 1n} of ${manifest.quads}`;
    });
    if (!holds) return null;
  }
  examination.about.opened = statementsOf(lines);
  return opened;
}

// ----------------------------------------------------------------------------------------------------- fraud proofs

const CUT_TARGET = 16_384, MAX_BLOCK = 8 * CUT_TARGET, FAN_OUT_LEAST = 32, FAN_OUT_MOST = 512;
const EVIDENCE = {
  F1: {opening: "map"},
  F2: {opening: "map"},
  F3: {block: "number", entry: "bytes", path: "bytes", content: "bytes"},
  F4: {block: "number", entries: "list", path: "bytes"},
  F5: {index: "bytes"},
  F6: {block: "number", entry: "bytes", path: "bytes", content: "bytes", next: "map"},
};

const firstWord = (digest) => bigOf(digest.subarray(0, 8));

/** An entry of the upper tree as its fields, or null where it is not 81 bytes of kind 1 with at least one line. */
function readEntry(entry) {
  if (entry.length !== 81 || entry[0] !== 1) return null;
  const [start, count, length] = [entry.subarray(1, 9), entry.subarray(9, 13), entry.subarray(13, 17)].map(bigOf);
  return count ? {start, count, length, lineRoot: entry.subarray(17, 49), digest: entry.subarray(49)} : null;
}

/** Refused unless these entries stand at `block` and after it in the upper tree. */
async function standAt(block, entries, path, {root, blocks}) {
  demand(blocks && block + BigInt(entries.length) <= BigInt(blocks), `block ${block} is none of ${blocks}`);
  const nodes = [];
  for (const [i, entry] of entries.entries()) nodes.push({position: Number(block) + i, hash: await leafHash(entry)});
  demand(same(await multiPath(nodes, blocks, path), root), "the path does not lead to the version's root");
}

/** The lines of a block's content, one by one, each without its line feed; the last may lack one. */
function* linesOf(content) {
  for (let at = 0; at < content.length;) {
    const feed = content.indexOf(10, at), end = feed < 0 ? content.length : feed;
    yield content.subarray(at, end);
    at = end + 1;
  }
}

async function treeRoot(hashes) {
  if (!hashes.length) return sha256(EMPTY);
  while (hashes.length > 1) {
    const above = [];
    for (let i = 0; i < hashes.length; i += 2) {
      above.push(i + 1 < hashes.length ? await nodeHash(hashes[i], hashes[i + 1]) : hashes[i]);
    }
    hashes = above;
  }
  return hashes[0];
}

const leafHashes = (lines) => Promise.all(lines.map(leafHash));

function varint(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    if (rest <= 0x7fn) return Uint8Array.from(bytes);
  }
}

const field = (tag, content) => concat([tag], varint(content.length), content);

async function fileNode(children) {
  const size = children.reduce((total, child) => total + child.size, 0n);
  const links = children.map((child) => field(0x12,
    concat(field(0x0a, child.cid), field(0x12, EMPTY), [0x18], varint(child.tsize))));
  const sizes = children.map((child) => concat([0x20], varint(child.size)));
  const block = concat(...links, field(0x0a, concat([0x08, 0x02, 0x18], varint(size), ...sizes)));
  const tsize = children.reduce((total, child) => total + child.tsize, BigInt(block.length));
  return {cid: concat([1, DAG_PB, 0x12, 32], await sha256(block)), size, tsize};
}

/** The file whose raw leaves have these digests and lengths: {cid, size}. */
async function contentFile(leaves) {
  let level = leaves.map(({digest, length}) => ({cid: rawCid(digest), size: length, tsize: length}));
  if (!level.length) return {cid: concat([1, DAG_PB, 0x12, 32], await sha256(unhex("0x0a0408021800"))), size: 0n};
  while (level.length > 1) {
    const above = [];
    let group = [];
    for (const [i, child] of level.entries()) {
      group.push(child);
      const ends = group.length >= FAN_OUT_LEAST && firstWord(child.cid.subarray(4)) < 2n ** 57n;
      if (ends || group.length === FAN_OUT_MOST || i === level.length - 1) {
        above.push(await fileNode(group));
        group = [];
      }
    }
    level = above;
  }
  return level[0];
}

/** Where the cut rules end a block that begins with these lines: after how many bytes, null if they do not say. */
async function cutAfter(lines) {
  let size = 0;
  for (const line of lines) {
    const length = line.length + 1;
    if (size && size + length > MAX_BLOCK) return size;
    size += length;
    const small = length < CUT_TARGET && firstWord(await leafHash(line)) >= BigInt(length) << 50n;
    if (4 * size >= CUT_TARGET && !small) return size;
  }
  return null;
}

/** What the evidence shows; Refused where it convicts nobody. */
const CONVICTS = {
  async F1({opening}, manifest) {
    const opened = await checkOpening(opening, manifest, {grammar: false, order: false});
    demand(opened.length === 2, `${opened.length} lines are opened, not two`);
    demand(compare(opened[0].line, opened[1].line) >= 0, "the two lines are in order");
    return `statements ${opened[0].position + 1n} and ${opened[1].position + 1n} are out of order`;
  },

  async F2({opening}, manifest) {
    const opened = await checkOpening(opening, manifest, {grammar: false});
    demand(opened.length === 1, `${opened.length} lines are opened, not one`);
    try {
      parseLine(opened[0].line);
    } catch (problem) {
      if (problem instanceof Refused) return `statement ${opened[0].position + 1n} is no canonical line`;
      throw problem;
    }
    throw new Refused("the line is canonical");
  },

  async F3({block, entry, path, content}, manifest) {
    await standAt(block, [entry], path, manifest);
    const read = readEntry(entry);
    demand(read && same(read.digest, await sha256(content)), "the content is not that of the block");
    const ends = content.at(-1) === 10, isOneLine = content.indexOf(10) === content.length - 1;
    demand(!ends || isOneLine || content.length <= MAX_BLOCK, "so long a block is shown to be wrong by F6");
    if (!ends) return `block ${block} does not end with a line feed`;
    const lines = [...linesOf(content)];
    const agrees = BigInt(lines.length) === read.count && BigInt(content.length) === read.length &&
      same(read.lineRoot, await treeRoot(await leafHashes(lines)));
    demand(!agrees, "the block is as its entry says");
    return `block ${block} is not as its entry says`;
  },

  async F4({block, entries, path}, manifest) {
    demand(entries.length === 1 || entries.length === 2, `${entries.length} entries are given`);
    await standAt(block, entries, path, manifest);
    const read = entries.map(readEntry);
    if (read.includes(null)) return `an entry from block ${block} on is none`;
    const last = read.at(-1), isLast = block + BigInt(entries.length) === BigInt(manifest.blocks);
    if (block === 0n && read[0].start !== 0n) return `block 0 starts at ${read[0].start}`;
    if (read.length === 2 && read[0].start + read[0].count !== last.start) return `blocks ${block} and ${block + 1n} do not meet`;
    if (isLast && last.start + last.count !== BigInt(manifest.quads)) return `the last block ends at ${last.start + last.count}`;
    throw new Refused("the entries agree");
  },

  async F5({index}, manifest) {
    demand(index.length === 81 * manifest.blocks, `${index.length} bytes are not ${manifest.blocks} entries`);
    const entries = Array.from({length: manifest.blocks}, (_, i) => index.subarray(81 * i, 81 * (i + 1)));
    demand(same(await treeRoot(await leafHashes(entries)), manifest.root), "the entries do not have the version's root");
    const read = entries.map(readEntry);
    demand(!read.includes(null), "an entry is none, which is shown otherwise");
    const file = await contentFile(read), stated = manifest.files.find((each) => each.name === "data.nq");
    const cid = cidText(file.cid);
    demand(cid !== stated.cid || file.size !== BigInt(stated.size), "the manifest's file is that of the entries");
    return `the entries give the file ${cid} of ${file.size} bytes, the manifest names ${stated.cid} of ${stated.size}`;
  },

  async F6({block, entry, path, content, next}, manifest) {
    await standAt(block, [entry], path, manifest);
    const read = readEntry(entry);
    demand(read && same(read.digest, await sha256(content)), "the content is not that of the block");
    demand(content.at(-1) === 10, "the content ends within a line, which is shown otherwise");
    const isLast = block + 1n === BigInt(manifest.blocks);
    let end = await cutAfter(linesOf(content));
    if (end === null && !isLast) {
      demand(next, "the first line of the next block is needed");
      const opened = await checkOpening(next, manifest);
      demand(opened.length === 1 && opened[0].block === Number(block) + 1 && opened[0].index === 0,
        "it is not the first line of the next block that is opened");
      const after = opened[0].line;
      end = await cutAfter([...linesOf(content), after]) ?? content.length + after.length + 1;
    } else {
      demand(!next, "the next block does not matter here");
    }
    demand(end !== null && end !== content.length, "the block ends where it must");
    return `block ${block} does not end where the rules cut`;
  },
};

async function readFraud(map) {
  const fraud = members(map, {format: "text", kind: "text", manifest: "bytes", signature: "bytes", evidence: "map"},
    "the fraud proof");
  demand(Object.hasOwn(EVIDENCE, fraud.kind), `${fraud.kind.slice(0, 40)} is no kind of fraud`);
  demand(fraud.signature.length === 65, `the signature has ${fraud.signature.length} bytes`);
  const evidence = members(fraud.evidence, EVIDENCE[fraud.kind], "evidence");
  if (evidence.opening) evidence.opening = readOpening(evidence.opening, "opening");
  if (evidence.next) evidence.next = evidence.next.size ? readOpening(evidence.next, "next") : null;
  if (evidence.entries) listOf(evidence.entries, "bytes", "entries");
  return {kind: fraud.kind, manifest: await readManifest(fraud.manifest), signature: fraud.signature, evidence};
}

/** The verdict about a fraud proof, as of `verify`: passed where it convicts whoever signed. */
async function verifyFraud(bytes, trusted) {
  const given = trustedOf(trusted), examination = new Examination({graph: given.graph});
  let fraud;
  const isFraud = await examination.attempt("bundle", async () => {
    demand(bytes.length <= MAX_BUNDLE, `${bytes.length} bytes are more than ${MAX_BUNDLE}`);
    const map = decodeCbor(bytes), format = map instanceof Map ? map.get("format") : null;
    demand(format === "triplock-fraud/1", "the file is no fraud proof of a known format");
    fraud = await readFraud(map);
    return `${bytes.length} bytes`;
  });
  if (isFraud && await checkGraph(examination, fraud, given.graph)) {
    examination.about.kind = fraud.kind;
    checkSignature(examination, fraud.manifest, fraud.signature, null);
    await examination.attempt("fraud", () => CONVICTS[fraud.kind](fraud.evidence, fraud.manifest));
  }
  return examination.verdict("fraud proof");
}

/** The verdict about a file of either kind. */
async function verifyFile(bytes, trusted) {
  let format = null;
  try {
    format = decodeCbor(bytes.subarray(0, MAX_BUNDLE)).get("format");
  } catch { /* `verify` says what is wrong with it */ }
  return format === "triplock-fraud/1" ? verifyFraud(bytes, trusted) : verify(bytes, trusted);
}

// ---------------------------------------------------------------------------------------------------- command line

/** One answer for one request of the batch form: {id, bundle or fraud (base64), graph, blockHashes, current, …}. */
async function answer(text) {
  let request = null;
  try {
    request = JSON.parse(text);
    if (!isObject(request) || typeof (request.bundle ?? request.fraud) !== "string") {
      throw new WrongUsage("a request has a bundle, or fraud, in base64");
    }
    const bytes = new Uint8Array(Buffer.from(request.bundle ?? request.fraud, "base64"));
    if (request.graph === null) throw new WrongUsage("a request has a graph");
    const {outcome, exitCode, checks, about} = await (request.bundle === undefined ? verifyFraud : verify)(bytes, request);
    return {id: request.id, exitCode, outcome, checks, about};
  } catch (problem) {
    if (!(problem instanceof WrongUsage || problem instanceof SyntaxError)) throw problem;
    return {id: request?.id, exitCode: 2, error: problem.message};
  }
}

async function batch() {
  const lines = require("node:readline").createInterface({input: process.stdin, crlfDelay: Infinity});
  for await (const line of lines) if (line) process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  return 0;
}

/** Text for a terminal: control characters would move its cursor. */
const printable = (text) => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
  `\\u{${letter.codePointAt(0).toString(16)}}`);

function printVerdict({subject, outcome, checks}) {
  const marks = {passed: "ok", refuted: "NO", unchecked: "--"};
  for (const {name, outcome: ended, detail} of checks) console.log(printable(`${marks[ended].padEnd(4)}${name.padEnd(16)}${detail}`));
  console.log(`${subject}: ${{passed: "yes: every check ran and holds", refuted: "NO: do not rely on it",
    unchecked: "not refuted, but not all was checked"}[outcome]}`);
}

async function main(args) {
  const usage = "usage: node verifier.js BUNDLE --graph ID [--block-hash HASH]... [--current] [--max-age SECONDS] [--json]\n" +
    "       node verifier.js --fraud FILE --graph ID [--json]\n       node verifier.js --batch";
  try {
    const {values, positionals} = require("node:util").parseArgs({args, allowPositionals: true, options: {
      graph: {type: "string"}, "block-hash": {type: "string", multiple: true}, current: {type: "boolean"},
      "max-age": {type: "string"}, json: {type: "boolean"}, fraud: {type: "string"}, batch: {type: "boolean"},
    }});
    if (values.batch) return await batch();
    const files = [...positionals, ...(values.fraud === undefined ? [] : [values.fraud])];
    if (files.length !== 1) throw new WrongUsage("give one file");
    const trusted = {graph: values.graph, blockHashes: values["block-hash"], current: values.current,
      maxAge: values["max-age"] === undefined ? undefined : Number(values["max-age"])};
    if (trusted.graph === undefined) throw new WrongUsage("give the graph id that you trust, --graph ID");
    trustedOf(trusted);
    const bytes = new Uint8Array(require("node:fs").readFileSync(files[0]));
    const verdict = await (values.fraud === undefined ? verify : verifyFraud)(bytes, trusted);
    if (values.json) console.log(JSON.stringify(verdict, null, 2));
    else printVerdict(verdict);
    return verdict.exitCode;
  } catch (problem) {
    const expected = problem instanceof WrongUsage || /^(ENOENT|EISDIR|EACCES|ERR_PARSE_ARGS)/.test(problem.code ?? "");
    if (!expected) throw problem;
    console.error(`${printable(problem.message)}\n${usage}`);
    return 2;
  }
}

return {
  verify, verifyFraud, verifyFile, printable, main, Refused, WrongUsage, MAX_BUNDLE,
  parts: {keccak256, recover, decodeCbor, parseLine, readManifest, versionDigest, graphOf, treeRoot, multiPath, leafHash,
    leafHashes, cutAfter, contentFile, topLeaf, cidText, parseCid, sha256, hex, unhex, linesOf, readJson, decodeRlp},
};
})();

if (typeof module !== "undefined") {
  module.exports = triplock;
  if (require.main === module) triplock.main(process.argv.slice(2)).then((code) => { process.exitCode = code; });
}

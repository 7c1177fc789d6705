/* The page around docs/verifier.js. Whatever comes from a proof is put on it as text, never as markup. */
"use strict";

(() => {

const SHOWN_LINES = 200, SHOWN_LETTERS = 2_000;
const at = (id) => document.getElementById(id);

const WORDS = {
  passed: "Verified",
  unchecked: "Not everything could be checked",
  refuted: "Refuted: do not rely on it",
};
const RESULTS = {passed: "yes", unchecked: "not checked", refuted: "NO"};

/** What each check asks, in plain words. */
const QUESTIONS = {
  bundle: "Is the file whole, and in the one form there is?",
  graph: "Is it about the graph that you named?",
  signature: "Did somebody sign this version who may publish it?",
  opening: "Do the lines shown stand at their places in this version?",
  statement: "Does the statement stand in this version?",
  attachment: "Does this further statement stand in this version?",
  attachments: "Do the further statements stand in this version?",
  parentManifest: "Is it the version before that this version follows?",
  parentOpening: "Do the lines shown stand at their places in the version before?",
  claim: "Do the lines show what is claimed?",
  excerpt: "Does the document hold the quoted words at that place, and do the lines say so?",
  block: "Is the block one whose hash you brought?",
  anchor: "Was this version published on the chain, in that block?",
  publisher: "Is who published it on the chain who signed it?",
  head: "How does this version stand to the newest one?",
  fraud: "Does the evidence show that what was signed cannot be?",
};

const CLAIMS = {
  presence: ["This statement is in the version:", "These statements are in the version:"],
  absence: ["This statement is not in the version:", "These statements are not in the version:"],
  prefix: ["These lines of the version, and no others, begin with"],
  added: ["This statement is new in the version:", "These statements are new in the version:"],
  removed: ["This statement was in the version before and is no longer in this one:",
    "These statements were in the version before and are no longer in this one:"],
};

const HEADINGS = {passed: "What is proven", unchecked: "What the proof shows", refuted: "What it claims, and is not proven"};

/** A stranger's text: control and direction characters made visible, and not too long. */
function plain(text) {
  const cut = text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}… (${text.length} characters)` : text;
  return triplock.printable(cut);
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function say(id, text) {
  at(id).textContent = text ?? "";
  at(id).hidden = !text;
}

function list(id, lines) {
  at(id).replaceChildren(...lines.slice(0, SHOWN_LINES).map((line) => element("li", plain(line))));
  say(`${id === "statements" ? "statements" : "opened"}-more`,
    lines.length > SHOWN_LINES ? `and ${lines.length - SHOWN_LINES} more, which are checked and not shown here` : "");
}

/** What fraud proofs of each kind show. */
const FRAUDS = {
  F1: "two of its lines are out of order, or one stands twice",
  F2: "one of its lines is no statement in the form there is",
  F3: "one of its blocks is not as it was signed to be",
  F4: "its list of blocks contradicts itself or the numbers that were signed",
  F5: "the file that it names is not the one that it commits to",
  F6: "one of its blocks does not end where the rules end it",
};

/** One sentence for the whole verdict. */
function sentence({outcome, about, checks}) {
  const version = about.version ? `version ${about.version} of the graph ${about.graph}` : "a graph";
  const found = (name) => checks.find((check) => check.name === name)?.outcome;
  if (outcome === "refuted") {
    const wrong = checks.filter((check) => check.outcome === "refuted").map((check) => check.name);
    return `This does not hold: ${wrong.join(", ")}. The reasons stand below.`;
  }
  if (about.kind) {
    return `Who signed ${version} signed what cannot be: ${FRAUDS[about.kind]}. Do not rely on that version, nor on what its publisher says of it.`;
  }
  const time = about.time && `, in a block of ${new Date(1000 * about.time).toISOString().replace(".000", "")}`;
  const published = about.publisher ? `It was published on the chain by ${about.publisher}${time}.` : "Whether it was published on the chain is not checked.";
  const who = found("anchor") === "passed" ? "its publisher" : "the owner that it names";
  const signed = found("signature") === "passed" ? `signed by ${who}` : "whose signature could not be judged";
  return `The proof is about ${version}, ${signed}. ${published}`;
}

/** What somebody would have to bring for what is left unchecked. */
function missing({checks}) {
  const open = (name) => checks.find((check) => check.name === name && check.outcome === "unchecked");
  const words = [];
  if (open("graph")) words.push("Give the graph id that you trust. Compare it with one that you know from elsewhere.");
  const block = open("block"), numbers = block?.detail.match(/block \d+/g);
  if (numbers) {
    const several = new Set(numbers);
    words.push(`Bring the hash of ${[...several].join(" and of ")} of the graph's chain, from a node or an explorer that you trust.`);
  } else if (block) {
    words.push("This proof does not hold the chain's part. Ask for one that does, or check it with an endpoint of the chain: triplock verify --proof FILE --graph ID --rpc URL.");
  }
  if (open("signature")) words.push("Who may publish stands on the chain: it is the chain's part that says whether this signature counts.");
  if (open("head")) words.push("Whether it is the newest version is not known: ask for a newer proof of the graph's head, or look it up on the chain.");
  return words;
}

/** The checks with all attachments as one, where all of them hold. */
function folded(checks) {
  const attached = checks.filter((check) => check.name.startsWith("attachment"));
  if (attached.length < 2 || attached.some((check) => check.outcome !== "passed")) return checks;
  return checks.filter((check) => !attached.includes(check) || check === attached[0]).map((check) =>
    check === attached[0] ? {...check, name: "attachments", detail: `${attached.length} statements`} : check);
}

function showChecks(checks) {
  at("checks").replaceChildren(...folded(checks).map(({name, outcome, detail}) => {
    const row = element("tr"), what = element("td"), [first] = name.split(" ");
    what.append(element("strong", name), element("span", QUESTIONS[first] ?? "", "meaning"));
    row.append(what, element("td", RESULTS[outcome], outcome), element("td", plain(detail), "detail"));
    return row;
  }));
}

function show(verdict) {
  const {outcome, about, checks} = verdict;
  // A fraud that is proven is no good news, though every check holds.
  const isFraud = about.kind && outcome === "passed";
  at("verdict").className = `verdict ${isFraud ? "refuted" : outcome}`;
  at("verdict-word").textContent = isFraud ? "Fraud is proven: do not rely on this version" : WORDS[outcome];
  at("verdict-text").textContent = plain(sentence(verdict));

  const lacks = outcome === "unchecked" ? missing(verdict) : [];
  at("todo").hidden = !lacks.length;
  at("todo-list").replaceChildren(...lacks.map((words) => element("li", words)));

  let statements = about.statements ?? [];
  at("claimed").hidden = !statements.length;
  at("claimed").className = outcome === "refuted" ? "refuted-claim" : "";
  at("claimed-heading").textContent = HEADINGS[outcome];
  if (about.claim === "prefix") {
    const [prefix] = statements;
    statements = (about.opened ?? []).filter((line) => line.startsWith(prefix));
    say("claimed-text", `${statements.length ? CLAIMS.prefix[0] : "No line of the version begins with"} ${plain(prefix)}`);
  } else if (statements.length) {
    say("claimed-text", CLAIMS[about.claim].at(statements.length > 1 ? -1 : 0));
  }
  say("condition", about.condition && `This holds ${about.condition}. Whoever has a line out of order can prove it.`);
  list("statements", statements);

  const quotes = about.quotes ?? [];
  at("quotes").hidden = !quotes.length || outcome === "refuted";
  at("quote-list").replaceChildren(...quotes.map(({document, start, end, quote}) => {
    const item = element("li");
    item.append(element("q", plain(quote)), element("span", ` bytes ${start} to ${end} of ipfs://${document}`, "help"));
    return item;
  }));

  const opened = about.opened ?? [];
  at("opened").hidden = !opened.length || outcome === "refuted";
  at("opened-summary").textContent = opened.length === 1 ? "The one line of the version that the proof shows" : `All ${opened.length} lines of the version that the proof shows`;
  list("opened-lines", opened);
  showChecks(checks);
  at("result").hidden = false;
}

let bytes = null, asked = 0;

function trusted() {
  return {
    graph: at("graph").value.trim() || null,
    blockHashes: at("hashes").value.split(/[\s,]+/).filter(Boolean),
    current: at("current").checked,
    maxAge: 60 * Number(at("max-age").value),
  };
}

async function check() {
  if (!bytes) return;
  const mine = ++asked;
  say("problem", "");
  try {
    const verdict = await triplock.verifyFile(bytes, trusted());
    if (mine === asked) show(verdict);
  } catch (problem) {
    if (mine !== asked) return;
    at("result").hidden = true;
    const words = problem instanceof triplock.WrongUsage ? problem.message : `the check could not be finished: ${problem}`;
    say("problem", plain(words));
  }
}

async function open(file) {
  say("file-name", plain(`${file.name}, ${file.size} bytes`));
  // One byte more than a bundle may have is enough to refuse it.
  bytes = new Uint8Array(await file.slice(0, triplock.MAX_BUNDLE + 1).arrayBuffer());
  await check();
}

at("file").addEventListener("change", () => { if (at("file").files.length) open(at("file").files[0]); });
// So that the same file, changed meanwhile, can be chosen again.
at("file").addEventListener("click", () => { at("file").value = ""; });
at("form").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["graph", "hashes", "current", "max-age"]) at(id).addEventListener("input", check);
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
  });
}

const embedded = at("embedded").content.textContent.trim();
if (embedded) {
  at("came-with").hidden = false;
  bytes = Uint8Array.from(atob(embedded), (letter) => letter.charCodeAt(0));
  say("file-name", `the proof that came with this page, ${bytes.length} bytes`);
  check();
}

})();

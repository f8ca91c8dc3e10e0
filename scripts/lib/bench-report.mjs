// Prints the table of a benchmark, and writes it with machine and settings as performance.md and performance.json.
//
//   node bench-report.mjs RESULTS [FOLDER PROFILE]     RESULTS holds one JSON file per measurement of bench.sh

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

const [results, folder, profile] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(`${results}/${name}.json`, "utf8"));
const first = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).split("\n")[0].trim();

const [idle, connect, api, profile500, besideLogins, burst, profileBurst, memory, at2000, saturated, logic, group, fewOnline, small, list, sync] = [
  "idle", "connect", "api", "apiProfile", "apiLogins", "apiBurst", "apiProfileBurst", "apiMemory", "endToEndAt2000", "endToEndSaturated", "logicAlone", "group", "groupFewOnline", "groupSmall", "list", "sync",
].map(read);
const all = (pattern) => readdirSync(results).filter((name) => pattern.test(name)).sort().map((name) => read(name.slice(0, -5)));
const cold = (asked) => all(new RegExp(`^listCold-${asked}-`)).map((result) => result.firstMs);
const [coldPages, coldApi] = [cold("sync"), cold("api")];

// Both builds in turn; what was compared last stays on the page.
const kept = folder && existsSync(`${folder}/performance.json`) ? JSON.parse(readFileSync(`${folder}/performance.json`, "utf8")).comparison : undefined;
const runs = (build) => all(new RegExp(`^${build}-\\d-rate`)).map((rate, at) => {
  const alone = all(new RegExp(`^${build}-\\d-logic`))[at];
  return {
    ...pick(rate, "ackP50Ms", "ackP99Ms", "deliveryP50Ms", "deliveryP99Ms", "cpuMicrosPerMessage"),
    logicAlone: pick(alone, "messagesPerSecond", "cpuMicrosPerMessage"),
  };
});
const comparison = runs("before").length > 0 ? { before: runs("before"), after: runs("after") } : kept;

const figures = {
  logicAlone: pick(logic, "messagesPerSecond", "cpuMicrosPerMessage"),
  endToEndSaturated: pick(saturated, "messagesPerSecond", "cpuMicrosPerMessage", "outOfOrder"),
  endToEndAt2000: pick(at2000, "ackP50Ms", "ackP99Ms", "deliveryP50Ms", "deliveryP99Ms", "cpuMicrosPerMessage"),
  idleSessionKiB: idle.idleSessionKiB,
  connectP99Ms: connect.connectP99Ms,
  apiP95Ms: api.apiP95Ms,
  profileP95Ms: profile500.apiP95Ms,
  besideLoginsP95Ms: besideLogins.apiP95Ms,
  loginBurst: { all: burstOf(burst), profile: burstOf(profileBurst) },
  webMB: mega(memory.residentKib.web),
  group: pick(group, "groupAckP50Ms", "groupAckP99Ms", "privateAckP50Ms", "privateAckP99Ms", "ackP99Ratio", "lastMemberP50Ms", "lastMemberP99Ms",
    "lastMemberMaxMs", "messages", "complete", "outOfOrder", "cpuMicrosPerMessage"),
  rowsWrittenPerMessage: { members10000: fewOnline.rowsWrittenPerMessage, members100: small.rowsWrittenPerMessage },
  list: { ...pick(list, "pageP50Ms", "pageP95Ms", "apiP50Ms", "apiP95Ms", "allPagesP50Ms"), coldPageMs: coldPages, coldApiMs: coldApi },
  sync: pick(sync, "usableP50Ms", "usableMaxMs", "completeP50Ms", "completeMaxMs", "requests"),
  ...(comparison && { comparison }),
};

function number(value) {
  return typeof value === "number" ? value.toLocaleString("en-US") : String(value);
}

function ratio(one, other) {
  return Math.round((one / other) * 100) / 100;
}

function mega(kib) {
  return Math.round((kib * 1024) / 1e5) / 10;
}

function pick(result, ...names) {
  return Object.fromEntries(names.map((name) => [name, result[name]]));
}

function burstOf(result) {
  return pick(result, "beforeP95Ms", "duringP95Ms", "logins", "firstIn", "first429", "first503", "toldLaterWithoutTime", "burstSeconds");
}

// What is measured, the figure, the goal, and whether it is reached.
const goals = [
  ["logic alone, messages/s", logic.messagesPerSecond, 50_000, "at least"],
  ["logic alone, CPU per message of all server processes, µs", logic.cpuMicrosPerMessage, 25, "at most"],
  ["end to end saturated, 500 sessions, messages/s", saturated.messagesPerSecond, 15_000, "at least"],
  ["end to end saturated, out of order", saturated.outOfOrder, 0, "at most"],
  ["end to end at 2,000/s, acknowledged p99, ms", at2000.ackP99Ms, 20, "at most"],
  ["end to end at 2,000/s, delivered p99, ms", at2000.deliveryP99Ms, 30, "at most"],
  ["memory of access per idle session, KiB", idle.idleSessionKiB, 85, "at most"],
  ["connect to authenticated at 50/s, p99, ms", connect.connectP99Ms, 100, "at most"],
  ["REST at 50/s, p95, ms", api.apiP95Ms, 100, "at most"],
  ["profile and friends at 500/s, p95, ms", profile500.apiP95Ms, 10, "at most"],
  ["REST at 50/s with 20 logins/s beside, p95, ms", besideLogins.apiP95Ms, 100, "at most"],
  [`REST at 50/s while ${burst.logins} logins come at once, p95, ms`, burst.duringP95Ms, 100, "at most"],
  ["profile and friends at 500/s, the same, p95, ms", profileBurst.duringP95Ms, 100, "at most"],
  [`memory of web after ${number(memory.requests)} requests, MB`, mega(memory.residentKib.web), 100, "at most"],
  [`group of ${number(group.members)}, ${number(group.online)} online: acknowledged p99, of that of a private message`, group.ackP99Ratio, 1.5, "at most"],
  ["the same: the last online member has it, the slowest message, ms", group.lastMemberMaxMs, 1_000, "at most"],
  ["the same: messages that not every online member got", group.acknowledged - group.complete, 0, "at most"],
  ["the same: out of order", group.outOfOrder, 0, "at most"],
  ["rows written per message with 10,000 members, of those with 100", ratio(fewOnline.rowsWrittenPerMessage, small.rowsWrittenPerMessage), 1.1, "at most"],
  ["list of 1,000 conversations over a session, first page, p95, ms", list.pageP95Ms, 30, "at most"],
  ["list of 1,000 conversations over REST, first page, p95, ms", list.apiP95Ms, 30, "at most"],
  ...(coldPages.length ? [["the same over a session, cold, the slowest, ms", Math.max(...coldPages), 100, "at most"]] : []),
  ...(coldApi.length ? [["the same over REST, cold, the slowest, ms", Math.max(...coldApi), 100, "at most"]] : []),
  ["10,000 missed messages in 200 conversations: requests until the list is usable", sync.usableRequests, 1, "at most"],
  ["the same: complete, the slowest, ms", sync.completeMaxMs, 3_000, "at most"],
];
const others = [
  ["end to end saturated, acknowledged p50 / p99, ms", `${saturated.ackP50Ms} / ${saturated.ackP99Ms}`],
  ["end to end saturated, refused / failed sessions", `${saturated.refused} / ${saturated.failedSessions}`],
  ["end to end at 2,000/s, acknowledged p50, ms", at2000.ackP50Ms],
  ["end to end at 2,000/s, delivered p50, ms", at2000.deliveryP50Ms],
  ["end to end at 2,000/s, acknowledged of intended", `${at2000.acknowledged} / ${at2000.intended}`],
  ["logic alone, acknowledged p99, ms", logic.ackP99Ms],
  ["login with bcrypt, p95, ms", api.loginP95Ms],
  ["20 logins/s: p95, ms / busy answers of all", `${besideLogins.loginP95Ms} / ${besideLogins.loginsBusy} of ${besideLogins.loginsBusy + besideLogins.logins}`],
  [`${burst.logins} logins at once: the others' p95 before / during, ms, at 50/s; at 500/s`,
    `${burst.beforeP95Ms} / ${burst.duringP95Ms}; ${profileBurst.beforeP95Ms} / ${profileBurst.duringP95Ms}`],
  ["the same: in at the first try / told to come later (503, 429), all with a time; all in after, s",
    `${burst.firstIn} / ${burst.first503}, ${burst.first429}; ${burst.burstSeconds}`],
  ["profile and friends at 500/s: p50 / p99, ms; CPU per request, µs", `${profile500.apiP50Ms} / ${profile500.apiP99Ms}; ${profile500.cpuMicrosPerRequest}`],
  ["as fast as it goes, 32 at once, requests/s", Math.round(memory.requests / memory.seconds)],
  ["group: acknowledged p50 / p99, ms", `${group.groupAckP50Ms} / ${group.groupAckP99Ms}`],
  ["group: private messages beside it, acknowledged p50 / p99, ms", `${group.privateAckP50Ms} / ${group.privateAckP99Ms}`],
  ["group: the last online member has it, p50 / p99, ms", `${group.lastMemberP50Ms} / ${group.lastMemberP99Ms}`],
  ["group: acknowledged / got by everybody online", `${group.acknowledged} / ${group.complete}`],
  ["rows written per message, 100 online of 10,000 / of 100", `${fewOnline.rowsWrittenPerMessage} / ${small.rowsWrittenPerMessage}`],
  ["list over a session, first page, p50, ms", list.pageP50Ms],
  [`list over a session, all ${list.allPages} pages, p50, ms`, list.allPagesP50Ms],
  ["list over REST, first page, p50, ms", list.apiP50Ms],
  ["list cold over a session / over REST, ms", `${coldPages.join(", ")} / ${coldApi.join(", ")}`],
  ["10,000 missed messages: list usable p50 / slowest, ms", `${sync.usableP50Ms} / ${sync.usableMaxMs}`],
  ["10,000 missed messages: complete p50, ms; requests", `${sync.completeP50Ms}; ${sync.requests.join(", ")}`],
];

const reached = (value, goal, side) => (side === "at least" ? value >= goal : value <= goal);
const table = [
  "| what | figure | goal | reached |",
  "|---|---|---|---|",
  ...goals.map(([what, value, goal, side]) =>
    `| ${what} | ${number(value)} | ${side} ${number(goal)} | ${reached(value, goal, side) ? "yes" : "**no**"} |`),
  ...others.map(([what, value]) => `| ${what} | ${number(value)} | | |`),
].join("\n");

const processes = [...new Set([at2000, saturated, logic].flatMap((result) => Object.keys(result.cpuMicrosPerMessageByProcess)))];
const cpu = [
  `| CPU per message, µs | ${processes.join(" | ")} | all |`,
  `|---|${processes.map(() => "---|").join("")}---|`,
  ...[["end to end at 2,000/s", at2000], ["end to end saturated", saturated], ["logic alone", logic]].map(
    ([name, result]) =>
      `| ${name} | ${processes.map((process) => number(result.cpuMicrosPerMessageByProcess[process] ?? "")).join(" | ")} | ${number(result.cpuMicrosPerMessage)} |`),
].join("\n");

const groupProcesses = Object.keys(group.cpuMicrosPerMessageByProcess);
const groups = [
  `| CPU per message to a group, µs, with all that goes on beside | ${groupProcesses.join(" | ")} | all |`,
  `|---|${groupProcesses.map(() => "---|").join("")}---|`,
  ...[group, fewOnline, small].map((result) =>
    `| ${number(result.members)} members, ${number(result.online)} online | ${groupProcesses.map((process) => number(result.cpuMicrosPerMessageByProcess[process])).join(" | ")} | ${number(result.cpuMicrosPerMessage)} |`),
].join("\n");
const tables = [...new Set([fewOnline, small].flatMap((result) => Object.keys(result.rowsWrittenPerMessageByTable)))].sort();
const rows = [
  `| rows written per message | ${tables.join(" | ")} | all |`,
  `|---|${tables.map(() => "---|").join("")}---|`,
  ...[group, fewOnline, small].map((result) =>
    `| ${number(result.members)} members, ${number(result.online)} online | ${tables.map((name) => number(result.rowsWrittenPerMessageByTable[name] ?? 0)).join(" | ")} | ${number(result.rowsWrittenPerMessage)} |`),
].join("\n");
const compared = comparison && [
  "| build | acknowledged p50, ms | p99, ms | delivered p50, ms | p99, ms | CPU per message, µs | logic alone, messages/s | CPU per message, µs |",
  "|---|---|---|---|---|---|---|---|",
  ...comparison.before.flatMap((before, at) => [[`before, run ${at + 1}`, before], [`now, run ${at + 1}`, comparison.after[at]]]).map(([name, run]) =>
    `| ${name} | ${[run.ackP50Ms, run.ackP99Ms, run.deliveryP50Ms, run.deliveryP99Ms, run.cpuMicrosPerMessage, run.logicAlone.messagesPerSecond, run.logicAlone.cpuMicrosPerMessage].map(number).join(" | ")} |`),
].join("\n");

console.log(`\n${[table, cpu, groups, rows, compared].filter(Boolean).join("\n\n")}\n`);
if (!folder) process.exit(0);

const cores = cpus();
writeFileSync(`${folder}/performance.json`, `${JSON.stringify(figures, null, 2)}\n`);
writeFileSync(`${folder}/performance.md`, `# Performance

Measured by \`./scripts/bench.sh\`, which writes this page and [performance.json](performance.json). Everything runs on one machine, the load generator
included, with \`fsync\`, frame verification and TLS on. Open-loop latencies count from the intended time of each operation, so a stall counts for all that it delays.
A connect that fails is tried again, three times in all, and its time counts from the first: about one in 450 is ([decision 0008](adr/0008-wtransport-until-its-reads-survive-cancellation.md)).

${table}

${cpu}

${groups}

${rows}
${comparison ? `
## Before and now

The load of 2,000 messages/s and logic alone, on this build and on the one before groups came (commit 3d4bd3d), in turn on the same machine,
each with its own servers; the other cluster was idle meanwhile.

${compared}
` : ""}
## Machine and settings

| | |
|---|---|
| processor | ${cores.length} × ${cores[0].model} |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| system | ${first("uname", "-sr")}, ${first("rustc", "--version")} |
| servers | ${first("postgres", "--version")}; ${first("redis-server", "--version").split(" ").slice(0, 3).join(" ")}; ${first("nats-server", "--version")} |
| build | profile ${profile} |
| cluster | 2 access, 2 logic, 2 web, PostgreSQL, Redis, NATS: what \`scripts/up.sh\` starts; access without the limit of 20 frames/s per session, but for groups, lists and syncs |
| group | ${group.rate} messages/s to the group and about as many between two others, ${group.seconds} s; nobody reports positions |
| rows written | as PostgreSQL counts them, without leases, over all messages of the run; 100 online, so that only the members differ |
| list | 1,000 conversations, 200 of them groups, 30 entries each; ${list.calls} calls, one after the other; the first page over a session has ${list.pageStates} conversations, over REST 200 and the unread messages of all |
| list, cold | the first call after PostgreSQL was restarted with its files out of the system's cache; the programs run on |
| sync | through the client library, with the limits of every session; counted from the open session; connecting took ${sync.connectP50Ms} ms |
| window | ${saturated.seconds} s after a warm-up |
| saturated | ${saturated.sessions} sessions, ${saturated.conversationsPerSession} conversations each with one request in flight, ${saturated.messagesPerRequest} message per request |
| at 2,000/s | ${at2000.users} users on two nodes |
| logic alone | ${logic.users} conversations with one request in flight, ${logic.messagesPerRequest} message per request |
| idle | resident memory of access between ${idle.steps[0].sessions} and ${idle.steps.at(-1).sessions} sessions, slope |
`);

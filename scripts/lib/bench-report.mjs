// Prints the table of a benchmark, and writes it with machine and settings as performance.md and performance.json.
//
//   node bench-report.mjs RESULTS [FOLDER PROFILE]     RESULTS holds one JSON file per measurement of bench.sh

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

const [results, folder, profile] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(`${results}/${name}.json`, "utf8"));
const first = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).split("\n")[0].trim();

const [idle, connect, api, at2000, saturated, logic] = [
  "idle", "connect", "api", "endToEndAt2000", "endToEndSaturated", "logicAlone",
].map(read);

const figures = {
  logicAlone: pick(logic, "messagesPerSecond", "cpuMicrosPerMessage"),
  endToEndSaturated: pick(saturated, "messagesPerSecond", "cpuMicrosPerMessage", "outOfOrder"),
  endToEndAt2000: pick(at2000, "ackP50Ms", "ackP99Ms", "deliveryP50Ms", "deliveryP99Ms", "cpuMicrosPerMessage"),
  idleSessionKiB: idle.idleSessionKiB,
  connectP99Ms: connect.connectP99Ms,
  apiP95Ms: api.apiP95Ms,
};

function pick(result, ...names) {
  return Object.fromEntries(names.map((name) => [name, result[name]]));
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
  ["REST at 50/s without bcrypt, p95, ms", api.apiP95Ms, 100, "at most"],
];
const others = [
  ["end to end saturated, acknowledged p50 / p99, ms", `${saturated.ackP50Ms} / ${saturated.ackP99Ms}`],
  ["end to end saturated, refused / failed sessions", `${saturated.refused} / ${saturated.failedSessions}`],
  ["end to end at 2,000/s, acknowledged p50, ms", at2000.ackP50Ms],
  ["end to end at 2,000/s, delivered p50, ms", at2000.deliveryP50Ms],
  ["end to end at 2,000/s, acknowledged of intended", `${at2000.acknowledged} / ${at2000.intended}`],
  ["logic alone, acknowledged p99, ms", logic.ackP99Ms],
  ["login with bcrypt, p95, ms", api.loginP95Ms],
];

const number = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : String(value));
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

console.log(`\n${table}\n\n${cpu}\n`);
if (!folder) process.exit(0);

const cores = cpus();
writeFileSync(`${folder}/performance.json`, `${JSON.stringify(figures, null, 2)}\n`);
writeFileSync(`${folder}/performance.md`, `# Performance

Measured by \`./scripts/bench.sh\`, which writes this page and [performance.json](performance.json). Everything runs on one machine, the load generator
included, with \`fsync\`, frame verification and TLS on. Open-loop latencies count from the intended time of each operation, so a stall counts for all that it delays.
A connect that fails is tried again, three times in all, and its time counts from the first: about one in 450 is ([decision 0008](adr/0008-wtransport-until-its-reads-survive-cancellation.md)).

${table}

${cpu}

## Machine and settings

| | |
|---|---|
| processor | ${cores.length} × ${cores[0].model} |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| system | ${first("uname", "-sr")}, ${first("rustc", "--version")} |
| servers | ${first("postgres", "--version")}; ${first("redis-server", "--version").split(" ").slice(0, 3).join(" ")}; ${first("nats-server", "--version")} |
| build | profile ${profile} |
| cluster | 2 access, 2 logic, 1 web, PostgreSQL, Redis, NATS: what \`scripts/up.sh\` starts; access without the limit of 20 frames/s per session |
| window | ${saturated.seconds} s after a warm-up |
| saturated | ${saturated.sessions} sessions, ${saturated.conversationsPerSession} conversations each with one request in flight, ${saturated.messagesPerRequest} message per request |
| at 2,000/s | ${at2000.users} users on two nodes |
| logic alone | ${logic.users} conversations with one request in flight, ${logic.messagesPerRequest} message per request |
| idle | resident memory of access between ${idle.steps[0].sessions} and ${idle.steps.at(-1).sessions} sessions, slope |
`);

// Makes the demo accounts alice and bob, friends of each other, through the REST API. What is there already is left alone.
//
//   node demo-accounts.mjs http://localhost:8080

const base = `${process.argv[2]}/api/v1`;
const people = [
  { username: "alice", password: "alice-in-wonderland", nickname: "Alice" },
  { username: "bob", password: "bob-the-builder", nickname: "Bob" },
];

const HTTP_CONFLICT = 409;

async function call(method, path, { token, body, allow } = {}) {
  const response = await fetch(base + path, {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  if (!response.ok && response.status !== allow) {
    throw new Error(`${method} ${path}: ${response.status} ${answer.message} (code ${answer.code})`);
  }
  return answer.data;
}

async function signIn(person) {
  await call("POST", "/auth/register", { body: person, allow: HTTP_CONFLICT });
  const { username, password } = person;
  return call("POST", "/auth/login", { body: { username, password, deviceId: "up-script", platform: "desktop" } });
}

try {
  const [alice, bob] = await Promise.all(people.map(signIn));
  await call("POST", "/friends/request", {
    token: alice.accessToken,
    body: { friendId: bob.userId, message: "Hello, I am Alice." },
    allow: HTTP_CONFLICT,
  });
  const { requests } = await call("GET", "/friends/requests?direction=received", { token: bob.accessToken });
  for (const request of requests) {
    if (request.fromUserId === alice.userId && request.status === "pending") {
      await call("POST", `/friends/requests/${request.id}/accept`, { token: bob.accessToken });
    }
  }
  for (const { username, password } of people) console.log(`${username} / ${password}`);
} catch (error) {
  console.error(`the demo accounts could not be made: ${error.message}`);
  process.exitCode = 1;
}

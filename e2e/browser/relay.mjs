// The UDP path between browsers and the access nodes, for a test to cut while TCP goes on.

import { createSocket } from "node:dgram";

const HERE = "127.0.0.1";

/** A socket on a free port of this machine, or of no port of its own when it only sends. */
async function bind(socket) {
  await new Promise((bound) => socket.bind(0, HERE, bound));
  return socket;
}

/** Carries datagrams between whoever sends to `port` and the node at `target`, until `isCut` says that they vanish. */
async function open(target, isCut) {
  const front = await bind(createSocket("udp4"));
  const backs = new Map();
  front.on("message", async (datagram, { port }) => {
    if (isCut()) return;
    // The promise, not the socket: the next datagram may come before it is bound.
    if (!backs.has(port)) {
      const back = createSocket("udp4");
      back.on("message", (answer) => isCut() || front.send(answer, port, HERE));
      backs.set(port, bind(back));
    }
    (await backs.get(port)).send(datagram, target, HERE);
  });
  return {
    port: front.address().port,
    async close() {
      front.close();
      for (const back of backs.values()) (await back).close();
    },
  };
}

/** Leads the WebTransport of a window's pages to `access-1`, the only node that they are told of, through a path that can be cut. */
export async function relayUdp(context) {
  let isCut = false;
  let relay;
  await context.route("**/api/v1/access/endpoints", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    // One node, so that each attempt of the page meets the same path.
    const node = answer.data.nodes.find(({ nodeId }) => nodeId === "access-1");
    const address = new URL(node.webTransport.url);
    relay ??= open(Number(address.port), () => isCut);
    // The hashes pin the node's certificate, whatever the port.
    node.webTransport.url = `https://${HERE}:${(await relay).port}${address.pathname}`;
    await route.fulfill({ response, json: { ...answer, data: { ...answer.data, nodes: [node] } } });
  });
  return {
    /** From now on no datagram arrives, in either direction, and nobody is told. */
    cut() {
      isCut = true;
    },
    close: async () => (await relay)?.close(),
  };
}

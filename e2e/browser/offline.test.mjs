// H5: without a network im-rs opens with everything that it held, and what is written then is sent once. e2e/tests/browser.rs starts it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isSent, launch, openChat, openWindow, sees, signIn, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Waits until the service worker has everything that the page consists of, and answers for it. */
const isKept = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((taken) => navigator.serviceWorker.addEventListener("controllerchange", taken));
  });

/** Waits until the device holds what a message shows of its picture. */
const keepsPicture = (page) =>
  page.waitForFunction(async () => {
    const all = await indexedDB.databases();
    const { name } = all.find((database) => database.name.startsWith("im-rs-"));
    const ended = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await ended(indexedDB.open(name));
    const kept = await ended(database.transaction("pictures").objectStore("pictures").count());
    database.close();
    return kept > 0;
  });

const photo = (page) => page.getByRole("log", { name: "Messages" }).getByRole("img", { name: "Photo" });

/** Waits until the picture of the chat has pixels. */
async function isDrawn(page) {
  await photo(page).waitFor();
  await page.waitForFunction((image) => image.complete && image.naturalWidth > 0, await photo(page).elementHandle());
}

const article = (page, text) => page.getByRole("article").filter({ hasText: text });

test("a reload without a network shows what was held, and what is written then is sent once", async () => {
  const alice = await openWindow(browser);
  const bob = await openWindow(browser);
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await openChat(alice, "bob");
    await write(alice, "before the tunnel");
    await isSent(alice, "before the tunnel");
    const view = { name: "view.png", mimeType: "image/png", buffer: await alice.screenshot() };
    await alice.getByLabel("Attach a file").and(alice.locator("input")).setInputFiles(view);
    await alice.getByRole("button", { name: "Send", exact: true }).click();
    await isDrawn(alice);
    await keepsPicture(alice);
    await isKept(alice);
    const { pathname } = new URL(alice.url());

    await alice.context().setOffline(true);
    await alice.reload();
    await sees(alice, "before the tunnel");
    await isDrawn(alice);
    await alice.getByRole("status").filter({ hasText: "You are offline" }).waitFor();
    // The list is there too, with the chat in it once.
    await alice.locator(`a[href="${pathname}"]`).waitFor();

    await write(alice, "written in the tunnel");
    await sees(alice, "written in the tunnel");
    assert.equal(await article(alice, "written in the tunnel").getAttribute("data-state"), "sending");
    // It also waits where the page does not.
    await alice.reload();
    await sees(alice, "written in the tunnel");

    // Another page than the one that was loaded with a network.
    await alice.goto(new URL("/contacts", alice.url()).href);
    await alice.getByRole("region", { name: "Friends" }).getByRole("link", { name: "bob" }).waitFor();
    await alice.goto(new URL(pathname, alice.url()).href);
    await sees(alice, "written in the tunnel");

    await alice.context().setOffline(false);
    await isSent(alice, "written in the tunnel");
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await write(bob, "here again");
    await sees(alice, "here again");
    for (const page of [alice, bob]) {
      assert.equal(await article(page, "written in the tunnel").count(), 1);
      assert.equal(await article(page, "before the tunnel").count(), 1);
    }
  });
  assert.deepEqual(alice.outside, []);
});

test("a session that the network takes away comes back without a reload, and loses nothing", async () => {
  // A WebSocket ends with the network that the browser is told to be without; WebTransport may live on.
  const alice = await openWindow(browser, { withoutWebTransport: true });
  const bob = await openWindow(browser);
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await openChat(alice, "bob");
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await alice.context().setOffline(true);
    await alice.getByRole("status").filter({ hasText: "You are offline" }).waitFor();
    await write(alice, "queued one");
    await write(alice, "queued two");
    await write(bob, "meanwhile");
    await sees(alice, "queued two");
    await alice.getByRole("textbox", { name: "Message" }).fill("half a thought");

    await alice.context().setOffline(false);
    await isSent(alice, "queued two");
    await sees(alice, "meanwhile");
    assert.equal(await alice.getByRole("textbox", { name: "Message" }).inputValue(), "half a thought");
    for (const text of ["queued one", "queued two"]) {
      await sees(bob, text);
      assert.equal(await article(bob, text).count(), 1);
    }
  });
});

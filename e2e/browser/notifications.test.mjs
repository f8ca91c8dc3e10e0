// H9: who is told of a message, where and how it ends, in a real browser. e2e/tests/browser.rs starts it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { go, launch, openChat, openWindow, PATIENCE, sees, signIn, url, withEvidence, write } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A window whose user has allowed notifications, with a service worker at work. */
async function openAllowed() {
  const page = await openWindow(browser);
  await page.context().grantPermissions(["notifications"], { origin: new URL(url).origin });
  return page;
}

/** The notifications on the screen. */
const notifications = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });

/** Waits until there are so many, and gives them. */
async function notified(page, count) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const shown = await notifications(page);
    if (shown.length === count) return shown;
    assert.ok(Date.now() < deadline, `${count} notifications were expected: ${JSON.stringify(shown)}`);
    await page.waitForTimeout(100);
  }
}

/** As the push service would deliver it. */
async function push(page, payload) {
  const cdp = await page.context().newCDPSession(page);
  const registered = new Promise((known) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations[0]) known(registrations[0].registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.deliverPushMessage", {
    origin: new URL(url).origin,
    registrationId: await registered,
    data: JSON.stringify(payload),
  });
  await cdp.detach();
}

test("a message notifies whoever does not see it, and being read ends that", async () => {
  const alice = await openAllowed();
  const bob = await openWindow(browser);
  await withEvidence({ alice, bob }, async () => {
    await signIn(alice, "alice");
    await signIn(bob, "bob");
    await openChat(bob, "alice");
    await write(bob, "before anybody asked");
    await alice.goto(`${url}/settings/notifications`);
    await alice.evaluate(() => navigator.serviceWorker.ready);
    await alice.getByRole("switch", { name: "Desktop notifications" }).click();
    await alice.getByRole("switch", { name: "Desktop notifications", checked: true }).waitFor();
    assert.deepEqual(await notifications(alice), []);

    await write(bob, "are you there?");
    const [notification] = await notified(alice, 1);
    assert.equal(notification.body, "are you there?");
    assert.match(notification.tag, /^conversation-\d+$/);
    await alice.waitForFunction(() => document.title.startsWith("("));
    await alice.waitForFunction(() => document.querySelector('link[rel="icon"]').href.startsWith("data:image/svg+xml"));

    await openChat(alice, "bob");
    await sees(alice, "are you there?");
    await notified(alice, 0);
    await alice.waitForFunction(() => !document.title.startsWith("("));
    await write(bob, "you see this one");
    await sees(alice, "you see this one");
    assert.deepEqual(await notifications(alice), []);
  });
  assert.deepEqual([...alice.problems, ...bob.problems], []);
});

test("a push shows unless the conversation is before the eyes, and leads to its message", async () => {
  const alice = await openAllowed();
  await withEvidence({ alice }, async () => {
    await signIn(alice, "alice");
    await openChat(alice, "bob");
    await write(alice, "something to go to");
    await sees(alice, "something to go to");
    const conversationId = new URL(alice.url()).pathname.split("/")[2];
    await alice.evaluate(() => navigator.serviceWorker.ready);
    const payload = {
      conversationId,
      seq: 1,
      senderId: "2",
      senderName: "bob",
      conversationName: "",
      preview: "pushed",
      type: 1,
      hidden: false,
      tag: `conversation-${conversationId}`,
    };
    await push(alice, payload);
    await push(alice, { ...payload, conversationId: "999", tag: "conversation-999", preview: "elsewhere" });
    assert.deepEqual(await notified(alice, 1), [{ title: "bob", body: "elsewhere", tag: "conversation-999" }]);

    await go(alice, "contacts");
    await alice.waitForURL("**/contacts");
    await push(alice, payload);
    await notified(alice, 2);
    const [worker] = alice.context().serviceWorkers();
    await worker.evaluate(async (tag) => {
      const [notification] = await self.registration.getNotifications({ tag });
      self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    }, payload.tag);
    await alice.waitForURL(`**/chats/${conversationId}/1`);
    await notified(alice, 1);
  });
});

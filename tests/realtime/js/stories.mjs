// What each official client must get through, in the chat and in the echo application, on each transport.
import { createRequire } from "node:module";
import { Socket } from "engine.io-client";

import { Client, inTime, Log, same, waitForTransport } from "./client.mjs";

const require = createRequire(import.meta.url);
const VALUES = [
  [1, "two", { three: [true, null, 0.5] }],
  ["é 🎉 \u2028 \u001e \"\\", "", []],
  [Buffer.from([0, 1, 2, 255]), { deep: [Uint8Array.from([3, 4])] }],
  [Buffer.alloc(0), "beside an empty attachment"],
  // Together they fit into a POST, whose limit clients before 4.5 ignore.
  ["x".repeat(100_000), Buffer.alloc(50_000, 7)],
];
const COUNT = 100;

/** Alice signs in, sends, gets Bob's messages, disconnects, and resumes with exactly what she missed. */
export async function chat({ library, url, transports, groupId, alice, bob }) {
  let since;
  const auth = (send) => send({ token: alice, since });
  const ours = Client.open(library, url, { transports, auth });
  const other = Client.open("socket.io-client", url, { transports: ["websocket"], auth: { token: bob } });
  const [[ready]] = await Promise.all([ours.waitFor("ready"), other.waitFor("ready")]);
  same(ready.groups.map((group) => group.id), [groupId]);

  const say = async (client, content) => {
    const [acknowledged] = await client.call("message", { groupId, content, clientId: content });
    same(acknowledged, { ...acknowledged, ok: true });
    return acknowledged.message;
  };
  const receives = async (client, message) =>
    same((await client.waitFor("message", ({ id }) => id === message.id))[0], message);
  const own = await say(ours, "from the client");
  await receives(ours, own);
  const others = await say(other, "from somebody else");
  await receives(ours, others);
  await ours.waitForTransport(transports.at(-1));

  await ours.disconnect();
  const before = ours.changes.length;
  since = { [groupId]: others.seq };
  await say(other, "while away");
  await other.call("reaction", { messageId: own.id, emoji: "👍", action: "add" });
  await say(other, "while still away");
  ours.socket.connect();
  const [again] = await ours.waitFor("ready", ({ resumed }) => resumed);
  same(again.resumed, { [groupId]: "changes" });
  const live = await say(other, "live again");
  await Promise.all([receives(ours, live), receives(other, live)]);
  const missed = other.changes.filter(([, { seq }]) => seq > others.seq);
  same(missed.length, 4);
  same(ours.changes.slice(before), missed);
  ours.close();
  other.close();
}

/** Alice's server shuts down and says when to reconnect; her client does so by itself, and resumes. */
export async function left({ library, url, transports, groupId, alice }) {
  let since;
  const auth = (send) => send({ token: alice, since });
  const ours = Client.open(library, url, { transports, auth, reconnection: true });
  await ours.waitFor("ready");
  const [{ message }] = await ours.call("message", { groupId, content: library, clientId: library });
  since = { [groupId]: message.seq };
  const [{ retryAfter }] = await ours.waitFor("drain");
  const [again] = await ours.waitFor("ready", ({ resumed }) => resumed);
  same(again.resumed, { [groupId]: "changes" });
  ours.close();
  return retryAfter;
}

/** Two namespaces of one connection: everything sent comes back unchanged, in order, bytes included. */
export async function echo({ library, url, transports }) {
  const main = Client.open(library, url, { path: "/echo/socket.io/", transports, auth: { who: "main" } });
  const custom = main.namespace("/custom", { auth: { who: "custom" } });
  same(await main.waitFor("auth"), [{ who: "main" }]);
  // Before version 4, all namespaces of a connection have the auth of the first.
  same(Object.keys((await custom.waitFor("auth"))[0]), ["who"]);
  await Promise.all([main, custom].map(echoes));
  await main.waitForTransport(transports.at(-1));
  await Promise.all([main, custom].map(echoes));
  custom.close();
  same(await main.call("message-with-ack", "alone now"), ["alone now"]);
  main.emit("leave", "bye");
  await main.waitFor("message-back", (word) => word === "bye");
  await main.waitFor("disconnect");
}

async function echoes(client) {
  const earlier = client.events.items.length;
  const sent = [...VALUES, ...Array.from({ length: COUNT }, (_, n) => (n % 10 ? [n] : [n, Buffer.from([n])]))];
  for (const values of sent) client.emit("message", ...values);
  const acknowledged = await Promise.all(VALUES.map((values) => client.call("message-with-ack", ...values)));
  same(acknowledged, VALUES);
  const all = (events) => events.length >= earlier + sent.length || undefined;
  await client.events.until(all, `${sent.length} echoes`);
  const back = client.events.items.slice(earlier).map(([name, ...values]) => values);
  same(back, sent);
}

/** Engine.IO alone: each message comes back, in order, bytes included. */
export async function engine({ url, transports }) {
  const socket = new Socket(url, { path: "/echo/engine.io/", transports });
  socket.binaryType = "nodebuffer";
  const messages = new Log();
  socket.on("message", (data) => messages.add(data ?? ""));
  socket.on("close", (why) => messages.add(`closed: ${why}`));
  await inTime(new Promise((resolve) => socket.once("open", resolve)), () => "open");
  const sent = ["text", "", "é 🎉 \u2028", Buffer.from([1, 2, 255]), Buffer.alloc(0), "x".repeat(300_000)];
  sent.push(...Array.from({ length: COUNT }, (_, n) => (n % 10 ? `${n}` : Buffer.from([n]))));
  for (const half of [sent, sent]) {
    const earlier = messages.items.length;
    for (const message of half) socket.send(message);
    await messages.until((items) => items.length >= earlier + sent.length || undefined, `${sent.length} echoes`);
    same(messages.items.slice(earlier), sent);
    await waitForTransport(socket, transports.at(-1));
  }
  socket.close();
}

/** A client of another version of the protocol is refused: returns the error. */
export async function refused({ library, url, transports }) {
  const socket = require(library)(url, { forceNew: true, reconnection: false, transports });
  const error = await inTime(new Promise((resolve) => socket.on("connect_error", resolve)), () => "a refusal");
  socket.close();
  return { type: error.type, status: error.description?.message ?? error.description };
}

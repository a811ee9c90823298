// What each official client must live to see, in the chat and in the echo application, by whichever transport.
import { createRequire } from "node:module";
import { Socket } from "engine.io-client";

import { carriedBy, Client, inTime, Kept, same } from "./client.mjs";

const require = createRequire(import.meta.url);
const VALUES = [
  [1, "two", { three: [true, null, 0.5] }],
  ["é 🎉 \u2028 \u001e \"\\", "", []],
  [Buffer.from([0, 1, 2, 255]), { deep: [Uint8Array.from([3, 4])] }],
  [Buffer.alloc(0), "beside an empty attachment"],
  // All of it at once is less than a POST may be, which clients before 4.5 do not heed.
  ["x".repeat(100_000), Buffer.alloc(50_000, 7)],
];
const COUNT = 100;

/** Alice signs in, sends, hears bob, goes away, and comes back to exactly what she missed. */
export async function chat({ library, url, transports, groupId, alice, bob }) {
  let since;
  const auth = (send) => send({ token: alice, since });
  const ours = Client.open(library, url, { transports, auth });
  const other = Client.open("socket.io-client", url, { transports: ["websocket"], auth: { token: bob } });
  const [[ready]] = await Promise.all([ours.heard("ready"), other.heard("ready")]);
  same(ready.groups.map((group) => group.id), [groupId]);

  const say = async (client, content) => {
    const [answer] = await client.ask("message", { groupId, content, clientId: content });
    same(answer, { ...answer, ok: true });
    return answer.message;
  };
  const hears = async (client, message) =>
    same((await client.heard("message", ({ id }) => id === message.id))[0], message);
  const mine = await say(ours, "from the client");
  await hears(ours, mine);
  const theirs = await say(other, "from somebody else");
  await hears(ours, theirs);
  await ours.carriedBy(transports.at(-1));

  ours.close();
  const before = ours.changes.length;
  since = { [groupId]: theirs.seq };
  await say(other, "while away");
  await other.ask("reaction", { messageId: mine.id, emoji: "👍", action: "add" });
  await say(other, "while still away");
  ours.socket.connect();
  const [again] = await ours.heard("ready", ({ resumed }) => resumed);
  same(again.resumed, { [groupId]: "changes" });
  const live = await say(other, "live again");
  await Promise.all([hears(ours, live), hears(other, live)]);
  const happened = other.changes.filter(([, { seq }]) => seq > theirs.seq);
  same(happened.length, 4);
  same(ours.changes.slice(before), happened);
  ours.close();
  other.close();
}

/** Her server goes down: she is told when to come back, and does so by herself, to exactly what she missed. */
export async function left({ library, url, transports, groupId, alice }) {
  let since;
  const auth = (send) => send({ token: alice, since });
  const ours = Client.open(library, url, { transports, auth, reconnection: true });
  await ours.heard("ready");
  const [{ message }] = await ours.ask("message", { groupId, content: library, clientId: library });
  since = { [groupId]: message.seq };
  const [{ retryAfter }] = await ours.heard("drain");
  const [again] = await ours.heard("ready", ({ resumed }) => resumed);
  same(again.resumed, { [groupId]: "changes" });
  ours.close();
  return retryAfter;
}

/** Two namespaces of one line: what is sent comes back as it was, in order, bytes included. */
export async function echo({ library, url, transports }) {
  const main = Client.open(library, url, { path: "/echo/socket.io/", transports, auth: { who: "main" } });
  const custom = main.beside("/custom", { auth: { who: "custom" } });
  same(await main.heard("auth"), [{ who: "main" }]);
  // All of a line's sockets have the auth of its first one, in the versions before 4.
  same(Object.keys((await custom.heard("auth"))[0]), ["who"]);
  await Promise.all([main, custom].map(echoes));
  await main.carriedBy(transports.at(-1));
  await Promise.all([main, custom].map(echoes));
  custom.close();
  same(await main.ask("message-with-ack", "alone now"), ["alone now"]);
  main.emit("leave", "bye");
  await main.heard("message-back", (word) => word === "bye");
  await main.heard("disconnect");
}

async function echoes(client) {
  const earlier = client.events.items.length;
  const sent = [...VALUES, ...Array.from({ length: COUNT }, (_, n) => (n % 10 ? [n] : [n, Buffer.from([n])]))];
  for (const values of sent) client.emit("message", ...values);
  const answers = await Promise.all(VALUES.map((values) => client.ask("message-with-ack", ...values)));
  same(answers, VALUES);
  const all = (events) => events.length >= earlier + sent.length || undefined;
  await client.events.until(all, `${sent.length} echoes`);
  const back = client.events.items.slice(earlier).map(([name, ...values]) => values);
  same(back, sent);
}

/** Bare Engine.IO: each message comes back, in order, bytes included. */
export async function engine({ url, transports }) {
  const socket = new Socket(url, { path: "/echo/engine.io/", transports });
  socket.binaryType = "nodebuffer";
  const messages = new Kept();
  socket.on("message", (data) => messages.keep(data ?? ""));
  socket.on("close", (why) => messages.keep(`closed: ${why}`));
  await inTime(new Promise((resolve) => socket.once("open", resolve)), () => "open");
  const sent = ["text", "", "é 🎉 \u2028", Buffer.from([1, 2, 255]), Buffer.alloc(0), "x".repeat(300_000)];
  sent.push(...Array.from({ length: COUNT }, (_, n) => (n % 10 ? `${n}` : Buffer.from([n]))));
  for (const half of [sent, sent]) {
    const earlier = messages.items.length;
    for (const message of half) socket.send(message);
    await messages.until((items) => items.length >= earlier + sent.length || undefined, `${sent.length} echoes`);
    same(messages.items.slice(earlier), sent);
    await carriedBy(socket, transports.at(-1));
  }
  socket.close();
}

/** A client of another version of the protocol is refused: how is what the story returns. */
export async function refused({ library, url, transports }) {
  const socket = require(library)(url, { forceNew: true, reconnection: false, transports });
  const error = await inTime(new Promise((resolve) => socket.on("connect_error", resolve)), () => "a refusal");
  socket.close();
  return { type: error.type, status: error.description?.message ?? error.description };
}

// Says something in one's first group and prints all that happens: node ws_client.mjs WS_URL TOKEN TEXT.
// Runs in a browser too; Node has a WebSocket of its own from version 22 (before: npm install ws).
const WebSocket = globalThis.WebSocket ?? (await import("ws")).default;
const [url, token, content] = process.argv.slice(2);
const since = {}; // the last seq seen of each group, kept from one connection to the next
const unsent = { content, clientId: crypto.randomUUID() }; // the same clientId however often it is sent

function connect() {
  const socket = new WebSocket(url);
  const send = (frame) => socket.send(JSON.stringify(frame));
  socket.onopen = () => send({ event: "connect", data: { token, since } });
  socket.onmessage = ({ data: text }) => {
    const { event, data, ack } = JSON.parse(text);
    if (event === "ready") {
      for (const group of data.groups) since[group.id] ??= group.head;
      send({ event: "message", data: { ...unsent, groupId: data.groups[0].id }, ack: 1 });
    } else if (data.seq) since[data.groupId] = data.seq;
    console.log(JSON.stringify({ event, ack, data }));
  };
  socket.onclose = () => setTimeout(connect, 1000); // comes back, and is told what it missed
}

connect();

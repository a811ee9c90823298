// Sends a message to the user's first group and prints all frames: node ws_client.mjs WS_URL TOKEN TEXT.
// Runs in a browser too; Node has a built-in WebSocket from version 22 (before: npm install ws).
const WebSocket = globalThis.WebSocket ?? (await import("ws")).default;
const [url, token, content] = process.argv.slice(2);
const since = {}; // the last seq of each group, kept across connections
const unsent = { content, clientId: crypto.randomUUID() }; // retries have the same clientId

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
  socket.onclose = () => setTimeout(connect, 1000); // reconnects and receives what it missed
}

connect();

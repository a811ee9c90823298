// Runs an example of docs/sockets.md, in Node or in a browser; `record(what, value)` is told all that it does.
globalThis.runExample = (code, url, token, libraries, record) => {
  let calls = 0;
  let release;
  const gate = new Promise((done) => (release = done));
  const given = {
    url,
    ...libraries,
    freshToken: async () => {
      calls += 1;
      record("token", calls);
      if (calls > 1) await gate;
      return token;
    },
    apply: (event, data) => record("apply", { event, data }),
    reload: (group) => record("reload", group.id),
  };
  const last = code.includes("function open") ? "return open();" : "return socket;";
  const socket = new Function(...Object.keys(given), `${code}\n${last}`)(...Object.values(given));
  return { cut: () => (socket.io ? socket.io.engine.close() : socket.close()), release };
};

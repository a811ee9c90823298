// Stands in front of DynamoDB Local and answers writes to some tables itself, after a fixed time, so that a run measures
// the server and not a laptop's emulator. Every condition is taken as met and nothing is stored: for measuring alone.
// What it does not answer goes through. It counts both: GET /counts gives {"PutItem Messages": 12, ...}.
//
// Environment: PORT, UPSTREAM (DynamoDB Local's address), TABLES (comma-separated; none: it only counts), LATENCY_MS.
import http from "node:http";

const { PORT, UPSTREAM, TABLES = "", LATENCY_MS = "4" } = process.env;
const answered = new Set(TABLES.split(",").filter(Boolean));
const upstream = new URL(UPSTREAM);
const agent = new http.Agent({ keepAlive: true });
const counts = {};

const tableOfInsert = (statement) => /^\s*insert\s+into\s+"?([\w.-]+)/i.exec(statement)?.[1] ?? "?";

// By operation that writes: the tables it names, and what it is answered with.
const WRITES = {
  PutItem: (body) => [[body.TableName], {}],
  UpdateItem: (body) => [[body.TableName], {}],
  BatchWriteItem: (body) => [Object.keys(body.RequestItems), { UnprocessedItems: {} }],
  TransactWriteItems: (body) => [body.TransactItems.map((item) => Object.values(item)[0].TableName), {}],
  BatchExecuteStatement: ({ Statements }) => [
    Statements.map(({ Statement }) => tableOfInsert(Statement)),
    { Responses: Statements.map(() => ({})) },
  ],
};

const passes = (body) => [body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName], null];

// Counts the operation, and returns the answer to it, or null when it is to go through.
function take(operation, body) {
  const [tables, answer] = (WRITES[operation] ?? passes)(body);
  const name = `${operation} ${[...new Set(tables)].join("+")}`;
  counts[name] = (counts[name] ?? 0) + 1;
  return answer && tables.every((table) => answered.has(table)) ? JSON.stringify(answer) : null;
}

function answerLater(response, answer) {
  const headers = { "content-type": "application/x-amz-json-1.0", "content-length": answer.length };
  setTimeout(() => response.writeHead(200, headers).end(answer), Number(LATENCY_MS));
}

function passOn(request, body, response) {
  const { method, url, headers } = request;
  const target = { host: upstream.hostname, port: upstream.port, method, path: url, headers, agent };
  const passed = http.request(target, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  passed.end(body);
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1];
  const answer = operation ? take(operation, JSON.parse(body)) : null;
  if (answer !== null) answerLater(response, answer);
  else passOn(request, body, response);
}

const server = http.createServer((request, response) => {
  if (request.url === "/counts") response.end(JSON.stringify(counts));
  else serve(request, response).catch(() => response.destroy());
});
// Clients keep idle connections longer than Node does by itself; DynamoDB does not end them after five seconds either.
server.keepAliveTimeout = 0;
server.listen(Number(PORT), "127.0.0.1");

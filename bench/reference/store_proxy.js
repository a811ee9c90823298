// A proxy to DynamoDB Local that responds to writes to some tables itself, after a fixed time, so that a benchmark
// measures the server and not the emulator. It stores nothing and treats every condition as met: for measuring only. It
// forwards all other requests, and counts both kinds: GET /counts returns {"PutItem Messages": 12, ...}.
//
// Environment: PORT, UPSTREAM (DynamoDB Local's address), TABLES (comma-separated; empty: only count), LATENCY_MS.
import http from "node:http";

const { PORT, UPSTREAM, TABLES = "", LATENCY_MS = "4" } = process.env;
const stubbedTables = new Set(TABLES.split(",").filter(Boolean));
const upstream = new URL(UPSTREAM);
const agent = new http.Agent({ keepAlive: true });
const counts = {};

const tableOfInsert = (statement) => /^\s*insert\s+into\s+"?([\w.-]+)/i.exec(statement)?.[1] ?? "?";

// By write operation: the tables that it names, and the response.
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

const withoutStub = (body) => [body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName], null];

// Counts the operation; returns its response, or null to forward it.
function countAndStub(operation, body) {
  const [tables, stub] = (WRITES[operation] ?? withoutStub)(body);
  const name = `${operation} ${[...new Set(tables)].join("+")}`;
  counts[name] = (counts[name] ?? 0) + 1;
  return stub && tables.every((table) => stubbedTables.has(table)) ? JSON.stringify(stub) : null;
}

function respondLater(response, body) {
  const headers = { "content-type": "application/x-amz-json-1.0", "content-length": body.length };
  setTimeout(() => response.writeHead(200, headers).end(body), Number(LATENCY_MS));
}

function forward(request, body, response) {
  const { method, url, headers } = request;
  const target = { host: upstream.hostname, port: upstream.port, method, path: url, headers, agent };
  const forwardedRequest = http.request(target, (upstreamResponse) => {
    response.writeHead(upstreamResponse.statusCode, upstreamResponse.headers);
    upstreamResponse.pipe(response);
  });
  forwardedRequest.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  forwardedRequest.end(body);
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1];
  const stub = operation ? countAndStub(operation, JSON.parse(body)) : null;
  if (stub !== null) respondLater(response, stub);
  else forward(request, body, response);
}

const server = http.createServer((request, response) => {
  if (request.url === "/counts") response.end(JSON.stringify(counts));
  else serve(request, response).catch(() => response.destroy());
});
// Never close idle connections: Node's default of five seconds is shorter than DynamoDB's and than clients expect.
server.keepAliveTimeout = 0;
server.listen(Number(PORT), "127.0.0.1");

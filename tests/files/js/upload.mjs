// Uploads a file with the official tus client, and prints how far it is, and in the end what has become of it.
// Arguments: the server's address, the token, the group, the file, its name, the size of a part (0: all at once).

import { createReadStream, statSync } from "node:fs";
import * as tus from "tus-js-client";

const [address, token, groupId, path, filename, part] = process.argv.slice(2);
const print = (report) => process.stdout.write(`${JSON.stringify(report)}\n`);

const upload = new tus.Upload(createReadStream(path), {
  endpoint: `${address}/api/uploads`,
  uploadSize: statSync(path).size,
  chunkSize: Number(part) || Infinity,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { groupId, filename, filetype: "application/octet-stream" },
  retryDelays: [100, 300, 500, 1000, 1000, 1000, 2000, 2000, 3000, 3000, 5000, 5000],
  removeFingerprintOnSuccess: true,
  onChunkComplete: (size, accepted, total) => print({ accepted, total }),
  onProgress: (sent, total) => print({ sent, total }),
  onSuccess: () => print({ done: upload.url }),
  onError: (error) => print({ failed: String(error) }),
});
upload.start();

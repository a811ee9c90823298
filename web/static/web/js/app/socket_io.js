// Socket.IO's client, in a file of its own that is loaded after the page.

export { io } from "socket.io-client";

// Renders file sizes; web/templatetags/web.py does the same on the server.

export function formatSize(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const exponent = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${exponent ? (bytes / 1024 ** exponent).toFixed(1) : bytes} ${units[exponent]}`;
}

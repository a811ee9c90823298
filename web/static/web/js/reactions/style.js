// The style of what is loaded later: its sheet is asked for once.

let loading = null;

/** Resolves once the sheet of the picker is there, or did not come. */
export function loadStyle() {
  const href = document.getElementById("picker").dataset.style;
  loading ??= new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done });
    document.head.append(link);
  });
  return loading;
}

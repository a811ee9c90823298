// The forms of the browsable API: each sends its JSON, or its files, and shows the answer below.

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

/** Return what to send: a form with files as it is, JSON as it was typed. */
function bodyOf(form) {
  if (form.enctype === "multipart/form-data") return { body: new FormData(form) };
  const text = form.elements.body?.value.trim();
  return text ? { body: text, headers: { "Content-Type": "application/json" } } : {};
}

/** Show a response: its status, and its JSON indented. */
async function show(output, response) {
  const status = Object.assign(document.createElement("p"), { className: "status" });
  status.textContent = `${response.status} ${response.statusText}`;
  const parts = [status];
  const text = await response.text();
  if (text) {
    const pre = document.createElement("pre");
    try {
      pre.textContent = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      pre.textContent = text;
    }
    parts.push(pre);
  }
  const location = response.headers.get("Location");
  if (location) {
    const link = Object.assign(document.createElement("a"), { href: location, textContent: location });
    parts.push(link);
  }
  output.classList.toggle("failed", !response.ok);
  output.replaceChildren(...parts);
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const { body, headers } = bodyOf(form);
  const output = form.querySelector("output");
  output.replaceChildren();
  try {
    const response = await fetch(form.action, {
      method: form.dataset.method,
      headers: { Accept: "application/json", "X-CSRFToken": token(), ...headers },
      body,
    });
    await show(output, response);
  } catch (error) {
    output.classList.add("failed");
    output.textContent = `The server cannot be reached: ${error.message}`;
  }
}

for (const form of document.querySelectorAll("form[data-method]")) form.addEventListener("submit", send);

// A parameter without a value is not sent: an empty one is not valid.
document.querySelector(".api-query")?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});

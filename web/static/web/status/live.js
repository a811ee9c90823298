// Keeps the status page up to date: the server renders it anew, charts too, and this puts it in place.

import { freshClerkToken } from "../js/sign_in/clerk.js";

const REFUSED = [401, 403];
const TIMEOUT = 10_000;
const stale = document.getElementById("stale");
let timer = null;

async function refresh() {
  clearTimeout(timer);
  try {
    // Else the cookie would have expired after a minute, where Clerk signs people in.
    await freshClerkToken();
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(TIMEOUT) });
    // Signed out, or no administrator any more: the page says so by itself.
    if (response.redirected || REFUSED.includes(response.status)) return location.reload();
    if (!response.ok) throw new Error(response.statusText);
    show(new DOMParser().parseFromString(await response.text(), "text/html"));
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
  plan();
}

function show(page) {
  const table = document.querySelector(".wide");
  const left = table?.scrollLeft;
  document.getElementById("live").replaceWith(page.getElementById("live"));
  document.title = page.title;
  document.querySelector(".wide").scrollLeft = left;
}

function plan() {
  const seconds = Number(document.getElementById("live").dataset.interval);
  timer = setTimeout(() => document.hidden || refresh(), 1000 * seconds);
}

/** Show what a chart says where the pointer is, in place of what it says now. */
function read(event) {
  const chart = event.target.closest?.(".chart");
  for (const other of document.querySelectorAll(".chart.reading")) if (other !== chart) forget(other);
  const plot = chart?.querySelector("svg").getBoundingClientRect();
  if (!plot?.width) return;
  const readings = JSON.parse(chart.dataset.readings);
  const x = (300 * (event.clientX - plot.left)) / plot.width;
  const nearest = readings.reduce((best, each) => (Math.abs(each[0] - x) < Math.abs(best[0] - x) ? each : best), readings[0]);
  if (!nearest) return;
  const now = chart.querySelector("[data-now]");
  now.dataset.value ??= now.textContent;
  now.textContent = `${new Date(1000 * nearest[1]).toLocaleTimeString()} · ${nearest[2]}`;
  chart.querySelector(".cursor").setAttribute("d", `M${nearest[0]} 0 V72`);
  chart.classList.add("reading");
}

function forget(chart) {
  const now = chart.querySelector("[data-now]");
  now.textContent = now.dataset.value ?? now.textContent;
  chart.querySelector(".cursor").setAttribute("d", "");
  chart.classList.remove("reading");
}

document.addEventListener("pointermove", read);
document.addEventListener("pointerdown", read);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
plan();

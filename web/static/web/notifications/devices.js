// Has this browser take notifications: asks for the permission, subscribes, and tells the server.

import { t } from "../js/ui/texts.js";

const section = document.getElementById("devices");
const button = section.querySelector("[data-turn-on]");
const state = section.querySelector("[data-state]");
// Whose notifications this browser takes: another user who signs in here is asked anew.
const OWNER = "notifications-of";

const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

async function start() {
  if (!supported) return say(t("This browser cannot take notifications."));
  if (Notification.permission === "denied") return say(t("You have forbidden notifications of this site in your browser."));
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription && localStorage.getItem(OWNER) === section.dataset.userId) return say(t("This browser takes notifications."));
  say(t("This browser takes no notifications yet."));
  button.hidden = false;
  button.addEventListener("click", () => turnOn().catch((error) => say(t("That did not work: {reason}", { reason: error.message }))));
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return say(t("Your browser did not permit it."));
  button.disabled = true;
  await navigator.serviceWorker.register(section.dataset.worker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: section.dataset.key });
  const { endpoint, keys } = subscription.toJSON();
  const body = JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth }, name: browserName() });
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const response = await fetch("/api/notifications/devices", { method: "POST", headers, body });
  if (!response.ok) throw new Error((await response.json()).error.message);
  localStorage.setItem(OWNER, section.dataset.userId);
  location.reload();
}

function browserName() {
  const { brands = [], platform = "" } = navigator.userAgentData ?? {};
  const brand = brands.find(({ brand: name }) => !/not.?a.?brand|chromium/i.test(name))?.brand;
  const name = brand ?? /(Firefox|Edg|Chrome|Safari)/.exec(navigator.userAgent)?.[1] ?? "A browser";
  const system = platform || /(Windows|Mac OS|Android|iPhone|iPad|Linux)/.exec(navigator.userAgent)?.[1];
  return system ? `${name} on ${system}` : name;
}

function say(text) {
  state.textContent = text;
}

start();

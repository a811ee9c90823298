// Where Clerk signs users in: its sign-in box, and a fresh token while the chat is open.

import { pageLoaded } from "../ui/loaded.js";

const box = document.getElementById("clerk-sign-in");

/** Return Clerk once it has loaded; null where the local issuer signs users in. */
async function clerk() {
  if (!document.querySelector("script[data-clerk-publishable-key]")) return null;
  await pageLoaded();
  if (!window.Clerk) return null;
  await window.Clerk.load();
  return window.Clerk;
}

/** Return a token that Clerk makes now, which renews the cookie too; null when nobody is signed in there. */
export async function freshClerkToken() {
  const loaded = await clerk();
  return (await loaded?.session?.getToken({ skipCache: true })) ?? null;
}

/** Let Clerk renew the cookie; true when there is a session, so that another attempt can succeed. */
export async function renewClerkCookie() {
  try {
    return Boolean(await freshClerkToken());
  } catch {
    return false;
  }
}

/** True when the session has ended on this server, which refuses even a fresh token of it. */
export async function hasSessionEnded() {
  try {
    const response = await fetch("/api/users/me");
    return response.status === 401 && (await response.json()).error.code === "token_expired";
  } catch {
    return false;
  }
}

/** Sign out at Clerk too; else the sign-in page would sign in again by itself. */
export async function signOutOfClerk(event) {
  if (!window.Clerk) return;
  event.preventDefault();
  await window.Clerk.signOut().catch(() => {});
  event.target.submit();
}

async function showBox() {
  const loaded = await clerk();
  if (!loaded) return;
  const next = box.dataset.next;
  if (loaded.session && (await renewClerkCookie())) {
    // Only the short-lived cookie had expired, and it is renewed now: go back to the page.
    if (!(await hasSessionEnded())) return location.replace(next);
    // The session has ended here but not at Clerk: without this, the two pages would redirect to each other for ever.
    await loaded.signOut({ redirectUrl: location.href });
  }
  loaded.mountSignIn(box, { forceRedirectUrl: next, signUpForceRedirectUrl: next });
}

if (box) showBox();

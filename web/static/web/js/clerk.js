// Where Clerk signs people in: its box on the sign-in page, and its fresh token while the chat is open.

const box = document.getElementById("clerk-sign-in");

/** Clerk, loaded; null where the local issuer signs people in. */
async function clerk() {
  if (!document.querySelector("script[data-clerk-publishable-key]")) return null;
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
  if (!window.Clerk) return null;
  await window.Clerk.load();
  return window.Clerk;
}

/** Renew the cookie; true when there is a session, so that trying again makes sense. */
export async function whenClerkIsReady() {
  try {
    const loaded = await clerk();
    return Boolean(await loaded?.session?.getToken({ skipCache: true }));
  } catch {
    return false;
  }
}

/** True when this server takes no token of the session any more, however fresh. */
export async function hasEndedHere() {
  try {
    const response = await fetch("/api/users/me");
    return response.status === 401 && (await response.json()).error.code === "token_expired";
  } catch {
    return false;
  }
}

/** Signing out here signs out there; else the next page would sign in again by itself. */
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
  if (loaded.session && (await whenClerkIsReady())) {
    // A session whose short-lived cookie had run out: renewed by now, so back to where one was.
    if (!(await hasEndedHere())) return location.replace(next);
    // Signed out here while Clerk was not told: until it is, this page and the one refused would lead to each other.
    await loaded.signOut({ redirectUrl: location.href });
  }
  loaded.mountSignIn(box, { forceRedirectUrl: next, signUpForceRedirectUrl: next });
}

if (box) showBox();

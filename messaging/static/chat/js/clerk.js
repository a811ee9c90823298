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
  // A session whose short-lived cookie had run out: renewed by now, so back to where one was.
  if (loaded.session && (await whenClerkIsReady())) location.replace(next);
  else loaded.mountSignIn(box, { forceRedirectUrl: next, signUpForceRedirectUrl: next });
}

if (box) showBox();

// When an officer leaves the device: what it knows of households goes, what has not arrived yet stays and waits for them.

import { throwAway } from "./keys.js";
import { all, change, known } from "./store.js";

export async function clearDevice() {
  const officer = await known("officer");
  const arrived = (await all("queue")).filter((entry) => entry.state === "arrived").map((entry) => entry.id);
  const needed = new Set((await all("drafts")).map((draft) => draft.digest));
  for (const entry of await all("queue")) if (entry.state !== "arrived") needed.add(entry.digest);
  const gone = (await all("forms")).map((form) => form.digest).filter((digest) => !needed.has(digest));
  await change(["about", "work", "forms", "queue"], ({ about, work, forms, queue }) => {
    about.delete("officer");
    about.delete("token");
    work.clear();
    gone.forEach((digest) => forms.delete(digest));
    arrived.forEach((id) => queue.delete(id));
  });
  const left = [...(await all("drafts")), ...(await all("queue"))];
  if (officer && !left.some((row) => row.officer === officer.id)) await throwAway(officer.id);
  localStorage.removeItem("khotail-visits");
}

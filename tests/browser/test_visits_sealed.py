"""What lies on a phone is sealed, its key goes with whoever leaves nothing behind, and large visits go in several requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from khotail.visits import forms
from khotail.visits.models import Submission
from tests.browser.test_visits_offline import (
    FILL,
    OPENED,
    PATIENCE_MS,
    Device,
    device,
    fill_by_hand,
    open_visit,
    photo,
    plan,
    question,
    wait_until_arrived,
)

__all__ = ["device", "photo", "plan"]

#: Everything that lies in the device's databases, keys aside, as text.
LYING = """async () => {
  const store = await import("/static/field/store.js"), found = [];
  const told = async (value) => {
    if (value instanceof Blob) value = await value.arrayBuffer();
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) found.push(new TextDecoder().decode(value));
    else if (value && typeof value === "object") for (const each of Object.values(value)) await told(each);
    else found.push(String(value));
  };
  for (const name of ["drafts", "queue"]) await told(await store.all(name));
  return found.join("|");
}"""
KEYS = """async () => {
  const asked = indexedDB.open("khotail-visits-keys", 1);
  const database = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const rows = database.transaction("keys").objectStore("keys").getAll();
  const keys = await new Promise((done) => (rows.onsuccess = () => done(rows.result)));
  const readOut = await Promise.all(keys.map((key) => crypto.subtle.exportKey("raw", key).then(() => true, () => false)));
  return { number: keys.length, readOut: readOut.some(Boolean) };
}"""
PLAIN = """async (officer) => {
  const store = await import("/static/field/store.js");
  const [form] = (await store.all("forms")).filter((each) => each.form === "household_visit");
  const files = [{ name: "a.jpg", blob: new Blob(["photo-of-before"], { type: "image/jpeg" }) }];
  const row = { officer, digest: form.digest, form: form.form, title: form.title, assignment: null, number: "D0002", files };
  await store.put("drafts", { ...row, id: "old", head: "", prefill: {}, xml: "<x>words-of-before</x>" });
  await store.put("queue", { ...row, id: "uuid:old", order: 9, xml: "<x>words-of-before</x>", state: "refused", sentence: null });
}"""


def test_what_was_answered_lies_sealed_and_its_key_goes_once_nothing_is_left(
    device: Device, plan: Any, officers: dict[str, Any], photo: Path
) -> None:
    plan(2)
    page = device.take_along(officers["village_cadre"])
    open_visit(page, "D0001")
    fill_by_hand(page, photo)
    page.wait_for_selector(".saved:not(:empty)")
    page.wait_for_timeout(600)  # the last answer is saved
    draft = page.evaluate(LYING)
    page.click("#finish")
    page.wait_for_selector("#send")
    for lying in (draft, page.evaluate(LYING)):
        assert "D0001" in lying
        assert not any(secret in lying for secret in ("手术", "花费", "8000.5", "46.07", "JFIF", "<household_visit"))
    assert page.evaluate(KEYS) == {"number": 1, "readOut": False}
    [entry] = page.evaluate(OPENED)
    assert "手术" in entry["xml"] and len(entry["files"]) == 2
    device.context.set_offline(False)
    wait_until_arrived(page, device)
    assert Submission.objects.get().files.count() == 2
    page.click("#bar button:last-child")
    page.wait_for_url("**/accounts/sign-in/**", timeout=PATIENCE_MS)
    page.goto("/visits/shell")
    assert page.evaluate(KEYS)["number"] == 0


def test_unsent_visits_keep_their_key_and_what_lay_plain_is_sealed_at_the_next_start(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    plan(3)
    page = device.take_along(officers["village_cadre"])
    page.evaluate(PLAIN, officers["village_cadre"].pk)
    assert "words-of-before" in page.evaluate(LYING)
    device.start()
    page.wait_for_timeout(300)
    lying = page.evaluate(LYING)
    assert "of-before" not in lying and "uuid:old" in lying
    [entry] = page.evaluate(OPENED)
    assert entry["xml"] == "<x>words-of-before</x>" and entry["files"][0]["name"] == "a.jpg"
    page.click("#bar button:last-child")
    page.wait_for_selector("main .notice")
    assert page.evaluate(KEYS)["number"] == 1 and len(page.evaluate(OPENED)) == 1


def test_a_visit_whose_key_is_gone_is_said_to_be_and_holds_up_no_other(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    plan(2)
    page = device.take_along(officers["village_cadre"])
    page.evaluate(FILL, [0, 1])
    page.evaluate(
        "async (officer) => (await import('/static/field/keys.js')).throwAway(officer)", officers["village_cadre"].pk
    )
    page.evaluate(FILL, [1, 2])
    device.context.set_offline(False)
    page.goto("/visits/#/queue")
    page.wait_for_selector(".chip-low", timeout=PATIENCE_MS)
    page.wait_for_selector(".problem:has-text('密钥'), .problem:has-text('key')", timeout=PATIENCE_MS)
    assert sorted(device.states()) == ["arrived", "refused"]


def test_a_refused_visit_is_opened_again_with_its_answers(device: Device, plan: Any, officers: dict[str, Any]) -> None:
    plan(1)
    page = device.take_along(officers["village_cadre"])
    page.evaluate(FILL, [0, 1])
    page.evaluate("""async () => {
      const store = await import("/static/field/store.js");
      for (const row of await store.all("queue")) await store.put("queue", { ...row, state: "refused", sentence: { zh: "不", en: "no" } });
    }""")
    page.goto("/visits/#/queue")
    page.reload()
    page.locator("[data-state=refused] button").first.click()
    page.wait_for_selector("#finish", timeout=PATIENCE_MS)
    assert question(page, "wage").locator("input").input_value().startswith("12000")


def test_a_visit_with_more_photos_than_one_request_takes_goes_in_several(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    rows = "".join(f"| | image | p{n} | P{n} |\n" for n in range(4))
    survey = f"| survey |\n| | type | name | label |\n| | text | household | Household |\n{rows}"
    many = survey + "| settings |\n| | form_id | form_title | version |\n| | photos | Photos | 1 |\n"
    forms.upload(many.encode(), "photos.md", by=officers["banner_officer"], now=timezone.now())
    plan(1)
    page = device.take_along(officers["village_cadre"])
    page.evaluate("""async () => {
      const [store, { newDraft, Filling }, { queueUp }] =
        await Promise.all(["store", "filling", "queue"].map((name) => import(`/static/field/${name}.js`)));
      const [form] = (await store.all("forms")).filter((each) => each.form === "photos");
      const filling = await Filling.open(await newDraft(form, null), () => null);
      for (const node of filling.root.currentState.children) {
        if (node.currentState.reference.endsWith("/household")) node.setValue("D0001");
        else if (node.nodeType === "upload") {
          const head = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]), rest = new Uint8Array(3 << 20);
          for (let at = 0; at < rest.length; at += 65536) crypto.getRandomValues(rest.subarray(at, at + 65536));
          node.setValue(new File([head, rest], `${node.nodeId.replace(/\\W/g, "")}.png`, { type: "image/png" }));
        }
      }
      const { xml, files, instanceId } = await filling.finish();
      await queueUp(filling.draft, xml, files, instanceId);
    }""")
    posts: list[int] = []
    page.on("request", lambda asked: asked.method == "POST" and posts.append(1))
    device.context.set_offline(False)
    wait_until_arrived(page, device)
    assert Submission.objects.get().files.count() == 4 and len(posts) == 4

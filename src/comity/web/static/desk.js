// SPDX-License-Identifier: Apache-2.0
// What makes the pages quicker; every one of them works without it.
//
// Drafts: what is typed into a form[data-draft] is kept on this device, sealed under a key that the
// server hands to whoever is signed in and that only he gets again; on a shared phone the server
// keeps it and the device nothing. Files: a photograph in [data-up] is made small here, and whatever
// is chosen goes in pieces that go on where a link broke off.
"use strict";
(() => {
  const all = (css, within = document) => [...within.querySelectorAll(css)];
  const shared = "shared" in document.body.dataset;
  const signed = !!document.querySelector("form[action='/leave']");
  const here = document.body.dataset.posted || location.pathname;  // of the form that a page answers
  const at = document.body.dataset.at || "";  // where practice lies
  const LIGHT = 1e5, OLD = 30 * 864e5;
  const nap = (seconds) => new Promise((done) => {
    setTimeout(done, seconds * 1e3);
    addEventListener("online", done, { once: true });
  });

  // Clocks: by the server's time, however wrong this device's is; in its last minute by the second.
  const language = document.documentElement.lang;
  const ahead = document.body.dataset.now ? new Date(document.body.dataset.now) - Date.now() : 0;
  const units = [["day", 864e5, 2], ["hour", 36e5, 1], ["minute", 6e4, 1], ["second", 1e3, 0]];
  const says = (style) => new Intl.RelativeTimeFormat(language, { style });
  const clocks = all("time[data-clock]").map((each) => ({ each, words: each.dataset.clock, says: says(each.dataset.clock ? "long" : "short") }));
  const tick = () => {
    let soon = false;
    for (const { each, words, says } of clocks) {
      const left = new Date(each.dateTime) - Date.now() - ahead, ends = words ? Math.max(left, 0) : left;
      const [unit, length] = units.find(([, size, least]) => Math.abs(ends) >= size * least);
      const round = unit === "second" ? Math.ceil : Math.trunc;
      const when = says.format(round(ends / length), unit);
      each.textContent = words ? words.replace("{when}", () => when) : when;
      soon ||= Math.abs(left) < 61e3;
    }
    setTimeout(tick, soon ? 1e3 : 3e4);
  };
  if (clocks.length && Intl.RelativeTimeFormat.supportedLocalesOf(language).length) setTimeout(tick, 1e3);

  // The device's own store of sealed drafts.
  let opened;
  const store = () => opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("desk", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kept", { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const act = async (mode, what) => {
    const place = (await store()).transaction("kept", mode);
    const request = what(place.objectStore("kept"));
    return new Promise((done, failed) => {
      place.oncomplete = () => done(request.result);
      place.onabort = place.onerror = () => failed(place.error);
    });
  };
  const get = (id) => act("readonly", (kept) => kept.get(id));
  const put = (row) => act("readwrite", (kept) => kept.put(row));
  const drop = (id) => act("readwrite", (kept) => kept.delete(id));

  // The draft key: in memory alone; what is kept beside the drafts opens for the officer only.
  const b64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const told = async (path, form) => {
    const answer = await fetch(path, { redirect: "manual", ...(form && { method: "POST", body: new URLSearchParams(form) }) });
    return answer.ok ? answer.json() : null;
  };
  let held;
  const key = () => held ??= (async () => {
    const rows = await act("readonly", (kept) => kept.getAll());
    rows.filter((each) => each.at < Date.now() - OLD).forEach((each) => drop(each.id));
    let found = null;
    for (const wrapped of [...new Set(rows.map((each) => each.wrapped))].slice(-4)) {
      found = await told(`${at}/draft-key/open`, { wrapped });
      if (found) break;
    }
    found ??= await told(`${at}/draft-key`);
    if (!found?.key) throw new Error("no draft key");
    const usage = ["encrypt", "decrypt"];
    return { wrapped: found.wrapped, key: await crypto.subtle.importKey("raw", b64(found.key), "AES-GCM", false, usage) };
  })().catch((error) => { held = null; throw error; });
  const cipher = (id, iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id) });
  const seal = async (id, bytes, more) => {
    const mine = await key(), iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(cipher(id, iv), mine.key, bytes);
    await put({ id, iv, sealed, wrapped: mine.wrapped, at: Date.now(), ...more });
  };
  const unseal = async (row) => {
    const mine = await key();
    return row.wrapped === mine.wrapped ? crypto.subtle.decrypt(cipher(row.id, row.iv), mine.key, row.sealed) : null;
  };

  // Photographs made small: upright, nothing beside the picture.
  const small = async (file) => {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    for (let side = 1600; side >= 320; side *= 0.75) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), {
        width: Math.round(picture.width * scale), height: Math.round(picture.height * scale),
      });
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.8, 0.7, 0.6, 0.5]) {
        const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
        if (made && made.size <= LIGHT) return made;
      }
    }
    return file;
  };

  // Files that go in pieces. `file`: its name, media and id at the server, and its bytes.
  const piece = async (path, body) => {
    const answer = await fetch(path, { redirect: "manual", signal: AbortSignal.timeout(9e4), ...(body && { method: "POST", body }) });
    if (answer.status === 422) return null;
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error("over");
    if (!answer.ok && answer.status !== 409) throw new Error(answer.status < 500 ? "no" : "later");
    return (answer.headers.get("Content-Type") || "").includes("json") ? answer.json() : Promise.reject(new Error("no"));
  };
  const send = async (file, show) => {
    for (let wait = 1, state = null; ; wait = Math.min(wait * 2, 15)) {
      try {
        state = file.id ? await piece(`${at}/up/${file.id}`) : null;
        if (!state) {
          const { name, media, blob } = file;
          state = await piece(`${at}/up`, new URLSearchParams({ name, media, size: blob.size }));
          if (!state) throw new Error("no");
          file.id = state.id;
          await file.save();
        }
        while (!state.done) {
          show(state.at, state.size);
          state = await piece(`${at}/up/${file.id}?at=${state.at}`, file.blob.slice(state.at, state.at + state.piece));
          if (!state) throw new Error("no");
          wait = 1;
        }
        return show(state.size, state.size);
      } catch (error) {
        if (["over", "no"].includes(error.message)) throw error;
        show(-1);
        await nap(wait);
      }
    }
  };

  // A form, its draft and its files.
  const watch = (form) => {
    const id = here + "#" + (form.dataset.draft || form.getAttribute("action"));
    const base = form.dataset.kept || "", mine = "draft" in form.dataset && signed && !shared;
    const files = [];
    let pending = 0, timer = 0;

    const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "upload");
    const save = async () => {
      clearTimeout(timer);
      if (!signed || !("draft" in form.dataset)) return;
      if (shared) {
        const keep = form.dataset.keep || form.getAttribute("action");
        if ("keep" in form.dataset) await told(keep, [...typed(), ["do", "keep"]]);
        return;
      }
      const chosen = files.map(({ name, media, id: at, done, size, part }) => ({ name, media, id: at, done, size, part }));
      await seal(id, new TextEncoder().encode(JSON.stringify({ typed: typed(), files: chosen })), { base });
      form.dataset.saved = Date.now();
    };
    const quietly = () => save().catch(() => {});
    const soon = () => { clearTimeout(timer); timer = setTimeout(quietly, shared ? 2e3 : 400); };

    const fill = (values) => {
      const left = new Map();
      for (const [name, value] of values) left.set(name, [...(left.get(name) || []), value]);
      for (const field of form.elements) {
        if (!field.name || ["password", "file", "hidden", "submit", "button"].includes(field.type)) continue;
        const given = left.get(field.name) || [];
        if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
        else if (given.length) field.value = given.shift();
      }
    };

    const line = (box, file) => {
      const row = document.createElement("li"), said = document.createElement("span");
      const bar = document.createElement("progress"), away = document.createElement("button");
      row.className = "sending";
      said.setAttribute("role", "status");
      away.type = "button";
      away.textContent = box.dataset.remove || "×";
      row.append(said, bar, away);
      let list = box.querySelector("ul.sent");
      if (!list) { list = document.createElement("ul"); list.className = "sent files"; box.append(list); }
      list.append(row);
      away.onclick = () => {
        row.remove();
        files.splice(files.indexOf(file), 1);
        file.gone = true;
        if (file.part) drop(file.part).catch(() => {});
        if (file.id) told(`${at}/up/${file.id}/drop`, {}).catch(() => {});
        quietly();
      };
      const size = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
      return (text, at) => {
        said.textContent = [file.name, size.format(file.size / 1e3), text].filter(Boolean).join(" · ");
        bar.hidden = at === undefined;
        if (at >= 0) { bar.max = file.size; bar.value = at; }
      };
    };

    const upload = async (box, file) => {
      const show = line(box, file);
      file.save = quietly;
      pending += 1;
      try {
        if (!file.done) {
          await send(file, (at) => show(at < 0 ? box.dataset.waiting : box.dataset.sending, at));
        }
        file.done = true;
        show(box.dataset.ready);
        if (!file.gone) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "upload", value: file.id }));
        // First that it has arrived, then its bytes: between the two the tab may die.
        await quietly();
        if (file.part) await drop(file.part).catch(() => {});
      } catch (error) {
        show(error.message === "over" ? box.dataset.over : box.dataset.failed);
      } finally {
        pending -= 1;
        await quietly();
        form.dataset.settled = Date.now();
        form.dispatchEvent(new Event("settled"));
      }
    };

    const chosen = async (input) => {
      const box = input.closest("[data-up]"), { original } = form.elements;
      for (const each of [...input.files]) {
        const light = each.type.startsWith("image/") && !original?.checked && each.size > LIGHT
          ? await small(each).catch(() => each) : each;
        const name = light === each ? each.name : each.name.replace(/\.[^.]*$/, "") + ".jpg";
        const file = { name, media: light.type, size: light.size, blob: light };
        if (mine) {
          file.part = id + "#" + crypto.randomUUID();
          await light.arrayBuffer().then((bytes) => seal(file.part, bytes)).catch(() => { file.part = ""; });
        }
        files.push(file);
        upload(box, file);
      }
      input.value = "";
      quietly();
    };

    const restore = async () => {
      const row = await get(id);
      if (!row || row.base !== base) return row && drop(id);
      const bytes = await unseal(row);
      if (!bytes) return null;
      const kept = JSON.parse(new TextDecoder().decode(bytes)), box = form.querySelector("[data-up]");
      if (!form.querySelector("[aria-invalid]")) fill(kept.typed);
      for (const file of box ? kept.files : []) {
        const part = file.part && !file.done ? await get(file.part) : null;
        const whole = part && await unseal(part);
        if (!file.done && !whole) continue;
        files.push(file);
        file.blob = whole && new Blob([whole]);
        upload(box, file);
      }
      form.dataset.restored = "1";
      return null;
    };

    form.addEventListener("input", soon);
    form.addEventListener("change", (event) => {
      if (event.target.type === "file" && event.target.closest("[data-up]") && signed) chosen(event.target);
      else quietly();
    });
    // The camera may cost us the page.
    form.addEventListener("click", (event) => { if (event.target.type === "file") quietly(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) quietly(); });

    // Sent once, and only when what belongs to it has arrived.
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      if (pending) {
        event.preventDefault();
        form.addEventListener("settled", () => form.requestSubmit(event.submitter), { once: true });
        return null;
      }
      form.dataset.sent = "1";
      if (mine) {
        try { sessionStorage.setItem("sent", location.pathname + " " + id); } catch { /* it is looked at again another time */ }
        quietly();
      }
      return null;
    });
    addEventListener("pageshow", () => { delete form.dataset.sent; });
    if (mine && indexedDB) restore().catch(() => {});
  };

  // What was sent and taken is no draft any more: the page that follows its form says no mistake.
  const settle = () => {
    const sent = sessionStorage.getItem("sent");
    if (!sent || !signed || document.querySelector("[role=alert]")) return;
    const from = document.referrer && new URL(document.referrer).pathname;
    sessionStorage.removeItem("sent");
    const [by, id] = sent.split(" ");
    if (from === by && from !== location.pathname) drop(id).catch(() => {});
  };
  try { settle(); } catch { /* a browser that keeps nothing */ }

  all("form[method=post]").forEach(watch);

  // The worker keeps our own few files, never a page.
  if (signed && !shared && !at && navigator.serviceWorker) navigator.serviceWorker.register("/worker.js").catch(() => {});
})();

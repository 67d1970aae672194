"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const items = new Map(); // By number.
  const lines = new Map();
  const unread = new Map(); // By conversation.
  const opened = new Set(); // Conversations opened by hand, perhaps still empty.
  let channels = [];
  let epoch = "";
  let revision = 0;
  let current = { channel: "", contact: "+15005550123" };
  let isFirst = true;

  const key = (channel, contact) => channel + " " + contact;
  const currentKey = () => key(current.channel, current.contact);
  const title = (name) => channels.find((c) => c.name === name)?.title ?? name;

  // Small makers.

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function icon(name, className) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const use = document.createElementNS(space, "use");
    use.setAttribute("href", "#" + name);
    svg.setAttribute("aria-hidden", "true");
    if (className) svg.setAttribute("class", className);
    svg.append(use);
    return svg;
  }

  const two = (number, width = 2) => String(number).padStart(width, "0");
  function time(ms, withMilliseconds) {
    const at = new Date(ms);
    const text = two(at.getHours()) + ":" + two(at.getMinutes());
    return withMilliseconds
      ? text + ":" + two(at.getSeconds()) + "." + two(at.getMilliseconds(), 3) : text;
  }
  const day = (ms) =>
    new Date(ms).toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });

  function initials(contact) {
    const digits = contact.replace(/\D/g, "");
    return (digits.length > 3 ? digits.slice(-2) : contact.slice(0, 2)).toUpperCase();
  }
  /** +15005550123 in groups that can be read. */
  function pretty(contact) {
    const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(contact);
    return american ? `+1 ${american[1]} ${american[2]} ${american[3]}` : contact;
  }

  // Threads.

  const statusTexts = {
    phone: { sending: "Sending to Sluice", taken: "Taken by Sluice", failed: "Not taken" },
    inbox: { sending: "Sending", sent: "Sent", delivered: "Delivered", read: "Read", failed: "Failed" },
  };
  const statusIcons = {
    sending: "clock", taken: "tick", sent: "tick", delivered: "ticks", read: "ticks", failed: "alert",
  };

  function draw(item, node) {
    const isMine = item.status !== "received";
    const isFresh = node === undefined && !isFirst;
    node ??= element("li");
    node.className = "message " + item.status + (isMine ? " mine" : "") + (isFresh ? " fresh" : "");
    const bubble = element("div", "bubble");
    if (item.kind !== "text" && item.kind !== "quick_reply") {
      const line = element("div", "kind");
      line.append(icon(item.kind === "location" ? "pin" : "clip"));
      if (item.url) {
        const link = element("a", "", item.url.split("/").pop() || item.kind);
        link.href = item.url;
        link.rel = "noreferrer noopener";
        link.target = "_blank";
        line.append(item.kind + ": ", link);
      } else line.append(item.kind);
      bubble.append(line);
    }
    if (item.text) bubble.append(item.text);
    const meta = element("div", "meta");
    const text = statusTexts[item.side][item.status];
    const label = item.status === "echo" ? "Sent outside IS-Messenger" : text;
    const name = statusIcons[item.status];
    const isLater = label && item.changedAt - item.at >= 60000;
    meta.append(time(item.at));
    if (label) meta.append("·", label + (isLater ? " " + time(item.changedAt) : ""));
    if (name) meta.append(icon(name, name === "ticks" ? "wide" : ""));
    meta.title = time(item.at, true) + (label ? `, ${label} at ${time(item.changedAt, true)}` : "")
      + (item.mId ? `, mId ${item.mId}` : "");
    node.replaceChildren(bubble, meta);
    if (item.reason) node.append(element("div", "reason", item.reason));
    return node;
  }

  /** One end's list of messages: nodes are kept and changed in place, so that a screen reader hears
      only what is new. */
  class Thread {
    constructor(side, empty) {
      this.side = side;
      this.list = $(side + "-thread");
      this.list.dataset.empty = empty;
      this.nodes = new Map();
      this.last = null;
    }
    clear() {
      this.list.replaceChildren();
      this.nodes.clear();
      this.last = null;
    }
    show(item) {
      const node = this.nodes.get(item.n);
      if (node) {
        const isJoined = node.classList.contains("joined");
        draw(item, node).classList.toggle("joined", isJoined);
        return;
      }
      const { list, last } = this;
      const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
      if (!last || day(last.at) !== day(item.at)) list.append(element("li", "day", day(item.at)));
      const made = draw(item);
      const isMine = (one) => one.status !== "received";
      if (last && isMine(last) === isMine(item) && item.at - last.at < 60000) {
        made.classList.add("joined");
      }
      list.append(made);
      this.nodes.set(item.n, made);
      this.last = item;
      while (this.nodes.size > 400) {
        const [first, old] = this.nodes.entries().next().value;
        old.remove();
        this.nodes.delete(first);
      }
      if (isAtEnd || isMine(item)) list.scrollTop = list.scrollHeight;
    }
  }
  const threads = {
    phone: new Thread("phone", "No messages yet. Write one, and watch it arrive in the inbox."),
    inbox: new Thread("inbox", "No messages yet. Write one, and watch it arrive on the phone."),
  };

  function select(channel, contact) {
    current = { channel, contact };
    opened.add(currentKey());
    unread.delete(currentKey());
    threads.phone.clear();
    threads.inbox.clear();
    for (const item of items.values()) {
      if (key(item.channel, item.contact) === currentKey()) threads[item.side].show(item);
    }
    for (const thread of Object.values(threads)) thread.list.scrollTop = thread.list.scrollHeight;
    $("phone-contact").value = contact;
    $("phone-contact").removeAttribute("aria-invalid");
    $("phone-channel").value = channel;
    $("phone-avatar").textContent = $("inbox-avatar").textContent = initials(contact);
    $("inbox-contact").textContent = pretty(contact);
    $("inbox-channel").textContent = "via " + title(channel);
    drawConversations();
    drawTimeline();
  }

  function drawConversations() {
    const latest = new Map();
    for (const item of items.values()) {
      if (item.side === "inbox") latest.set(key(item.channel, item.contact), item);
    }
    const names = [...new Set([...opened, ...latest.keys()])].sort(
      (a, b) => (latest.get(b)?.n ?? -1) - (latest.get(a)?.n ?? -1)).slice(0, 100);
    const focused = document.activeElement?.dataset?.key;
    $("conversations").replaceChildren(...names.map((name) => {
      const [channel, ...rest] = name.split(" ");
      const contact = rest.join(" ");
      const last = latest.get(name);
      const count = unread.get(name) ?? 0;
      const button = element("button", "conversation");
      button.type = "button";
      button.dataset.key = name;
      if (name === currentKey()) button.setAttribute("aria-current", "true");
      const avatar = element("span", "avatar", initials(contact));
      avatar.setAttribute("aria-hidden", "true");
      button.append(
        avatar, element("span", "who", last?.name ?? pretty(contact)),
        element("span", "when", last ? time(last.at) : ""),
        element("span", "last", last ? last.text.split("\n")[0] || last.kind : title(channel)));
      if (count) {
        const badge = element("span", "count", count > 99 ? "99+" : String(count));
        badge.setAttribute("aria-label", count + " new");
        button.append(badge);
      }
      button.addEventListener("click", () => select(channel, contact));
      const entry = element("li");
      entry.append(button);
      return entry;
    }));
    if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  // The timeline.

  const steps = {
    phoneWrote: ["phone", "Written on the phone"],
    webhookAccepted: ["sluice", "Webhook accepted by Sluice"],
    webhookRefused: ["sluice", "Webhook not accepted", true],
    platformReceived: ["inbox", "Received by IS-Messenger"],
    platformRefused: ["inbox", "Refused by IS-Messenger", true],
    platformStatus: ["inbox", "Status received"],
    inboxWrote: ["inbox", "Written in the inbox"],
    sluiceTook: ["sluice", "Taken by Sluice"],
    sluiceRefused: ["sluice", "Refused by Sluice", true],
    providerReceived: ["phone", "Received by the provider"],
    providerRefused: ["phone", "Refused by the provider", true],
    reportAccepted: ["sluice", "Delivery report accepted"],
    reportRefused: ["sluice", "Delivery report not accepted", true],
  };

  function drawTimeline() {
    const isNarrow = $("only-this").checked;
    const before = new Map(); // The step before, by conversation.
    const rows = [];
    for (const line of lines.values()) {
      const name = key(line.channel, line.contact);
      const previous = before.get(name);
      before.set(name, line);
      if (isNarrow && name !== currentKey()) continue;
      const [place, text, isBad] = steps[line.step] ?? ["", line.step];
      const isStart = line.step === "phoneWrote" || line.step === "inboxWrote";
      const row = element("tr", isStart ? "start" : "");
      const step = element("td");
      step.append(element("span", `step at-${place}` + (isBad ? " is-bad" : ""), text));
      const after = previous && !isStart ? (line.us - previous.us) / 1000 : undefined;
      const detail = element("td", "", line.detail);
      detail.title = line.detail;
      row.append(
        element("td", "", time(line.at, true)),
        element("td", "", after === undefined || after > 600000 ? "" : `+${after.toFixed(1)} ms`),
        step, element("td", "who", `${title(line.channel)} · ${pretty(line.contact)}`), detail);
      rows.push(row);
    }
    if (!rows.length) {
      const row = element("tr", "nothing");
      const cell = element("td", "", "Nothing yet. Each step of a message will stand here.");
      cell.colSpan = 5;
      row.append(cell);
      rows.push(row);
    }
    $("timeline").replaceChildren(...rows.reverse().slice(0, 120));
  }

  // Polling.

  function setChannels(list) {
    channels = list;
    for (const id of ["phone-channel", "new-channel"]) {
      $(id).replaceChildren(...list.map((channel) => {
        const option = element("option", "", channel.title);
        option.value = channel.name;
        return option;
      }));
    }
  }

  function take(state) {
    if (state.new) {
      items.clear();
      lines.clear();
      unread.clear();
      setChannels(state.channels);
      if (!channels.some((c) => c.name === current.channel)) current.channel = channels[0]?.name ?? "";
    }
    epoch = state.epoch;
    revision = state.revision;
    for (const item of state.items ?? []) {
      const name = key(item.channel, item.contact);
      if (!items.has(item.n) && item.side === "inbox" && item.status === "received"
        && name !== currentKey() && !state.new) unread.set(name, (unread.get(name) ?? 0) + 1);
      items.set(item.n, item);
      if (!state.new && name === currentKey()) threads[item.side].show(item);
    }
    while (items.size > 2000) items.delete(items.keys().next().value);
    for (const line of state.timeline ?? []) lines.set(line.n, line);
    while (lines.size > 300) lines.delete(lines.keys().next().value);
    if (state.new) select(current.channel, current.contact);
    else {
      if (state.items) drawConversations();
      if (state.timeline) drawTimeline();
    }
    isFirst = false;
    $("violations").hidden = !state.violations;
    $("violations").textContent =
      `${state.violations} broken protocol ${state.violations === 1 ? "rule" : "rules"}`;
  }

  function setLive(isLive) {
    const text = isLive ? "Live" : "Reconnecting";
    if ($("live").textContent === text) return;
    $("live").textContent = text;
    $("live").className = "chip " + (isLive ? "good" : "bad");
  }

  let timer = 0;
  let isPolling = false;
  async function poll() {
    clearTimeout(timer);
    if (isPolling) return;
    isPolling = true;
    let pause = document.hidden ? 2000 : 400;
    try {
      const answer = await fetch(
        `/sandbox/api/state?epoch=${epoch}&since=${revision}`,
        { cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (!answer.ok) throw new Error("HTTP " + answer.status);
      take(await answer.json());
      setLive(true);
    } catch (error) {
      setLive(false);
      pause = 1000;
    }
    isPolling = false;
    timer = setTimeout(poll, pause);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });

  // Writing.

  function fit(area) {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight, 132) + "px";
  }

  function prepare(side) {
    const form = $(side + "-form");
    const area = form.querySelector("textarea");
    const problem = form.querySelector(".problem");
    const button = form.querySelector("button");
    const check = () => { button.disabled = !area.value.trim(); };
    const complain = (text) => {
      problem.textContent = text;
      problem.hidden = !text;
    };
    area.addEventListener("input", () => { fit(area); check(); });
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!button.disabled) form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = area.value.trim();
      if (!text) return;
      complain("");
      area.value = "";
      fit(area);
      check();
      area.focus();
      setTimeout(poll, 60); // The message shows before its answer is here.
      try {
        const answer = await fetch("/sandbox/api/" + side, {
          method: "POST", headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...current, text }),
        });
        if (!answer.ok) {
          const body = await answer.json().catch(() => null);
          throw new Error(body?.error?.message ?? `The sandbox answered ${answer.status}.`);
        }
      } catch (error) {
        complain(error instanceof TypeError ? "The sandbox cannot be reached." : error.message);
        if (!area.value) {
          area.value = text; // Nothing typed is lost.
          fit(area);
          check();
        }
      }
      poll();
    });
    check();
  }
  prepare("phone");
  prepare("inbox");

  const clean = (contact) => contact.trim().replace(/^\+[\d\s().-]+$/, (n) => n.replace(/[^\d+]/g, ""));
  $("phone-contact").addEventListener("change", (event) => {
    const contact = clean(event.target.value);
    if (contact) select(current.channel, contact);
    else event.target.value = current.contact;
  });
  $("phone-contact").addEventListener("focus", (event) => event.target.select());
  $("phone-channel").addEventListener("change", (event) => select(event.target.value, current.contact));
  $("only-this").addEventListener("change", drawTimeline);

  function showNew(isShown) {
    $("new-form").hidden = !isShown;
    $("new-button").setAttribute("aria-expanded", String(isShown));
    if (isShown) {
      $("new-channel").value = current.channel;
      $("new-contact").focus();
    }
  }
  $("new-button").addEventListener("click", () => showNew($("new-form").hidden));
  $("new-form").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    showNew(false);
    $("new-button").focus();
  });
  $("new-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const contact = clean($("new-contact").value);
    if (!contact) return $("new-contact").focus();
    select($("new-channel").value, contact);
    $("new-contact").value = "";
    showNew(false);
    $("inbox-form").querySelector("textarea").focus();
  });

  const store = {
    get theme() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set theme(value) { try { localStorage.setItem("theme", value); } catch { /* Only for this visit. */ } },
  };
  if (store.theme) document.documentElement.dataset.theme = store.theme;
  $("theme-button").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = store.theme = isDark ? "light" : "dark";
  });

  poll();
})();

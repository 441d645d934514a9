"use strict";
// Tables, sorting, filtering, deep links and a read-out of pictures; the page is whole without them.
const work = () => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const RANK = ["drift", "not_evaluated", "uncertain", "changed", "ok"];

  // A cell's own text, without the small print.
  const own = (cell) =>
    [...cell.childNodes].filter((n) => n.nodeName !== "SMALL").map((n) => n.textContent).join("");
  const read = {
    text: (row, i) => own(row.cells[i]).trim().toLowerCase(),
    status: (row) => RANK.indexOf(row.dataset.s),
    number: (row, i) =>
      parseFloat(own(row.cells[i]).replace(/[^\d.eE+−-]/g, "").replace("−", "-")),
  };
  const compare = (a, b) => {
    if (typeof a === "string") return a.localeCompare(b, undefined, { numeric: true });
    return a - b;
  };

  const sortBy = (head) => {
    const table = head.closest("table");
    const body = table.tBodies[0];
    const by = head.dataset.by;
    const first = by === "number" ? "descending" : "ascending";
    const second = by === "number" ? "ascending" : "descending";
    const order = head.getAttribute("aria-sort") === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    all("th[aria-sort]", table.tHead).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    // rows without a number stay last, whichever way
    const rows = [...body.rows].map((row) => ({ row, key: read[by](row, head.cellIndex) }));
    const there = rows.filter(({ key }) => !Number.isNaN(key));
    there.sort((a, b) => sign * compare(a.key, b.key));
    body.append(...there.concat(rows.filter(({ key }) => Number.isNaN(key))).map((x) => x.row));
  };

  all("table.sort th[data-by]").forEach((head) => {
    const button = make("button", "");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sortBy(head));
  });

  const [tools, find, only, left] = ["tools", "find", "only", "left"].map((id) =>
    document.getElementById(id));
  const nameOf = (element) => {
    const name = element.querySelector("bdi");
    return name.title || name.textContent;
  };
  const items = all("[data-s]").map((element) => ({ element, name: nameOf(element) }));
  const cards = items.filter(({ element }) => element.nodeName === "ARTICLE");
  const shown = () => cards.filter(({ element }) => !element.hidden);
  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    for (const { element, name } of items) {
      element.hidden = !name.toLowerCase().includes(wanted)
        || Boolean(only.value && element.dataset.s !== only.value);
    }
    const many = shown().length;
    left.textContent = many === cards.length ? "" : `${many} of ${cards.length} columns`;
  };
  const goTo = (card) => {
    find.value = only.value = "";
    filter();
    card.focus({ preventScroll: true });
    card.scrollIntoView();
    // again when the cards on the way have got their heights
    requestAnimationFrame(() => card.scrollIntoView());
  };
  // #column=NAME leads to the card of that column; a section of the same name may stand before it.
  const follow = () => {
    const [, name] = location.hash.match(/^#column=(.*)$/s) || [];
    if (name === undefined) return;
    let told = name;
    try { told = decodeURIComponent(name); } catch { /* as it stands */ }
    const found = cards.find((card) => card.name === told);
    if (found) goTo(found.element);
  };
  cards.forEach(({ element }) => { element.tabIndex = 0; });
  if (items.length > 3) {
    tools.hidden = false;
    find.addEventListener("input", filter);
    only.addEventListener("change", filter);
    // Enter leads to the first column found, Escape back to all
    tools.addEventListener("submit", (event) => {
      event.preventDefault();
      if (shown().length) shown()[0].element.focus();
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { find.value = ""; filter(); }
    });
  }
  addEventListener("hashchange", follow);
  follow();

  // The lines of numbers become tables when they are opened.
  const rowsOf = (pre) => pre.textContent.split("\n").map((line) => line.split("\t"));
  const tabled = (pre) => {
    const table = make("table", "");
    const parts = [table.createTHead(), table.createTBody()];
    rowsOf(pre).forEach((cells, i) => {
      const row = parts[Math.min(i, 1)].insertRow();
      cells.forEach((text, j) => {
        const cell = make(i && j ? "td" : "th", text);
        if (!(i && j)) cell.scope = i ? "row" : "col";
        cell.dir = "auto";
        row.append(cell);
      });
    });
    const box = make("div", "");
    box.className = "wide";
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `${nameOf(pre.closest("article"))}: ${rowsOf(pre)[0][0]}`);
    box.append(table);
    pre.replaceWith(box);
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.open) all("pre", event.target).forEach(tabled);
  }, true);

  // What a picture shows at a place, from the numbers behind it; 36 to 396 of 400 is the plot.
  const HEADS = { h: "From", p: "PSI bin", t: "Run" };
  const behind = (picture) => {
    const card = picture.closest("article");
    const kind = picture.classList[0];
    if (kind === "w") {
      // of windows: the table of them names its column by the way to this card
      const head = document.querySelector(`details thead a[href="#${card.id}"]`).closest("th");
      const rows = [...head.closest("table").tBodies[0].rows];
      return rows.map((row) => [row.cells[0], row.cells[head.cellIndex]].map((c) => c.textContent));
    }
    const lines = all("pre", card).map(rowsOf).concat(all("details table", card).map((table) =>
      [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent))));
    return (lines.find((rows) => rows[0][0] === HEADS[kind]) || []).slice(1);
  };
  const tell = {
    h: ([at, r, c]) => `from ${at}: ${r} / ${c} rows`,
    p: ([at, r, c, part]) => `${at}: ${r} → ${c}, PSI ${part}`,
    t: ([at, effect]) => `${at}: ${effect}`,
    w: ([at, effect]) => `${at}: ${effect}`,
  };
  const say = (picture, cells) => {
    const caption = picture.parentNode.querySelector("figcaption");
    let out = caption.querySelector("output");
    if (!out) { out = make("output", ""); caption.append(out); }
    out.textContent = cells ? tell[picture.classList[0]](cells) : "";
  };
  const pictured = (event) => event.target.closest && event.target.closest("article svg[role]:not(.b)");
  let last = null;
  document.addEventListener("pointermove", (event) => {
    const picture = pictured(event);
    if (last && last.picture !== picture) { say(last.picture); last = null; }
    if (!picture || !tell[picture.classList[0]]) return;
    last = last || { picture, rows: behind(picture) };
    const box = picture.getBoundingClientRect();
    const along = (((event.clientX - box.left) / box.width) * 400 - 36) / 360;
    say(picture, last.rows[Math.floor(along * last.rows.length)]);
  });
  // Of a card that has the focus, the arrow keys go through its first picture.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const picture = step && event.target.nodeName === "ARTICLE"
      && event.target.querySelector("svg[role]:not(.b)");
    if (!picture) return;
    event.preventDefault();
    const rows = behind(picture);
    const at = Math.min(Math.max(Number(picture.dataset.at ?? (step > 0 ? -1 : rows.length)) + step, 0),
      rows.length - 1);
    picture.dataset.at = at;
    say(picture, rows[at]);
  });
};

// What lies below the first screen, once that is painted, or would be printed, or was never seen.
const rest = document.getElementById("later");
const show = () => {
  if (!rest.isConnected) return;
  const place = document.createRange();
  place.selectNode(rest);
  rest.replaceWith(place.createContextualFragment(rest.textContent));
  work();
  // the browser looked for it when it was not there yet
  if (document.getElementById(location.hash.slice(1))) location.replace(location.hash);
};
new PerformanceObserver(show).observe({ type: "paint", buffered: true });
setTimeout(show, 500);
addEventListener("beforeprint", show);

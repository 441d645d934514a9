"use strict";
// Sorting, filtering and a read-out under the pointer; the page is whole without them.
(() => {
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
    const value = (row) => read[by](row, head.cellIndex);
    const first = by === "number" ? "descending" : "ascending";
    const second = by === "number" ? "ascending" : "descending";
    const order = head.getAttribute("aria-sort") === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    all("th[aria-sort]", table.tHead).forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", order);
    // rows without a number stay last, whichever way
    const rows = [...body.rows].map((row) => ({ row, key: value(row) }));
    const there = rows.filter(({ key }) => !Number.isNaN(key));
    there.sort((a, b) => sign * compare(a.key, b.key));
    body.append(...there.concat(rows.filter(({ key }) => Number.isNaN(key))).map((x) => x.row));
  };

  all("table.sort th[data-by]").forEach((head) => {
    const button = make("button", "");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sortBy(head));
  });

  const [tools, find, only, left] = ["tools", "find", "only", "left"].map((id) =>
    document.getElementById(id));
  const items = all("[data-s]").map((element) => {
    const name = element.querySelector("bdi");
    return { element, name: (name.title || name.textContent).toLowerCase() };
  });
  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    for (const { element, name } of items) {
      element.hidden = !name.includes(wanted) || (only.value && element.dataset.s !== only.value);
    }
    const cards = items.filter(({ element }) => element.nodeName === "ARTICLE");
    const shown = cards.filter(({ element }) => !element.hidden).length;
    left.textContent = shown === cards.length ? "" : `${shown} of ${cards.length} columns`;
  };
  if (items.length > 3) {
    tools.hidden = false;
    find.addEventListener("input", filter);
    only.addEventListener("change", filter);
    tools.addEventListener("submit", (event) => event.preventDefault());
  }

  // What is under the pointer, read from the table behind the picture; 36 to 396 of 400 is the plot.
  const readOut = (picture, table, tell) => {
    const out = make("span", "");
    picture.parentNode.querySelector("figcaption").append(out);
    const rows = table.tBodies[0].rows;
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      const along = (((event.clientX - box.left) / box.width) * 400 - 36) / 360;
      const row = rows[Math.floor(along * rows.length)];
      out.textContent = row ? tell([...row.cells].map((cell) => cell.textContent)) : "";
    });
    picture.addEventListener("pointerleave", () => { out.textContent = ""; });
  };
  all("svg.h").forEach((picture) => {
    const bins = all("details table:last-of-type", picture.closest("article")).pop();
    readOut(picture, bins, (cells) => `${cells[0]}: ${cells[1]} / ${cells[2]} rows`);
  });
  // Of a strip the window: the table of windows names its column by the way to this card.
  all("svg.w").forEach((picture) => {
    const name = `details thead a[href="#${picture.closest("article").id}"]`;
    const head = document.querySelector(name).closest("th");
    readOut(picture, head.closest("table"), (cells) => `${cells[0]}: ${cells[head.cellIndex]}`);
  });
})();

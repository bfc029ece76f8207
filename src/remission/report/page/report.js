// One panel answers for every number: what it counts, its rule, its test, the children, the rows.
(() => {
  const data = JSON.parse(document.getElementById("answers").textContent);
  const panel = document.getElementById("panel");
  const head = document.getElementById("panel-head");
  const place = document.getElementById("panel-place");
  const body = document.getElementById("panel-body");
  let opener = null;

  const element = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  const section = (title, lines, name) => {
    const shown = lines.filter(Boolean);
    if (!shown.length) return;
    body.append(element("dt", title));
    shown.forEach((line) => body.append(element("dd", line, name)));
  };

  const rowsOf = (answer) => {
    const found = new Map();
    const column = data.rows[answer.c] || [];
    answer.i.forEach((index) => {
      const row = column[index];
      if (!row) return;
      if (!found.has(row[0])) found.set(row[0], []);
      found.get(row[0]).push(row[1]);
    });
    const lines = [...found].map(([file, rows]) =>
      `${data.files[file]} ${rows.length > 1 ? "rows" : "row"} ${rows.sort((a, b) => a - b).join(", ")}`);
    return answer.w ? answer.w.map((row) => row.replace(/:(\d+)$/, " row $1")) : lines;
  };

  const fill = (answer) => {
    head.textContent = answer.h;
    place.textContent = answer.p;
    body.replaceChildren();
    section("What it says", answer.s);
    const [rule, reference, evidence] = data.rules[answer.r];
    section("Rule", [rule]);
    if (reference) body.append(element("dd", `${reference} ${evidence}`.trim(), "reference"));
    section("Comparison across groups", answer.t);
    if (answer.i.length) {
      body.append(element("dt", `${data.people[0].toUpperCase()}${data.people.slice(1)} (${answer.i.length})`));
      const list = element("dd", "", "ids");
      answer.i.forEach((index) => list.append(element("span", data.subjects[index])));
      body.append(list);
    }
    const rows = rowsOf(answer);
    if (rows.length) {
      body.append(element("dt", "Source rows"));
      rows.forEach((line) => {
        const item = element("dd");
        item.append(element("code", line));
        body.append(item);
      });
    }
  };

  const close = (giveBack) => {
    if (panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("open");
    history.replaceState(null, "", location.pathname + location.search);
    if (opener) {
      opener.removeAttribute("aria-expanded");
      if (giveBack) opener.focus();
    }
    opener = null;
  };

  const open = (target) => {
    const answer = data.numbers[target.id];
    if (!answer) return;
    if (opener) opener.removeAttribute("aria-expanded");
    opener = target;
    opener.setAttribute("aria-expanded", "true");
    fill(answer);
    panel.hidden = false;
    panel.scrollTop = 0;
    document.body.classList.add("open");
    history.replaceState(null, "", `#${encodeURIComponent(target.id)}`);
    head.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  };

  // Numbers inside a drawing become buttons too.
  document.querySelectorAll(".drawing [id]").forEach((node) => {
    if (!data.numbers[node.id]) return;
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", "0");
    node.setAttribute("aria-label", `${data.numbers[node.id].h}, ${data.numbers[node.id].p}`);
    node.closest(".drawing").setAttribute("role", "group");
  });

  const numberAt = (event) => {
    const target = event.target.closest(".number, .drawing [role=button]");
    return target && data.numbers[target.id] ? target : null;
  };

  document.addEventListener("click", (event) => {
    const target = numberAt(event);
    if (target) open(target);
  });

  // A table is one stop of the tab key; arrows move between its numbers.
  const grids = [...document.querySelectorAll("table")].map((table) =>
    [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.querySelector(".number"))));
  grids.forEach((grid) => {
    const numbers = grid.flat().filter(Boolean);
    numbers.forEach((number, index) => { number.tabIndex = index ? -1 : 0; });
  });

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  const move = (from, step) => {
    const grid = grids.find((rows) => rows.some((row) => row.includes(from)));
    if (!grid) return false;
    let y = grid.findIndex((row) => row.includes(from));
    let x = grid[y].indexOf(from);
    do { y += step[0]; x += step[1]; } while (grid[y] && x >= 0 && x < grid[y].length && !grid[y][x]);
    const next = grid[y] && grid[y][x];
    if (!next) return true;
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(true); return; }
    const target = numberAt(event);
    if (!target) return;
    if (steps[event.key] && move(target, steps[event.key])) event.preventDefault();
    if ((event.key === "Enter" || event.key === " ") && !(target instanceof HTMLButtonElement)) {
      event.preventDefault();
      open(target);
    }
  });

  document.getElementById("panel-close").addEventListener("click", () => close(true));

  const fromAddress = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && data.numbers[target.id]) { target.scrollIntoView({ block: "center" }); open(target); }
  };
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();

"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const names = JSON.parse(byId("names").textContent);
  const PAGE = 50;
  const MOST_RANKS = 4; // of the passages of a query, in the table; its row unfolds to all
  const POOL = "*";
  const state = { setting: "", result: 0, query: "", corpus: "", text: "", sort: "", descending: false, shown: PAGE };

  // Texts only ever enter the page as text nodes: nothing in them can become markup.
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const told = (tag) => (names[tag] && tag !== POOL ? `${tag} ${names[tag]}` : names[tag] || tag);
  const number = (value, digits) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // A passage that was not found has -1 for a rank: here it stands behind all that were.
  const UNFOUND = Number.MAX_SAFE_INTEGER;
  const rankText = (rank, before = "") => (rank === UNFOUND ? "not found" : `${before}${number(rank, 0)}`);
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const groups = () => data.results[state.result].groups.filter((group) => group.setting === state.setting);

  const rowsOf = (group) =>
    group.rows.map(([id, ranks, values, passages, above]) => {
      const text = (data.queries[group.query] || {})[id] || "";
      const found = passages.map((place) => data.passages[place]).map(([language, passage]) => ({ language, passage }));
      const wrong = above.map(([rank, passageId, place]) => {
        const [language, passage] = place === null ? ["", passageId] : data.passages[place];
        return { rank, language, passage, wrong: true };
      });
      return {
        id, ranks: ranks.map((rank) => (rank < 0 ? UNFOUND : rank)), values, text, above: wrong,
        passages: found, query: group.query, corpus: group.corpus,
        searched: folded([id, text, ...found.map(({ passage }) => passage)].join("\n")),
      };
    });

  const columns = () => {
    const measures = data.results[state.result].measures[state.setting];
    return [
      { name: "query", key: (row) => row.text || row.id },
      { name: "languages", key: (row) => `${row.query} ${row.corpus}` },
      { name: "ranks", key: (row) => Math.max(...row.ranks) },
      ...measures.map((name, place) => ({ name, key: (row) => row.values[place] })),
    ];
  };

  const chosen = () => {
    const wanted = folded(state.text.trim());
    const kept = groups()
      .filter((group) => (!state.query || group.query === state.query) && (!state.corpus || group.corpus === state.corpus))
      .flatMap(rowsOf)
      .filter((row) => row.searched.includes(wanted));
    const { key } = columns().find((column) => column.name === state.sort);
    const direction = state.descending ? -1 : 1;
    // Queries without a value stay at the end, whichever way the others are sorted.
    const missing = (a, b) => (a === null) - (b === null);
    const compare = (a, b) => direction * (typeof a === "string" ? a.localeCompare(b) : a - b);
    return kept.sort((one, two) => {
      const [a, b] = [key(one), key(two)];
      return a === null || b === null ? missing(a, b) : compare(a, b);
    });
  };

  // Language and text of a passage are unknown where the report was made without the benchmark.
  const ranked = (row) =>
    row.ranks
      .map((rank, place) => ({ rank, language: "", passage: "", ...row.passages[place] }))
      .sort((one, two) => one.rank - two.rank);

  const passagesOf = (row) => {
    const shown = [...ranked(row), ...row.above].sort((one, two) => one.rank - two.rank);
    const items = shown.map(({ rank, language, passage, wrong }) =>
      make("li", wrong ? { class: "wrong" } : {},
        make("b", {}, `${rankText(rank, "rank ")}${language && `, ${told(language)}`}${wrong ? ", not relevant" : ""}`),
        make("span", { lang: language, dir: "auto" }, passage)));
    return make("div", { class: "passages" }, make("p", { class: "id" }, `query ${row.id}`), make("ul", {}, ...items));
  };

  const queryCell = (row, details) => {
    const text = row.text ? make("span", { lang: row.query, dir: "auto" }, row.text) : row.id;
    const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": details.id }, text);
    button.addEventListener("click", () => {
      details.hidden = !details.hidden;
      button.setAttribute("aria-expanded", String(!details.hidden));
      if (!details.hidden) details.replaceChildren(make("td", { colspan: columns().length }, passagesOf(row)));
    });
    return make("td", {}, button);
  };

  const rankCell = (row) => {
    const all = ranked(row);
    const shown = all.length > MOST_RANKS ? [all[0], all[all.length - 1]] : all;
    const parts = shown.map(({ rank, language }) =>
      make("span", {}, ...(row.corpus === POOL && language ? [make("b", {}, `${language} `)] : []), rankText(rank)));
    if (shown.length < all.length) parts.splice(1, 0, make("span", {}, "to"));
    return make("td", { class: "ranks" }, ...parts);
  };

  const tableRows = (row, place) => {
    const details = make("tr", { id: `passages-${place}`, hidden: "" });
    const measures = columns().slice(3);
    const to = row.corpus === POOL ? names[POOL] : row.corpus;
    const values = row.values.map((value, column) =>
      make("td", {}, value === null ? "-" : number(value, data.decimals[measures[column].name])));
    const languages = make("td", { class: "text" }, `${row.query} → ${to}`);
    return [make("tr", {}, queryCell(row, details), languages, rankCell(row), ...values), details];
  };

  const showRows = () => {
    const rows = chosen();
    const table = byId("query-table");
    table.tBodies[0].replaceChildren(...rows.slice(0, state.shown).flatMap(tableRows));
    for (const header of table.tHead.querySelectorAll("th")) {
      const sorted = header.dataset.column === state.sort;
      header.setAttribute("aria-sort", sorted ? (state.descending ? "descending" : "ascending") : "none");
    }
    byId("more").hidden = rows.length <= state.shown;
    const shown = number(Math.min(rows.length, state.shown), 0);
    byId("status").textContent = rows.length
      ? `${shown} of ${number(rows.length, 0)} queries shown`
      : "No query fits: clear the text, or choose other languages.";
  };

  const sortBy = (name) => {
    state.descending = state.sort === name && !state.descending;
    state.sort = name;
    showRows();
  };

  const showHeader = () => {
    const cells = columns().map(({ name }) => {
      const button = make("button", { type: "button" }, name);
      button.addEventListener("click", () => sortBy(name));
      const text = name === "languages" || name === "ranks" ? { class: "text" } : {};
      return make("th", { scope: "col", "data-column": name, ...text }, button);
    });
    byId("query-table").tHead.replaceChildren(make("tr", {}, ...cells));
  };

  const fill = (select, languages, value) => {
    const options = languages.map((language) => make("option", { value: language }, told(language)));
    select.replaceChildren(make("option", { value: "" }, "all"), ...options);
    select.value = languages.includes(value) ? value : "";
    return select.value;
  };

  const showSetting = () => {
    const distinct = (part) => [...new Set(groups().map((group) => group[part]))].sort();
    state.query = fill(byId("query-language"), distinct("query"), state.query);
    state.corpus = fill(byId("passage-language"), distinct("corpus"), state.corpus);
    byId("passage-language").parentElement.hidden = state.setting !== "cross-lingual";
    if (byId("passage-language").parentElement.hidden) state.corpus = "";
    state.sort = data.measure;
    state.descending = data.lower_is_better.includes(data.measure);
    showHeader();
    showRows();
  };

  const showSettings = () => {
    const settings = [...new Set(data.results[state.result].groups.map((group) => group.setting))];
    if (!settings.includes(state.setting)) state.setting = settings[0];
    const labels = settings.map((setting) => {
      const input = make("input", { type: "radio", name: "setting", value: setting });
      input.checked = setting === state.setting;
      return make("label", {}, input, make("span", {}, setting));
    });
    const group = byId("setting");
    group.replaceChildren(group.querySelector("legend"), ...labels);
    showSetting();
  };

  const onChange = (id, change) => byId(id).addEventListener("input", (event) => {
    state.shown = PAGE;
    change(event.target.value);
  });

  if (data.results.every((result) => result.groups.length === 0)) {
    byId("status").textContent = "The results hold no scores of single queries.";
    return;
  }
  byId("controls").hidden = false;
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("result").append(...data.results.map((result, place) => make("option", { value: place }, result.label)));
  onChange("setting", (value) => { state.setting = value; showSetting(); });
  onChange("result", (value) => { state.result = Number(value); showSettings(); });
  onChange("query-language", (value) => { state.query = value; showRows(); });
  onChange("passage-language", (value) => { state.corpus = value; showRows(); });
  onChange("filter", (value) => { state.text = value; showRows(); });
  byId("more").addEventListener("click", () => { state.shown += PAGE; showRows(); });
  showSettings();
})();

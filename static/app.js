// Small behaviours; every page is complete without them. Texts come translated from data attributes of <body>.
(function () {
  "use strict";

  const words = document.body.dataset;

  function all(selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  }

  // ---- charts: the SVG stays until the figure comes near the viewport, or until its button is pressed ------------
  // plotly.min.js is 4.8 MB and keeps the page busy for a second: it is loaded when the browser is idle, and not
  // unasked where data is saved or where the figures, drawn for light paper, would glare.
  let plotly = null;
  const isSparing = Boolean((navigator.connection || {}).saveData) || matchMedia("(prefers-color-scheme: dark)").matches;
  const whenIdle = window.requestIdleCallback || function (run) { setTimeout(run, 200); };
  const near = isSparing || !window.IntersectionObserver ? null : new IntersectionObserver(function (entries) {
    entries.filter(function (entry) { return entry.isIntersecting; }).forEach(function (entry) {
      near.unobserve(entry.target);
      whenIdle(function () { entry.target.dispatchEvent(new Event("near")); });
    });
  }, { rootMargin: "150px 0px" });

  function loadPlotly() {
    plotly = plotly || new Promise(function (done, fail) {
      const script = document.createElement("script");
      script.src = document.querySelector("meta[name=plotly-src]").content;
      script.onload = function () { done(window.Plotly); };
      script.onerror = fail;
      document.head.appendChild(script);
    });
    return plotly;
  }

  function drawChart(box) {
    const figure = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const live = box.querySelector(".chart-live");
    return loadPlotly().then(function (Plotly) {
      return Plotly.newPlot(live, figure.data, liveLayout(figure, live), { displayModeBar: false, responsive: true });
    }).then(function () {
      box.classList.add("is-live");
    });
  }

  // Screen-only additions to the shared figure: page font, axes that make room, quiet colours.
  function liveLayout(figure, live) {
    const layout = figure.layout;
    delete layout.width;
    Object.assign(layout, {
      autosize: true, showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: "#14202e" },
      margin: { l: 12, r: (layout.margin && layout.margin.r) || 14, t: 10, b: 12 },
      hoverlabel: { bgcolor: "#14202e", font: { color: "#fff" } },
    });
    ["xaxis", "yaxis"].forEach(function (name) {
      const axis = Object.assign(name === "yaxis" ? { nticks: 6 } : {}, layout[name]);
      Object.assign(axis, {
        automargin: true, gridcolor: "#e3e8ee", zeroline: false, fixedrange: true, tickangle: 0,
        tickfont: { color: "#56657a", size: 12.5 },
      });
      if (axis.title) {
        axis.title = { text: axis.title.text, font: { size: 12.5, color: "#56657a" }, standoff: 8 };
      }
      if (name === "xaxis") {
        Object.assign(axis, { linecolor: "#8895a5", showline: true, showgrid: Boolean(axis.showgrid) });
        if (axis.type === "log") {
          Object.assign(axis, { tickvals: [100, 1000, 10000], ticktext: ["100", "1,000", "10,000"] });
        } else if (axis.type === "category" && live.clientWidth < 500) {
          axis.tickvals = figure.data[0].x.filter(function (v, i) { return i % 2 === 0; });
        }
      }
      layout[name] = axis;
    });
    return layout;
  }

  function prepareCharts(root) {
    all("[data-chart-open]", root).forEach(function (button) {
      const box = document.getElementById(button.dataset.chartOpen);
      function open() {
        button.disabled = true;
        button.textContent = words.loading;
        drawChart(box).then(
          function () { button.hidden = true; },
          function () { button.disabled = false; button.textContent = words.retry; plotly = null; }
        );
      }
      button.hidden = false;
      button.addEventListener("click", open);
      box.addEventListener("near", function () { if (!button.disabled) open(); });
      if (near) near.observe(box);
      else if (plotly) open(); // asked for once: later charts come alive by themselves
    });
  }

  prepareCharts(document);

  // ---- links that replace one part of the page ----------------------------------------------------
  all("a[data-fragment]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      fetch(link.dataset.fragment, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.text();
      }).then(function (html) {
        const into = document.getElementById(link.dataset.into);
        into.innerHTML = html;
        prepareCharts(into);
        all("a", link.parentNode).forEach(function (a) { a.removeAttribute("aria-current"); });
        link.setAttribute("aria-current", "true");
      }).catch(function () { location.href = link.href; });
    });
  });

  // ---- polling: replace the element until the server leaves data-poll out --------------------------
  function poll(box, failures) {
    if (!box || !box.dataset.poll) return;
    const every = Number(box.dataset.pollEvery) || 1000;
    const wait = document.hidden ? every * 10 : every * Math.pow(2, Math.min(failures, 5));
    setTimeout(function () {
      fetch(box.dataset.poll, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.text();
      }).then(function (html) {
        const holder = document.createElement("template");
        holder.innerHTML = html.trim();
        const next = holder.content.querySelector("#" + box.id);
        if (!next) return;
        announce(box.dataset.announce, next.dataset.announce);
        box.replaceWith(next);
        tellRemaining(next);
        if (next.dataset.goto) location.href = next.dataset.goto; // finished: the result has a page of its own
        poll(next, 0);
      }).catch(function () { poll(box, failures + 1); });
    }, wait);
  }

  // How long it still takes, from the pace seen on this page since the stage began; nothing is said before it is known.
  const seen = {};

  function tellRemaining(box) {
    const bar = box.querySelector("progress[value]");
    const share = bar && bar.max ? bar.value / bar.max : 0;
    const began = seen[box.id];
    if (!share || !began || began.stage !== box.dataset.announce || share < began.share) {
      seen[box.id] = { stage: box.dataset.announce, share: share, at: Date.now() };
      return;
    }
    const passed = Date.now() - began.at, gained = share - began.share;
    if (passed < 4000 || gained < 0.03 || share >= 1) return;
    const minutes = (1 - share) * passed / gained / 60000;
    const text = document.createElement("p");
    text.className = "hint";
    text.textContent = minutes < 1 ? words.remainingShort : words.remaining.replace("{n}", Math.ceil(minutes));
    bar.after(text);
  }

  function announce(before, now) {
    const place = document.querySelector("[data-announcer]");
    if (place && now && now !== before) place.textContent = now;
  }

  all("[data-poll]").forEach(function (box) { poll(box, 0); });

  function number(text) {
    const value = parseFloat(text.replace(/,/g, "").replace("−", "-"));
    return isNaN(value) ? -Infinity : value;
  }

  // ---- tables: sort by column, filter rows ----------------------------------------------------------
  all("table[data-sortable]").forEach(function (table) {
    all("thead th", table).forEach(function (head, column) {
      const button = head.querySelector("button");
      if (!button) return;
      button.addEventListener("click", function () {
        const up = head.getAttribute("aria-sort") !== "ascending";
        const numeric = head.classList.contains("num");
        all("thead th[aria-sort]", table).forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.from(table.tBodies[0].rows).sort(function (a, b) {
          const x = a.cells[column].textContent.trim(), y = b.cells[column].textContent.trim();
          const order = numeric ? number(x) - number(y) : x.localeCompare(y, document.documentElement.lang);
          return up ? order : -order;
        }).forEach(function (row) { table.tBodies[0].appendChild(row); });
      });
    });
  });

  // ---- upload with progress: the form is sent by script so that its progress shows; its answer is followed ----
  all("form[data-upload]").forEach(function (form) {
    const input = form.querySelector("input[type=file]"), zone = form.querySelector("[data-drop]") || form;
    const name = form.querySelector("[data-upload-name]"), state = form.querySelector("[data-upload-state]");
    const bar = form.querySelector("[data-upload-bar]");

    function send() {
      const request = new XMLHttpRequest(); // fetch has no upload progress
      state.textContent = words.uploading;
      bar.hidden = false;
      request.upload.onprogress = function (event) {
        if (event.lengthComputable) bar.value = Math.round(event.loaded / event.total * 100);
      };
      request.onload = function () {
        if (request.status >= 400) { form.submit(); return; } // the browser shows the page that says what is wrong
        state.textContent = words.uploaded;
        location.href = request.responseURL;
      };
      request.onerror = function () { state.textContent = words.uploadFailed; };
      request.open("POST", form.action);
      request.send(new FormData(form));
    }

    form.addEventListener("submit", function (event) {
      if (!input.files.length) return; // the server says what is missing
      event.preventDefault();
      send();
    });
    input.addEventListener("change", function () {
      if (name && input.files.length) name.textContent = input.files[0].name;
    });
    ["dragenter", "dragover", "dragleave", "drop"].forEach(function (kind) {
      zone.addEventListener(kind, function (event) {
        event.preventDefault();
        zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      });
    });
    zone.addEventListener("drop", function (event) {
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
  });

  // ---- a select that changes the page: the button beside it is only needed without script ---------------
  all("form[data-submit-on-change]").forEach(function (form) {
    form.addEventListener("change", function () { form.requestSubmit(); });
  });

  // ---- weights of a scheme: sums and effective weights follow what is typed ------------------------------
  all("form[data-weights]").forEach(function (form) {
    const leaves = all("[data-leaf]", form), groups = all("[data-group]", form);

    function typed(input) {
      const value = parseFloat(input.value);
      return isNaN(value) ? 0 : value;
    }

    function under(parent) {
      return leaves.concat(groups).filter(function (input) { return input.dataset.parent === parent; });
    }

    // A group without a weight weighs as much as what stands below it.
    function weight(input) {
      return "leaf" in input.dataset || input.value.trim() ? typed(input) : total(input.dataset.group);
    }

    function total(parent) {
      return under(parent).reduce(function (sum, input) { return sum + weight(input); }, 0);
    }

    function show(output, value, isSum) {
      output.textContent = value.toFixed(2);
      if (!isSum) return;
      output.classList.toggle("ok", Math.abs(value - 100) < 1e-6);
      output.classList.toggle("off", Math.abs(value - 100) >= 1e-6);
    }

    function descend(parent, share) {
      const sum = total(parent);
      under(parent).forEach(function (input) {
        const part = sum ? share * weight(input) / sum : 0;
        show(form.querySelector("[data-effective='" + input.name + "']"), part);
        if (input.dataset.group) {
          show(form.querySelector("[data-below='" + input.dataset.group + "']"), total(input.dataset.group));
          descend(input.dataset.group, part);
        }
      });
    }

    function refresh() {
      show(form.querySelector("[data-sum=leaves]"), leaves.reduce(function (sum, x) { return sum + typed(x); }, 0), true);
      show(form.querySelector("[data-sum=first]"), total(""), true);
      descend("", 100);
    }

    // What is proposed is the saved draft: what was typed since must be saved first.
    function unsaved() {
      all("[data-unsaved]").forEach(function (text) { text.hidden = false; });
      all("[data-needs-saved]").forEach(function (button) { button.disabled = true; });
    }

    form.addEventListener("input", function () { refresh(); unsaved(); });
    if (form.querySelector("[aria-invalid]")) unsaved();
    refresh();
  });

  // ---- a fault of a text: its line is marked in the text ---------------------------------------------------
  all("a[data-line]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      const text = document.getElementById(link.hash.slice(1)), lines = text.value.split("\n"), line = Number(link.dataset.line);
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      event.preventDefault();
      text.focus();
      text.setSelectionRange(start, start + (lines[line - 1] || "").length);
      text.scrollTop = text.scrollHeight * Math.max(0, line - 4) / lines.length;
    });
  });

  // ---- words that were typed and not sent: kept in this tab until they are sent, gone when it closes --------
  // They come back only over the text they were typed over, and never after the person has left.
  function autosave() {
    const visit = performance.getEntriesByType("navigation")[0] || {};
    const isRefused = (visit.responseStatus || 200) >= 400 || document.querySelector("[autocomplete=current-password]");
    Object.keys(sessionStorage).forEach(function (key) {
      if (!key.startsWith("text:")) return;
      const kept = JSON.parse(sessionStorage[key]);
      if (!kept.sent) return;
      if (isRefused) sessionStorage[key] = JSON.stringify({ over: kept.over, text: kept.text });
      else sessionStorage.removeItem(key);
    });
    all("form[method=post] textarea").forEach(function (field) {
      const key = "text:" + location.pathname + ":" + field.form.getAttribute("action") + ":" + field.name;
      const kept = JSON.parse(sessionStorage[key] || "null");
      if (kept && kept.over === field.defaultValue && kept.text !== field.value) offer(field, kept.text, key);
      field.addEventListener("input", function () {
        sessionStorage[key] = JSON.stringify({ over: field.defaultValue, text: field.value });
      });
      field.form.addEventListener("submit", function () {
        if (!sessionStorage[key]) return;
        const typed = JSON.parse(sessionStorage[key]);
        sessionStorage[key] = JSON.stringify({ over: typed.over, text: typed.text, sent: true });
      });
    });
  }

  function offer(field, text, key) {
    const note = document.createElement("p"), button = document.createElement("button");
    note.className = "hint";
    note.setAttribute("role", "status");
    button.type = "button";
    button.className = "link";
    button.textContent = words.drop;
    button.addEventListener("click", function () {
      field.value = field.defaultValue;
      sessionStorage.removeItem(key);
      note.remove();
      field.focus();
    });
    field.value = text;
    field.before(note);
    note.append(words.kept + " ", button);
  }

  autosave();
  all("form[action$='/sign-out']").forEach(function (form) {
    form.addEventListener("submit", function () { sessionStorage.clear(); });
  });

  // ---- the meaning of a word and the rest of the menu: one open at a time, closed by Escape or by leaving -----
  const PASSING = "details.term[open], details.more[open]";

  document.addEventListener("click", function (event) {
    const kept = event.target.closest(PASSING);
    all(PASSING).forEach(function (box) { if (box !== kept) box.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    const box = event.key === "Escape" && document.querySelector(PASSING);
    if (!box) return;
    box.open = false;
    box.querySelector("summary").focus();
  });

  const summary = document.querySelector(".errors");
  if (summary) summary.focus();

  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();

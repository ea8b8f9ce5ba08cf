// A close look at the photograph's own pixels: one or several pictures, moved and enlarged
// together.  What is on the page is shown at once; the part in sight comes at its full size.
(() => {
  const words = Object.assign({}, ...Object.values(window.gradio_config?.i18n_translations ?? {}));
  const _ = (text) => words[text] ?? text;
  const WORDS = {
    label: _("A close look"),
    fit: _("Whole picture"),
    less: _("Smaller"),
    more: _("Larger"),
    close: _("Close"),
    split: _("Grey on the left, colour on the right"),
  };
  const MOST = 8; // screen pixels for one of the photograph
  const MOST_PIXELS = 4e6; // of a part, as the server has it
  const ports = {}; // tab → how it is asked for a part
  let dialog, sheets, tab, width, height, view, number = 0, timer = 0, home = null;
  const fingers = new Map(); // pointers that are down: id → {x, y}

  const element = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstChild;
  };
  const build = () => {
    dialog = element(`<dialog id="viewer" aria-label="${WORDS.label}">
      <div class="panes"></div>
      <div class="bar">
        <input type="range" class="split" min="0" max="100" value="38" aria-label="${WORDS.split}">
        <button type="button" data-do="fit">${WORDS.fit}</button>
        <button type="button" data-do="less" aria-label="${WORDS.less}">−</button>
        <button type="button" data-do="own" class="scale"></button>
        <button type="button" data-do="more" aria-label="${WORDS.more}">+</button>
        <button type="button" data-do="close">${WORDS.close}</button>
      </div></dialog>`);
    document.body.append(dialog);
    const split = dialog.querySelector(".split");
    const divide = () => dialog.style.setProperty("--split", `${split.value}%`);
    split.addEventListener("input", divide);
    divide();
    dialog.addEventListener("click", (event) => {
      const what = event.target.closest("button[data-do]")?.dataset.do;
      if (what === "close") dialog.close();
      else if (what) DO[what]();
    });
    dialog.addEventListener("close", () => {
      fingers.clear();
      dialog.querySelector(".panes").replaceChildren();
      home?.focus({ preventScroll: true });
    });
    dialog.addEventListener("wheel", turn, { passive: false });
    dialog.addEventListener("keydown", press);
    dialog.addEventListener("dblclick", (event) => {
      if (!event.target.closest(".panes")) return;
      if (view.scale < 0.99) zoom(1 / view.scale, event);
      else DO.fit();
    });
    window.addEventListener("resize", () => {
      if (!dialog.open) return;
      arrange();
      draw();
    });
  };

  // --- what is shown ------------------------------------------------------------------------

  const pane = () => sheets[0].parentElement.getBoundingClientRect();
  const paneAt = (event) => {
    const found = document
      .elementsFromPoint(event.clientX, event.clientY)
      .find((one) => one.classList?.contains("pane"));
    return (found ?? sheets[0].parentElement).getBoundingClientRect();
  };
  const whole = (box = pane()) => Math.min(box.width / width, box.height / height);

  const open = (from) => {
    if (!dialog) build();
    const pictures = from === "compare" ? compared() : staged();
    if (!pictures.length || !width) return false;
    home = document.activeElement;
    tab = from;
    const split = from !== "compare";
    dialog.classList.toggle("divided", split);
    const layer = ({ url, title }) => `<div class="sheet"><img class="base" alt="${title}"
      draggable="false" src="${url}"><img class="part" alt="" draggable="false" hidden></div>`;
    const panes = split
      ? `<div class="pane">${pictures.map(layer).join("")}</div>`
      : pictures
          .map((one) => `<figure><div class="pane">${layer(one)}</div>
            <figcaption>${one.title}</figcaption></figure>`)
          .join("");
    dialog.querySelector(".panes").innerHTML = panes;
    sheets = [...dialog.querySelectorAll(".sheet")];
    delete dialog.dataset.shown;
    dialog.showModal();
    arrange();
    view = { x: width / 2, y: height / 2, scale: whole() };
    draw();
    return true;
  };
  // As many columns as make the pictures largest.
  const arrange = () => {
    const count = dialog.classList.contains("divided") ? 1 : sheets.length;
    const room = dialog.querySelector(".panes").getBoundingClientRect();
    const scale = (columns) => {
      const high = room.height / Math.ceil(count / columns) - 28;
      return Math.min(room.width / columns / width, high / height);
    };
    const all = Array.from({ length: count }, (_, i) => i + 1);
    const best = all.reduce((one, other) => (scale(other) > scale(one) ? other : one));
    dialog.style.setProperty("--columns", best);
  };
  const escaped = (text) => new Option(text).innerHTML.replaceAll('"', "&quot;");
  const measure = () => {
    const size = document.querySelector("#caption .facts")?.dataset.size ?? "";
    [width, height] = size.split("x").map(Number);
  };
  const staged = () => {
    measure();
    return [...document.querySelectorAll("#stage [data-testid=imageslider-image]")].map((one) => ({
      url: one.src,
      title: escaped(one.alt),
    }));
  };
  const compared = () => {
    measure();
    return [...document.querySelectorAll("#compare .tile")]
      .filter((one) => one.querySelector("img"))
      .map((one) => ({
        url: one.querySelector("img").src,
        title: escaped(one.querySelector(".title").textContent),
      }));
  };

  const draw = () => {
    const box = pane();
    const least = whole(box);
    view.scale = Math.min(Math.max(view.scale, least), Math.max(MOST, least));
    // What is smaller than the window lies in its middle, what is larger fills it.
    const keep = (at, size, room) => {
      const half = room / view.scale / 2;
      return half * 2 >= size ? size / 2 : Math.min(Math.max(at, half), size - half);
    };
    view.x = keep(view.x, width, box.width);
    view.y = keep(view.y, height, box.height);
    const set = (name, value) => dialog.style.setProperty(name, `${value}px`);
    set("--left", box.width / 2 - view.x * view.scale);
    set("--top", box.height / 2 - view.y * view.scale);
    set("--width", width * view.scale);
    set("--height", height * view.scale);
    dialog.classList.toggle("large", view.scale >= 3);
    dialog.querySelector(".scale").textContent = `${Math.round(view.scale * 100)} %`;
    dialog.querySelector("[data-do=own]").setAttribute("aria-pressed", view.scale === 1);
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  };

  // --- the photograph's own pixels ----------------------------------------------------------

  const ask = () => {
    if (!dialog.open) return;
    const box = pane();
    const share = sheets[0].querySelector(".base").naturalWidth / width;
    if (share >= 1 || view.scale * devicePixelRatio <= share * 1.05) return;
    const across = box.width / view.scale / 2;
    const down = box.height / view.scale / 2;
    const part = {
      left: Math.max(Math.floor(view.x - across), 0),
      top: Math.max(Math.floor(view.y - down), 0),
      right: Math.min(Math.ceil(view.x + across), width),
      bottom: Math.min(Math.ceil(view.y + down), height),
    };
    if ((part.right - part.left) * (part.bottom - part.top) > MOST_PIXELS) return;
    ports[tab]?.({ number: ++number, ...part });
  };
  const receive = async (value) => {
    if (!value || !dialog?.open || value.number !== number) return;
    await Promise.all(
      value.pictures.map(async (picture, i) => {
        const part = sheets[i]?.querySelector(".part");
        if (!part || !picture) return;
        const fresh = new Image();
        fresh.src = picture.url;
        await fresh.decode().catch(() => 0);
        if (value.number !== number) return;
        part.src = fresh.src;
        part.style.setProperty("--x", value.left / width);
        part.style.setProperty("--y", value.top / height);
        part.style.setProperty("--across", (value.right - value.left) / width);
        part.style.setProperty("--down", (value.bottom - value.top) / height);
        part.hidden = false;
      }),
    );
    if (value.number === number) dialog.dataset.shown = String(value.number);
  };

  // --- moving -------------------------------------------------------------------------------

  const shift = (x, y) => {
    view.x -= x / view.scale;
    view.y -= y / view.scale;
    draw();
  };
  // The pixel under ``event`` stays where it is.
  const zoom = (factor, event) => {
    const box = event ? paneAt(event) : pane();
    const x = event ? event.clientX - box.left - box.width / 2 : 0;
    const y = event ? event.clientY - box.top - box.height / 2 : 0;
    const before = view.scale;
    view.scale = Math.min(Math.max(before * factor, whole()), Math.max(MOST, whole()));
    view.x += x / before - x / view.scale;
    view.y += y / before - y / view.scale;
    draw();
  };
  const DO = {
    fit: () => zoom(whole() / view.scale),
    own: () => zoom(1 / view.scale),
    more: () => zoom(1.5),
    less: () => zoom(1 / 1.5),
  };
  const turn = (event) => {
    event.preventDefault();
    zoom(Math.exp(-Math.min(Math.max(event.deltaY, -120), 120) / 300), event);
  };
  const KEYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const SIGNS = { "+": "more", "=": "more", "-": "less", 0: "fit", 1: "own" };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = event.target.matches("input") ? null : KEYS[event.key];
    if (way) shift(...way.map((one) => one * 0.1 * pane().width));
    else if (SIGNS[event.key]) DO[SIGNS[event.key]]();
    else return;
    event.preventDefault();
  };

  // Two fingers on a picture of the page open the view, and go on in it.
  const pictureOf = (event) => {
    const found = event.target.closest?.("#stage .slider-wrap, #compare .tile");
    return found && (found.closest("#compare") ? "compare" : "colorize");
  };
  document.addEventListener(
    "pointerdown",
    (event) => {
      const inside = dialog?.open && event.target.closest?.("#viewer .panes");
      if (!inside && !(event.pointerType === "touch" && pictureOf(event))) return;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (!inside && fingers.size === 2) open(pictureOf(event));
    },
    true,
  );
  document.addEventListener(
    "pointermove",
    (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = { x: event.clientX, y: event.clientY };
      if (dialog?.open) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
          const far = (one) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
          const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
          shift((now.x - before.x) / 2, (now.y - before.y) / 2);
          zoom(far(now) / far(before), middle);
        } else {
          shift(now.x - before.x, now.y - before.y);
        }
      }
      fingers.set(event.pointerId, now);
    },
    true,
  );
  for (const type of ["pointerup", "pointercancel"]) {
    document.addEventListener(type, (event) => fingers.delete(event.pointerId), true);
  }
  document.addEventListener(
    "wheel",
    (event) => {
      const from = event.ctrlKey && !dialog?.open && pictureOf(event);
      if (!from) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (open(from)) turn(event);
    },
    { capture: true, passive: false },
  );
  document.addEventListener("dblclick", (event) => {
    if (dialog?.open || !event.target.closest?.("#stage .slider-wrap")) return;
    if (open("colorize")) zoom(1 / view.scale, event);
  });

  window.viewer = { connect: (name, ask) => (ports[name] = ask), receive, open };
})();

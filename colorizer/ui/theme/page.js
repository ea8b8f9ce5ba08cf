// What Gradio's components leave out.  No library, nothing from elsewhere.
(() => {
  // Words in the visitor's language, by their English text; see colorizer/ui/languages.
  const words = Object.assign({}, ...Object.values(window.gradio_config?.i18n_translations ?? {}));
  const _ = (text) => words[text] ?? text;
  // Gradio calls the page English where it does not know the language.
  const speak = () => {
    const { language } = words;
    if (language && document.documentElement.lang !== language) {
      document.documentElement.lang = language;
    }
  };

  // Names of Gradio's own buttons and fields that are English for everybody.
  const named = {
    Fullscreen: _("Fullscreen"),
    "Exit fullscreen mode": _("Exit fullscreen mode"),
    "Reset to default value": _("Reset to default value"),
    "Remove Image": _("Remove Image"),
    "Click to upload or drop files": _("Click to upload or drop files"),
    "Gradio footer navigation": _("Gradio footer navigation"),
    "number input for": _("number input for"),
    "range slider for": _("range slider for"),
  };
  const rename = () => {
    if (words.language === "en") return;
    for (const name of ["aria-label", "title"]) {
      for (const element of document.querySelectorAll(`button[${name}], input[${name}], footer[${name}]`)) {
        const said = element.getAttribute(name);
        const known = Object.keys(named).find((key) => said === key || said.startsWith(`${key} `));
        if (known) element.setAttribute(name, named[known] + said.slice(known.length));
      }
    }
  };

  const input = () => document.querySelector("#photo input[type=file]");

  // A photograph can be dropped anywhere on the page, or pasted; several go to the album.
  const give = (target, files) => {
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    target.files = list.files;
    target.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const album = () => document.querySelector("#album-files input[type=file]");
  const take = (given) => {
    const files = [...(given ?? [])];
    if (files.length > 1) {
      openTab("album");
      const patience = Date.now() + 5000; // the tab may have to be drawn first
      const wait = setInterval(() => {
        if (album()) give(album(), files);
        if (album() || Date.now() > patience) clearInterval(wait);
      }, 50);
      return true;
    }
    if (!files.length || !input()) return false;
    give(input(), files);
    return true;
  };
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const onPhoto = (event) => event.target.closest?.("#photo");
  const onAlbum = (event) => event.target.closest?.("#album-files");
  const dragging = (on) => document.documentElement.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    dragging(true);
    if (!onPhoto(event) && !onAlbum(event)) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) dragging(false);
  });
  document.addEventListener(
    "drop",
    (event) => {
      dragging(false);
      if (!hasFiles(event) || onAlbum(event)) return;
      if (onPhoto(event) && event.dataTransfer.files.length < 2) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      take(event.dataTransfer.files);
    },
    true,
  );
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && take(event.clipboardData.files)) {
      event.preventDefault();
    }
  });

  // The open tab is in the address, so that Back goes to the one before.
  const tabButton = (name) => document.querySelector(`[role=tab]#tab-${name}-button`);
  const openTab = (name) => {
    const button = tabButton(name) ?? document.querySelector(`#tab-${name}-button`);
    if (button && button.getAttribute("aria-selected") !== "true") button.click();
  };
  const nameOf = (button) => /^tab-(.+)-button$/.exec(button?.id ?? "")?.[1];
  const hash = () => location.hash.slice(1);
  document.addEventListener("click", (event) => {
    const name = nameOf(event.target.closest?.("[role=tab]"));
    if (!event.isTrusted || !name || name === (hash() || "colorize")) return;
    history.pushState(null, "", `${location.pathname}${location.search}#${name}`);
  });
  window.addEventListener("popstate", () => openTab(hash() || "colorize"));
  let landed = false;
  const land = () => {
    if (landed || !document.querySelector("#stage img")) return;
    landed = true;
    if (hash()) openTab(hash());
  };

  // So is the setting that is shown, but never the photograph.
  const address = () => {
    const said = document.querySelector("#caption .facts")?.dataset.address;
    if (said === undefined) return;
    const kept = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("__"));
    const query = new URLSearchParams([...kept, ...new URLSearchParams(said)]).toString();
    if (query === location.search.slice(1)) return;
    history.replaceState(null, "", `${location.pathname}${query && "?" + query}${location.hash}`);
  };

  // Fine control stays open for who opened it.
  const fine = (open) => {
    document.documentElement.classList.toggle("fine-open", open);
    document.querySelector(".fine-button")?.setAttribute("aria-expanded", open);
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".fine-button")) return;
    const open = !document.documentElement.classList.contains("fine-open");
    localStorage.setItem("colorizer-fine", open ? "open" : "");
    fine(open);
  });

  // Undo and redo from the keyboard, in whichever tab has them.
  const typing = (target) =>
    target.isContentEditable || target.matches?.("textarea, input:not([type=range], [type=checkbox], [type=radio])");
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || typing(event.target)) return;
    const letter = event.key.toLowerCase();
    const which = letter === "y" || (letter === "z" && event.shiftKey) ? "redo" : letter === "z" ? "undo" : "";
    if (!which) return;
    const button = [`#steer-${which}`, `#${which}`]
      .map((id) => document.querySelector(id))
      .find((found) => found?.checkVisibility());
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });

  // Whoever turns a slider by keys lets go of it, too.
  document.addEventListener("keyup", (event) => {
    if (event.target.matches?.("input[type=range]") && event.key !== "Tab") {
      event.target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
    }
  });

  // A swipe that begins on a slider scrolls the page and leaves the slider as it was.  The browser
  // moves the slider at the first touch, so nothing is said of it until the finger's way is clear.
  let touched = null;
  const told = (slider) => slider.dispatchEvent(new Event("input", { bubbles: true }));
  const settle = () => {
    const { slider, value } = touched;
    touched = null;
    if (slider.value !== value) told(slider);
  };
  document.addEventListener(
    "pointerdown",
    (event) => {
      const slider = event.target.closest?.("input[type=range]");
      const on = slider && event.pointerType === "touch";
      touched = on ? { slider, value: slider.value, x: event.clientX, y: event.clientY } : null;
    },
    true,
  );
  document.addEventListener(
    "input",
    (event) => {
      if (touched && event.isTrusted && event.target === touched.slider) {
        event.stopImmediatePropagation();
      }
    },
    true,
  );
  document.addEventListener(
    "pointermove",
    (event) => {
      if (!touched) return;
      const [across, down] = [event.clientX - touched.x, event.clientY - touched.y].map(Math.abs);
      if (across > 6 && across > down) settle();
    },
    true,
  );
  document.addEventListener("pointerup", () => touched && settle(), true);
  document.addEventListener(
    "pointercancel",
    () => {
      if (touched) touched.slider.value = touched.value;
      touched = null;
    },
    true,
  );

  // On a telephone the picture that was tapped goes to the top, and the answer comes below it.
  document.addEventListener("click", (event) => {
    const tapped = event.target.closest?.(".pointer");
    if (!tapped || window.innerWidth > 860) return;
    const top = (tapped.closest(".halves") ?? tapped).getBoundingClientRect().top;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (top > 8) window.scrollBy({ top, behavior: calm ? "instant" : "smooth" });
  });

  // Whoever leaves with hints that were not saved is asked.
  let saved = "";
  const hints = () => document.querySelector("#steer-list ol")?.textContent ?? "";
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#steer-save, #steer-download")) saved = hints();
  });
  window.addEventListener("beforeunload", (event) => {
    if (hints() && hints() !== saved) event.preventDefault();
  });

  // The stage zooms with the wheel and swallows touches, so that the page could not be scrolled
  // where the photograph is.  Ctrl and two fingers open the viewer instead.
  const onStage = (event) => event.target.closest?.("#stage .slider-wrap");
  const onHandle = (event) => event.target.closest?.("[data-testid=slider]");
  document.addEventListener(
    "wheel",
    (event) => {
      if (onStage(event)) event.stopImmediatePropagation();
    },
    { capture: true, passive: true },
  );
  for (const type of ["touchstart", "touchmove"]) {
    document.addEventListener(
      type,
      (event) => {
        if (onStage(event) && !onHandle(event)) event.stopImmediatePropagation();
      },
      { capture: true, passive: true },
    );
  }

  // The handle of the stage for the keyboard and for screen readers, alt texts for its pictures.
  const photograph = (wrap) => {
    const box = wrap.getBoundingClientRect();
    const image = wrap.querySelector("img");
    const width = Math.min(box.width, (box.height * image.naturalWidth) / image.naturalHeight);
    return { left: box.left + (box.width - width) / 2, width: width || 1 };
  };
  const position = (wrap, handle) => {
    const box = photograph(wrap);
    const knob = handle.getBoundingClientRect();
    const share = Math.round(((knob.left + knob.width / 2 - box.left) / box.width) * 100);
    return Math.min(100, Math.max(0, share || 0)); // before the picture is there, it has no width
  };
  const move = (wrap, handle, percent) => {
    const box = photograph(wrap);
    const knob = handle.getBoundingClientRect();
    const y = knob.top + knob.height / 2;
    const from = knob.left + knob.width / 2;
    const to = box.left + (box.width * percent) / 100;
    const send = (target, type, x) =>
      target.dispatchEvent(
        new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y }),
      );
    send(handle, "mousedown", from);
    send(window, "mousemove", to);
    send(window, "mouseup", to);
  };
  const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, Home: -100, End: 100 };
  const dress = () => {
    const stage = document.querySelector("#stage");
    if (!stage) return;
    stage.querySelectorAll("[data-testid=imageslider-image]").forEach((image, i) => {
      const left = document.querySelector("#colorize-left input:checked")?.value;
      const unsure = document.querySelector("#colorize-unsure input")?.checked;
      const before = left === "Original" ? _("The photograph as it came") : _("The photograph in grey");
      image.alt = !i ? before : unsure ? _("Where the model is unsure") : _("The photograph in colour");
      image.loading = "eager";
    });
    // On a telephone the stage is as high as the photograph needs.
    const image = stage.querySelector("[data-testid=imageslider-image]");
    document.querySelector("#showing")?.addEventListener("change", dress, { once: true });
    if (image && !image.dataset.dressed) {
      image.dataset.dressed = "true";
      const shape = () => {
        if (!image.naturalHeight) return;
        const ratio = image.naturalWidth / image.naturalHeight;
        document.documentElement.style.setProperty("--shape", ratio.toFixed(3));
      };
      shape();
      image.addEventListener("load", shape);
    }
    const handle = stage.querySelector("[data-testid=slider]");
    const wrap = handle?.parentElement;
    if (!handle || handle.tabIndex === 0) return;
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", _("Grey on the left, colour on the right"));
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", "100");
    const tell = () => handle.setAttribute("aria-valuenow", position(wrap, handle));
    tell();
    new MutationObserver(tell).observe(handle, { attributeFilter: ["style"] });
    // Before its pictures are there nothing has a width, and a key would move it to the edge.
    wrap.addEventListener("load", tell, true);
    handle.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || !wrap.querySelector("img")?.naturalWidth) return;
      event.preventDefault();
      move(wrap, handle, Math.min(100, Math.max(0, position(wrap, handle) + step)));
    });
  };
  const look = () => {
    speak();
    rename();
    dress();
    land();
    address();
    // What scrolls sideways on a telephone can be scrolled by keys.
    document.querySelector("#main .halves")?.setAttribute("tabindex", "0");
    const button = document.querySelector(".fine-button");
    if (button && !button.dataset.dressed) {
      button.dataset.dressed = "true";
      fine(localStorage.getItem("colorizer-fine") === "open");
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();

// What Gradio's components leave out.  No library, nothing from elsewhere.
(() => {
  const input = () => document.querySelector("#photo input[type=file]");

  // A photograph can be dropped anywhere on the page, or pasted.
  const take = (files) => {
    const photo = [...(files ?? [])].find((file) => file.type.startsWith("image/")) ?? files?.[0];
    if (!photo || !input()) return false;
    const list = new DataTransfer();
    list.items.add(photo);
    input().files = list.files;
    input().dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const onPhoto = (event) => event.target.closest?.("#photo");
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event) && !onPhoto(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event) || onPhoto(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && take(event.clipboardData.files)) {
      event.preventDefault();
    }
  });

  // The stage zooms with the wheel and swallows one-finger touches, so that the page could not be
  // scrolled where the photograph is.  Zoom stays with Ctrl and with two fingers.
  const onStage = (event) => event.target.closest?.("#stage .slider-wrap");
  const onHandle = (event) => event.target.closest?.("[data-testid=slider]");
  document.addEventListener(
    "wheel",
    (event) => {
      if (onStage(event) && !event.ctrlKey) event.stopImmediatePropagation();
    },
    { capture: true, passive: true },
  );
  for (const type of ["touchstart", "touchmove"]) {
    document.addEventListener(
      type,
      (event) => {
        if (onStage(event) && !onHandle(event) && event.touches.length === 1) {
          event.stopImmediatePropagation();
        }
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
      const before = left === "Original" ? "The photograph as it came" : "The photograph in grey";
      image.alt = !i ? before : unsure ? "Where the model is unsure" : "The photograph in colour";
      image.loading = "eager";
    });
    // On a telephone the stage is as high as the photograph needs.
    const image = stage.querySelector("[data-testid=imageslider-image]");
    document.querySelector("#looks")?.addEventListener("change", dress, { once: true });
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
    handle.setAttribute("aria-label", "Grey on the left, colour on the right");
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", "100");
    const tell = () => handle.setAttribute("aria-valuenow", position(wrap, handle));
    tell();
    new MutationObserver(tell).observe(handle, { attributeFilter: ["style"] });
    handle.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      move(wrap, handle, Math.min(100, Math.max(0, position(wrap, handle) + step)));
    });
  };
  new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
})();

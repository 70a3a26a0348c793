"use strict";
// Frames that show a movement, drawn from the copy beside the page once somebody unfolds them. Pictures from disk may be
// drawn but not read back, and nothing here reads.
(() => {
  const WITHIN_MS = 4000;

  function once(media, names) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), WITHIN_MS);
      for (const name of names) media.addEventListener(name, () => { clearTimeout(timer); resolve(name !== "error"); }, { once: true });
    });
  }

  function draw(canvas, video) {
    canvas.width = 320;
    canvas.height = Math.round((320 * video.videoHeight) / video.videoWidth);
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const box = canvas.dataset.box.split(" ").map(Number);
    if (box.length !== 4) return;
    const [left, top, width, height] = box.map((part, k) => part * (k % 2 ? canvas.height : canvas.width));
    context.lineWidth = 4;
    context.strokeStyle = "#000000";
    context.strokeRect(left, top, width, height);
    context.lineWidth = 2;
    context.strokeStyle = "#ffd400";
    context.strokeRect(left, top, width, height);
  }

  async function fill(place) {
    const tile = place.closest("[data-group]").querySelector(`[data-clip="${CSS.escape(place.dataset.stills)}"] video`);
    if (!tile || place.dataset.drawn) return;
    place.dataset.drawn = "asked";
    const video = document.createElement("video");
    video.muted = true;
    video.preload = "auto";
    const loaded = once(video, ["loadeddata", "error"]);
    video.src = tile.getAttribute("src");
    if (!(await loaded)) return;
    for (const canvas of place.querySelectorAll("canvas")) {
      const there = once(video, ["seeked", "error"]);
      video.currentTime = Number(canvas.dataset.at);
      if (await there) draw(canvas, video);
    }
    video.removeAttribute("src");
    video.load();
    place.dataset.drawn = "done";
  }

  document.querySelectorAll("[data-stills]").forEach((place) => {
    const fold = place.closest("details");
    if (fold) fold.addEventListener("toggle", () => { if (fold.open) fill(place); });
    const button = place.querySelector("[data-show-stills]");
    button.addEventListener("click", () => {
      const shown = place.classList.toggle("blurred") === false;
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = shown ? "Blur frames" : "Show frames";
    });
  });
})();

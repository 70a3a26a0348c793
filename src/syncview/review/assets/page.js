"use strict";
// One master clock per section, in group time; every clip follows it. Watching is what this is for: a moment is read
// exactly when paused, because only then does each clip stand on the frame that covers it.
(() => {
  const BEFORE_EVENT_S = 2;
  const CHECK_EVERY_MS = 250; // corrections cost dropped frames, so they are few and gentle
  const SEEK_PAST_S = 0.3;
  const LEAVE_ALONE_S = 0.015;
  const MOST_CORRECTION = 0.05; // of the speed
  const READY_WITHIN_MS = 1500;
  const LEAST_RATE = 0.0625, MOST_RATE = 16; // beyond, browsers refuse to play
  const ELSEWHERE = {
    audio: "this picture is not of this moment, or nobody knows of which: trust the sound only",
    video: "this sound is not of this moment, or nobody knows of which: trust the picture only",
  };

  const data = JSON.parse(document.getElementById("review-data").textContent);
  const live = document.querySelector("[data-live]");
  const players = [];
  let current = null; // the player that the keys act on

  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  function clockText(seconds) {
    const tenths = Math.round(Math.abs(seconds) * 10);
    const minutes = Math.floor(tenths / 600);
    const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
    return `${seconds < 0 && tenths ? "−" : ""}${minutes}:${rest}`;
  }

  class Clip {
    constructor(figure, segments, both) {
      this.figure = figure;
      this.elsewhere = figure.querySelector("[data-elsewhere]");
      this.both = both;
      this.state = figure.querySelector("[data-state]");
      this.media = figure.querySelector("video, audio");
      this.segments = segments.map(([start, end, offset, driftPpm, of]) => {
        const pace = 1 + driftPpm * 1e-6; // group seconds per recording second
        return { start, end, offset, pace, of, from: offset + start * pace, to: offset + end * pace };
      });
      this.asked = null;
      this.checkedMs = 0;
      this.broken = null;
      if (this.media) {
        this.media.addEventListener("error", () => this.fail());
        this.media.addEventListener("loadedmetadata", () => this.checkPicture());
        if (this.media.error) this.fail();
        if (this.media.readyState > 0) this.checkPicture();
      }
    }

    fail() {
      this.broken = "this copy cannot be played here";
      this.say(this.broken);
    }

    checkPicture() {
      if (this.media.tagName === "VIDEO" && this.media.videoWidth === 0) this.fail(); // sound without its picture misleads
    }

    warn(text) {
      if (this.elsewhere.textContent === text) return;
      this.elsewhere.textContent = text;
      this.elsewhere.hidden = text === "";
    }

    say(text) {
      if (this.state.textContent !== text) this.state.textContent = text;
    }

    placeAt(groupS) {
      const holding = this.segments.filter((segment) => segment.from <= groupS && groupS <= segment.to);
      return ["both", "audio", "video"].map((of) => holding.find((segment) => segment.of === of)).find(Boolean) || null;
    }

    absence(groupS) {
      const next = this.segments.map((segment) => segment.from).filter((from) => from > groupS);
      if (!next.length) return "not recording any more";
      const wait = (Math.min(...next) - groupS).toFixed(1);
      return this.segments.some((segment) => segment.to < groupS) ? `cut out here; goes on in ${wait} s` : `not recording yet; starts in ${wait} s`;
    }

    follow(groupS, playing, speed, nowMs) {
      const segment = this.placeAt(groupS);
      this.figure.classList.toggle("idle", segment === null);
      this.warn((this.both && segment !== null && ELSEWHERE[segment.of]) || "");
      if (segment === null) {
        this.say(this.absence(groupS));
        if (this.media && !this.media.paused) this.media.pause();
        this.asked = null;
        return;
      }
      if (!this.media || this.broken) {
        this.say(this.broken || (this.figure.querySelector("img") ? "" : "no preview of this file"));
        return;
      }
      this.say("");
      const wanted = (groupS - segment.offset) / segment.pace;
      if (playing) this.run(wanted, speed / segment.pace, nowMs);
      else this.stand(wanted);
    }

    stand(wanted) {
      if (!this.media.paused) this.media.pause();
      if (this.asked !== wanted) this.seek(wanted);
    }

    seek(wanted) {
      this.asked = wanted;
      this.media.currentTime = wanted;
    }

    run(wanted, pace, nowMs) {
      if (this.media.paused) {
        if (this.asked === null || Math.abs(this.media.currentTime - wanted) > SEEK_PAST_S) this.seek(wanted);
        this.media.playbackRate = clamp(pace, LEAST_RATE, MOST_RATE);
        this.media.play().catch(() => {}); // pausing at once ends a play that has not begun; the next tick asks again
        this.checkedMs = nowMs;
        return;
      }
      if (nowMs - this.checkedMs < CHECK_EVERY_MS || this.media.seeking) return;
      this.checkedMs = nowMs;
      const late = wanted - this.media.currentTime;
      if (Math.abs(late) > SEEK_PAST_S) this.seek(wanted);
      const nudge = Math.abs(late) > LEAVE_ALONE_S ? clamp(late, -MOST_CORRECTION, MOST_CORRECTION) : 0;
      this.media.playbackRate = clamp(pace * (1 + nudge), LEAST_RATE, MOST_RATE);
    }

    ready() {
      if (!this.media || this.broken || (this.media.readyState >= 2 && !this.media.seeking)) return Promise.resolve();
      return new Promise((resolve) => {
        for (const name of ["seeked", "canplay", "error"]) this.media.addEventListener(name, resolve, { once: true });
      });
    }
  }

  class Player {
    constructor(root, group) {
      this.root = root;
      this.start = Number(root.dataset.start);
      this.end = Number(root.dataset.end);
      this.clips = group.clips
        .map((clip) => [root.querySelector(`[data-clip="${CSS.escape(clip.id)}"]`), clip])
        .filter(([figure]) => figure)
        .map(([figure, clip]) => new Clip(figure, clip.segments, clip.both));
      this.events = [...root.querySelectorAll("table.events:not(.candidates) [data-event-row]")].map((row) => row.dataset.eventRow);
      this.rows = [...root.querySelectorAll("[data-event-row]")];
      this.at = this.opening();
      this.playing = false;
      this.speed = 1;
      this.since = null;
      this.playButton = root.querySelector("[data-play]");
      this.readout = root.querySelector("[data-readout]");
      this.slider = root.querySelector("[data-seek]");
      this.playhead = root.querySelector("[data-playhead]");
      this.listen();
      this.draw();
    }

    listen() {
      const on = (selector, event, action) =>
        this.root.querySelectorAll(selector).forEach((element) => element.addEventListener(event, (e) => action(element, e)));
      this.root.addEventListener("focusin", () => { current = this; });
      this.root.addEventListener("pointerdown", () => { current = this; });
      on("[data-play]", "click", () => this.toggle());
      on("[data-step]", "click", (button) => this.seek(this.now() + Number(button.dataset.step)));
      on("[data-event]", "click", (button) => this.toEvent(Number(button.dataset.event)));
      on("[data-seek]", "input", (slider) => this.seek(Number(slider.value)));
      on("[data-speed]", "change", (select) => this.setSpeed(Number(select.value)));
      on("[data-jump]", "click", (button, event) => {
        event.preventDefault();
        event.stopPropagation();
        this.jump(Number(button.dataset.jump), button.dataset.say);
      });
      on("[data-frame]", "click", (button) => {
        this.pause();
        this.jump(Number(button.dataset.frame) + BEFORE_EVENT_S, button.dataset.say);
      });
      on("[data-show-all]", "click", (button) => this.showAll(button.getAttribute("aria-pressed") !== "true"));
      on("[data-show]", "click", (button) => this.show(button.closest(".tile"), button.getAttribute("aria-pressed") !== "true"));
      on("[data-enlarge]", "click", (button) => {
        const large = button.closest(".tile").classList.toggle("large");
        button.setAttribute("aria-pressed", String(large));
      });
      on("[data-hear]", "click", (button) => hear(button.getAttribute("aria-pressed") === "true" ? null : button));
      const over = this.root.querySelector("[data-over]");
      this.root.querySelector("[data-drawing]").addEventListener("click", (event) => {
        const box = over.getBoundingClientRect();
        const share = (event.clientX - box.left) / box.width;
        if (share >= 0 && share <= 1) this.seek(this.start + share * (this.end - this.start));
      });
    }

    opening() {
      const starts = this.clips.flatMap((clip) => clip.segments.map((segment) => segment.from));
      const first = this.events.length ? Number(this.events[0]) - BEFORE_EVENT_S : Math.min(...starts);
      return Number.isFinite(first) ? clamp(first, this.start, this.end) : this.start;
    }

    now() {
      if (this.since === null) return this.at;
      return Math.min(this.at + ((performance.now() - this.since) / 1000) * this.speed, this.end);
    }

    toggle() {
      if (this.playing) this.pause();
      else this.play();
    }

    async play() {
      players.filter((other) => other !== this).forEach((other) => other.pause());
      current = this;
      if (this.at >= this.end) this.at = this.start;
      this.playing = true;
      this.draw();
      const waited = new Promise((resolve) => { setTimeout(resolve, READY_WITHIN_MS); });
      await Promise.race([Promise.all(this.clips.map((clip) => clip.ready())), waited]);
      if (!this.playing) return;
      this.since = performance.now();
      requestAnimationFrame(() => this.tick());
    }

    pause() {
      this.at = this.now();
      this.since = null;
      this.playing = false;
      this.draw();
    }

    seek(groupS) {
      this.at = clamp(groupS, this.start, this.end);
      if (this.since !== null) this.since = performance.now();
      this.draw();
    }

    setSpeed(speed) {
      this.seek(this.now());
      this.speed = speed;
    }

    jump(groupS, words) {
      this.seek(groupS - BEFORE_EVENT_S);
      current = this;
      if (words && live) live.textContent = words;
      this.root.scrollIntoView({ block: "nearest" });
    }

    toEvent(direction) {
      const now = this.now() + BEFORE_EVENT_S;
      const times = this.events.map(Number);
      const next = direction > 0 ? times.find((time) => time > now + 0.05) : times.findLast((time) => time < now - 0.05);
      if (next === undefined) return;
      const button = this.root.querySelector(`button[data-jump="${this.events[times.indexOf(next)]}"]`);
      this.jump(next, button ? button.dataset.say : "");
    }

    show(tile, shown) {
      tile.classList.toggle("blurred", !shown);
      const button = tile.querySelector("[data-show]");
      if (!button) return;
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = shown ? "Blur picture" : "Show picture";
    }

    showAll(shown) {
      this.clips.forEach((clip) => this.show(clip.figure, shown));
      const button = this.root.querySelector("[data-show-all]");
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = shown ? "Blur all pictures" : "Show all pictures";
    }

    tick() {
      if (this.since === null) return;
      if (this.now() >= this.end) {
        this.pause();
        return;
      }
      this.draw();
      requestAnimationFrame(() => this.tick());
    }

    draw() {
      const now = this.now();
      const running = this.since !== null;
      this.readout.textContent = clockText(now);
      this.readout.dataset.seconds = now.toFixed(3);
      this.playButton.textContent = this.playing ? "Pause" : "Play";
      this.slider.value = String(now);
      this.slider.setAttribute("aria-valuetext", clockText(now));
      this.playhead.hidden = false;
      this.playhead.style.left = `${(100 * (now - this.start)) / (this.end - this.start)}%`;
      this.rows.forEach((row) => {
        const time = Number(row.dataset.eventRow);
        row.classList.toggle("now", time - BEFORE_EVENT_S - 0.05 <= now && now <= time + 1);
      });
      this.clips.forEach((clip) => clip.follow(now, running, this.speed, performance.now()));
    }
  }

  function hear(chosen) {
    document.querySelectorAll("[data-hear]").forEach((button) => {
      const audible = button === chosen;
      const media = button.closest(".tile").querySelector("video, audio");
      if (media) media.muted = !audible;
      button.setAttribute("aria-pressed", String(audible));
      button.textContent = audible ? "Sound on" : "Sound off";
    });
  }

  function onKey(event) {
    const typing = event.target.closest && event.target.closest("input, select, textarea, summary, a");
    const pressing = event.target.closest && event.target.closest("button");
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      " ": () => !pressing && !typing && current.toggle(),
      arrowleft: () => !typing && current.seek(current.now() - 1),
      arrowright: () => !typing && current.seek(current.now() + 1),
      n: () => current.toEvent(1),
      p: () => current.toEvent(-1),
      b: () => players.forEach((player) => player.showAll(false)),
      m: () => hear(null),
    };
    const action = actions[event.key.toLowerCase()];
    if (action && action() !== false) event.preventDefault();
  }

  document.querySelectorAll("[data-group]").forEach((root) => {
    const group = data.groups.find((each) => each.id === root.dataset.group);
    if (group) players.push(new Player(root, group));
  });
  current = players[0] || null;
  document.addEventListener("keydown", onKey);
})();

(() => {
  "use strict";
  const longestSide = 384;
  const steps = 252;  // what 1 is in maps from 0 to 1

  /** The bytes (red, green, blue, alpha) of an atlas. */
  async function pixels(node) {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("an atlas of slices cannot be read"));
      image.src = "data:image/png;base64," + node.textContent.trim();
    });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  }

  /** One channel of an atlas as a volume: x fastest, then y, then z. */
  function volume(data, {size: [sx, sy, sz], columns}, channel) {
    const out = new Uint8Array(sx * sy * sz);
    let to = 0;
    for (let z = 0; z < sz; z++) {
      for (let y = 0; y < sy; y++) {
        let from = ((Math.floor(z / columns) * sy + y) * columns * sx + (z % columns) * sx) * 4 + channel;
        for (let x = 0; x < sx; x++, from += 4) out[to++] = data[from];
      }
    }
    return out;
  }

  /** As ErrorMap.Kind: colour, how much of a pixel it covers, and its name. */
  const kinds = {
    agreed: [[79, 209, 165], () => 0.35, "agreed"],
    positive: [[255, 158, 74], (x, y) => (x + y) % 6 < 3 ? 0.85 : 0.15, "false positive"],
    negative: [[86, 180, 255], (x, y) => (x + 5 * y) % 6 < 3 ? 0.85 : 0.15, "false negative"],
    other: [[250, 235, 90], (x, y) => x % 4 < 2 && y % 4 < 2 ? 1 : 0.15, "another label"],
  };
  function kind(prediction, reference) {
    if (prediction === reference) return prediction ? kinds.agreed : null;
    return !reference ? kinds.positive : !prediction ? kinds.negative : kinds.other;
  }

  class Viewer {
    constructor(node) {
      this.node = node;
      this.about = JSON.parse(node.dataset.about);
      const {size, focus, planes, spacing} = this.about;
      this.voxel = focus.slice();
      this.steps = [1, size[0], size[0] * size[1]];
      const length = (axis) => size[axis] * spacing[axis];
      const longest = Math.max(...planes.flatMap((plane) => [length(plane.across), length(plane.down)]));
      this.planes = [...node.querySelectorAll(".plane")].map((box, index) => {
        const plane = planes[index], canvas = box.querySelector("canvas");
        canvas.width = Math.max(1, Math.round(longestSide * length(plane.across) / longest));
        canvas.height = Math.max(1, Math.round(longestSide * length(plane.down) / longest));
        // One scale for all planes.
        box.style.flex = `${canvas.width} 1 0`;
        return {...plane, canvas, slider: box.querySelector("input"), words: box.querySelector(".slice")};
      });
      // As SliceOutline.Style: dashes are half of the way to white.
      this.colours = this.about.labels.map(({colour}) => [colour, colour.map((value) => 127 + (value >> 1))]);
      this.atlases = new Map();
      this.scans = [];
      this.heat = [];
    }

    control(role) { return this.node.querySelector(`[data-role="${role}"]`); }
    isOn(role) { const box = this.control(role); return box ? box.checked : false; }

    async start() {
      const labels = await this.atlas("labels", 0);
      const index = (value) => Math.round(value / this.about.labelStep);
      this.reference = this.about.hasReference ? volume(labels, this.about, 0).map(index) : null;
      this.prediction = volume(labels, this.about, 1).map(index);
      this.uncertainty = volume(labels, this.about, 2);
      for (const plane of this.planes) this.listen(plane);
      for (const role of ["contrast", "overlay", "reference", "prediction", "crosshair", "black", "white"]) {
        const control = this.control(role);
        if (control) control.addEventListener(control.type === "range" ? "input" : "change", () => this.show());
      }
      await this.show();
    }

    /** An atlas' bytes, read once; scans and maps only when they are asked for. */
    atlas(name, index) {
      const key = name + index;
      if (!this.atlases.has(key)) {
        this.atlases.set(key, pixels(this.node.querySelectorAll(`[data-atlas="${name}"]`)[index]));
      }
      return this.atlases.get(key);
    }

    async scan(index) {
      if (!this.scans[index]) {
        this.scans[index] = volume(await this.atlas("scan", index), this.about, 0);
        this.atlases.delete("scan" + index);
      }
      return this.scans[index];
    }

    async heatMap(index) {
      this.heat[index] ??= volume(await this.atlas("heat", Math.floor(index / 3)), this.about, index % 3);
      return this.heat[index];
    }

    listen(plane) {
      const {canvas, slider} = plane;
      slider.addEventListener("input", () => this.move(plane.normal, Number(slider.value)));
      const point = (event) => {
        const box = canvas.getBoundingClientRect();
        this.voxel[plane.across] = this.index(plane, plane.across, (event.clientX - box.left) / box.width);
        this.voxel[plane.down] = this.index(plane, plane.down, (event.clientY - box.top) / box.height);
        this.draw();
      };
      canvas.addEventListener("click", point);
      canvas.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse" && event.buttons === 1) point(event);
      });
      canvas.addEventListener("keydown", (event) => {
        const sign = plane.isTurned ? -1 : 1;
        const moves = {
          ArrowRight: [plane.across, sign], ArrowLeft: [plane.across, -sign], ArrowDown: [plane.down, sign],
          ArrowUp: [plane.down, -sign], PageUp: [plane.normal, 1], PageDown: [plane.normal, -1],
        };
        const move = moves[event.key];
        if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        this.move(move[0], this.voxel[move[0]] + move[1]);
      });
    }

    /** The voxel along an axis at a share of the picture. */
    index(plane, axis, share) {
      const count = this.about.size[axis];
      const place = Math.min(count - 1, Math.max(0, Math.floor(share * count)));
      return plane.isTurned ? count - 1 - place : place;
    }

    move(axis, place) {
      this.voxel[axis] = Math.min(this.about.size[axis] - 1, Math.max(0, place));
      this.draw();
    }

    /** Reads what is chosen, then draws it. */
    async show() {
      const contrast = Number(this.control("contrast").value);
      const [overlay, map] = this.control("overlay").value.split(" ");
      const scan = await this.scan(contrast);
      const heat = overlay === "heat" ? await this.heatMap(Number(map)) : null;
      this.shown = {contrast, scan, overlay, map: overlay === "uncertainty" ? this.uncertainty : heat, heat: Number(map)};
      this.draw();
    }

    draw() {
      if (!this.shown) return;
      for (const plane of this.planes) {
        this.drawSlice(plane);
        const [slice, count] = this.number(plane.normal);
        plane.slider.value = this.voxel[plane.normal];
        const words = `${plane.name} slice ${slice} of ${count}`;
        plane.words.textContent = words;
        plane.slider.setAttribute("aria-valuetext", words);
      }
      // One who holds a key down hears where it ends.
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.control("told").textContent = this.sentence(); }, 150);
    }

    /** Places in memory of the voxels along one side of a picture. */
    places(plane, axis, count) {
      return Int32Array.from({length: count}, (_, pixel) => this.index(plane, axis, (pixel + 0.5) / count) * this.steps[axis]);
    }

    drawSlice(plane) {
      const {canvas} = plane, {width, height} = canvas;
      const context = canvas.getContext("2d");
      const image = context.createImageData(width, height), out = image.data;
      const columns = this.places(plane, plane.across, width), rows = this.places(plane, plane.down, height);
      const start = this.voxel[plane.normal] * this.steps[plane.normal];
      const {scan, overlay, map} = this.shown;
      const black = Number(this.control("black").value);
      const range = Math.max(1, Number(this.control("white").value) - black);
      const lines = [];
      if (this.reference && this.isOn("reference")) lines.push([this.reference, false]);
      if (this.isOn("prediction")) lines.push([this.prediction, this.reference !== null]);
      const mix = (at, colour, cover) => {
        for (let c = 0; c < 3; c++) out[at + c] = (1 - cover) * out[at + c] + cover * colour[c];
      };
      for (let y = 0, at = 0; y < height; y++) {
        for (let x = 0; x < width; x++, at += 4) {
          const place = start + columns[x] + rows[y];
          out[at] = out[at + 1] = out[at + 2] = 255 * (scan[place] - black) / range;
          out[at + 3] = 255;
          if (overlay === "errors") {
            const found = kind(this.prediction[place], this.reference[place]);
            if (found) mix(at, found[0], found[1](x, y));
          } else if (map && map[place]) {
            const heat = map[place] / steps;
            mix(at, [255, 255 * Math.max(0, 2 * heat - 1), 0], 0.7 * Math.min(1, 2 * heat));
          }
          for (const [labels, isDashed] of lines) {
            const own = labels[place];
            if (!own || (isDashed && ((x + y) >> 2) % 2)) continue;
            const isInside = x > 0 && y > 0 && x < width - 1 && y < height - 1
              && labels[start + columns[x - 1] + rows[y]] === own && labels[start + columns[x + 1] + rows[y]] === own
              && labels[start + columns[x] + rows[y - 1]] === own && labels[start + columns[x] + rows[y + 1]] === own;
            if (!isInside) mix(at, this.colours[own][isDashed ? 1 : 0], 1);
          }
        }
      }
      context.putImageData(image, 0, 0);
      if (this.isOn("crosshair")) this.drawCrosshair(plane, context);
      if (plane.mark) {
        context.font = "bold 16px system-ui,sans-serif";
        context.fillStyle = "#fafafa";
        context.fillText(plane.mark, 4, height / 2 + 6);
      }
    }

    drawCrosshair(plane, context) {
      const {width, height} = plane.canvas;
      const middle = (axis, length) => {
        const count = this.about.size[axis], place = this.voxel[axis];
        return ((plane.isTurned ? count - 1 - place : place) + 0.5) / count * length;
      };
      const x = middle(plane.across, width), y = middle(plane.down, height), gap = 8;
      for (const [colour, line] of [["#000", 3], ["#ffee58", 1]]) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.beginPath();
        for (const [fromX, fromY, toX, toY] of [
          [0, y, x - gap, y], [x + gap, y, width, y], [x, 0, x, y - gap], [x, y + gap, x, height],
        ]) {
          context.moveTo(fromX, fromY);
          context.lineTo(toX, toY);
        }
        context.stroke();
      }
    }

    /** A slice's number in the scan, from 1, and how many there are. */
    number(axis) {
      const {origin, whole, thinning} = this.about;
      const step = axis < 2 ? thinning : 1;
      return [Math.min(whole[axis], origin[axis] + this.voxel[axis] * step + Math.floor(step / 2) + 1), whole[axis]];
    }

    /** What lies under the crosshair. */
    sentence() {
      const [x, y, z] = this.voxel, place = x + y * this.steps[1] + z * this.steps[2];
      const {contrasts, labels, regions, size} = this.about;
      const share = (value) => (value / steps).toFixed(2);
      const where = this.planes.length === 1
        ? `Pixel ${this.number(0)[0]} from the left, ${this.number(1)[0]} from the top`
        : this.planes.filter((plane) => size[plane.normal] > 1)
          .map((plane) => `${plane.name} ${this.number(plane.normal)[0]} of ${this.number(plane.normal)[1]}`).join(", ");
      const {name, black, white} = contrasts[this.shown.contrast];
      const grey = this.shown.scan[place];
      const edge = grey === 0 ? "at most " : grey === 255 ? "at least " : "about ";
      const words = [where, `${name} ${edge}${Number((black + grey / 255 * (white - black)).toPrecision(3))}`];
      if (this.reference) words.push(`reference ${labels[this.reference[place]].name}`);
      const found = this.reference && kind(this.prediction[place], this.reference[place]);
      words.push(`prediction ${labels[this.prediction[place]].name}${found ? ` (${found[2]})` : ""}`);
      words.push(`uncertainty ${share(this.uncertainty[place])}`);
      if (this.shown.overlay === "heat") {
        words.push(`Grad-CAM of ${regions[this.shown.heat]} ${share(this.shown.map[place])}`);
      }
      return words.join("; ") + ".";
    }
  }

  function start(node) {
    const viewer = new Viewer(node);
    viewer.start().catch((error) => { viewer.control("told").textContent = `The slices cannot be shown: ${error.message}.`; });
  }

  // Each begins when it comes near: three cases at once are much for a phone.
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      observer.unobserve(entry.target);
      start(entry.target);
    }
  }, {rootMargin: "400px"});
  for (const node of document.querySelectorAll(".viewer")) {
    node.hidden = false;
    observer.observe(node);
  }
})();

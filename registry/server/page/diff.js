/* What changed between two texts, by lines and by words: bounded in time, so that no schema can hang the page. */

/**
 * @typedef {{old: number, fresh: number, size: number}} Match Equal stretches start at `old` and `fresh`.
 * @typedef {[number, number]} Range From, up to but not including.
 * @typedef {{gone: Range, fresh: Range, pairs: [number, number][]}} Change Lines replaced by others, and which
 *   line became which.
 * @typedef {{same: Match} | {change: Change}} Part
 */

/** Edits between two anchors that are looked for; with more of them all is replaced. Memory is its square. */
const MOST_EDITS = 800;
/** Lines times lines of one change that are compared to find out which became which. */
const MOST_PAIRS = 10_000;
/** Nested searches for anchors. */
const MOST_DEPTH = 40;
/** Two lines with fewer of their words in common are two lines, not one that changed. */
const LEAST_ALIKE = 0.5;
const LONGEST_LINE = 2000;

/**
 * Equal stretches of two sequences, in order. Lines that occur once in both are anchors, as in a patience diff: they
 * keep a closing brace from being matched with that of another message. Between anchors it is Myers' O(ND).
 *
 * @param {readonly string[]} old
 * @param {readonly string[]} fresh
 * @returns {Match[]}
 */
export function matches(old, fresh) {
  /** @type {Map<string, number>} */
  const ids = new Map();
  const left = intern(old, ids);
  const right = intern(fresh, ids);
  const found = new Matches(left, right);
  found.between([0, left.length], [0, right.length], 0);
  return found.list;
}

/**
 * Unchanged and changed parts, in order; together they cover both texts.
 *
 * @param {readonly string[]} old
 * @param {readonly string[]} fresh
 * @returns {Part[]}
 */
export function diffLines(old, fresh) {
  /** @type {Part[]} */
  const parts = [];
  let [atOld, atFresh] = [0, 0];
  const kept = slide(matches(old, fresh), old, fresh).filter((one) => one.size);
  for (const same of [...kept, { old: old.length, fresh: fresh.length, size: 0 }]) {
    if (atOld < same.old || atFresh < same.fresh) {
      const gone = /** @type {Range} */ ([atOld, same.old]);
      const added = /** @type {Range} */ ([atFresh, same.fresh]);
      parts.push({ change: { gone, fresh: added, pairs: pairLines(old, gone, fresh, added) } });
    }
    if (same.size) parts.push({ same });
    [atOld, atFresh] = [same.old + same.size, same.fresh + same.size];
  }
  return parts;
}

/**
 * Move what was only added or only removed down as far as it stays the same change: a new message then ends with its
 * own closing brace, and not with that of its neighbour.
 *
 * @param {Match[]} list
 * @param {readonly string[]} old
 * @param {readonly string[]} fresh
 * @returns {Match[]}
 */
function slide(list, old, fresh) {
  let before = { old: 0, fresh: 0, size: 0 };
  const slid = [before];
  for (const match of list) {
    const [oldEnd, freshEnd] = [before.old + before.size, before.fresh + before.size];
    const removed = match.fresh === freshEnd;
    if (removed !== (match.old === oldEnd)) {
      const [lines, start, end] = removed ? [old, oldEnd, match.old] : [fresh, freshEnd, match.fresh];
      let steps = 0;
      while (steps < match.size && lines[start + steps] === lines[end + steps]) steps++;
      before.size += steps;
      slid.push({ old: match.old + steps, fresh: match.fresh + steps, size: match.size - steps });
    } else slid.push({ ...match });
    before = slid.at(-1) ?? before;
  }
  return slid;
}

/**
 * The ranges of characters that differ between two versions of a line.
 *
 * @param {string} old
 * @param {string} fresh
 * @returns {{gone: Range[], fresh: Range[]}}
 */
export function diffWords(old, fresh) {
  if (old.length > LONGEST_LINE || fresh.length > LONGEST_LINE) return { gone: [], fresh: [] };
  const [left, right] = [words(old), words(fresh)];
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  const [gone, added] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  // Most lines differ in one place: then there is nothing to search.
  const same = gone.length > 1 && added.length > 1 ? matches(gone, added) : [];
  const start = lengthOf(left.slice(0, head));
  return {
    gone: rest(gone, start, same.map((one) => [one.old, one.size])),
    fresh: rest(added, start, same.map((one) => [one.fresh, one.size])),
  };
}

/**
 * @param {readonly string[]} items
 * @param {Map<string, number>} ids
 * @returns {Int32Array}
 */
function intern(items, ids) {
  return Int32Array.from(items, (item) => {
    const known = ids.get(item);
    if (known !== undefined) return known;
    ids.set(item, ids.size);
    return ids.size - 1;
  });
}

class Matches {
  /**
   * @param {Int32Array} left
   * @param {Int32Array} right
   */
  constructor(left, right) {
    this.left = left;
    this.right = right;
    /** @type {Match[]} */
    this.list = [];
  }

  /**
   * @param {number} old
   * @param {number} fresh
   * @param {number} size
   */
  push(old, fresh, size) {
    const last = this.list.at(-1);
    if (!size) return;
    if (last && last.old + last.size === old && last.fresh + last.size === fresh) last.size += size;
    else this.list.push({ old, fresh, size });
  }

  /**
   * @param {Range} old
   * @param {Range} fresh
   * @param {number} depth
   */
  between([oldStart, oldEnd], [freshStart, freshEnd], depth) {
    const { left, right } = this;
    let head = 0;
    const shorter = Math.min(oldEnd - oldStart, freshEnd - freshStart);
    while (head < shorter && left[oldStart + head] === right[freshStart + head]) head++;
    let tail = 0;
    while (tail < shorter - head && left[oldEnd - 1 - tail] === right[freshEnd - 1 - tail]) tail++;
    this.push(oldStart, freshStart, head);
    this.middle([oldStart + head, oldEnd - tail], [freshStart + head, freshEnd - tail], depth);
    this.push(oldEnd - tail, freshEnd - tail, tail);
  }

  /**
   * @param {Range} old
   * @param {Range} fresh
   * @param {number} depth
   */
  middle(old, fresh, depth) {
    if (old[0] === old[1] || fresh[0] === fresh[1]) return;
    const anchors = depth < MOST_DEPTH ? this.anchors(old, fresh) : [];
    if (!anchors.length) return this.shortest(old, fresh);
    let [atOld, atFresh] = [old[0], fresh[0]];
    for (const [oldAnchor, freshAnchor] of anchors) {
      this.between([atOld, oldAnchor], [atFresh, freshAnchor], depth + 1);
      this.push(oldAnchor, freshAnchor, 1);
      [atOld, atFresh] = [oldAnchor + 1, freshAnchor + 1];
    }
    this.between([atOld, old[1]], [atFresh, fresh[1]], depth + 1);
  }

  /**
   * Positions of items that occur once on both sides: the longest run of them that is in order on both.
   *
   * @param {Range} old
   * @param {Range} fresh
   * @returns {[number, number][]}
   */
  anchors(old, fresh) {
    const [onLeft, onRight] = [singles(this.left, old), singles(this.right, fresh)];
    /** @type {[number, number][]} */
    const both = [];
    for (const [id, position] of onLeft) {
      const other = onRight.get(id);
      if (position >= 0 && other !== undefined && other >= 0) both.push([position, other]);
    }
    return longestRising(both.sort((one, two) => one[0] - two[0]));
  }

  /**
   * Myers' greedy search; nothing is found when it takes more than `MOST_EDITS`.
   *
   * @param {Range} old
   * @param {Range} fresh
   */
  shortest([oldStart, oldEnd], [freshStart, freshEnd]) {
    const [wide, high] = [oldEnd - oldStart, freshEnd - freshStart];
    const limit = Math.min(wide + high, MOST_EDITS);
    const far = new Int32Array(2 * limit + 3);
    /** @type {Int32Array[]} */
    const trace = [];
    for (let edits = 0; edits <= limit; edits++) {
      for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
        let x = firstX(far, limit, edits, diagonal);
        let y = x - diagonal;
        while (x < wide && y < high && this.left[oldStart + x] === this.right[freshStart + y]) {
          x++;
          y++;
        }
        far[limit + 1 + diagonal] = x;
        if (x >= wide && y >= high) return this.walkBack(trace, edits, [oldStart, oldEnd], [freshStart, freshEnd]);
      }
      trace.push(far.slice(limit + 1 - edits, limit + 2 + edits));
    }
  }

  /**
   * @param {Int32Array[]} trace
   * @param {number} edits
   * @param {Range} old
   * @param {Range} fresh
   */
  walkBack(trace, edits, [oldStart, oldEnd], [freshStart, freshEnd]) {
    /** @type {Match[]} */
    const backwards = [];
    let [x, y] = [oldEnd - oldStart, freshEnd - freshStart];
    for (let step = edits; step > 0; step--) {
      const before = /** @type {Int32Array} */ (trace[step - 1]);
      const at = (/** @type {number} */ diagonal) => before[diagonal + step - 1] ?? -1;
      const diagonal = x - y;
      const down = diagonal === -step || (diagonal !== step && at(diagonal - 1) < at(diagonal + 1));
      const start = down ? at(diagonal + 1) : at(diagonal - 1) + 1;
      backwards.push({ old: oldStart + start, fresh: freshStart + start - diagonal, size: x - start });
      x = down ? start : start - 1;
      y = down ? start - diagonal - 1 : start - diagonal;
    }
    backwards.push({ old: oldStart, fresh: freshStart, size: x });
    for (const one of backwards.reverse()) this.push(one.old, one.fresh, one.size);
  }
}

/**
 * @param {Int32Array} far
 * @param {number} limit
 * @param {number} edits
 * @param {number} diagonal
 * @returns {number}
 */
function firstX(far, limit, edits, diagonal) {
  if (!edits) return 0;
  const [below, above] = [far[limit + diagonal] ?? 0, far[limit + 2 + diagonal] ?? 0];
  return diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
}

/**
 * Positions by item, -1 where it occurs more than once.
 *
 * @param {Int32Array} items
 * @param {Range} range
 * @returns {Map<number, number>}
 */
function singles(items, [start, end]) {
  /** @type {Map<number, number>} */
  const found = new Map();
  for (let index = start; index < end; index++) {
    const item = items[index] ?? -1;
    found.set(item, found.has(item) ? -1 : index);
  }
  return found;
}

/**
 * The longest subsequence whose second numbers rise.
 *
 * @param {[number, number][]} pairs
 * @returns {[number, number][]}
 */
function longestRising(pairs) {
  /** @type {number[]} */
  const ends = []; // by length: the pair that ends the best run of it
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, value], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low ? (ends[low - 1] ?? -1) : -1;
    ends[low] = index;
  });
  /** @type {[number, number][]} */
  const run = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair) run.push(pair);
  }
  return run.reverse();
}

/**
 * @param {string} line
 * @returns {string[]}
 */
function words(line) {
  return line.match(/[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu) ?? [];
}

/** @type {(items: string[]) => number} */
const lengthOf = (items) => items.reduce((sum, item) => sum + item.length, 0);

/**
 * The ranges of characters of the words that are in no match, neighbours joined.
 *
 * @param {string[]} items
 * @param {number} start Where the first one stands.
 * @param {Range[]} same
 * @returns {Range[]}
 */
function rest(items, start, same) {
  const kept = new Set(same.flatMap(([first, size]) => Array.from({ length: size }, (_, index) => first + index)));
  /** @type {Range[]} */
  const ranges = [];
  let at = start;
  items.forEach((item, index) => {
    const last = ranges.at(-1);
    if (kept.has(index)) at += item.length;
    else if (last && last[1] === at) last[1] = at += item.length;
    else ranges.push([at, (at += item.length)]);
  });
  return ranges;
}

/**
 * Which line became which: in order, those that are most alike.
 *
 * @param {readonly string[]} old
 * @param {Range} gone
 * @param {readonly string[]} fresh
 * @param {Range} added
 * @returns {[number, number][]}
 */
function pairLines(old, [oldStart, oldEnd], fresh, [freshStart, freshEnd]) {
  const left = old.slice(oldStart, oldEnd).map(bag);
  const right = fresh.slice(freshStart, freshEnd).map(bag);
  const ranked = sameRank(left, right);
  // As many lines as before, each alike its predecessor: that is who became whom, and spares the search.
  const plain = ranked.length === left.length && ranked.length === right.length;
  const found = plain || left.length * right.length > MOST_PAIRS ? ranked : bestPairs(left, right);
  return found.map(([one, two]) => [one + oldStart, two + freshStart]);
}

/** @typedef {{size: number, counts: Map<string, number>}} Bag */

/**
 * @param {string} line
 * @returns {Bag}
 */
function bag(line) {
  const items = line.length > LONGEST_LINE ? [line] : words(line).filter((word) => word.trim());
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return { size: items.length, counts };
}

/**
 * @param {Bag} one
 * @param {Bag} two
 * @returns {number}
 */
function alike(one, two) {
  if (!one.size || !two.size) return 0;
  let common = 0;
  for (const [item, count] of one.counts) common += Math.min(count, two.counts.get(item) ?? 0);
  const share = (2 * common) / (one.size + two.size);
  return share < LEAST_ALIKE ? 0 : share;
}

/**
 * @param {Bag[]} left
 * @param {Bag[]} right
 * @returns {[number, number][]}
 */
function sameRank(left, right) {
  /** @type {[number, number][]} */
  const found = [];
  left.forEach((one, index) => {
    const two = right[index];
    if (two && alike(one, two)) found.push([index, index]);
  });
  return found;
}

/**
 * The pairs in order whose likeness adds up to the most.
 *
 * @param {Bag[]} left
 * @param {Bag[]} right
 * @returns {[number, number][]}
 */
function bestPairs(left, right) {
  const width = right.length + 1;
  const likeness = new Float64Array((left.length + 1) * width);
  const best = new Float64Array((left.length + 1) * width);
  const cell = (/** @type {Float64Array} */ table, /** @type {number} */ index) => table[index] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const at = row * width + column;
      const share = alike(/** @type {Bag} */ (left[row]), /** @type {Bag} */ (right[column]));
      likeness[at] = share;
      const paired = share ? share + cell(best, at + width + 1) : 0;
      best[at] = Math.max(paired, cell(best, at + width), cell(best, at + 1));
    }
  }
  /** @type {[number, number][]} */
  const found = [];
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    const at = row * width + column;
    const share = cell(likeness, at);
    if (share && cell(best, at) === share + cell(best, at + width + 1)) found.push([row++, column++]);
    else if (cell(best, at) === cell(best, at + width)) row++;
    else column++;
  }
  return found;
}

/* Server-sent events over fetch: unlike an EventSource it can send a token, and says what it is doing. */

import { ApiError, ask } from "./api.js";

/** @typedef {{id: string, type: string, data: string}} Message */
/** @typedef {{kind: "live"} | {kind: "waiting", seconds: number} | {kind: "refused", error: unknown}} State */

/** Seconds of silence after which the connection counts as lost; the gateway says something more often. */
const SILENCE = 60;
/** Seconds between two tries at most. */
const LONGEST = 30;

/**
 * Reads text that comes in pieces, by the rules of the HTML standard.
 *
 * @param {(message: Message) => void} tell
 * @param {(milliseconds: number) => void} [retry]
 * @returns {(piece: string) => void}
 */
export function reader(tell, retry = () => {}) {
  let rest = "";
  let id = "";
  let type = "";
  /** @type {string[]} */
  let data = [];
  let isFirst = true;

  /** @param {string} line */
  function read(line) {
    if (line === "") {
      if (data.length) tell({ id, type: type || "message", data: data.join("\n") });
      type = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") type = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) retry(Number(value));
  }

  return (piece) => {
    rest += piece;
    if (isFirst && rest) {
      rest = rest.replace(/^\ufeff/, "");
      isFirst = false;
    }
    // A lone CR at the end may be half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    lines.forEach(read);
  };
}

/** A stream of events that comes back by itself, where it was, until it is stopped. */
export class EventStream {
  /**
   * @param {(after: string) => string} address of the stream after an id, empty at first
   * @param {(message: Message) => void} tell
   * @param {(state: State) => void} changed
   */
  constructor(address, tell, changed) {
    this.address = address;
    this.tell = tell;
    this.changed = changed;
    this.last = "";
    this.retry = 2;
    this.failures = 0;
    this.connection = new AbortController();
    this.timer = 0;
  }

  /** Connect, now. */
  start() {
    this.stop();
    this.connection = new AbortController();
    void this.run(this.connection);
  }

  /** Hang up. */
  stop() {
    clearTimeout(this.timer);
    this.connection.abort();
  }

  /** @param {AbortController} connection */
  async run(connection) {
    try {
      await this.listen(connection);
    } catch (error) {
      if (connection !== this.connection) return;
      // What this caller must not see it will not be shown later either; everything else may pass.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        this.changed({ kind: "refused", error });
        return;
      }
    }
    if (connection !== this.connection || this.isStopped(connection)) return;
    const seconds = Math.min(LONGEST, this.retry * 2 ** this.failures);
    this.failures += 1;
    this.changed({ kind: "waiting", seconds });
    this.timer = setTimeout(() => this.start(), seconds * 1000);
  }

  /**
   * Whether it was hung up by `stop`, and not by its own watch.
   *
   * @param {AbortController} connection
   */
  isStopped(connection) {
    return connection.signal.aborted && connection.signal.reason !== SILENCE;
  }

  /** @param {AbortController} connection */
  async listen(connection) {
    let watch = 0;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => connection.abort(SILENCE), SILENCE * 1000);
    };
    heard();
    try {
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (this.last) headers["Last-Event-ID"] = this.last;
      const response = await ask(this.address(this.last), headers, connection.signal);
      if (!response.body) return;
      this.failures = 0;
      this.changed({ kind: "live" });
      const read = reader(
        (message) => {
          this.last = message.id || this.last;
          this.tell(message);
        },
        (milliseconds) => {
          this.retry = Math.max(0.1, milliseconds / 1000);
        },
      );
      const pieces = response.body.pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true })).getReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) return;
        heard();
        read(value);
      }
    } finally {
      clearTimeout(watch);
    }
  }
}

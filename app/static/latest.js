// One piece of work at a time, and only on what is newest.

/**
 * Return functions to ask for work. What is asked for while work is under way begins after it, once, however often it
 * was asked for. `work` gets a function that says whether its result is still wanted.
 *
 * @param {(wanted: () => boolean) => Promise<void>} work
 * @param {() => void} settled called when nothing waits any more
 */
export function latest(work, settled) {
  let waiting = false;
  let busy = false;
  let forgotten = 0;
  /** @type {number | undefined} */
  let timer;

  async function run() {
    timer = undefined;
    if (busy || !waiting) return;
    const turn = forgotten;
    waiting = false;
    busy = true;
    try {
      await work(() => turn === forgotten);
    } finally {
      busy = false;
      if (waiting) timer ??= setTimeout(run);
      else settled();
    }
  }

  return {
    /** Ask for work in so many milliseconds, or when work that was asked for before begins. @param {number} delay */
    want(delay) {
      waiting = true;
      timer ??= setTimeout(run, delay);
    },
    /** Drop what waits, and the result of what is under way. */
    forget() {
      waiting = false;
      forgotten += 1;
    },
  };
}

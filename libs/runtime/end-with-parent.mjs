/**
 * Ends this process, as by SIGTERM, when the one that started it is gone. A signal to npm goes to the shell that it runs a
 * script in, which ends and tells nobody: what `npm start` began would go on, and nobody would know of it.
 *
 * @param {number} everyMs how often it looks
 */
export function endWithParent(everyMs = 500) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    // While nobody listens it begins, or was told already and must not be told twice: a second signal ends it where it stands.
    if (process.ppid === parent || process.listenerCount('SIGTERM') === 0) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, everyMs);
  timer.unref();
}

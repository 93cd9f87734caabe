#ifndef MILLWRIGHT_STOP_SIGNALS_H
#define MILLWRIGHT_STOP_SIGNALS_H

/// Blocks SIGTERM, SIGINT and SIGHUP in a process whose first argument is `collect` or `serve`, from before its libraries are
/// initialized (`.preinit_array`). An early signal then neither ends the process by the system's default nor is lost:
/// it stays pending until stop_signals_wait(). SIGPIPE is ignored from then on.
///
/// Before that, only the dynamic linker runs, for some milliseconds in which nothing is opened; a signal then still
/// has the system's default effect.

/// Blocks the signals in this thread and in threads it starts; does nothing if they are already blocked.
void stop_signals_hold(void);

/// Waits for SIGTERM, SIGINT or SIGHUP and returns the signal; returns at once if one is pending. Returns 0 if waiting is
/// impossible.
int stop_signals_wait(void);

#endif

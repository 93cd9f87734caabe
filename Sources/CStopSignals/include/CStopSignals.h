#ifndef MILLWRIGHT_STOP_SIGNALS_H
#define MILLWRIGHT_STOP_SIGNALS_H

/// SIGTERM and SIGINT are held back in a process whose first argument is `collect`, from before its libraries are
/// initialized (`.preinit_array`): one that comes early neither ends the process by the system's default nor is lost,
/// but waits for stop_signals_wait(). SIGHUP and SIGPIPE are ignored from then on.
///
/// Before that only the dynamic linker has run, for some milliseconds in which nothing has been opened; there a signal
/// still has the system's default effect.

/// Holds the signals back in this thread and in those it starts, where that has not happened yet.
void stop_signals_hold(void);

/// Waits for SIGTERM or SIGINT and returns which it was: at once when one came before. 0 if waiting is impossible.
int stop_signals_wait(void);

#endif

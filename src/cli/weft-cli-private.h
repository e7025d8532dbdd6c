/* weft-cli-private.h: what the subcommands of `weftline` share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A command is a function that gets its own argv (argv[0] is its name) and returns the exit
 * status. Outputs go to stdout, everything else to stderr. All of this is for the main thread, but
 * where said otherwise.
 */
#pragma once

#include "weft.h"

#include <stdio.h>

/* Exit statuses, as the manual has them. */
enum
{
  WEFT_EXIT_DONE = 0,
  WEFT_EXIT_FAILED = 1,      /* a task failed */
  WEFT_EXIT_INPUT = 2,       /* bad input or usage */
  WEFT_EXIT_SYSTEM = 3,      /* the machine would not */
  WEFT_EXIT_CANCELLED = 130, /* by Ctrl-C, or SIGTERM */
};

typedef struct
{
  const char *name;
  const char *summary; /* one line */
  int (*run) (int argc, char **argv);
} WeftCommand;

int _weft_cli_run (int argc, char **argv);
int _weft_cli_open (int argc, char **argv);
int _weft_cli_check (int argc, char **argv);
int _weft_cli_info (int argc, char **argv);
int _weft_cli_convert (int argc, char **argv);
int _weft_cli_ops (int argc, char **argv);
int _weft_cli_dump (int argc, char **argv);
int _weft_cli_export (int argc, char **argv);
int _weft_cli_bench (int argc, char **argv);
int _weft_cli_doctor (int argc, char **argv);
int _weft_cli_record (int argc, char **argv);
int _weft_cli_serve (int argc, char **argv);
int _weft_cli_runs (int argc, char **argv);
int _weft_cli_attach (int argc, char **argv);
int _weft_cli_watch (int argc, char **argv);
int _weft_cli_submit (int argc, char **argv);
int _weft_cli_cancel (int argc, char **argv);
int _weft_cli_result (int argc, char **argv);

/* ---- messages (message.c) -------------------------------------------------------------------- */

/* "weftline: …" on stderr, one line; also from other threads. */
void _weft_cli_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* From now on everything on stderr is JSON lines: {"event": "message", "text": "…"}. */
void _weft_cli_say_as_json (void);
bool _weft_cli_says_json (void);
/* Says it, frees @error, returns the exit status that belongs to its domain and code. */
int _weft_cli_report (GError *error);
/* Which exit status belongs to an error. */
int _weft_cli_status_of (const GError *error);
/* Writes all buffered output; a full disk or a closed pipe is said. Returns: @status, or 3 */
int _weft_cli_finish (int status);

/* ---- graph files (read.c) -------------------------------------------------------------------- */

/* weft_graph_read_file(), and says what the reader noted. */
WeftGraph *_weft_cli_read_graph (const char *path, WeftGraphFormat format, GError **error);
/* FALSE with G_OPTION_ERROR: writing to @path (nullable) would overwrite the file that is read, by
 * whatever name. @kind: "graph" or "run"; @what: how the user calls what is to be written */
bool _weft_cli_spare (const char *input, const char *kind, const char *what, const char *path,
                      GError **error);

/* ---- arguments (arguments.c) ----------------------------------------------------------------- */

/* Parses options as GOption does, prints --help. What is left of argv: *argc and *argv, without the
 * command's name. FALSE: *status is what to exit with. */
bool _weft_cli_parse (const char *name, const char *operands, const char *summary,
                      const char *description, const GOptionEntry *entries, int *argc, char ***argv,
                      int *status);
/* Whether there are n_min … n_max operands; says so if not. */
bool _weft_cli_operands (const char *name, int argc, char **argv, int n_min, int n_max);
/* The same of what are no files. @expected: “a run is” */
bool _weft_cli_operands_of (const char *name, int argc, char **argv, int n_min, int n_max,
                            const char *expected);
/* "512", "64k", "1.5G", "2GiB": powers of 1024, but kB, MB, GB, TB. FALSE with @error
 * (G_OPTION_ERROR) */
bool _weft_cli_size (const char *text, uint64_t *n_bytes, GError **error);
/* A whole number in a range; FALSE with @error that names @what. */
bool _weft_cli_number (const char *what, const char *text, int64_t least, int64_t most,
                       int64_t *number, GError **error);
/* A finite number above (or at) 0. */
bool _weft_cli_positive (const char *what, const char *text, bool zero_too, double *number,
                         GError **error);
/* "10 ms", "1.5s", "3": seconds unless said; ns. */
bool _weft_cli_duration (const char *what, const char *text, int64_t *ns, GError **error);
/* Index of @text in the %NULL-terminated @words, or -1 with @error that lists them. */
int _weft_cli_choice (const char *what, const char *text, const char *const *words, GError **error);

/* A WeftGraphFormat; @text: (nullable): AUTO. -1 with @error */
int _weft_cli_format (const char *what, const char *text, GError **error);

/* ---- text (text.c); no state, any thread ----------------------------------------------------- */

/* "1.5 MiB", "3.2 ms", "1,234". (transfer full) */
char *_weft_cli_bytes_text (uint64_t n_bytes);
char *_weft_cli_time_text (int64_t ns);
char *_weft_cli_count_text (uint64_t n);
/* "1 task", "2 tasks" (transfer full) */
char *_weft_cli_plural (uint64_t n, const char *singular);
/* Appends a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void _weft_cli_json_string (GString *json, const char *text);
/* Columns a text takes on a terminal. */
uint32_t _weft_cli_columns (const char *text);
/* At most @columns columns, cut with "…"; padded with spaces if @pad. (transfer full) */
char *_weft_cli_fit (const char *text, uint32_t columns, bool pad);
/* The same, padded, and cut in the middle: of names whose ends tell them apart. */
char *_weft_cli_fit_ends (const char *text, uint32_t columns);

/* ---- registries (registry.c) ----------------------------------------------------------------- */

/* The built-in operations and those of @plugins (nullable, %NULL-terminated). (transfer full)
 * (nullable) */
WeftOpRegistry *_weft_cli_registry (char **plugins, GError **error);
/* What passes ask of a registry. @ops points into the registry. */
void _weft_cli_pass_ops (WeftOpRegistry *registry, WeftPassOps *ops);

/* ---- the machine (machine.c) ----------------------------------------------------------------- */

/* One line: processor, usable cores, memory, kernel. (transfer full) */
char *_weft_cli_machine (void);
/* A field of /proc/self/status in bytes, 0 if unknown: "VmHWM", "VmRSS". */
uint64_t _weft_cli_status_bytes (const char *field);

/* ---- other programs (find-program.c) --------------------------------------------------------- */

/* Where this program is. (transfer full) */
char *_weft_cli_program_folder (void);
/* One that belongs to this one: of its installation, else on PATH, else of its build, as seen from
 * this one. @build_place: (nullable). (transfer full) (nullable) */
char *_weft_cli_find_program (const char *name, const char *build_place);

/* ---- signals (signals.c) --------------------------------------------------------------------- */

/* From here on SIGINT, SIGTERM and SIGHUP are turned into bytes on the descriptor returned, owned
 * by the process; a second signal ends the process at once. -1 with errno. */
int _weft_cli_catch_signals (void);
/* Whether a signal came; also from other threads. */
bool _weft_cli_signalled (void);

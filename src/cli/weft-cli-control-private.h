/* weft-cli-control-private.h: commands to a run of `weftline run` while it goes on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "cli/weft-cli-private.h"

#include <poll.h>

/* ---- control-commands.c ---------------------------------------------------------------------- */

typedef enum
{
  WEFT_ORDER_SETTING, /* also before the run starts */
  WEFT_ORDER_RUNNING, /* of a run that has started */
  WEFT_ORDER_WAITING, /* the same, and takes as long as tasks do */
} WeftOrderKind;

/* A line that was understood. */
typedef struct
{
  WeftOrderKind kind;
  uint32_t number_of_command;
  char *text;      /* (nullable) (owned) */
  uint64_t number; /* bytes, nanoseconds, workers, or which word */
} WeftOrder;

/* What orders are for. Those of kind WAITING use the run only, so another thread may apply them. */
typedef struct
{
  WeftEngine *engine;
  WeftRun *run;
  bool cancel_at_hang_up;
} WeftControlTarget;

/* @line: without its line feed, not 0-terminated. FALSE with @error, whose text says what is wrong
 * with it. */
bool _weft_cli_control_understand (const char *line, size_t n_chars, WeftOrder *order,
                                   GError **error);
/* FALSE with @error: why it could not be done. */
bool _weft_cli_control_apply (WeftControlTarget *target, const WeftOrder *order, GError **error);
void _weft_cli_order_clear (WeftOrder *order);
/* As arguments and reasons stand in a line. (transfer full) */
char *_weft_cli_control_escape (const char *text);

/* ---- control.c ------------------------------------------------------------------------------- */

typedef struct _WeftControl WeftControl;

/* How many descriptors the main thread polls for it. */
#define WEFT_CONTROL_N_FDS 2

/* Whether the descriptor is a connected stream socket; it is then closed for programs that tasks
 * start. FALSE with @error (G_OPTION_ERROR) */
bool _weft_cli_control_check (int fd, GError **error);
/* @fd: as checked; it is taken over. The run has not started. NULL with @error */
WeftControl *_weft_cli_control_new (int fd, WeftEngine *engine, WeftRun *run, GError **error);
/* Makes the settings that stand in the channel already; before the run starts. NULL does nothing,
 * here and below. */
void _weft_cli_control_prepare (WeftControl *control);
/* The run has started: what was held back until then is done. */
void _weft_cli_control_begin (WeftControl *control);
/* What to wait for. @fds: (out caller-allocates): WEFT_CONTROL_N_FDS of them */
void _weft_cli_control_poll (WeftControl *control, struct pollfd *fds);
/* Does what has come. @fds: after poll() */
void _weft_cli_control_serve (WeftControl *control, const struct pollfd *fds);
/* The run has ended, or never began: answers what is left, closes the channel, frees all. */
void _weft_cli_control_end (WeftControl *control);

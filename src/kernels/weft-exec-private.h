/* weft-exec-private.h: child processes of the operation exec
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "kernels/weft-op.h"

#include <sys/resource.h>
#include <sys/types.h>

#define WEFT_EXEC_TAIL_BYTES 4096

/* What to run. All is borrowed. */
typedef struct
{
  char **argv;             /* NULL at the end; at least one */
  char **envp;             /* NULL at the end */
  const char *cwd;         /* (nullable): that of this process */
  const char *stdin_bytes; /* (nullable): written to its input */
  size_t n_stdin;
  const char *stdin_path; /* (nullable): opened as its input; without both there is none */
  int64_t end_ns;         /* CLOCK_MONOTONIC: when it is terminated; INT64_MAX: never */
  size_t max_stdout;      /* bytes */
} WeftExecRequest;

typedef enum
{
  WEFT_EXEC_ENDED,     /* by itself: `status` says how */
  WEFT_EXEC_CANCELLED, /* terminated, as the task was cancelled */
  WEFT_EXEC_TIMED_OUT, /* terminated at end_ns or at the task's deadline */
  WEFT_EXEC_TOO_MUCH,  /* terminated, as it printed more than max_stdout */
  WEFT_EXEC_LOST,      /* the process ignores SIGCHLD, so nobody knows how the child ended */
} WeftExecOutcome;

typedef struct
{
  WeftExecOutcome outcome;
  int status; /* as from wait4() */
  struct rusage usage;
  GByteArray *out;                     /* owned: all of stdout */
  char tail[WEFT_EXEC_TAIL_BYTES + 1]; /* the last of stderr */
  size_t n_tail;
} WeftExecResult;

/**
 * _weft_exec_run:
 * @task: what is printed goes to its log as it comes; its cancel flag and deadline are obeyed
 * @result: (out): to be cleared whatever is returned
 *
 * Runs a program and waits for it. Its process group is terminated, and after two seconds killed,
 * when it must end early; what is left of the group when the program has ended is, too.
 *
 * Returns: WEFT_OK when it ran, else the status to return, the task failed
 */
WeftStatus _weft_exec_run (WeftTask *task, const WeftExecRequest *request, WeftExecResult *result);
void _weft_exec_result_clear (WeftExecResult *result);

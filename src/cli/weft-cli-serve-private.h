/* weft-cli-serve-private.h: runs that `weftline serve` has of its own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Graphs that are submitted run on the embedded scheduler, each on an engine of its own, so that
 * one's workers are no other's. Threads: requests come from the server's and are carried out in
 * those of a pool; a thread for each run that goes on tells how far it is.
 */
#pragma once

#include "cli/weft-cli-private.h"

typedef struct _WeftHost WeftHost;

/**
 * _weft_cli_host_new:
 * @folder: where run files go; made with the first
 *
 * Returns: (transfer full): to be freed once the server is
 */
WeftHost *_weft_cli_host_new (const char *folder);
/* What a server is made with. */
void _weft_cli_host_fill (WeftHost *host, WeftServerHost *functions);
/* From now on requests may come. */
void _weft_cli_host_set_server (WeftHost *host, WeftServer *server);
/* Cancels what runs, and waits for it; before the server is freed. */
void _weft_cli_host_stop (WeftHost *host);
void _weft_cli_host_free (WeftHost *host);

/* What can be done with a run that goes on. */
#define WEFT_HOST_CONTROLS                                                         \
  (WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) | WEFT_SERVER_CAN (WEFT_SERVER_RESUME)      \
   | WEFT_SERVER_CAN (WEFT_SERVER_STEP) | WEFT_SERVER_CAN (WEFT_SERVER_STEP_GROUP) \
   | WEFT_SERVER_CAN (WEFT_SERVER_CANCEL) | WEFT_SERVER_CAN (WEFT_SERVER_BREAK)    \
   | WEFT_SERVER_CAN (WEFT_SERVER_SET))

/* ---- host-runs.c ----------------------------------------------------------------------------- */

/**
 * WeftHostRun:
 * @alive: who reads @engine or @run holds it as a reader; who lets them go as the writer
 * @engine: (nullable): with the run: NULL once its results were let go
 * @lock: of what is below it
 *
 * A run that was submitted.
 */
typedef struct
{
  gatomicrefcount n_refs;
  uint64_t id;
  char *name, *path;
  WeftGraph *graph; /* its first segment, as it runs */
  WeftOpRegistry *registry;
  bool is_open; /* whether it was submitted to be extended */
  GRWLock alive;
  WeftEngine *engine;
  WeftRun *run;
  GMutex lock;
  bool started;
  int64_t begun_wall_ns, ended_wall_ns;
  WeftRunPhase phase; /* as it was told last */
  WeftRunProgress progress;
} WeftHostRun;

/* Reads, checks and makes what the request submits. (transfer full) (nullable): NULL: *code and
 * @error say why not */
WeftHostRun *_weft_cli_host_run_new (const WeftServerRequest *request, const char *folder,
                                     WeftServerRefusal *code, GError **error);
WeftHostRun *_weft_cli_host_run_ref (WeftHostRun *run);
void _weft_cli_host_run_unref (WeftHostRun *run);
/* How it stands. @served: (out): its texts are the run's */
void _weft_cli_host_run_describe (WeftHostRun *run, WeftServedRun *served);
/* FALSE: it was started before. */
bool _weft_cli_host_run_start (WeftHostRun *run);
/* Also before its start, with which it ends then. */
void _weft_cli_host_run_cancel (WeftHostRun *run);
/* Waits for its end so long at most. Returns: whether it has ended; its file is closed then */
bool _weft_cli_host_run_wait (WeftHostRun *run, int64_t ns, GError **error);
/* Answers or refuses a request other than a submission. @request: (transfer full) */
void _weft_cli_host_run_do (WeftHostRun *run, WeftServerRequest *request);
/* Its results are kept no longer; it has ended. */
void _weft_cli_host_run_forget (WeftHostRun *run);

/* weft-engine.h: the embedded scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An engine is a pool of workers. A run is a list of graph segments worked off by an engine, with its
 * own settings, records, memory limit and control. Several runs share the pool fairly; several engines
 * may live in one process. No signal handlers, no atexit, no globals. After fork() the child must not
 * use the engine, only exec or _exit.
 *
 * All functions may be called from any thread, also from kernels where not said otherwise.
 */
#pragma once

#include "graph/weft-graph.h"
#include "kernels/weft-op.h"
#include "trace/weft-recorder.h"

typedef struct _WeftEngine WeftEngine;
typedef struct _WeftRun WeftRun;
typedef struct _WeftFuture WeftFuture;

#define WEFT_ENGINE_ERROR (weft_engine_error_quark ())
WEFT_API GQuark weft_engine_error_quark (void);

typedef enum
{
  WEFT_ENGINE_ERROR_SYSTEM,    /* threads or memory cannot be had */
  WEFT_ENGINE_ERROR_ARGUMENT,
  WEFT_ENGINE_ERROR_GRAPH,     /* the segment cannot be bound: unknown operation, wrong arguments */
  WEFT_ENGINE_ERROR_FAILED,    /* a task failed */
  WEFT_ENGINE_ERROR_CANCELLED,
  WEFT_ENGINE_ERROR_LIMIT,     /* too many blocked tasks */
  WEFT_ENGINE_ERROR_STATE,     /* not possible in the run's present phase */
  WEFT_ENGINE_ERROR_RELEASED,  /* the result was freed with its last consumer */
} WeftEngineError;

/* ---- engine ----------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_workers;      /* 0: usable cores (affinity and cgroup quota respected); up to 1024 */
  bool pin;                /* one core per worker, through hwloc */
  uint32_t max_spares;     /* most spare workers for blocked or stuck tasks; 0: 256 */
  const char *spill_dir;   /* (nullable): parent of the private spill folder; NULL: temporary dir */
  WeftOpRegistry *registry;/* (nullable): built-in operations */
  /* manual scheduler: no threads; the caller steps, and time is what the caller says */
  bool manual;
  uint64_t (*manual_clock) (void *data); /* ns; (nullable): counts 1 µs a call */
  void *manual_data;
  void *reserved[4];
} WeftEngineOptions;

WEFT_API WeftEngine *weft_engine_new (const WeftEngineOptions *options, GError **error);
/* Cancels what runs, waits for it, stops the workers. Not from a kernel. */
WEFT_API void weft_engine_free (WeftEngine *engine);
WEFT_API uint32_t weft_engine_n_workers (WeftEngine *engine);
/* Takes effect at once for starts; a worker taken away finishes its task first. 1 … 1024 */
WEFT_API bool weft_engine_set_workers (WeftEngine *engine, uint32_t n_workers, GError **error);
/* Amount of a named resource across all runs; tasks that need more wait. */
WEFT_API void weft_engine_set_resource (WeftEngine *engine, const char *name, double amount);
WEFT_API WeftOpRegistry *weft_engine_registry (WeftEngine *engine);
WEFT_API uint32_t weft_usable_cores (void);
/* Manual scheduler: does the next thing there is to do on worker @worker. Returns: whether any */
WEFT_API bool weft_engine_step_manual (WeftEngine *engine, uint32_t worker);

/* ---- runs ------------------------------------------------------------------------------------- */

typedef enum
{
  WEFT_ON_ERROR_STOP = 0, /* start nothing new after a failure; finish what runs */
  WEFT_ON_ERROR_CONTINUE = 1,
} WeftOnError;

typedef enum
{
  WEFT_RUN_PREPARED = 0,
  WEFT_RUN_RUNNING = 1,
  WEFT_RUN_PAUSED = 2,
  WEFT_RUN_DONE = 3,
  WEFT_RUN_FAILED = 4, /* finished, and at least one task erred */
  WEFT_RUN_CANCELLED = 5,
} WeftRunPhase;

typedef struct
{
  const char *name;          /* (nullable) */
  uint64_t seed;
  WeftOnError on_error;
  uint64_t memory_limit_bytes; /* 0: none */
  bool records;              /* keep records */
  WeftRecorderOptions recorder; /* where they go, if kept */
  bool keep_open;            /* the run may be extended: it ends with weft_run_close() */
  bool start_paused;
  void *reserved[4];
} WeftRunOptions;

/**
 * weft_run_new:
 * @graph: (nullable): first segment, already optimised as wanted
 *
 * Binds operations and allocates the state; nothing runs yet.
 *
 * Returns: (transfer full) (nullable)
 */
WEFT_API WeftRun *weft_run_new (WeftEngine *engine, WeftGraph *graph,
                                const WeftRunOptions *options, GError **error);
WEFT_API WeftRun *weft_run_ref (WeftRun *run);
WEFT_API void weft_run_unref (WeftRun *run);
WEFT_API void weft_run_start (WeftRun *run);

typedef struct
{
  const WeftValue *values; /* (nullable): for the segment's VALUE imports; references taken over */
  uint32_t n_values;
  int32_t priority;        /* segments of higher priority are issued first; 0 */
} WeftExtendOptions;

/* Adds a segment. An imported result that was released already is an error (RELEASED): hold a future
 * for what later segments may need. Results without a box (numbers) are kept as long as their segment.
 * Returns the segment's number, WEFT_NONE with @error on failure. */
WEFT_API uint32_t weft_run_extend (WeftRun *run, WeftGraph *segment,
                                   const WeftExtendOptions *options, GError **error);
/* No more segments will come; the run ends when everything is done. */
WEFT_API void weft_run_close (WeftRun *run);
/* Waits for the end, records closed. Not from a kernel. @timeout_ns < 0: for ever. Returns: whether
 * it ended */
WEFT_API bool weft_run_wait (WeftRun *run, int64_t timeout_ns);
WEFT_API WeftRunPhase weft_run_phase (WeftRun *run);
/* Why the run failed or was cancelled: first failed task's key, attempt, message. Untouched and FALSE
 * if it did not. */
WEFT_API bool weft_run_error (WeftRun *run, GError **error);

/* A requested output (of the graph's wanted list) or a pinned one. Returns: whether it is there; the
 * value then holds a reference */
WEFT_API bool weft_run_result (WeftRun *run, uint32_t segment, uint32_t task, uint32_t output,
                               WeftValue *value);

/* ---- control ---------------------------------------------------------------------------------- */

WEFT_API void weft_run_pause (WeftRun *run);
WEFT_API void weft_run_resume (WeftRun *run);
/* While paused: runs the ready task with the best priority, then pauses again. Waits until it ended.
 * Returns: FALSE if none was ready */
WEFT_API bool weft_run_step (WeftRun *run);
/* While paused: runs until all tasks of the group that are ready now ended. */
WEFT_API bool weft_run_step_group (WeftRun *run, const char *group);
WEFT_API void weft_run_cancel (WeftRun *run);
/* A delay before every start, 0: none. */
WEFT_API void weft_run_set_slow_motion (WeftRun *run, int64_t delay_ns);
WEFT_API void weft_run_set_memory_limit (WeftRun *run, uint64_t limit_bytes);
WEFT_API bool weft_run_break_at_key (WeftRun *run, const char *key);     /* FALSE: no such key */
WEFT_API bool weft_run_break_at_group (WeftRun *run, const char *group);
WEFT_API void weft_run_break_on_error (WeftRun *run, bool enable);
WEFT_API void weft_run_break_above_bytes (WeftRun *run, uint64_t managed_bytes); /* 0: off */
WEFT_API void weft_run_clear_breakpoints (WeftRun *run);

/* ---- what goes on ------------------------------------------------------------------------------ */

typedef enum
{
  WEFT_STATE_WAITING,
  WEFT_STATE_QUEUED,
  WEFT_STATE_PROCESSING,
  WEFT_STATE_MEMORY,
  WEFT_STATE_RELEASED,
  WEFT_STATE_ERRED,
  WEFT_STATE_CANCELLED,
} WeftTaskState;

WEFT_API WeftTaskState weft_run_task_state (WeftRun *run, uint32_t segment, uint32_t task);

typedef struct
{
  uint64_t n_tasks, n_done, n_running, n_erred, n_cancelled;
  uint64_t managed_bytes, peak_managed_bytes, spilled_bytes;
  int64_t elapsed_ns;
} WeftRunProgress;
WEFT_API void weft_run_progress (WeftRun *run, WeftRunProgress *progress);

/* Per group of segment 0 … : counts by group, and time spent. */
typedef struct
{
  uint32_t group, segment;
  uint64_t n_tasks, n_done, n_running, n_erred;
  int64_t busy_ns;
} WeftGroupProgress;
/* Returns: (transfer full) (element-type WeftGroupProgress) */
WEFT_API GArray *weft_run_group_progress (WeftRun *run);

WEFT_API uint32_t weft_run_n_segments (WeftRun *run);
/* Returns: (transfer full) (nullable): a segment that is done and forgotten has none */
WEFT_API WeftGraph *weft_run_segment (WeftRun *run, uint32_t segment);
WEFT_API WeftRecorder *weft_run_recorder (WeftRun *run);               /* (nullable) */

/* ---- futures ----------------------------------------------------------------------------------- */

/**
 * weft_run_submit:
 * @key: (nullable): NULL makes one from the operation's name
 * @args: n_args values; futures among the inputs are given through @inputs
 *
 * One task as a segment of its own. Argument i is inputs[i] where that is not %NULL, else args[i].
 *
 * Returns: (transfer full) (nullable): a handle that pins the result until it is released
 */
WEFT_API WeftFuture *weft_run_submit (WeftRun *run, const char *key, const char *op,
                                      const WeftValue *args, WeftFuture *const *inputs,
                                      uint32_t n_args, GError **error);
/* One task per item of @items, as one segment. Returns n_items futures in @futures. */
WEFT_API bool weft_run_map (WeftRun *run, const char *op, const WeftValue *items, size_t n_items,
                            WeftFuture **futures, GError **error);
/* A future of a task of any segment; %NULL with RELEASED if its result is gone already. */
WEFT_API WeftFuture *weft_run_future (WeftRun *run, uint32_t segment, uint32_t task,
                                      uint32_t output, GError **error);
WEFT_API WeftFuture *weft_future_ref (WeftFuture *future);
/* The last unref releases the result. */
WEFT_API void weft_future_unref (WeftFuture *future);
WEFT_API bool weft_future_is_done (WeftFuture *future);
/* Waits. In a kernel a spare worker takes the slot meanwhile; beyond the limit of spares it is an
 * error at once. @value holds a reference on success. */
WEFT_API bool weft_future_get (WeftFuture *future, WeftValue *value, GError **error);
/* All of them. */
WEFT_API bool weft_futures_wait (WeftFuture *const *futures, size_t n_futures, int64_t timeout_ns,
                                 GError **error);
/* Index of one that is done and has not been returned yet (taken[i] false; set to true), waiting if
 * need be; SIZE_MAX when all were taken. */
WEFT_API size_t weft_futures_as_completed (WeftFuture *const *futures, size_t n_futures,
                                           bool *taken, GError **error);
WEFT_API bool weft_futures_gather (WeftFuture *const *futures, size_t n_futures, WeftValue *values,
                                   GError **error);
WEFT_API void weft_future_cancel (WeftFuture *future);

/* ---- kernels that make tasks ------------------------------------------------------------------- */

/* From a kernel: this graph's k-th wanted output becomes the task's k-th result. The kernel returns
 * what this returns. @graph: (transfer full). @values: for its VALUE imports, references taken over */
WEFT_API WeftStatus weft_task_return_graph (WeftTask *task, WeftGraph *graph,
                                            const WeftValue *values, uint32_t n_values);
/* The run of a task, for submitting from a kernel. */
WEFT_API WeftRun *weft_task_run (WeftTask *task);

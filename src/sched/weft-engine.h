/* weft-engine.h: the embedded scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An engine is a pool of workers. A run is a list of graph segments worked off by an engine, with
 * its own settings, records, memory limit and control. Several runs share the pool fairly; several
 * engines may live in one process. No signal handlers, no atexit, no globals. After fork() the
 * child must not use the engine, only exec or _exit.
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
/**
 * weft_engine_error_quark:
 *
 * Returns: the error domain of #WeftEngineError
 */
WEFT_API GQuark weft_engine_error_quark (void);

typedef enum
{
  WEFT_ENGINE_ERROR_SYSTEM, /* threads or memory cannot be had */
  WEFT_ENGINE_ERROR_ARGUMENT,
  WEFT_ENGINE_ERROR_GRAPH,  /* the segment needs what no earlier one has */
  WEFT_ENGINE_ERROR_FAILED, /* a task failed */
  WEFT_ENGINE_ERROR_CANCELLED,
  WEFT_ENGINE_ERROR_LIMIT,    /* too many blocked tasks */
  WEFT_ENGINE_ERROR_STATE,    /* not possible in the run's present phase */
  WEFT_ENGINE_ERROR_RELEASED, /* the result was freed with its last consumer */
} WeftEngineError;

/* ---- engine ---------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_workers; /* 0: usable cores (affinity and cgroup quota respected); up to 1024 */
  bool pin;           /* a processor of its own for each worker, of different cores first (hwloc) */
  uint32_t max_spares;   /* most spare workers for blocked or stuck tasks; 0: 256 */
  const char *spill_dir; /* (nullable): parent of the private spill folder; NULL: temporary dir */
  WeftOpRegistry *registry; /* (nullable): built-in operations */
  /* manual scheduler: no threads; the caller steps, and time is what the caller says */
  bool manual;
  uint64_t (*manual_clock) (void *data); /* ns; (nullable): counts 1 µs a call */
  void *manual_data;
  void *reserved[4];
} WeftEngineOptions;

/**
 * weft_engine_new:
 * @options: (nullable): copied; %NULL is all zero
 *
 * Makes an engine and starts its workers, unless it is a manual one. Errors: ARGUMENT for more than
 * 1024 workers, SYSTEM where threads or memory cannot be had.
 *
 * Returns: (transfer full) (nullable): %NULL with @error set; to be freed with weft_engine_free()
 */
WEFT_API WeftEngine *weft_engine_new (const WeftEngineOptions *options, GError **error);

/**
 * weft_engine_free:
 * @engine: (nullable) (transfer full): not used by any other thread any more
 *
 * Cancels what runs, waits for it, stops the workers. Not from a kernel: it would wait for itself.
 */
WEFT_API void weft_engine_free (WeftEngine *engine);

/**
 * weft_engine_n_workers:
 *
 * Returns: how many workers were asked for; spares that stand in for blocked ones are not counted
 */
WEFT_API uint32_t weft_engine_n_workers (WeftEngine *engine);

/**
 * weft_engine_set_workers:
 * @n_workers: 1 … 1024
 *
 * Takes effect at once for starts; a worker taken away finishes its task first. Errors: ARGUMENT
 * for a number out of range, SYSTEM where a thread cannot be made; the number stays as it was then.
 *
 * Returns: whether the number was changed
 */
WEFT_API bool weft_engine_set_workers (WeftEngine *engine, uint32_t n_workers, GError **error);

/**
 * weft_engine_set_resource:
 * @name: as tasks name it in their attributes; copied
 * @amount: what there is of it, in the unit that the tasks' needs are given in
 *
 * Sets the amount of a named resource across all runs. Tasks that need more than is free wait;
 * those that have enough now are let through at once. Lowering it takes nothing from tasks that
 * run.
 */
WEFT_API void weft_engine_set_resource (WeftEngine *engine, const char *name, double amount);

/**
 * weft_engine_registry:
 *
 * Returns: (transfer none): the operations that graphs are bound to; lives as long as the engine
 */
WEFT_API WeftOpRegistry *weft_engine_registry (WeftEngine *engine);

/**
 * weft_usable_cores:
 *
 * Returns: how many cores this process may use, 1 … 1024: the lower of its affinity mask and the
 *   quota of its control group
 */
WEFT_API uint32_t weft_usable_cores (void);

/**
 * weft_engine_step_manual:
 * @worker: index below the number of workers
 *
 * Does the next thing there is to do on one worker of a manual scheduler, in the calling thread:
 * due timers first, then what that worker would take next.
 *
 * Returns: whether there was any; %FALSE also for an engine with threads or an unknown worker
 */
WEFT_API bool weft_engine_step_manual (WeftEngine *engine, uint32_t worker);

/* ---- runs ------------------------------------------------------------------------------------ */

typedef enum
{
  WEFT_ON_ERROR_STOP = 0, /* start nothing new after a failure; finish what runs */
  WEFT_ON_ERROR_CONTINUE = 1,
} WeftOnError;

typedef struct
{
  const char *name; /* (nullable) */
  uint64_t seed;
  WeftOnError on_error;
  uint64_t memory_limit_bytes;  /* 0: none */
  bool records;                 /* keep records */
  WeftRecorderOptions recorder; /* where they go, if kept */
  bool keep_open;               /* the run may be extended: it ends with weft_run_close() */
  bool start_paused;
  void *reserved[4]; /* NULL */
} WeftRunOptions;

/**
 * weft_run_new:
 * @graph: (nullable): first segment, already optimised as wanted
 *
 * Binds operations and allocates the state; nothing runs yet. Errors: those of WEFT_GRAPH_ERROR for
 * what cannot be bound (an unknown operation, wrong arguments), of the recorder or the spill folder
 * where their files cannot be made, and as weft_run_extend().
 *
 * Returns: (transfer full) (nullable): %NULL with @error set
 */
WEFT_API WeftRun *weft_run_new (WeftEngine *engine, WeftGraph *graph, const WeftRunOptions *options,
                                GError **error);

/**
 * weft_run_ref:
 *
 * Returns: (transfer full): @run
 */
WEFT_API WeftRun *weft_run_ref (WeftRun *run);

/**
 * weft_run_unref:
 * @run: (nullable) (transfer full)
 *
 * Gives a reference back. A run that was started goes on without it: the engine holds one until the
 * run has ended. The last one frees the results, the records' writer and the graphs.
 */
WEFT_API void weft_run_unref (WeftRun *run);

/**
 * weft_run_start:
 *
 * Lets workers begin, or with start_paused lets the run wait in the paused phase. A second call
 * does nothing. Without keep_open the run takes no more segments from here on.
 */
WEFT_API void weft_run_start (WeftRun *run);

typedef struct
{
  const WeftValue *values; /* (nullable): for the segment's VALUE imports; references taken over */
  uint32_t n_values;
  int32_t priority;  /* segments of higher priority are issued first; 0 */
  void *reserved[4]; /* NULL */
} WeftExtendOptions;

/**
 * weft_run_extend:
 * @segment: a reference is taken; already optimised as wanted
 * @options: (nullable): no values, priority 0. References of its values are taken over on success
 *   only
 *
 * Adds a segment. An imported result that was released already is an error (RELEASED): hold a
 * future for what later segments may need. Results without a box (numbers) are kept as long as
 * their segment. Other errors: STATE when the run was closed, was started without keep_open or has
 * ended, and for imports of results that will not tell when they come, as their run was made
 * without keep_open; GRAPH for imports that no segment has; ARGUMENT for a wrong number of values;
 * those of WEFT_GRAPH_ERROR for what cannot be bound. A kernel may extend its own run at any time.
 *
 * Returns: the segment's number, WEFT_NONE with @error set on failure
 */
WEFT_API uint32_t weft_run_extend (WeftRun *run, WeftGraph *segment,
                                   const WeftExtendOptions *options, GError **error);

/**
 * weft_run_close:
 *
 * Says that no more segments will come; the run ends when everything is done. Does nothing for a
 * run without keep_open or a second time.
 */
WEFT_API void weft_run_close (WeftRun *run);

/**
 * weft_run_wait:
 * @timeout_ns: nanoseconds; < 0: for ever
 *
 * Waits for the end, records closed. Not from a kernel: the run cannot end while one waits.
 *
 * Returns: whether it ended; %FALSE when the time was up
 */
WEFT_API bool weft_run_wait (WeftRun *run, int64_t timeout_ns);

/**
 * weft_run_phase:
 *
 * Returns: the phase at this moment; from WEFT_RUN_DONE on it does not change any more
 */
WEFT_API WeftRunPhase weft_run_phase (WeftRun *run);

/**
 * weft_run_error:
 * @error: (nullable): FAILED with the first failed task's key, attempt and message, or CANCELLED;
 *   untouched if the run did not fail
 *
 * Says why the run failed or was cancelled; also while it still runs.
 *
 * Returns: whether it failed or was cancelled
 */
WEFT_API bool weft_run_error (WeftRun *run, GError **error);

/**
 * weft_run_result:
 * @segment: its number; 0 is the one the run was made with
 * @task: id in the segment's graph
 * @output: one of the task's outputs
 * @value: (out): holds a reference on success, untouched otherwise
 *
 * Fetches a requested output (of the graph's wanted list) or a pinned one, also from the spill
 * folder. Does not wait. The result of a failed task is an error value.
 *
 * Returns: whether it is there
 */
WEFT_API bool weft_run_result (WeftRun *run, uint32_t segment, uint32_t task, uint32_t output,
                               WeftValue *value);

/* ---- control --------------------------------------------------------------------------------- */

/**
 * weft_run_pause:
 *
 * Starts nothing new from now on; what runs goes on to its end. Does not wait for that.
 */
WEFT_API void weft_run_pause (WeftRun *run);

/**
 * weft_run_resume:
 *
 * Lets a paused run go on. Does nothing for one that is not paused.
 */
WEFT_API void weft_run_resume (WeftRun *run);

/**
 * weft_run_step:
 *
 * While paused: runs the ready task with the best priority, then pauses again. Waits until it
 * ended, or waits for a future itself (then further steps may run what it waits for). Tasks of a
 * fused unit are stepped one by one; what waits for a resource is passed by. Steps from several
 * threads go one after the other.
 *
 * Returns: %FALSE if none was ready or the run is not paused
 */
WEFT_API bool weft_run_step (WeftRun *run);

/**
 * weft_run_step_group:
 * @group: name of a group, in any segment
 *
 * While paused: runs all tasks of the group that are ready now, one after the other, and waits
 * until they ended. What becomes ready by that stays.
 *
 * Returns: whether there were any
 */
WEFT_API bool weft_run_step_group (WeftRun *run, const char *group);

/**
 * weft_run_annotate:
 * @text: UTF-8; copied
 *
 * Puts a mark with a text into the run's records, at this moment. Nothing in runs without records.
 * Any thread.
 */
WEFT_API void weft_run_annotate (WeftRun *run, const char *text);

/**
 * weft_run_cancel:
 *
 * Starts nothing more, raises the cancel flag of running kernels and ends the run when they have
 * returned; does not wait for that. A run that was not started ends at once. Does nothing after the
 * end.
 */
WEFT_API void weft_run_cancel (WeftRun *run);

/**
 * weft_run_set_slow_motion:
 * @delay_ns: nanoseconds before every start; 0 or less: none; at most 2^48
 *
 * Slow motion, so that people can watch: after a task has started or ended, no other starts for the
 * delay. Other runs are not held up. A pause, cancel or another delay cuts a delay short, steps go
 * without.
 */
WEFT_API void weft_run_set_slow_motion (WeftRun *run, int64_t delay_ns);

/**
 * weft_run_set_memory_limit:
 * @limit_bytes: 0: none
 *
 * Changes the limit of bytes that the run's results may take in memory. Above 60 % of it results
 * are spilled, above 80 % no new sources are started. Takes effect at once, also while the run goes
 * on.
 */
WEFT_API void weft_run_set_memory_limit (WeftRun *run, uint64_t limit_bytes);

/**
 * weft_run_break_at_key:
 * @key: of a task in any segment there is now
 *
 * Pauses the run before that task would start (also a member of a fused unit), once. A hit stops
 * new starts; what runs goes on to its end.
 *
 * Returns: %FALSE if no segment has such a key
 */
WEFT_API bool weft_run_break_at_key (WeftRun *run, const char *key);

/**
 * weft_run_clear_break_at_key:
 * @key: of a task in any segment there is now
 *
 * Takes away the breakpoint at that task, also where it has one as a member of its group, of which
 * the others keep theirs.
 *
 * Returns: %FALSE if no segment has such a key
 */
WEFT_API bool weft_run_clear_break_at_key (WeftRun *run, const char *key);

/**
 * weft_run_break_at_group:
 * @group: name; copied
 *
 * Pauses the run before each task of the group would start, once each. Holds for segments that come
 * later too, even if no segment has the group yet, until weft_run_clear_break_at_group() or
 * weft_run_clear_breakpoints().
 *
 * Returns: %FALSE if no segment has such a group now
 */
WEFT_API bool weft_run_break_at_group (WeftRun *run, const char *group);

/**
 * weft_run_clear_break_at_group:
 * @group: name
 *
 * Takes away the breakpoint at a group, and those at single tasks of it. Others stay, also in that
 * what was stopped at once is not stopped at again.
 */
WEFT_API void weft_run_clear_break_at_group (WeftRun *run, const char *group);

/**
 * weft_run_break_on_error:
 * @enable: %FALSE: goes on after failures as on_error says
 *
 * Pauses the run when a task has failed, after its last attempt. Under WEFT_ON_ERROR_STOP the run
 * then ends when it is resumed.
 */
WEFT_API void weft_run_break_on_error (WeftRun *run, bool enable);

/**
 * weft_run_break_above_bytes:
 * @managed_bytes: bytes of results in memory; 0: off
 *
 * Pauses the run, once, before a start while its results take more memory than that.
 */
WEFT_API void weft_run_break_above_bytes (WeftRun *run, uint64_t managed_bytes);

/**
 * weft_run_clear_breakpoints:
 *
 * Takes away all breakpoints: at keys, at groups, on errors and above bytes. A run that is paused
 * at one stays paused.
 */
WEFT_API void weft_run_clear_breakpoints (WeftRun *run);

/* ---- what goes on ---------------------------------------------------------------------------- */

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

/**
 * weft_run_task_state:
 * @segment: below weft_run_n_segments()
 * @task: id in the segment's graph
 *
 * Looks at the task without a lock, so it may have gone on when this returns. A task with several
 * outputs is judged by its first one. PROCESSING is seen only in runs with records. A result
 * without a box counts as released when its last consumer has ended, as one with a box then is.
 *
 * Returns: its state; WAITING for a task that does not exist
 */
WEFT_API WeftTaskState weft_run_task_state (WeftRun *run, uint32_t segment, uint32_t task);

typedef struct
{
  uint64_t n_tasks, n_done, n_running, n_erred, n_cancelled;
  uint64_t managed_bytes, peak_managed_bytes, spilled_bytes;
  int64_t elapsed_ns;
} WeftRunProgress;

/**
 * weft_run_progress:
 * @progress: (out caller-allocates): counts over all segments, bytes, nanoseconds since the start
 *
 * Counts what was done so far. While the run goes on the numbers are close to each other, not of
 * one moment. n_running is 0 in runs without records.
 */
WEFT_API void weft_run_progress (WeftRun *run, WeftRunProgress *progress);

/* Per group of segment 0 … : counts by group, and time spent. */
typedef struct
{
  uint32_t group, segment;
  uint64_t n_tasks, n_done, n_running, n_erred;
  int64_t busy_ns;
} WeftGroupProgress;

/**
 * weft_run_group_progress:
 *
 * Counts by group, segment after segment, from the records drained so far.
 *
 * Returns: (transfer full) (element-type WeftGroupProgress): empty for a run without records
 */
WEFT_API GArray *weft_run_group_progress (WeftRun *run);

/**
 * weft_run_n_segments:
 *
 * Returns: how many segments were attached so far, those of nested graphs too; never gets less
 */
WEFT_API uint32_t weft_run_n_segments (WeftRun *run);

/**
 * weft_run_segment:
 * @segment: its number
 *
 * Returns: (transfer full) (nullable): its graph; %NULL for a number that was not given yet
 */
WEFT_API WeftGraph *weft_run_segment (WeftRun *run, uint32_t segment);

/**
 * weft_run_recorder:
 *
 * Returns: (transfer none) (nullable): the run's, which lives as long as the run; %NULL without
 *   records
 */
WEFT_API WeftRecorder *weft_run_recorder (WeftRun *run);

/* ---- futures --------------------------------------------------------------------------------- */

/**
 * weft_run_submit:
 * @key: (nullable): NULL makes one from the operation's name
 * @args: (nullable): n_args values; references are taken, not taken over
 * @inputs: (nullable): n_args futures of this run, or %NULL where the argument is a value
 *
 * One task as a segment of its own. Argument i is inputs[i] where that is not %NULL, else args[i].
 * Errors: ARGUMENT for a future of another run, else as weft_run_extend().
 *
 * Returns: (transfer full) (nullable): a handle that pins the result until it is released; %NULL
 *   with @error set
 */
WEFT_API WeftFuture *weft_run_submit (WeftRun *run, const char *key, const char *op,
                                      const WeftValue *args, WeftFuture *const *inputs,
                                      uint32_t n_args, GError **error);

/**
 * weft_run_map:
 * @op: name of an operation of one argument
 * @items: (array length=n_items): the arguments; references are taken, not taken over
 * @futures: (out caller-allocates) (array length=n_items) (transfer full): untouched on failure
 *
 * Makes one task per item, all as one segment; nothing for no items. Errors as weft_run_extend().
 *
 * Returns: whether the tasks were added
 */
WEFT_API bool weft_run_map (WeftRun *run, const char *op, const WeftValue *items, size_t n_items,
                            WeftFuture **futures, GError **error);

/**
 * weft_run_future:
 * @segment: its number
 * @task: id in the segment's graph
 * @output: one of the task's outputs
 *
 * Pins a result of a task of any segment. Errors: ARGUMENT for an output that does not exist,
 * RELEASED if it is gone already, STATE of a run made without keep_open that has not ended, or has
 * ended before the result came.
 *
 * Returns: (transfer full) (nullable): %NULL with @error set
 */
WEFT_API WeftFuture *weft_run_future (WeftRun *run, uint32_t segment, uint32_t task,
                                      uint32_t output, GError **error);

/**
 * weft_future_ref:
 *
 * Returns: (transfer full): @future
 */
WEFT_API WeftFuture *weft_future_ref (WeftFuture *future);

/**
 * weft_future_unref:
 * @future: (nullable) (transfer full)
 *
 * Gives a reference back. The last one releases the result, if nothing else wants it.
 */
WEFT_API void weft_future_unref (WeftFuture *future);

/**
 * weft_future_is_done:
 *
 * Does not wait.
 *
 * Returns: whether the task has ended: with a result, a failure or cancelled
 */
WEFT_API bool weft_future_is_done (WeftFuture *future);

/**
 * weft_future_get:
 * @value: (out): holds a reference on success, untouched otherwise
 *
 * Waits for the result. In a kernel a spare worker takes the slot meanwhile; beyond the limit of
 * spares it is an error at once (LIMIT). Other errors: FAILED with the culprit's key and message,
 * CANCELLED when the task or run ended without it, SYSTEM when it cannot be read back.
 *
 * Returns: whether the result is there
 */
WEFT_API bool weft_future_get (WeftFuture *future, WeftValue *value, GError **error);

/**
 * weft_futures_wait:
 * @futures: (array length=n_futures): all of one run
 * @timeout_ns: nanoseconds; < 0: for ever
 *
 * Waits until all of them are done, failed ones too. From a kernel as weft_future_get(). Errors:
 * ARGUMENT for futures of several runs, CANCELLED when the time was up, the run ended first or the
 * waiting task was cancelled, LIMIT.
 *
 * Returns: whether all are done
 */
WEFT_API bool weft_futures_wait (WeftFuture *const *futures, size_t n_futures, int64_t timeout_ns,
                                 GError **error);

/**
 * weft_futures_as_completed:
 * @futures: (array length=n_futures): all of one run
 * @taken: (inout) (array length=n_futures): which were returned before; %FALSE all at first
 *
 * Finds one that is done and has not been returned yet, and sets its @taken; waits if need be, from
 * a kernel as weft_future_get().
 *
 * Returns: its index; SIZE_MAX when all were taken (@error is untouched) or with @error set as
 *   weft_futures_wait() does
 */
WEFT_API size_t weft_futures_as_completed (WeftFuture *const *futures, size_t n_futures,
                                           bool *taken, GError **error);

/**
 * weft_futures_gather:
 * @futures: (array length=n_futures): all of one run
 * @values: (out caller-allocates) (array length=n_futures): each holds a reference on success, none
 *   on failure
 *
 * Waits for all of them and fetches the results, in order. Errors as weft_future_get(), those of
 * the first that has no result.
 *
 * Returns: whether all results are there
 */
WEFT_API bool weft_futures_gather (WeftFuture *const *futures, size_t n_futures, WeftValue *values,
                                   GError **error);

/**
 * weft_future_cancel:
 *
 * Cancels the future's task. One that has not started never will, and its dependents err; of one
 * that runs the cancel flag is raised, and if a graph stands in for it, all of that is cancelled.
 * The run is not stopped by it. Does nothing for a task that has ended. Does not wait: the future
 * is done when the task's turn comes, or its kernel has returned.
 */
WEFT_API void weft_future_cancel (WeftFuture *future);

/* ---- kernels that make tasks ----------------------------------------------------------------- */

/**
 * weft_task_return_graph:
 * @task: of the calling kernel
 * @graph: (transfer full) (nullable): its k-th wanted output becomes the task's k-th result
 * @values: (array length=n_values): for its VALUE imports, in order; references are taken over
 * @n_values: how many; may be 0
 *
 * From a kernel: puts a graph in the task's place. It is attached when the kernel has returned; no
 * thread waits for it, and graphs may nest as deep as memory allows (some 4 KB a level). At most
 * once a task.
 *
 * Returns: what the kernel must return: WEFT_AGAIN, or WEFT_FAILED for a second graph, or none
 */
WEFT_API WeftStatus weft_task_return_graph (WeftTask *task, WeftGraph *graph,
                                            const WeftValue *values, uint32_t n_values);

/**
 * weft_task_run:
 * @task: of the calling kernel
 *
 * Returns: (transfer none) (nullable): its run, for submitting from the kernel; %NULL if no engine
 *   runs it
 */
WEFT_API WeftRun *weft_task_run (WeftTask *task);

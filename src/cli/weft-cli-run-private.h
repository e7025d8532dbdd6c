/* weft-cli-run-private.h: what `weftline run` is made of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "cli/weft-cli-graph-private.h"

#include "model/weft-eta.h"

#include <pthread.h>

/* ---- tally.c: what the records say while they come ------------------------------------------- */

typedef struct
{
  const char *name; /* the graph's */
  uint64_t n_tasks, n_done, n_running, n_erred;
  uint64_t n_spans; /* attempts that ended */
  uint64_t busy_ticks, longest_ticks;
  WeftEtaGroup durations; /* ticks; a guess only of what is cheap anyway */
} WeftTallyGroup;

typedef struct
{
  uint32_t lane;
  uint64_t busy_ticks;
  uint64_t n_spans;
  uint64_t last_tick; /* when its last span ended */
} WeftTallyLane;

/* A task that failed, or was cancelled, and how many could not run because of it. */
typedef struct
{
  uint32_t segment, task;
  uint64_t n_hurt;
} WeftTallyCulprit;

/* Most failed tasks that are remembered one by one. */
#define WEFT_TALLY_MAX_FAILED 100

/* Written by the recorder's thread, read by the main thread; both take the lock. */
typedef struct
{
  pthread_mutex_t lock;
  WeftGraph *graph;              /* immutable */
  const WeftGraphArrays *arrays; /* immutable */
  uint32_t n_groups;             /* immutable; one more for what tasks made */
  WeftTallyGroup *groups;        /* lock; n_groups */
  uint8_t *ended;                /* lock; by task */
  GArray *lanes;                 /* lock; WeftTallyLane, those with spans */
  GArray *failed;                /* lock; uint32_t, first of them */
  GArray *culprits;              /* lock; WeftTallyCulprit, in the order of their first victims */
  GHashTable *culprit_places;    /* lock; segment and task → index + 1 */
  uint64_t n_nested;             /* lock; tasks made by tasks that ended */
  uint64_t timed_out_ticks;      /* lock; of an attempt whose lane is not told yet; 0: none */
} WeftTally;

/* @registry: (nullable): for the costs of operations */
WeftTally *_weft_cli_tally_new (WeftGraph *graph, WeftOpRegistry *registry);
void _weft_cli_tally_free (WeftTally *tally);
/* A WeftRecorderObserverFunc; @data: a WeftTally. The recorder's thread. */
void _weft_cli_tally_observe (uint32_t lane, const WeftRecord *records, uint32_t n, void *data);

/* ---- eta.c ----------------------------------------------------------------------------------- */

/* What is known of tasks that run: how many, at which tick, and when the run started. */
typedef struct
{
  uint32_t n;
  uint64_t now_ticks;
  uint64_t start_ticks;
} WeftCliRunning;

/* How long the tasks that have not ended take on that many workers. Takes the tally's lock for as
 * long as it takes to copy the counts. @hint_scale: what hinted run times are multiplied by before
 * anything was measured; @running: (nullable): all begin then */
void _weft_cli_eta (WeftTally *tally, double ns_per_tick, double hint_scale, uint32_t n_workers,
                    const WeftCliRunning *running, WeftEta *eta);

/* ---- bars.c: pure ---------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  uint64_t n_tasks, n_done, n_running, n_erred;
  int64_t mean_ns; /* -1: nothing measured */
} WeftBar;

typedef struct
{
  const char *title;
  uint64_t n_tasks, n_done, n_running, n_erred;
  int64_t elapsed_ns;
  int64_t eta_ns;                  /* -1: unknown */
  int64_t eta_low_ns, eta_high_ns; /* what holds it four times in five; if it is known */
  bool eta_at_least; /* tasks are left whose groups were not measured yet: they count as nothing */
  uint64_t memory_bytes, spilled_bytes;
  const WeftBar *bars; /* n_bars, in the graph's order */
  uint32_t n_bars;
} WeftBars;

/* Lines of at most @columns columns, at most @rows of them, each ending in a newline. What does not
 * fit is told as "N more groups"; those that run stay. (transfer full) */
char *_weft_cli_bars_layout (const WeftBars *bars, uint32_t columns, uint32_t rows, bool colour);
/* One line without a newline, for logs. (transfer full) */
char *_weft_cli_bars_plain (const WeftBars *bars);
/* One JSON object without a newline. (transfer full) */
char *_weft_cli_bars_json (const WeftBars *bars);

/* ---- progress.c ------------------------------------------------------------------------------ */

typedef enum
{
  WEFT_PROGRESS_BARS,
  WEFT_PROGRESS_PLAIN,
  WEFT_PROGRESS_JSON,
  WEFT_PROGRESS_NONE,
} WeftProgressStyle;

typedef struct
{
  WeftProgressStyle style;
  WeftRun *run;
  WeftTally *tally;
  uint32_t n_workers;
  double hint_scale;
  double ns_per_tick;
  bool colour;
  /* state */
  uint32_t n_lines;      /* drawn on the terminal now */
  int64_t last_plain_ns; /* elapsed, when the last plain line was written */
  WeftEta eta;
  int64_t eta_at_ns, eta_cost_ns;
  uint64_t eta_done;      /* tasks ended when that was worked out */
  uint32_t drawn_columns; /* of the terminal, when n_lines were drawn */
  GArray *drawn;          /* uint32_t: columns each of these lines takes */
} WeftProgressView;

/* "auto" looks at stderr. */
WeftProgressStyle _weft_cli_progress_style (const char *name);
void _weft_cli_progress_clear (WeftProgressView *view);
/* How often _update() wants to be called, ms; -1: never */
int _weft_cli_progress_interval_ms (const WeftProgressView *view);
/* What is known of a run, from wherever. @last: it has ended */
void _weft_cli_progress_show (WeftProgressView *view, const WeftBars *bars, bool last);
/* Gathers that of view->run and shows it. */
void _weft_cli_progress_update (WeftProgressView *view, bool last);

/* ---- summary.c ------------------------------------------------------------------------------- */

typedef struct
{
  WeftRun *run;
  WeftGraph *graph;
  WeftTally *tally;
  double ns_per_tick;
  uint32_t n_workers;
  uint32_t n_reused;     /* in the whole graph, those that are not needed any more included */
  const uint8_t *reused; /* (nullable): by task: not zero: a constant stands in for it */
  const char *trace;     /* (nullable) */
} WeftSummary;

/* Failed tasks with their messages and what they printed. */
void _weft_cli_say_failures (const WeftSummary *summary);
/* Makespan, busy share per worker, peak memory, slowest groups; as text or JSON, as is said. */
void _weft_cli_print_summary (const WeftSummary *summary);

/* ---- outputs.c ------------------------------------------------------------------------------- */

/* Those of the outputs that are there, on stdout. @silent: (nullable): by task: no zero where
 * nothing is to be printed of it */
void _weft_cli_print_outputs (WeftRun *run, WeftGraph *graph, const WeftTaskOutput *outputs,
                              uint32_t n_outputs, const uint8_t *silent, bool json);

/* ---- crash.c --------------------------------------------------------------------------------- */

/* From here on a thread other than the main one that gets a deadly signal tells so through the
 * descriptor returned, owned by the process, and waits a second at most. -1 with errno. */
int _weft_cli_catch_crashes (void);
/* Reads what that told, notes the error in the run's records and lets the process die. */
void _weft_cli_note_crash (WeftRun *run, WeftGraph *graph);

/* ---- run-options.c --------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_workers; /* 0: usable cores */
  uint64_t memory_limit_bytes;
  char **outputs; /* (nullable) */
  char *passes;   /* (nullable): all */
  char *trace;    /* (nullable) */
  uint64_t trace_buffer_bytes;
  bool trace_drop;
  WeftReplayOptions replay;
  WeftOnError on_error;
  uint64_t seed;
  char **plugins; /* (nullable) */
  WeftProgressStyle progress;
  bool json;
  char *keep, *resume; /* (nullable) */
  bool pin;
  int control;           /* descriptor; -1: none */
  bool start_paused;     /* until the control says otherwise */
  char **notes;          /* (nullable): lines for the run file */
  GHashTable *resources; /* (nullable): name → double * */
  WeftGraphFormat format;
  char *file;
} WeftRunArguments;

/* FALSE: *status is what to exit with. */
bool _weft_cli_run_arguments (int argc, char **argv, WeftRunArguments *arguments, int *status);
void _weft_cli_run_arguments_clear (WeftRunArguments *arguments);

/* ---- plan.c ---------------------------------------------------------------------------------- */

typedef struct
{
  WeftGraph *graph; /* as it will run */
  WeftOpRegistry *registry;
  WeftTaskOutput *outputs; /* n_outputs: what is printed at the end, in the graph's ids */
  uint32_t n_outputs;
  char **notes; /* of the graph's file */
  WeftReplayCounts replay;
  WeftResumeCounts resume;
  WeftKeep *keep;           /* (nullable): where results go */
  WeftKeep *resumed;        /* (nullable): where they come from */
  WeftFingerprint *prints;  /* (nullable): of the graph's tasks, if keep */
  WeftFingerprint *recipes; /* (nullable): of tasks that make files */
  GArray *made; /* (nullable) (element-type WeftFingerprint): recipes of reused ones among them */
  uint8_t *reused; /* (nullable): the graph's tasks whose kept result stands in */
} WeftPlan;

/* Reads, checks and prepares the graph. */
bool _weft_cli_plan (const WeftRunArguments *arguments, WeftPlan *plan, GError **error);
/* The same of a graph that was read before. @graph: (transfer full) */
bool _weft_cli_plan_graph (const WeftRunArguments *arguments, WeftGraph *graph, WeftPlan *plan,
                           GError **error);
void _weft_cli_plan_clear (WeftPlan *plan);
/* Whether all operations are known and take the arguments they are given; for the whole graph,
 * before passes drop anything. */
bool _weft_cli_bind (WeftGraph *graph, WeftOpRegistry *registry, GError **error);
/* The same with constants in the place of references to them. */
bool _weft_cli_bind_inlined (WeftGraph *graph, WeftOpRegistry *registry, GError **error);

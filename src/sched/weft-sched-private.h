/* weft-sched-private.h: engine, run, segment, seat: the scheduler's own structures
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   engine  ── workers (threads), runs, one timer thread, named resources
 *   run     ── segments (frozen graph + state), shared queue, control word, recorder, account
 *   seat    ── one worker's place in one run: deque, range, lane, held decrements, kernel context
 *
 * The scheme is told in data/doc/foundation.md (in-order issue). Files: execute.c runs one task on
 * the fast path, careful.c everything that leaves it; seat.c finds the next task; worker.c is the
 * threads' loop; segment.c attaches graphs; run.c, control.c, future.c, nested.c, memory.c,
 * resource.c, timer.c are what their names say.
 *
 * Lock order: engine → run → segment → timer. Nobody holds one of them while a kernel runs.
 */
#pragma once

#include "base/weft-clock.h"
#include "kernels/weft-binding-private.h"
#include "kernels/weft-task-private.h"
#include "sched/weft-deque-private.h"
#include "sched/weft-engine.h"

#include <pthread.h>
#include <stdatomic.h>

#define WEFT_MAX_WORKERS 1024
#define WEFT_MAX_SPARES 1024
#define WEFT_MAX_THREADS (WEFT_MAX_WORKERS + WEFT_MAX_SPARES)

#define WEFT_SLICE_NS 1000000    /* how long a worker serves one run before it looks again */
#define WEFT_LONG_TASK_NS 2000   /* operations above this get a start stamp of their own */
#define WEFT_BLOCK_GOAL_NS 16000 /* a block of the shortest tasks should last about so long */
#define WEFT_MAX_BLOCK 64        /* of ready tasks; blocks that prove blocked grow further */
#define WEFT_MAX_BLIND_BLOCK 4096
#define WEFT_MAX_HELD 64         /* decrements of one counter gathered before they are taken off */
#define WEFT_MAX_OPS 1024        /* operations of a run with a mean of their own */
#define WEFT_BULKY_BYTES 1024    /* results from this size on are worth an exact order */
#define WEFT_BULKY_BLOCKS 64     /* for so many blocks after one */
#define WEFT_MANAGED_BYTES 65536 /* results from this size on can be spilled */

typedef struct _WeftWorker WeftWorker;
typedef struct _WeftSegment WeftSegment;
typedef struct _WeftSeat WeftSeat;
typedef struct _WeftCores WeftCores;

/* ---- state of tasks -------------------------------------------------------------------------- */

/* An output's place: the layout of a WeftValue, with the task's counter in its second word (that of
 * its first output counts). Counters of their own, 16 to a cache line, would have workers that are
 * at neighbouring ids write the same lines all the time: so there are four. */
typedef struct
{
  _Atomic uint32_t type;    /* atomic: release when published; 0: not there yet */
  _Atomic uint32_t pending; /* atomic: acq_rel; what the task waits for: edges, and its token */
  _Atomic uint64_t payload; /* relaxed: ordered by type */
} WeftSlot;

_Static_assert(sizeof (WeftSlot) == sizeof (WeftValue), "slots are values in place");

#define WEFT_SLOT_GONE 0x00010000u /* type word: it was there and has been released */

/* Bits of WeftSegment.status: why a task leaves the fast path. */
enum
{
  WEFT_STATUS_BREAK = 0x01,      /* breakpoint */
  WEFT_STATUS_WATCHED = 0x02,    /* futures or imports hang on it */
  WEFT_STATUS_UPSTREAM = 0x04,   /* an order-only dependency erred */
  WEFT_STATUS_ATTRIBUTES = 0x08, /* retries, timeout, resources */
  WEFT_STATUS_OUTPUTS = 0x10,    /* several outputs */
  WEFT_STATUS_CAREFUL = 0x20,    /* its operation needs care: runtime hooks */
  WEFT_STATUS_GRANTED = 0x40,    /* it holds its resources */
  WEFT_STATUS_CANCELLED = 0x80,  /* it alone was cancelled: never starts, or should give up */
};

/* What the hot loop needs of a call: one cache line with the binding's head behind it. */
typedef struct
{
  WeftKernelFunc kernel;
  const WeftBinding *binding;
  const WeftOp *op;
  uint32_t op_slot; /* index of the operation in the run's table */
  uint32_t n_outputs;
  bool direct;  /* its arguments are the inputs, and may be of any type */
  bool cheap;   /* decrements may be held across it */
  bool nested;  /* its arguments hold lists laid over the inputs */
  bool runtime; /* needs a foreign runtime */
} WeftPlan;

typedef struct _WeftLater WeftLater;

typedef struct
{
  WeftSegment *segment;
  uint32_t task;
} WeftItem;

/* Ready tasks that belong to no seat: see queue.c. */
typedef struct
{
  _Atomic uint32_t length; /* atomic: seq_cst after a push */
  pthread_mutex_t lock;
  uint32_t capacity; /* lock */
  WeftItem *items;   /* lock: heap */
} WeftQueue;

struct _WeftSegment
{
  /* immutable after attach */
  WeftRun *run;
  WeftGraph *graph;
  WeftGraphArrays arrays;
  WeftBinding *bindings;
  WeftPlan *plans;
  WeftSlot *slots;
  _Atomic uint32_t *consumers; /* atomic: acq_rel; by slot, touched for boxed values only */
  _Atomic uint8_t *status;
  uint32_t index;
  int32_t priority;
  bool recorded;   /* the recorder has been told of it */
  bool watchable;  /* ends are published seq_cst, as futures and imports may hang on tasks */
  bool plain;      /* one output a task, no units, not watchable: what the fast path need not ask */
  WeftItem parent; /* the task this segment stands in for; its segment is NULL: none */
  void *state_memory;
  size_t state_bytes;
  /* issue */
  WEFT_ALIGNED_LINE _Atomic uint32_t cursor; /* atomic: relaxed additions; next id to issue */
  _Atomic (WeftSegment *) next_issue;        /* atomic: release; the segment after this in line */
  WEFT_ALIGNED_LINE _Atomic int64_t n_open;  /* atomic: acq_rel; tasks not ended yet */
  pthread_mutex_t lock;
  /* lock; made when first needed */
  GHashTable *later;         /* task → WeftLater list */
  GHashTable *culprits;      /* task → WeftBox * of the error, for order-only edges */
  GHashTable *attempts;      /* task → attempts made */
  uint32_t first_group;      /* of its groups in the run's progress table */
  _Atomic bool has_replaced; /* some task of it returned a graph */
};

/* ---- seats ----------------------------------------------------------------------------------- */

/* A range of ids as one word: first id, 12 bits of length, 20 bits that tell fillings apart. */
#define WEFT_RANGE(first, n, generation) \
  ((uint64_t) (first) << 32 | (uint64_t) ((generation) &0xfffffu) << 12 | (n))
#define WEFT_RANGE_FIRST(range) ((uint32_t) ((range) >> 32))
#define WEFT_RANGE_LENGTH(range) ((uint32_t) ((range) &0xfff))
/* One id, or n, further and shorter. */
#define WEFT_RANGE_REST(range) WEFT_RANGE_WITHOUT (range, 1)
#define WEFT_RANGE_WITHOUT(range, n) ((range) + ((uint64_t) (n) << 32) - (n))
#define WEFT_RANGE_GENERATION(range) ((uint32_t) ((range) >> 12) & 0xfffffu)

typedef struct
{
  WeftTask base; /* what kernels see */
  WeftSeat *seat;
  WeftSegment *segment;
  uint32_t task;
  uint32_t attempt;
  uint32_t n_inputs;
  uint64_t stolen;        /* bit i: input i was taken in place */
  int64_t deadline_ns;    /* CLOCK_MONOTONIC; INT64_MAX: none */
  _Atomic bool cancelled; /* atomic: its deadline has passed; the kernel polls it */
  _Atomic uint32_t wake;  /* futex: a kernel that waits shall look again */
  int cancel_fd;          /* run lock: eventfd, made when asked for; -1 */
  bool used_fd;           /* run lock: the running task has asked for it */
  WeftGraph *replacement;
  WeftValue *replacement_values; /* references held */
  uint32_t n_replacement_values;
  GString *output; /* (nullable): the last of what the task printed */
} WeftSeatTask;

struct _WeftSeat
{
  /* immutable */
  WEFT_ALIGNED_LINE WeftRun *run;
  WeftWorker *worker;
  WeftLane *lane; /* (nullable): no records */
  WeftClockSource clock;
  uint64_t long_ticks;
  uint64_t cpu_ticks; /* spans from this length on tell their CPU time */
  /* owner: worker */
  uint64_t stamp;  /* end of the last span, or start of the next */
  bool contiguous; /* stamp is the end of the record before: a shared stamp */
  uint32_t n_done; /* tasks ended and not yet told */
  uint32_t n_done_chain;
  WeftSegment *done_segment;      /* whose they are */
  WeftItem last;                  /* what it ran last */
  uint32_t chain_next, chain_end; /* ids taken from the range that follow on the running task */
  uint32_t chain_call;            /* of the task before in the chain, and its plan */
  const WeftPlan *chain_plan;
  uint32_t held_task, n_held;
  WeftSegment *held_segment;
  WeftValue *inputs;
  uint32_t inputs_capacity;
  uint32_t block;        /* ids to take next */
  uint32_t n_overtaken;  /* ids of this block that went straight on after the task before */
  uint32_t n_naps;       /* how many empty looks to wait before the next blind block */
  uint32_t idle_looks;   /* in vain since something was run */
  uint32_t blind_looks;  /* as many as there were when ids were stolen that nobody could run yet */
  uint32_t n_bulky;      /* blocks to come that are one id, as there were bulky results */
  uint32_t look_at;      /* whom to look back at next */
  uint64_t served_until; /* when it last found something, or began to look */
  uint64_t looked_back;
  uint64_t slice_end;
  uint64_t random;
  uint64_t *op_mean; /* per operation: mean ticks of its longer spans, 0 while all are short */
  int64_t slab_bytes_seen, slab_bytes_charged;
  uint64_t n_tasks_run;
  uint32_t stolen_from; /* lane of the last victim */
  GPtrArray *pinned;    /* WeftManaged * of the running task's inputs */
  GArray *told;         /* endings to be told, while one is being told */
  bool telling;
  bool single; /* manual: one task, then back to the caller */
  bool lost;   /* its task ran past its deadline: the seat is out of the run */
  uint64_t blocked_since;
  uint64_t cpu_stamp; /* when the thread's CPU time was looked at, and what it was */
  int64_t cpu_ns;
  uint64_t parked_since; /* 0: awake */
  uint8_t parked_kind;   /* of the record that tells why it stood still */
  bool begun;            /* WORKER_START was recorded */
  uint32_t os_thread;    /* immutable */
  bool stepping;         /* runs one task while the run is paused */
  bool diverted;         /* the task did not start: it waits for a resource */
  bool in_batch;         /* a foreign runtime's batch is open on this worker */
  bool admitted;         /* what it runs was let in over the memory limit */
  WeftSeatTask task;
  /* atomic: own range, taken from by others too */
  WEFT_ALIGNED_LINE _Atomic uint64_t range; /* atomic: acq_rel compare-and-swap */
  _Atomic (WeftSegment *) range_segment;    /* atomic: release before range */
  _Atomic bool inside;                      /* atomic: seq_cst; serving now */
  _Atomic bool busy;                        /* atomic: relaxed, seq_cst in memory.c; in a task */
  WeftDeque deque;
};

/* ---- run ------------------------------------------------------------------------------------- */

/* Bits of WeftRun.control: anything but 0 makes every start look twice. */
enum
{
  WEFT_CONTROL_PAUSED = 0x01,
  WEFT_CONTROL_CANCELLED = 0x02,
  WEFT_CONTROL_STOPPED = 0x04,     /* a task failed under "stop" */
  WEFT_CONTROL_SLOW = 0x08,        /* slow motion */
  WEFT_CONTROL_MEMORY = 0x10,      /* above the pause threshold: sources wait */
  WEFT_CONTROL_SPILL = 0x20,       /* above target: workers spill before they start something */
  WEFT_CONTROL_WATCH_BYTES = 0x40, /* breakpoint on managed bytes */
};
#define WEFT_CONTROL_ENDING (WEFT_CONTROL_CANCELLED | WEFT_CONTROL_STOPPED)

/* Segments by number, without a lock for readers: block k holds 16 << k pointers. */
#define WEFT_SEGMENT_BLOCKS 28

struct _WeftRun
{
  _Atomic uint32_t refs;
  /* immutable */
  WeftEngine *engine;
  char *name;
  uint64_t seed;
  WeftOnError on_error;
  WeftRecorder *recorder; /* (nullable) */
  WeftAccount *account;
  WeftValue no_memory; /* an error that is at hand when memory is out */
  bool watchable;      /* made with keep_open: futures and imports may hang on its tasks */
  bool opening;        /* its first segment is being made: nobody else has the run yet */
  /* read by workers at every start */
  WEFT_ALIGNED_LINE _Atomic uint32_t control;
  _Atomic bool ending;    /* atomic: seq_cst; nothing new is started, the last to leave concludes */
  _Atomic bool concluded; /* atomic: one thread concludes */
  _Atomic int64_t slow_motion_ns; /* after a start or an end nothing starts for so long */
  _Atomic int64_t slow_next_ns;   /* atomic: acq_rel; when something may start */
  _Atomic (WeftSegment *) issue;  /* atomic: segment whose ids are being issued */
  WEFT_ALIGNED_LINE _Atomic int64_t remaining; /* open tasks, + 1 while it may be extended */
  _Atomic uint64_t served_ticks;               /* worker time it got, for fairness */
  _Atomic uint32_t n_serving;                  /* workers that serve it now */
  WEFT_ALIGNED_LINE WeftQueue *queue;          /* ready tasks that belong to no seat */
  WeftQueue *expired; /* tasks past their deadline: ended also while the run is paused */
  _Atomic (WeftSegment **) segment_blocks[WEFT_SEGMENT_BLOCKS];
  _Atomic uint32_t n_segments;
  _Atomic (WeftSeat *) seats[WEFT_MAX_THREADS];
  _Atomic uint32_t n_seats; /* one above the highest seat in use */
  /* lock */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  WeftRunPhase phase;
  bool keep_open;
  _Atomic bool started;
  _Atomic bool sealed;       /* no segment and no waiting future can come any more */
  bool stop_at_resume;       /* a failure under "stop" that a breakpoint on errors holds up */
  GPtrArray *kernel_waiters; /* seats whose kernels wait for futures of this run */
  uint32_t n_ops;
  GHashTable *ops; /* WeftOp * → slot + 1 */
  uint64_t n_tasks;
  struct _WeftGroups *groups; /* live progress by group, filled by the recorder */
  GError *error;              /* first failure */
  GError *recorder_error;     /* records could not be written */
  uint64_t n_failed;
  _Atomic uint64_t n_erred;
  _Atomic uint64_t n_cancelled; /* one by one, not with the run */
  int64_t start_mono_ns, end_mono_ns;
  /* stepping: lock */
  WeftItem step;               /* what the next worker shall run while paused */
  bool step_diverted;          /* it did not start: it waits for a resource */
  _Atomic uint32_t step_state; /* atomic: seq_cst; 0 none, 1 wanted, 2 running, 3 done */
  _Atomic bool break_on_error;
  _Atomic uint64_t break_bytes;
  GHashTable *break_groups; /* names, for segments that come later */
  _Atomic uint64_t memory_limit_bytes;
  struct _WeftMemory *memory;
  _Atomic uint64_t n_made_keys;
  uint64_t told_managed_bytes; /* owner: recorder's thread; last sample */
  uint64_t told_spilled_bytes;
  GPtrArray *lost_seats;     /* lock: seats whose task ran past its deadline */
  pthread_mutex_t step_lock; /* one stepper at a time; before `lock` */
};

/* ---- engine and workers ---------------------------------------------------------------------- */

struct _WeftWorker
{
  WeftEngine *engine; /* immutable */
  uint32_t index;     /* immutable */
  pthread_t thread;
  bool running;                              /* engine lock: the thread exists */
  WEFT_ALIGNED_LINE _Atomic uint32_t asleep; /* futex: 1 asleep */
  uint32_t n_looks_slept;                    /* owner: how many looks its last nap stands for */
  GHashTable *runtime_slots;                 /* owner: WeftRuntime * → slot */
  const WeftRuntime *runtime;                /* owner (nullable): whose batch is open */
};

struct _WeftEngine
{
  WeftOpRegistry *registry;
  WeftAccount *account;
  bool manual;
  uint64_t (*manual_clock) (void *data); /* ns; NULL: counts a microsecond a call */
  void *manual_data;
  _Atomic uint64_t manual_count;
  struct _WeftCores *cores; /* (nullable): workers are not pinned */
  uint32_t max_spares;
  char *spill_dir;
  WeftClockSource clock;
  WeftClockMap clock_map;
  uint64_t slice_ticks;
  WEFT_ALIGNED_LINE _Atomic uint32_t n_allowed; /* workers that may work: asked for + blocked */
  _Atomic uint32_t n_blocked;
  _Atomic uint32_t n_runs;
  _Atomic bool stopping;
  WEFT_ALIGNED_LINE _Atomic uint32_t n_asleep; /* atomic: seq_cst */
  _Atomic uint32_t n_napping; /* atomic: relaxed; of them, those who wake by themselves */
  _Atomic bool waking;        /* a woken worker has not looked yet */
  _Atomic uint64_t asleep[WEFT_MAX_THREADS / 64]; /* bit per sleeping worker */
  pthread_mutex_t lock;
  GPtrArray *runs;                       /* lock: started and not concluded */
  WeftWorker *workers[WEFT_MAX_THREADS]; /* lock for writing; set before n_allowed grows */
  uint32_t n_workers;                    /* lock: asked for */
  uint32_t n_threads;                    /* lock: made */
  struct _WeftTimers *timers;
  struct _WeftResources *resources;
};

/* execute.c */
void _weft_run_chain (WeftSeat *seat, WeftItem item, WeftHow how);
bool _weft_run_own (WeftSeat *seat);
uint32_t _weft_work_off_range (WeftSeat *seat);
void _weft_release_held (WeftSeat *seat);
bool _weft_notify (WeftSeat *seat, WeftSegment *segment, uint32_t task, WeftItem *next);
void _weft_slot_drop (WeftSegment *segment, uint32_t slot, uint32_t n);
bool _weft_seat_ensure_inputs (WeftSeat *seat, uint32_t n);

/* careful.c */
bool _weft_execute_carefully (WeftSeat *seat, WeftItem *item, WeftHow how, WeftItem *next);
void _weft_seat_task_end (WeftSeatTask *task);
bool _weft_finish_carefully (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status,
                             WeftValue *results, uint64_t start, WeftItem *next);
void _weft_manage (WeftSeat *seat, WeftSegment *segment, uint32_t task, uint32_t slot,
                   WeftValue *result);
void _weft_settle_watchers (WeftSeat *seat, WeftSegment *segment, uint32_t task);

/* seat.c */
WeftSeat *_weft_seat_get (WeftRun *run, WeftWorker *worker);
bool _weft_seat_open (WeftSeat *seat, WeftRun *run, WeftWorker *worker);
void _weft_seat_free (WeftSeat *seat);
bool _weft_seat_serve (WeftSeat *seat);
void _weft_seat_tell_done (WeftSeat *seat);
bool _weft_run_may_have_work (WeftRun *run);
bool _weft_run_has_ready (WeftRun *run);
void _weft_seat_push (WeftSeat *seat, WeftSegment *segment, uint32_t task);

/* segment.c */
WeftSegment *_weft_segment_new (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options,
                                bool watchable, GError **error);
void _weft_segment_free (WeftSegment *segment);
bool _weft_segment_done (WeftSegment *segment, uint32_t n);
WeftSegment *_weft_run_get_segment (WeftRun *run, uint32_t index);
bool _weft_run_attach (WeftRun *run, WeftSegment *segment);
WeftSegment *_weft_run_next_issue (WeftRun *run, WeftSegment *segment);

/* run.c */
void _weft_run_done (WeftRun *run, int64_t n_tasks);
void _weft_run_end (WeftRun *run);
void _weft_run_leave (WeftRun *run);
void _weft_run_note (WeftRun *run, uint8_t kind, uint8_t how, uint32_t task, uint32_t segment,
                     uint64_t amount);
void _weft_run_fail (WeftRun *run, const WeftItem *item, const WeftErrorValue *why);
void _weft_run_hurt_by_cancel (WeftRun *run, const char *culprit_key);
void _weft_run_stop (WeftRun *run);
WeftSegment *_weft_run_find_output (WeftRun *run, uint32_t segment, uint32_t task, uint32_t output);
int64_t _weft_deadline_ns (int64_t timeout_ns);
bool _weft_run_wait_changed (WeftRun *run, int64_t deadline_ns);

/* control.c */
bool _weft_run_step_if_wanted (WeftSeat *seat);
bool _weft_run_wants_step (WeftRun *run);
void _weft_run_hold (WeftRun *run, WeftItem item);
void _weft_seat_end_step (WeftSeat *seat);
void _weft_run_end_expired_step (WeftRun *run, WeftItem item);
bool _weft_run_is_slowed (WeftRun *run);
bool _weft_run_slow_start (WeftRun *run);
void _weft_run_slow_end (WeftRun *run);

void _weft_run_collect_seat (WeftRun *run, WeftSeat *seat);
void _weft_run_note_setting (WeftRun *run, WeftSetting setting, uint64_t value);
void _weft_segment_break_groups (WeftSegment *segment, GHashTable *names);

/* extend.c */
WeftSegment *_weft_run_add (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options,
                            const WeftItem *parent, bool watchable, GError **error);
bool _weft_slot_pin (WeftSegment *segment, uint32_t slot);
void _weft_slot_unpin (WeftSegment *segment, uint32_t slot);
bool _weft_slot_is_there (WeftSegment *segment, uint32_t slot);
bool _weft_watch (WeftSegment *segment, uint32_t task, uint32_t slot, WeftFuture *future);
void _weft_segment_settle_futures (WeftSegment *segment);
void _weft_segment_free_later (WeftSegment *segment);

/* future.c */
void _weft_future_settle (WeftFuture *future);
void _weft_run_wake_kernels (WeftRun *run);

/* nested.c */
void _weft_parent_finish (WeftSeat *seat, WeftSegment *segment);

/* memory.c, managed.c */
bool _weft_run_open_memory (WeftRun *run, GError **error);
void _weft_run_close_memory (WeftRun *run);
uint64_t _weft_run_spilled_bytes (WeftRun *run);
void _weft_memory_update (WeftRun *run);
bool _weft_memory_let_in (WeftSeat *seat, WeftItem *item);
bool _weft_memory_has_room (WeftRun *run);
bool _weft_memory_sleeps (WeftRun *run);
void _weft_memory_wakes (WeftRun *run);
void _weft_memory_give_back (WeftRun *run);
bool _weft_slot_fetch (WeftSegment *segment, WeftSlot *slot, WeftValue *value);

/* cores.c: by what stands below `root`; 0: no quota */
uint32_t _weft_quota_cores (const char *root);

/* engine.c */
bool _weft_engine_block (WeftEngine *engine, GError **error);
void _weft_engine_unblock (WeftEngine *engine);
void _weft_engine_open_resources (WeftEngine *engine);
void _weft_engine_close_resources (WeftEngine *engine);
void _weft_resources_reclaim (WeftEngine *engine, WeftRun *run);

/* context.c: what kernels ask of their task */
void _weft_seat_task_init (WeftSeatTask *task, WeftRun *run, uint32_t worker);
void _weft_seat_task_clear (WeftSeatTask *task);
void _weft_seat_set_current (WeftSeat *seat);
WeftSeat *_weft_seat_of_thread (void);
bool _weft_seat_block (WeftSeat *seat, GError **error);
void _weft_seat_unblock (WeftSeat *seat);

/* cancel.c */
void _weft_seat_wake (WeftSeat *seat);
void _weft_seat_task_cancel (WeftSeatTask *task);
void _weft_run_cancel_kernels (WeftRun *run);
void _weft_run_wake_waiters (WeftRun *run);
void _weft_task_cancel (WeftSegment *segment, uint32_t task);

/* runtime.c: foreign runtimes that keep state on worker threads */
void _weft_seat_enter_runtime (WeftSeat *seat, const WeftRuntime *runtime);
void _weft_seat_leave_runtime (WeftSeat *seat);
void _weft_worker_park_runtimes (WeftWorker *worker, bool parks);
void _weft_worker_stop_runtimes (WeftWorker *worker);

/* record.c: what is recorded beside the tasks' spans */
void _weft_run_begin_records (WeftRun *run);
void _weft_run_note_span (WeftRun *run, uint8_t kind, const WeftItem *item, uint64_t start,
                          uint64_t amount);
void _weft_seat_begins (WeftSeat *seat);
void _weft_seat_parks (WeftSeat *seat, bool parks, uint64_t now);
void _weft_seat_look_at_cpu (WeftSeat *seat);
void _weft_seat_tell_cpu (WeftSeat *seat, const WeftItem *item, uint64_t start, uint64_t end);
void _weft_run_end_lanes (WeftRun *run);
void _weft_segment_record (WeftSegment *segment);
void _weft_run_join_fairly (WeftRun *run);

/* progress.c */
struct _WeftGroups *_weft_groups_new (WeftRun *run);
void _weft_groups_free (struct _WeftGroups *groups);
void _weft_groups_add_segment (struct _WeftGroups *groups, WeftSegment *segment);
void _weft_groups_observe (uint32_t lane, const WeftRecord *records, uint32_t n, void *groups);

/* pin.c */
WeftCores *_weft_cores_new (void);
void _weft_cores_free (WeftCores *cores);
void _weft_worker_pin (WeftWorker *worker);

/* worker.c */
bool _weft_engine_add_thread (WeftEngine *engine, uint32_t index, GError **error);
bool _weft_worker_serve_any (WeftWorker *worker, bool single);
bool _weft_worker_serve (WeftWorker *worker, WeftRun *run, bool single);
void _weft_worker_parks (WeftWorker *worker, bool parks);
void _weft_engine_wake (WeftEngine *engine);
void _weft_engine_wake_all (WeftEngine *engine);
void _weft_engine_wake_dismissed (WeftEngine *engine);

/* queue.c: ready tasks in order of (priority, segment, task) */
WeftQueue *_weft_queue_new (void);
void _weft_queue_free (WeftQueue *queue);
void _weft_queue_push (WeftQueue *queue, WeftItem item);
bool _weft_queue_pop (WeftQueue *queue, WeftItem *item);
bool _weft_queue_peek (WeftQueue *queue, WeftItem *item);

static inline uint32_t
_weft_queue_length (WeftQueue *queue)
{
  return atomic_load_explicit (&queue->length, memory_order_seq_cst);
}
bool _weft_item_before (WeftItem a, WeftItem b);

static inline uint64_t
_weft_item_pack (WeftItem item)
{
  return (uint64_t) item.segment->index << 32 | item.task;
}

/* manual.c: an engine whose caller steps it, on a clock of the caller's */
uint64_t _weft_engine_manual_now (WeftEngine *engine);
int64_t _weft_engine_now_ns (WeftEngine *engine);
uint64_t _weft_engine_stamp (WeftEngine *engine);

static inline uint64_t
_weft_seat_now (WeftSeat *seat)
{
  if (WEFT_UNLIKELY (seat->clock == WEFT_CLOCK_INJECTED))
    return _weft_engine_manual_now (seat->run->engine);
  return weft_clock_ticks (seat->clock);
}

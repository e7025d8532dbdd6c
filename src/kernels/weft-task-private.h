/* weft-task-private.h: the context kernels see, and what the scheduler provides for it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The scheduler embeds a WeftTask as the first member of its own per-worker structure, fills it
 * once with _weft_task_context_init(), and then stores nothing in it for an ordinary task: what a
 * kernel rarely asks for comes lazily through the vtable.
 *
 * `used` says what must be looked after once a kernel has returned. Its lower half is put right
 * when the next task's arguments are bound; its upper half (WEFT_TASK_CARE) also sends the
 * scheduler off its fast path, where it has to look at the failure, at stolen inputs, at its own
 * bits, and then calls _weft_task_context_reset().
 *
 * Threads: a context belongs to the thread that runs the kernel; clearing it belongs to its owner.
 */
#pragma once

#include "kernels/weft-op.h"

typedef struct _WeftBinding WeftBinding;
typedef struct _WeftTaskOps WeftTaskOps;

/* What the scheduler answers. All are called on the kernel's thread, while the kernel runs, unless
 * said otherwise; none is NULL. */
struct _WeftTaskOps
{
  const WeftBinding *(*binding) (WeftTask *task);
  /* The inputs as they were gathered: the very array given to _weft_binding_args(). */
  WeftValue *(*inputs) (WeftTask *task, uint32_t *n_inputs);
  uint32_t (*attempt) (WeftTask *task);                      /* from 1 */
  size_t (*key) (WeftTask *task, char *buffer, size_t size); /* as weft_graph_key() */
  /* From the graph's hints; runtime_ns -1 and output_bytes UINT64_MAX where unknown. */
  void (*hint) (WeftTask *task, uint32_t output, int64_t *runtime_ns, uint64_t *output_bytes);
  bool (*is_cancelled) (WeftTask *task);
  int64_t (*deadline_ns) (WeftTask *task);
  int (*cancel_fd) (WeftTask *task);
  /* Gives the engine's hold on boxed input @input to the kernel, if this task is the last consumer
   * and no further attempt is possible. On TRUE the reference is the kernel's. Whether the box
   * itself has other holders is looked at by weft_task_steal(). */
  bool (*steal) (WeftTask *task, uint32_t input);
  void (*log) (WeftTask *task, int stream, const char *bytes, size_t n_bytes);
  void (*account_child) (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes, int64_t read_bytes,
                         int64_t written_bytes);
};

/* Bits of WeftTask.used. */
enum
{
  WEFT_TASK_SCRATCH = 0x01,
  WEFT_TASK_RANDOM = 0x02,
  WEFT_TASK_LISTS = 0x04,          /* lists were built for this call, see _weft_binding_done() */
  WEFT_TASK_FAILURE = 0x10000,     /* weft_task_fail() was called */
  WEFT_TASK_BIG_SCRATCH = 0x20000, /* more scratch than is worth keeping */
  WEFT_TASK_STOLE = 0x40000,       /* an input was given away */
  WEFT_TASK_SCHEDULER = 0x100000,  /* this and higher ones: the scheduler's own */
};
#define WEFT_TASK_CARE 0xffff0000u

/* What weft_task_fail() and weft_task_fail_with() left. Strings from malloc. */
typedef struct
{
  char *message;       /* one line or a few, at most 4 KiB, valid UTF-8 */
  char *kind;          /* (nullable) */
  char *detail;        /* (nullable) */
  WeftValue exception; /* EMPTY mostly */
} WeftTaskFailure;

typedef struct _WeftScratchChunk WeftScratchChunk;

typedef struct _WeftTaskKept WeftTaskKept;
struct _WeftTaskKept
{
  WeftTaskKept *next;
  WeftValue value; /* holds a reference */
};

struct _WeftTask
{
  /* set once */
  const WeftTaskOps *ops;
  WeftAccount *account; /* (nullable): borrowed from the run */
  uint64_t seed;        /* the run's */
  uint32_t worker;
  /* of the running task */
  uint32_t used;
  char *scratch_start;       /* of the chunk that stays; NULL before the first use */
  char *scratch_at;          /* next free byte, 16-byte aligned … */
  char *scratch_end;         /* … up to here */
  WeftScratchChunk *scratch; /* (nullable): BIG_SCRATCH: further chunks, newest first */
  WeftBox **built;           /* LISTS: boxes made for this call, outer before inner; in scratch */
  uint32_t n_built;
  uint32_t reserved;
  WeftList *spare_list; /* (nullable): the last call's borrowed list, for the next */
  uint64_t random_key;  /* RANDOM: of (seed, key, attempt) */
  uint64_t random_index;
  WeftTaskFailure failure; /* FAILURE */
  WeftTaskKept *kept;      /* STOLE: inputs that were given away, but could not be used */
};

/**
 * _weft_task_context_init:
 * @account: (nullable): borrowed; must outlive the context
 *
 * All else is cleared. Never fails: memory comes with the first use.
 */
void _weft_task_context_init (WeftTask *task, const WeftTaskOps *ops, WeftAccount *account,
                              uint64_t seed, uint32_t worker);
/* Frees what a context holds; also one that is all zeros. */
void _weft_task_context_clear (WeftTask *task);
/* Forgets the last task: failure, scratch, stream, lists. The scheduler's bits are cleared, too. */
void _weft_task_context_reset (WeftTask *task);
/* Returns: (nullable): why the kernel failed; what it points to may be taken, leaving NULL or EMPTY
 * */
WeftTaskFailure *_weft_task_failure (WeftTask *task);
/* More scratch than is left in the newest chunk. */
void *_weft_task_scratch_grow (WeftTask *task, size_t n_bytes);

/* Whether there is but one holder of a boxed value and of each buffer it looks at, so that the
 * holder may change it. Items of lists and records are not looked at. */
bool _weft_value_is_sole (const WeftValue *value);

/* Whether the scheduler has to look at the context before it goes on. */
static inline bool
_weft_task_needs_care (const WeftTask *task)
{
  return (task->used & WEFT_TASK_CARE) != 0;
}

/* _weft_task_context_reset(), where at most scratch was used. */
static inline void
_weft_task_forget (WeftTask *task)
{
  if (WEFT_LIKELY (task->used == 0))
    return;
  if (WEFT_UNLIKELY ((task->used & ~WEFT_TASK_SCRATCH) != 0))
    {
      _weft_task_context_reset (task);
      return;
    }
  task->scratch_at = task->scratch_start;
  task->used = 0;
}

/* weft_task_scratch(), inlined for binding. n_bytes is a multiple of 16. */
static inline void *
_weft_task_scratch_quick (WeftTask *task, size_t n_bytes)
{
  char *at = task->scratch_at;

  if (WEFT_UNLIKELY (n_bytes > (size_t) (task->scratch_end - at)))
    return _weft_task_scratch_grow (task, n_bytes);
  task->scratch_at = at + n_bytes;
  task->used |= WEFT_TASK_SCRATCH;
  return at;
}

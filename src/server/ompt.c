/* ompt.c: an OpenMP program reports what it does, without being changed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A tool of OpenMP's own tools interface (OpenMP 5.1, chapter 4), which the runtime loads by the
 * variable OMP_TOOL_LIBRARIES of the environment and asks, before anything else, whether it wants
 * to be told what happens. If nobody listens it does not, and the program runs as without it.
 *
 *   parallel region    a span for each thread's part of it, up to where it waits; and another
 *   loop, sections …   a span within that
 *   explicit task      a span where it runs; with its inputs, if it depends on others
 *
 * A thread keeps its open spans in a stack. An entry is of a task of the runtime's or of a
 * worksharing construct. An explicit task is known by the address of the word that the runtime
 * keeps for us, a part of a region by what we wrote into it, as the runtime copies that. Where a
 * part of a region waits it ends, so that tasks which its thread runs meanwhile do not lie within
 * it. Tied tasks lie within each other as calls do; an untied one is ended when it is put aside, as
 * it may go on elsewhere, and is another piece then.
 *
 * In the word of an explicit task stands what weft_client_begin() takes for it, in that of a part a
 * number; and flags.
 */
#include "config.h"

#include "server/weft-ompt-private.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_SIZE 64

#define EXPLICIT (UINT64_C (1) << 32)
#define UNTIED (UINT64_C (1) << 33)
#define HAS_CHILDREN (UINT64_C (1) << 34) /* that depend on each other */
#define PART (UINT64_C (1) << 35)

/* A part's number is its thread's, and one that counts up there: it is one's own while it lives. */
#define PARTS_BITS 20

typedef struct
{
  uint64_t task; /* as known by identity(); 0: a construct */
  const WeftOmptPlace *place;
  WeftClientSpan span; /* 0: it waits */
} Open;

typedef struct
{
  Open *open;
  uint32_t n_open, room;
  uint32_t number, n_parts;
  const WeftOmptPlace *cache[CACHE_SIZE];
  /* the task that was made last, until it is known what it depends on */
  ompt_data_t *made;
  const WeftOmptPlace *made_at;
  uint64_t made_by;
} Thread;

static WeftClient *client; /* immutable once the runtime has begun */
static uint32_t n_workers; /* atomic, as is the next */
static uint32_t n_known;   /* threads */
static __thread Thread *local;

/* ---- threads --------------------------------------------------------------------------------- */

static Thread *
this_thread (void)
{
  if (G_UNLIKELY (local == NULL))
    {
      local = g_new0 (Thread, 1);
      local->number = __atomic_fetch_add (&n_known, 1, __ATOMIC_RELAXED);
    }
  return local;
}

static void
on_thread_begin (ompt_thread_t type, ompt_data_t *thread_data)
{
  g_autofree char *name = NULL;

  if (type == ompt_thread_initial)
    name = g_strdup ("initial thread");
  else
    name = g_strdup_printf (type == ompt_thread_worker ? "worker %u" : "thread %u",
                            __atomic_add_fetch (&n_workers, 1, __ATOMIC_RELAXED));
  weft_client_name_thread (client, name);
}

static void
on_thread_end (ompt_data_t *thread_data)
{
  Thread *thread = local;

  local = NULL;
  if (thread == NULL)
    return;
  for (uint32_t i = thread->n_open; i-- > 0;)
    weft_client_end (client, thread->open[i].span, 0);
  g_free (thread->open);
  g_free (thread);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* The region that the thread is in. */
static const WeftOmptPlace *
region_of (const Thread *thread)
{
  for (uint32_t i = thread->n_open; i-- > 0;)
    if (thread->open[i].place->kind == WEFT_OMPT_PARALLEL)
      return thread->open[i].place;
  return NULL;
}

static const WeftOmptPlace *
find_place (Thread *thread, WeftOmptKind kind, const void *address)
{
  const WeftOmptPlace **cached =
      &thread->cache[((uintptr_t) address / 2 + (uintptr_t) kind) % CACHE_SIZE];

  if (G_UNLIKELY (*cached == NULL || (*cached)->address != address || (*cached)->kind != kind))
    *cached = _weft_ompt_place (client, kind, address, region_of (thread));
  return *cached;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Odd for a part of a region, an address for others. */
static uint64_t
identity (const ompt_data_t *task)
{
  return (task->value & PART) != 0 ? (task->value & UINT32_MAX) * 2 + 1 : (uintptr_t) task;
}

static uint64_t
make_part (Thread *thread)
{
  return PART | (uint32_t) (thread->number << PARTS_BITS | thread->n_parts++ % (1u << PARTS_BITS));
}

/* ---- open spans ------------------------------------------------------------------------------ */

static void
push (Thread *thread, uint64_t task, const WeftOmptPlace *place, uint32_t what)
{
  if (thread->n_open == thread->room)
    {
      thread->room = MAX (16, thread->room * 2);
      thread->open = g_renew (Open, thread->open, thread->room);
    }
  thread->open[thread->n_open++] = (Open){ task, place, weft_client_begin (client, what) };
}

static Open *
find_open (Thread *thread, const ompt_data_t *task)
{
  uint64_t wanted = identity (task);

  for (uint32_t i = thread->n_open; i-- > 0;)
    if (thread->open[i].task == wanted)
      return &thread->open[i];
  return NULL;
}

/* And what is still open within it. */
static void
pop (Thread *thread, const Open *open)
{
  while (open < thread->open + thread->n_open)
    weft_client_end (client, thread->open[--thread->n_open].span, 0);
}

static void
pop_task (Thread *thread, ompt_data_t *task)
{
  const Open *open = find_open (thread, task);

  if (open != NULL)
    pop (thread, open);
}

static void
forget_children (ompt_data_t *task)
{
  if ((task->value & HAS_CHILDREN) != 0)
    _weft_ompt_forget_parent (identity (task));
}

/* ---- regions --------------------------------------------------------------------------------- */

static void
on_parallel_begin (ompt_data_t *task, const ompt_frame_t *frame, ompt_data_t *parallel,
                   unsigned requested, int flags, const void *address)
{
  parallel->ptr = (void *) find_place (this_thread (), WEFT_OMPT_PARALLEL, address);
}

static void
on_implicit_task (ompt_scope_endpoint_t endpoint, ompt_data_t *parallel, ompt_data_t *task,
                  unsigned n_threads, unsigned index, int flags)
{
  const WeftOmptPlace *place;

  if ((flags & ompt_task_initial) != 0)
    return;
  if (endpoint != ompt_scope_begin)
    {
      pop_task (this_thread (), task);
      forget_children (task);
      return;
    }
  task->value = make_part (this_thread ());
  place = parallel != NULL ? parallel->ptr : NULL;
  if (place != NULL)
    push (this_thread (), identity (task), place, place->group);
}

static bool
is_barrier (ompt_sync_region_t kind)
{
  return kind != ompt_sync_region_taskwait && kind != ompt_sync_region_taskgroup
         && kind != ompt_sync_region_reduction;
}

/* Behind the barrier at a region's end nothing of the region comes: older runtimes tell it by the
 * region's address, or by none. */
static bool
is_last (ompt_sync_region_t kind, const void *address, const Open *open)
{
  return kind == ompt_sync_region_barrier_implicit_parallel
         || (is_barrier (kind) && (address == NULL || address == open->place->address));
}

/* From the part on: it, and constructs within. */
static void
halt (const Thread *thread, Open *open)
{
  for (Open *at = thread->open + thread->n_open; at-- > open;)
    {
      weft_client_end (client, at->span, 0);
      at->span = 0;
    }
}

static void
go_on (const Thread *thread, Open *open)
{
  for (; open < thread->open + thread->n_open; open++)
    if (open->span == 0)
      open->span = weft_client_begin (client, open->place->group);
}

/* A thread's part of a region waits, and may run tasks meanwhile. */
static void
on_wait (ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *task,
         const void *address)
{
  Thread *thread = this_thread ();
  Open *open = task != NULL ? find_open (thread, task) : NULL;

  if (open == NULL || open->place->kind != WEFT_OMPT_PARALLEL)
    return;
  if (endpoint != ompt_scope_begin)
    {
      if (!is_last (kind, address, open))
        go_on (thread, open);
      return;
    }
  if (is_barrier (kind))
    pop (thread, open + 1); /* of a construct that was cancelled */
  halt (thread, open);
}

static void
on_sync_region (ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel,
                ompt_data_t *task, const void *address)
{
  if (is_barrier (kind) || kind == ompt_sync_region_taskwait)
    on_wait (kind, endpoint, task, address);
}

/* A group of tasks is waited for at its end only. */
static void
on_sync_region_wait (ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel,
                     ompt_data_t *task, const void *address)
{
  if (kind == ompt_sync_region_taskgroup)
    on_wait (kind, endpoint, task, address);
}

static bool
kind_of_work (ompt_work_t work, WeftOmptKind *kind)
{
  static const WeftOmptKind kinds[] = {
    [ompt_work_loop] = WEFT_OMPT_LOOP,
    [ompt_work_sections] = WEFT_OMPT_SECTIONS,
    [ompt_work_single_executor] = WEFT_OMPT_SINGLE,
    [ompt_work_single_other] = WEFT_OMPT_PARALLEL, /* does nothing */
    [ompt_work_workshare] = WEFT_OMPT_WORKSHARE,
    [ompt_work_distribute] = WEFT_OMPT_DISTRIBUTE,
    [ompt_work_taskloop] = WEFT_OMPT_TASKLOOP,
    [ompt_work_scope] = WEFT_OMPT_SCOPE,
  };

  /* 5.2 has more of loops: by their schedules */
  *kind = (size_t) work < G_N_ELEMENTS (kinds) ? kinds[work] : WEFT_OMPT_LOOP;
  return *kind != WEFT_OMPT_PARALLEL;
}

static void
on_work (ompt_work_t work, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel, ompt_data_t *task,
         uint64_t count, const void *address)
{
  Thread *thread = this_thread ();
  const WeftOmptPlace *place;
  WeftOmptKind kind;

  if (!kind_of_work (work, &kind))
    return;
  if (endpoint == ompt_scope_begin)
    {
      place = find_place (thread, kind, address);
      push (thread, 0, place, place->group);
      return;
    }
  for (uint32_t i = thread->n_open; i-- > 0 && thread->open[i].task == 0;)
    if (thread->open[i].place->kind == kind)
      {
        pop (thread, &thread->open[i]);
        return;
      }
}

/* ---- explicit tasks -------------------------------------------------------------------------- */

static void
on_task_create (ompt_data_t *parent, const ompt_frame_t *frame, ompt_data_t *task, int flags,
                int has_dependences, const void *address)
{
  Thread *thread = this_thread ();
  const WeftOmptPlace *place;

  thread->made = NULL;
  task->value = 0;
  if ((flags & ompt_task_explicit) == 0 || (flags & ompt_task_taskwait) != 0)
    return;
  place = find_place (thread, WEFT_OMPT_TASK, address);
  task->value = EXPLICIT | place->group | ((flags & ompt_task_untied) != 0 ? UNTIED : 0);
  if (!has_dependences)
    return;
  thread->made = task;
  thread->made_at = place;
  thread->made_by = parent != NULL ? identity (parent) : 0;
  if (parent != NULL)
    parent->value |= HAS_CHILDREN;
}

static void
on_dependences (ompt_data_t *task, const ompt_dependence_t *dependences, int n)
{
  Thread *thread = this_thread ();

  if (thread->made != task)
    return;
  task->value = (task->value & ~UINT64_C (0xffffffff))
                | _weft_ompt_depend (client, thread->made_at, thread->made_by, dependences, n);
  thread->made = NULL;
}

static bool
is_put_aside (const ompt_data_t *task, ompt_task_status_t status)
{
  switch (status)
    {
    case ompt_task_complete:
    case ompt_task_cancel:
    case ompt_task_detach:
      return true;
    case ompt_task_yield:
    case ompt_task_switch:
      return (task->value & UNTIED) != 0;
    default:
      return false;
    }
}

/* What a task is called is in its word. */
static const WeftOmptPlace some_task = { .kind = WEFT_OMPT_TASK };

static void
on_task_schedule (ompt_data_t *before, ompt_task_status_t status, ompt_data_t *next)
{
  Thread *thread = this_thread ();

  if (before != NULL && (before->value & EXPLICIT) != 0 && is_put_aside (before, status))
    pop_task (thread, before);
  if (before != NULL && (status == ompt_task_complete || status == ompt_task_cancel))
    forget_children (before);
  if (next != NULL && (next->value & EXPLICIT) != 0 && find_open (thread, next) == NULL)
    push (thread, identity (next), &some_task, (uint32_t) next->value);
}

/* ---- the tool -------------------------------------------------------------------------------- */

/* One of many processes of MPI or Slurm. (transfer full) (nullable) */
static char *
rank_name (void)
{
  static const char *const variables[] = { "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                           "SLURM_PROCID" };

  for (size_t i = 0; i < G_N_ELEMENTS (variables); i++)
    if (getenv (variables[i]) != NULL)
      return g_strconcat ("rank ", getenv (variables[i]), NULL);
  return NULL;
}

static WeftClient *
open_client (void)
{
  g_autofree char *worker = rank_name ();
  WeftClientOptions options = { .name = getenv ("WEFTLINE_NAME"),
                                .worker = worker,
                                .source = "openmp",
                                .file = getenv ("WEFTLINE_FILE") };

  return weft_client_open (&options, NULL);
}

static int
begin (ompt_function_lookup_t look_up, int device, ompt_data_t *data)
{
  const struct
  {
    ompt_callbacks_t event;
    ompt_callback_t callback;
  } callbacks[] = {
    { ompt_callback_thread_begin, (ompt_callback_t) on_thread_begin },
    { ompt_callback_thread_end, (ompt_callback_t) on_thread_end },
    { ompt_callback_parallel_begin, (ompt_callback_t) on_parallel_begin },
    { ompt_callback_implicit_task, (ompt_callback_t) on_implicit_task },
    { ompt_callback_sync_region, (ompt_callback_t) on_sync_region },
    { ompt_callback_sync_region_wait, (ompt_callback_t) on_sync_region_wait },
    { ompt_callback_work, (ompt_callback_t) on_work },
    { ompt_callback_task_create, (ompt_callback_t) on_task_create },
    { ompt_callback_dependences, (ompt_callback_t) on_dependences },
    { ompt_callback_task_schedule, (ompt_callback_t) on_task_schedule },
  };
  ompt_set_callback_t set = (ompt_set_callback_t) look_up ("ompt_set_callback");

  client = open_client ();
  if (set == NULL || !weft_client_is_listening (client))
    return 0; /* the runtime will not call again */
  for (size_t i = 0; i < G_N_ELEMENTS (callbacks); i++)
    set (callbacks[i].event, callbacks[i].callback);
  return 1;
}

static void
end (ompt_data_t *data)
{
  weft_client_close (client, WEFT_CLIENT_DONE);
}

/* The runtime looks for this name. */
WEFT_API ompt_start_tool_result_t *ompt_start_tool (unsigned omp_version, const char *runtime);

ompt_start_tool_result_t *
ompt_start_tool (unsigned omp_version, const char *runtime)
{
  static ompt_start_tool_result_t tool = { begin, end, { 0 } };

  return &tool;
}

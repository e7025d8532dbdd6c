/* task.c: the context of a running kernel, as far as it does not depend on the scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random numbers are a counter-based stream: number k of a task is a mix of (seed, key, attempt)
 * and k, so it depends on nothing that happened before. The mix is the output function of
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) over
 * a Weyl sequence whose start is the key's hash.
 */
#include "config.h"

#include "kernels/weft-binding-private.h"
#include "kernels/weft-task-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_BYTES 16384
#define MESSAGE_BYTES 4096
#define KEY_BYTES 512
#define WEYL 0x9e3779b97f4a7c15u

struct _WeftScratchChunk
{
  WeftScratchChunk *next;
  char *end_before; /* what scratch_at and scratch_end were */
  char *at_before;
  uint64_t pad;
};

_Static_assert(sizeof (WeftScratchChunk) % 16 == 0, "scratch is aligned to 16 bytes");

/* ---- life of a context ----------------------------------------------------------------------- */

void
_weft_task_context_init (WeftTask *task, const WeftTaskOps *ops, WeftAccount *account,
                         uint64_t seed, uint32_t worker)
{
  *task = (WeftTask){ .ops = ops, .account = account, .seed = seed, .worker = worker };
}

static void
clear_failure (WeftTaskFailure *failure)
{
  free (failure->message);
  free (failure->kind);
  free (failure->detail);
  weft_value_clear (&failure->exception);
  *failure = (WeftTaskFailure){ .message = NULL };
}

static void
free_big_scratch (WeftTask *task)
{
  WeftScratchChunk *chunk;

  while ((chunk = task->scratch) != NULL)
    {
      task->scratch = chunk->next;
      task->scratch_at = chunk->at_before;
      task->scratch_end = chunk->end_before;
      free (chunk);
    }
}

static void
free_kept (WeftTask *task)
{
  WeftTaskKept *kept;

  while ((kept = task->kept) != NULL)
    {
      task->kept = kept->next;
      weft_value_unref (&kept->value);
      g_free (kept);
    }
}

void
_weft_task_context_reset (WeftTask *task)
{
  if (task->used & WEFT_TASK_LISTS)
    _weft_binding_done (NULL, NULL, task);
  if (task->used & WEFT_TASK_FAILURE)
    clear_failure (&task->failure);
  if (task->used & WEFT_TASK_STOLE)
    free_kept (task);
  free_big_scratch (task);
  task->scratch_at = task->scratch_start;
  task->used = 0;
}

void
_weft_task_context_clear (WeftTask *task)
{
  _weft_task_context_reset (task);
  if (task->spare_list != NULL)
    weft_box_unref (&task->spare_list->box);
  free (task->scratch_start);
  task->spare_list = NULL;
  task->scratch_start = task->scratch_at = task->scratch_end = NULL;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool
scratch_first (WeftTask *task)
{
  task->scratch_start = aligned_alloc (WEFT_CACHE_LINE, SCRATCH_BYTES);
  if (task->scratch_start == NULL)
    return false;
  task->scratch_at = task->scratch_start;
  task->scratch_end = task->scratch_start + SCRATCH_BYTES;
  return true;
}

/* A chunk of its own for much, else one that leaves room for more. */
static bool
scratch_more (WeftTask *task, size_t n_bytes)
{
  size_t room = MAX (n_bytes, 4 * SCRATCH_BYTES);
  WeftScratchChunk *chunk;

  if (room > PTRDIFF_MAX - sizeof *chunk)
    return false;
  chunk = malloc (sizeof *chunk + room);
  if (chunk == NULL)
    return false;
  chunk->next = task->scratch;
  chunk->at_before = task->scratch_at;
  chunk->end_before = task->scratch_end;
  task->scratch = chunk;
  task->scratch_at = (char *) (chunk + 1);
  task->scratch_end = task->scratch_at + room;
  task->used |= WEFT_TASK_BIG_SCRATCH;
  return true;
}

void *
_weft_task_scratch_grow (WeftTask *task, size_t n_bytes)
{
  void *at;

  if (task->scratch_start == NULL && !scratch_first (task))
    return NULL;
  if (n_bytes > (size_t) (task->scratch_end - task->scratch_at) && !scratch_more (task, n_bytes))
    return NULL;
  at = task->scratch_at;
  task->scratch_at += n_bytes;
  task->used |= WEFT_TASK_SCRATCH;
  return at;
}

void *
weft_task_scratch (WeftTask *task, size_t n_bytes)
{
  if (n_bytes > PTRDIFF_MAX - 16)
    return NULL;
  return _weft_task_scratch_quick (task, (MAX (n_bytes, 1) + 15) & ~(size_t) 15);
}

WeftAccount *
weft_task_account (WeftTask *task)
{
  return task->account;
}

WeftBuffer *
weft_task_buffer (WeftTask *task, size_t n_bytes)
{
  return weft_buffer_new (task->account, n_bytes);
}

/* ---- who and where --------------------------------------------------------------------------- */

void *
weft_task_user_data (WeftTask *task)
{
  return task->ops->binding (task)->op->user_data;
}

uint32_t
weft_task_worker (WeftTask *task)
{
  return task->worker;
}

uint32_t
weft_task_attempt (WeftTask *task)
{
  return task->ops->attempt (task);
}

uint32_t
weft_task_n_outputs (WeftTask *task)
{
  return task->ops->binding (task)->n_outputs;
}

size_t
weft_task_key (WeftTask *task, char *buffer, size_t size)
{
  return task->ops->key (task, buffer, size);
}

/* ---- giving up ------------------------------------------------------------------------------- */

bool
weft_task_is_cancelled (WeftTask *task)
{
  return task->ops->is_cancelled (task);
}

int64_t
weft_task_deadline_ns (WeftTask *task)
{
  return task->ops->deadline_ns (task);
}

int
weft_task_cancel_fd (WeftTask *task)
{
  return task->ops->cancel_fd (task);
}

/* Programs print what they like; records and files hold UTF-8 only. */
static char *
dup_valid (const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return NULL;
  valid = g_utf8_make_valid (text, -1);
  return strdup (valid);
}

static WeftTaskFailure *
begin_failure (WeftTask *task)
{
  clear_failure (&task->failure);
  task->used |= WEFT_TASK_FAILURE;
  return &task->failure;
}

/* Cuts a text that fills its buffer between two characters. */
static void
cut_text (char *text, size_t n_wanted, size_t size)
{
  const char *end;

  if (n_wanted < size)
    return;
  if (!g_utf8_validate (text, -1, &end) && text + size - 1 - end < 4)
    text[end - text] = '\0';
}

WeftStatus
weft_task_fail (WeftTask *task, const char *format, ...)
{
  char text[MESSAGE_BYTES];
  va_list list;
  int n;

  va_start (list, format);
  n = vsnprintf (text, sizeof text, format, list);
  va_end (list);
  cut_text (text, n < 0 ? 0 : (size_t) n, sizeof text);
  begin_failure (task)->message = dup_valid (n < 0 ? format : text);
  return WEFT_FAILED;
}

WeftStatus
weft_task_fail_with (WeftTask *task, const char *kind, const char *message, const char *detail,
                     WeftValue *exception)
{
  WeftTaskFailure *failure;
  char text[MESSAGE_BYTES];

  cut_text (text, (size_t) snprintf (text, sizeof text, "%s", message), sizeof text);
  failure = begin_failure (task);
  failure->message = dup_valid (text);
  failure->kind = dup_valid (kind);
  failure->detail = dup_valid (detail);
  if (exception == NULL)
    return WEFT_FAILED;
  failure->exception = *exception;
  *exception = (WeftValue) WEFT_VALUE_INIT;
  return WEFT_FAILED;
}

WeftTaskFailure *
_weft_task_failure (WeftTask *task)
{
  return (task->used & WEFT_TASK_FAILURE) != 0 ? &task->failure : NULL;
}

/* ---- random numbers -------------------------------------------------------------------------- */

static uint64_t
mix (uint64_t x)
{
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/* FNV-1a, 64 bits: the same on every machine and in every version. */
static uint64_t
hash_text (const char *text, size_t n)
{
  uint64_t hash = 0xcbf29ce484222325u;

  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (uint8_t) text[i]) * 0x100000001b3u;
  return hash;
}

static uint64_t
stream_key (WeftTask *task)
{
  char key[KEY_BYTES];
  size_t n = weft_task_key (task, key, sizeof key);
  g_autofree char *whole = NULL;

  if (n >= sizeof key)
    {
      whole = g_malloc (n + 1);
      weft_task_key (task, whole, n + 1);
    }
  return mix (mix (mix (task->seed) ^ hash_text (whole != NULL ? whole : key, n))
              + weft_task_attempt (task));
}

uint64_t
weft_task_random (WeftTask *task)
{
  if ((task->used & WEFT_TASK_RANDOM) == 0)
    {
      task->random_key = stream_key (task);
      task->random_index = 0;
      task->used |= WEFT_TASK_RANDOM;
    }
  return mix (task->random_key + ++task->random_index * WEYL);
}

/* ---- in-place work --------------------------------------------------------------------------- */

static bool
is_sole_or_none (const WeftBuffer *buffer)
{
  return buffer == NULL || weft_buffer_is_sole (buffer);
}

static bool
column_is_sole (const WeftColumn *column)
{
  if (atomic_load_explicit (&((WeftColumn *) column)->refs, memory_order_acquire) != 1
      || !is_sole_or_none (column->validity) || !is_sole_or_none (column->offsets)
      || !is_sole_or_none (column->values))
    return false;
  for (uint32_t i = 0; i < column->n_children; i++)
    if (!column_is_sole (column->children[i]))
      return false;
  return true;
}

static bool
table_is_sole (const WeftTable *table)
{
  for (uint32_t i = 0; i < table->n_columns; i++)
    if (!column_is_sole (table->columns[i]))
      return false;
  return true;
}

bool
_weft_value_is_sole (const WeftValue *value)
{
  WeftBox *box = value->u.box;

  if (!weft_value_is_boxed (value) || atomic_load_explicit (&box->refs, memory_order_acquire) != 1)
    return false;
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_STRING:
      return is_sole_or_none (((WeftString *) box)->buffer);
    case WEFT_TYPE_BYTES:
      return is_sole_or_none (((WeftBytes *) box)->buffer);
    case WEFT_TYPE_LIST:
      return is_sole_or_none (((WeftList *) box)->buffer) && !((WeftList *) box)->borrowed;
    case WEFT_TYPE_ARRAY:
      return is_sole_or_none (((WeftArray *) box)->buffer);
    case WEFT_TYPE_TABLE:
      return table_is_sole ((WeftTable *) box);
    case WEFT_TYPE_HISTOGRAM:
      return is_sole_or_none (((WeftHistogram *) box)->cells);
    default:
      return true;
    }
}

/* The input that an argument, or an item of a list among them, is. UINT32_MAX: none */
static uint32_t
input_of (const WeftValue *inputs, uint32_t n_inputs, const WeftValue *arg)
{
  if (arg >= inputs && arg < inputs + n_inputs)
    return (uint32_t) (arg - inputs);
  for (uint32_t i = 0; i < n_inputs; i++)
    if (weft_value_is_boxed (&inputs[i]) && inputs[i].u.box == arg->u.box)
      return i;
  return WEFT_NONE;
}

/* The engine gave its hold away, and then it showed that somebody pinned the result, took a hold
 * and let the pin go in between. The value stays readable until the task has ended. */
static void
keep_until_end (WeftTask *task, const WeftValue *value)
{
  WeftTaskKept *kept = g_new (WeftTaskKept, 1);

  *kept = (WeftTaskKept){ task->kept, *value };
  task->kept = kept;
}

/* Arguments are const for kernels; they lie in memory of the context or of the scheduler, where the
 * stolen item becomes none, so that nobody finds it there again. */
bool
weft_task_steal (WeftTask *task, const WeftValue *arg, WeftValue *value)
{
  WeftValue taken = *arg;
  uint32_t n_inputs;
  WeftValue *inputs;
  uint32_t i;

  if (!_weft_value_is_sole (arg) || task->ops->binding (task)->repeated)
    return false;
  inputs = task->ops->inputs (task, &n_inputs);
  i = input_of (inputs, n_inputs, arg);
  if (i == WEFT_NONE || !task->ops->steal (task, i))
    return false;
  task->used |= WEFT_TASK_STOLE;
  if (!_weft_value_is_sole (arg))
    {
      keep_until_end (task, arg);
      return false;
    }
  weft_value_set_none ((WeftValue *) arg);
  weft_value_set_none (&inputs[i]);
  *value = taken;
  return true;
}

/* ---- saying something ------------------------------------------------------------------------ */

void
weft_task_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes)
{
  task->ops->log (task, stream, bytes, n_bytes);
}

void
weft_task_account_child (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes, int64_t read_bytes,
                         int64_t written_bytes)
{
  task->ops->account_child (task, cpu_ns, max_rss_bytes, read_bytes, written_bytes);
}

/* task-rows.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The natural form of a text: other bytes are themselves; a number is a digit, the count of its
 * digits, and these without zeros before them. Of two numbers the one with fewer digits is smaller,
 * of equally long ones the first digit that differs tells. Zeros never occur in it but at its end.
 */
#include "config.h"

#include "table/task-rows.h"

#include "table/task-sort.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY 4096 /* tasks between two looks at the flag */
#define CHUNK 8

/* ---- natural order --------------------------------------------------------------------------- */

typedef struct
{
  size_t skip; /* bytes before the chunk */
  unsigned n;
  uint64_t bytes;
} Chunk;

/* Returns: whether there is room for more */
static bool
chunk_add (Chunk *chunk, unsigned byte)
{
  if (chunk->skip > 0)
    {
      chunk->skip--;
      return true;
    }
  chunk->bytes = chunk->bytes << 8 | byte;
  return ++chunk->n < CHUNK;
}

static bool
chunk_add_number (Chunk *chunk, const char *digits, size_t n)
{
  bool more = chunk_add (chunk, '0');
  size_t left = n;

  for (; more && left > 254; left -= 254)
    more = chunk_add (chunk, 255);
  more = more && chunk_add (chunk, (unsigned) left);
  for (size_t i = 0; more && i < n; i++)
    more = chunk_add (chunk, (unsigned char) digits[i]);
  return more;
}

uint64_t
weftline_natural_bytes (const char *text, size_t offset)
{
  Chunk chunk = { .skip = offset };
  bool more = true;

  while (more && *text != '\0')
    {
      size_t n;

      if (!g_ascii_isdigit (*text))
        {
          more = chunk_add (&chunk, (unsigned char) *text++);
          continue;
        }
      while (text[0] == '0' && g_ascii_isdigit (text[1]))
        text++;
      n = strspn (text, "0123456789");
      more = chunk_add_number (&chunk, text, n);
      text += n;
    }
  for (; chunk.n < CHUNK; chunk.n++)
    chunk.bytes <<= 8;
  return chunk.bytes;
}

/* ---- work ------------------------------------------------------------------------------------ */

typedef struct
{
  const WeftlineTaskSource *source;
  const WeftlineTaskQuery *query;
  const _Atomic bool *cancelled;
  uint32_t *ranks; /* (nullable): of groups or lanes, when they are sorted by */
  uint32_t n_ranks;
  WeftlineTaskItem *items, *scratch;
} Work;

static bool
is_cancelled (const Work *work, uint32_t i)
{
  return i % LOOK_EVERY == 0 && work->cancelled != NULL
         && atomic_load_explicit (work->cancelled, memory_order_relaxed);
}

/* ---- filter ---------------------------------------------------------------------------------- */

/* @needle: in lower case, not empty */
static bool
contains (const char *text, const char *needle)
{
  for (; *text != '\0'; text++)
    {
      size_t i = 0;

      while (needle[i] != '\0' && g_ascii_tolower (text[i]) == needle[i])
        i++;
      if (needle[i] == '\0')
        return true;
    }
  return false;
}

/* Which groups contain the text; their tasks need not be looked at. (transfer full) */
static bool *
match_groups (const Work *work, const char *needle)
{
  uint32_t n = work->source->snapshot.n_groups;
  bool *matches = g_new (bool, (size_t) n + 1);

  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelGroup info;

      weft_model_group (work->source->model, i, &info);
      matches[i] = contains (info.name, needle);
    }
  return matches;
}

static bool
has_text (const Work *work, uint32_t task, const char *needle, const bool *groups,
          WeftlineTaskKey *key)
{
  uint32_t group = weft_model_task_group (work->source->model, task);

  if (group < work->source->snapshot.n_groups && groups[group])
    return true;
  weftline_task_key_read (work->source, task, key);
  return contains (key->text, needle);
}

static bool
is_asked_for (const Work *work, uint32_t task)
{
  const WeftlineTaskSet *only = work->query->only;

  return (work->query->states >> weftline_task_state (work->source, task) & 1) != 0
         && (only == NULL || (task < only->n_tasks && weftline_task_set_has (only, task)));
}

/* Returns: false: cancelled */
static bool
filter (const Work *work, WeftlineTaskRows *rows)
{
  const char *text = work->query->text != NULL ? work->query->text : "";
  g_autofree char *needle = *text != '\0' ? g_ascii_strdown (text, -1) : NULL;
  g_autofree bool *groups = needle != NULL ? match_groups (work, needle) : NULL;
  uint32_t n = work->source->snapshot.n_tasks;
  WeftlineTaskKey key = { 0 };
  bool whole = true;

  for (uint32_t task = 0; task < n && whole; task++)
    {
      whole = !is_cancelled (work, task);
      if (is_asked_for (work, task)
          && (needle == NULL || has_text (work, task, needle, groups, &key)))
        rows->tasks[rows->n++] = task;
    }
  weftline_task_key_clear (&key);
  return whole;
}

/* ---- by values ------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  uint32_t worker, number;
} Named;

/* Names by their natural order; equal names by number. */
static int
compare_named (const void *a, const void *b)
{
  const Named *one = a, *other = b;

  if (one->worker != other->worker)
    return one->worker < other->worker ? -1 : 1;
  for (size_t offset = 0;; offset += CHUNK)
    {
      uint64_t x = weftline_natural_bytes (one->name, offset);
      uint64_t y = weftline_natural_bytes (other->name, offset);

      if (x != y)
        return x < y ? -1 : 1;
      if ((x & 0xff) == 0)
        return (one->number > other->number) - (one->number < other->number);
    }
}

/* Groups by name; lanes by worker, those without one last. */
static void
make_ranks (Work *work)
{
  bool groups = work->query->column == WEFTLINE_TASK_GROUP;
  const WeftModelSnapshot *snapshot = &work->source->snapshot;
  uint32_t n = groups ? snapshot->n_groups : snapshot->n_lanes;
  g_autofree Named *named = g_new0 (Named, (size_t) n + 1);

  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelGroup group = { 0 };
      WeftModelLane lane = { .worker = 0 };

      if (groups)
        weft_model_group (work->source->model, i, &group);
      else
        weft_model_lane (work->source->model, i, &lane);
      named[i] = (Named){ groups ? group.name : lane.name, lane.worker, i };
    }
  qsort (named, n, sizeof *named, compare_named);
  work->ranks = g_new (uint32_t, (size_t) n + 1);
  work->n_ranks = n;
  for (uint32_t i = 0; i < n; i++)
    work->ranks[named[i].number] = i;
}

/* Returns: false: it has none */
static bool
value_of (const Work *work, uint32_t task, uint64_t *value)
{
  int64_t found;

  if (!weftline_task_value (work->source, task, work->query->column, &found))
    return false;
  if (work->ranks != NULL)
    {
      if (found >= work->n_ranks)
        return false;
      found = work->ranks[found];
    }
  *value = (uint64_t) found ^ UINT64_C (1) << 63; /* negative ones first */
  if (work->query->descending)
    *value = ~*value;
  return true;
}

/* Returns: false: cancelled */
static bool
sort_by_value (const Work *work, WeftlineTaskRows *rows)
{
  uint32_t n_items = 0, n_without = 0;

  for (uint32_t i = 0; i < rows->n; i++)
    {
      uint32_t task = rows->tasks[i];
      uint64_t value;

      if (is_cancelled (work, i))
        return false;
      if (value_of (work, task, &value))
        work->items[n_items++] = (WeftlineTaskItem){ value, task };
      else
        rows->tasks[n_without++] = task;
    }
  weftline_task_sort (work->items, work->scratch, n_items);
  memmove (rows->tasks + n_items, rows->tasks, n_without * sizeof *rows->tasks);
  for (uint32_t i = 0; i < n_items; i++)
    rows->tasks[i] = work->items[i].task;
  return true;
}

/* ---- by keys --------------------------------------------------------------------------------- */

/* Returns: false: cancelled */
static bool
read_chunks (const Work *work, WeftlineTaskItem *items, uint32_t n, size_t offset)
{
  WeftlineTaskKey key = { 0 };
  bool whole = true;

  for (uint32_t i = 0; i < n && whole; i++)
    {
      whole = !is_cancelled (work, i);
      weftline_task_key_read (work->source, items[i].task, &key);
      items[i].value = weftline_natural_bytes (key.text, offset);
      if (work->query->descending)
        items[i].value = ~items[i].value;
    }
  weftline_task_key_clear (&key);
  return whole;
}

static bool
has_more (const Work *work, uint64_t value)
{
  return ((work->query->descending ? ~value : value) & 0xff) != 0;
}

/* By what keys have from @offset on; before that they are equal. Returns: false: cancelled */
static bool
sort_by_key (const Work *work, WeftlineTaskItem *items, uint32_t n, size_t offset)
{
  uint32_t first, end;

  do
    {
      if (!read_chunks (work, items, n, offset))
        return false;
      weftline_task_sort (items, work->scratch, n);
      offset += CHUNK;
    }
  while (items[0].value == items[n - 1].value && has_more (work, items[0].value));
  for (first = 0; first < n; first = end)
    {
      uint64_t value = items[first].value;

      for (end = first + 1; end < n && items[end].value == value;)
        end++;
      if (end - first > 1 && has_more (work, value)
          && !sort_by_key (work, items + first, end - first, offset))
        return false;
    }
  return true;
}

static bool
sort_keys (const Work *work, WeftlineTaskRows *rows)
{
  for (uint32_t i = 0; i < rows->n; i++)
    work->items[i] = (WeftlineTaskItem){ 0, rows->tasks[i] };
  if (rows->n > 1 && !sort_by_key (work, work->items, rows->n, 0))
    return false;
  for (uint32_t i = 0; i < rows->n; i++)
    rows->tasks[i] = work->items[i].task;
  return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

void
weftline_task_own_query_set (WeftlineTaskOwnQuery *own, const WeftlineTaskQuery *from)
{
  char *text = g_strdup (from->text);
  WeftlineTaskSet *only = from->only != NULL ? weftline_task_set_copy (from->only) : NULL;

  weftline_task_own_query_clear (own);
  own->query = *from;
  own->query.text = own->text = text;
  own->query.only = own->only = only;
}

void
weftline_task_own_query_clear (WeftlineTaskOwnQuery *own)
{
  g_clear_pointer (&own->text, g_free);
  g_clear_pointer (&own->only, weftline_task_set_free);
}

bool
weftline_task_query_is_plain (const WeftlineTaskQuery *query)
{
  return query->column >= WEFTLINE_TASK_N_COLUMNS && query->only == NULL
         && (query->states & WEFTLINE_TASK_ALL_STATES) == WEFTLINE_TASK_ALL_STATES
         && (query->text == NULL || *query->text == '\0');
}

static bool
sort_rows (Work *work, WeftlineTaskRows *rows)
{
  WeftlineTaskColumn column = work->query->column;
  bool whole;

  if (column >= WEFTLINE_TASK_N_COLUMNS)
    return true;
  work->items = g_new (WeftlineTaskItem, (size_t) rows->n + 1);
  work->scratch = g_new (WeftlineTaskItem, (size_t) rows->n + 1);
  if (column == WEFTLINE_TASK_GROUP || column == WEFTLINE_TASK_WORKER)
    make_ranks (work);
  whole = column == WEFTLINE_TASK_KEY ? sort_keys (work, rows) : sort_by_value (work, rows);
  g_free (work->items);
  g_free (work->scratch);
  g_free (work->ranks);
  return whole;
}

bool
weftline_task_rows_make (const WeftlineTaskSource *source, const WeftlineTaskQuery *query,
                         const _Atomic bool *cancelled, WeftlineTaskRows *rows)
{
  Work work = { .source = source, .query = query, .cancelled = cancelled };

  *rows = (WeftlineTaskRows){ 0 };
  if (weftline_task_query_is_plain (query))
    {
      rows->n = source->snapshot.n_tasks;
      return true;
    }
  rows->tasks = g_new (uint32_t, (size_t) source->snapshot.n_tasks + 1);
  if (!filter (&work, rows) || !sort_rows (&work, rows))
    {
      weftline_task_rows_clear (rows);
      return false;
    }
  rows->tasks = g_renew (uint32_t, rows->tasks, (size_t) rows->n + 1);
  return true;
}

bool
weftline_task_rows_make_at (WeftModel *model, const WeftModelSnapshot *snapshot,
                            const WeftMoment *moment, const WeftlineTaskQuery *query,
                            const _Atomic bool *cancelled, WeftlineTaskRows *rows)
{
  g_autoptr (WeftlineLinks) links = NULL;
  WeftlineTaskSource source;
  bool whole;

  if (query->column == WEFTLINE_TASK_WAIT)
    links = weftline_links_new (model, snapshot);
  weftline_task_source_init (&source);
  weftline_task_source_take (&source, model, snapshot, moment, links);
  whole = weftline_task_rows_make (&source, query, cancelled, rows);
  weftline_task_source_clear (&source);
  return whole;
}

void
weftline_task_rows_clear (WeftlineTaskRows *rows)
{
  g_free (rows->tasks);
  *rows = (WeftlineTaskRows){ 0 };
}

uint32_t
weftline_task_rows_find (const WeftlineTaskRows *rows, uint32_t task)
{
  if (rows->tasks == NULL)
    return task < rows->n ? task : WEFT_NONE;
  for (uint32_t i = 0; i < rows->n; i++)
    if (rows->tasks[i] == task)
      return i;
  return WEFT_NONE;
}

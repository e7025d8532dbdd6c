/* eta-play.c: what is left of a run, played through
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * List scheduling (Graham 1969): whenever a worker is free it takes the ready task with the
 * smallest number. Two heaps: ready tasks by number, running ones by when they end.
 */
#include "model/weft-eta-private.h"

#include <string.h>

/* ---- what is left ---------------------------------------------------------------------------- */

void
_weft_eta_rest_init (EtaRest *rest, uint32_t n)
{
  *rest = (EtaRest){ .n = n,
                     .groups = g_new (uint32_t, (size_t) n + 1),
                     .hints = g_new0 (float, (size_t) n + 1),
                     .ages = g_new (float, (size_t) n + 1),
                     .pending = g_new0 (uint32_t, (size_t) n + 1),
                     .offsets = g_new0 (uint32_t, (size_t) n + 2) };
  for (uint32_t i = 0; i < n; i++)
    rest->ages[i] = -1;
}

void
_weft_eta_rest_connect (EtaRest *rest, const EtaEdge *edges, uint32_t n_edges)
{
  rest->dependents = g_new (uint32_t, (size_t) n_edges + 1);
  for (uint32_t i = 0; i < n_edges; i++)
    {
      rest->pending[edges[i].to]++;
      rest->offsets[edges[i].from + 2]++;
    }
  for (uint32_t i = 0; i < rest->n; i++)
    rest->offsets[i + 1] += rest->offsets[i];
  for (uint32_t i = 0; i < n_edges; i++)
    rest->dependents[rest->offsets[edges[i].from + 1]++] = edges[i].to;
}

void
_weft_eta_rest_clear (EtaRest *rest)
{
  g_free (rest->groups);
  g_free (rest->hints);
  g_free (rest->ages);
  g_free (rest->pending);
  g_free (rest->offsets);
  g_free (rest->dependents);
}

/* ---- heaps ----------------------------------------------------------------------------------- */

/* Tasks by a number, the least first. */
typedef struct
{
  double at; /* when it ends; of ready tasks its number */
  uint32_t task;
} Entry;

typedef struct
{
  Entry *entries;
  uint32_t n;
} Heap;

static void
heap_push (Heap *heap, double at, uint32_t task)
{
  uint32_t i = heap->n++;

  for (; i > 0 && heap->entries[(i - 1) / 2].at > at; i = (i - 1) / 2)
    heap->entries[i] = heap->entries[(i - 1) / 2];
  heap->entries[i] = (Entry){ at, task };
}

static Entry
heap_pop (Heap *heap)
{
  Entry first = heap->entries[0], last = heap->entries[--heap->n];
  uint32_t i = 0;

  for (uint32_t child = 1; child < heap->n; i = child, child = 2 * i + 1)
    {
      if (child + 1 < heap->n && heap->entries[child + 1].at < heap->entries[child].at)
        child++;
      if (heap->entries[child].at >= last.at)
        break;
      heap->entries[i] = heap->entries[child];
    }
  heap->entries[i] = last;
  return first;
}

/* ---- playing --------------------------------------------------------------------------------- */

struct _EtaPlay
{
  const EtaRest *rest;
  uint32_t n_workers;
  double delay_ns;
  Heap ready, running;
  uint32_t *pending;
};

EtaPlay *
_weft_eta_play_new (const EtaRest *rest, uint32_t n_workers, double delay_ns)
{
  EtaPlay *play = g_new0 (EtaPlay, 1);

  play->rest = rest;
  play->n_workers = MAX (n_workers, 1);
  play->delay_ns = delay_ns;
  play->ready.entries = g_new (Entry, (size_t) rest->n + 1);
  play->running.entries =
      g_new (Entry, (size_t) MIN (play->n_workers, rest->n) + rest->n_running + 1);
  play->pending = g_new (uint32_t, (size_t) rest->n + 1);
  return play;
}

void
_weft_eta_play_free (EtaPlay *play)
{
  g_free (play->ready.entries);
  g_free (play->running.entries);
  g_free (play->pending);
  g_free (play);
}

static void
begin (EtaPlay *play, const float *ns)
{
  const EtaRest *rest = play->rest;

  play->ready.n = play->running.n = 0;
  memcpy (play->pending, rest->pending, rest->n * sizeof *play->pending);
  for (uint32_t task = 0; task < rest->n; task++)
    if (rest->pending[task] > 0)
      continue;
    else if (rest->ages[task] >= 0)
      heap_push (&play->running, (double) ns[task], task);
    else
      heap_push (&play->ready, task, task);
}

/* Starts what can be started. @gate: before then nothing may. Returns: when the next one may, or a
 * negative number: nothing is kept from starting by the delay */
static double
start_ready (EtaPlay *play, const float *ns, double now, double *gate)
{
  while (play->ready.n > 0 && play->running.n < play->n_workers)
    {
      uint32_t task;

      if (*gate > now)
        return *gate;
      task = heap_pop (&play->ready).task;
      heap_push (&play->running, now + (double) ns[task], task);
      *gate = play->delay_ns > 0 ? now + play->delay_ns : 0;
    }
  return -1;
}

double
_weft_eta_play_run (EtaPlay *play, const float *ns)
{
  const EtaRest *rest = play->rest;
  double now = 0, gate = 0;

  begin (play, ns);
  while (play->ready.n > 0 || play->running.n > 0)
    {
      double next = start_ready (play, ns, now, &gate);
      Entry ended;

      if (next >= 0 && (play->running.n == 0 || play->running.entries[0].at > next))
        {
          now = next;
          continue;
        }
      ended = heap_pop (&play->running);
      now = ended.at;
      gate = play->delay_ns > 0 ? now + play->delay_ns : 0;
      for (uint32_t i = rest->offsets[ended.task]; i < rest->offsets[ended.task + 1]; i++)
        if (--play->pending[rest->dependents[i]] == 0)
          heap_push (&play->ready, rest->dependents[i], rest->dependents[i]);
    }
  return now;
}

/* ---- the longest chain ----------------------------------------------------------------------- */

static void
count_chain (const EtaRest *rest, const uint32_t *next, uint32_t first, uint32_t *chain,
             uint32_t n_groups)
{
  for (uint32_t task = first; task != WEFT_NONE; task = next[task])
    if (rest->groups[task] < n_groups)
      chain[rest->groups[task]]++;
}

/* Edges that go backwards, of graphs that stand in for tasks, are passed over. */
double
_weft_eta_chain (const EtaRest *rest, const float *ns, uint32_t *chain, uint32_t n_groups)
{
  g_autofree double *below = g_new (double, (size_t) rest->n + 1);
  g_autofree uint32_t *next = g_new (uint32_t, (size_t) rest->n + 1);
  uint32_t first = WEFT_NONE;
  double longest = 0;

  for (uint32_t task = rest->n; task-- > 0;)
    {
      below[task] = 0;
      next[task] = WEFT_NONE;
      for (uint32_t i = rest->offsets[task]; i < rest->offsets[task + 1]; i++)
        if (rest->dependents[i] > task && below[rest->dependents[i]] >= below[task])
          {
            next[task] = rest->dependents[i];
            below[task] = below[next[task]];
          }
      below[task] += (double) ns[task];
      if (below[task] >= longest)
        {
          longest = below[task];
          first = task;
        }
    }
  count_chain (rest, next, first, chain, n_groups);
  return longest;
}

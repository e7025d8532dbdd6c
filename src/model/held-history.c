/* held-history.c: what was held over time, by group
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Births and deaths are events, sorted by time and gone through once. Not all at a time: their
 * number is counted by steps first, and so many steps are collected and sorted that there is room
 * for. Each step is gone through twice, to find when most was held, and what that was by group; so
 * the bands of a step are of one moment, and the peak is among them.
 */
#include "config.h"

#include "model/weft-held-private.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_EVENTS (UINT64_C (1) << 21)
#define RADIX_BITS 11
#define RADIX (1u << RADIX_BITS)

struct _WeftHeldHistory
{
  WeftHeldSteps steps;
  uint32_t groups[WEFT_HELD_MOST_BANDS];
  int64_t *at_ns;
  uint64_t *totals;
  uint64_t *bands;
  uint64_t *on_disk; /* (nullable) */
};

/* moment << 33 | whether something ends << 32 | task: in this order they happen. */
typedef uint64_t Event;

typedef struct
{
  uint32_t first, end; /* steps */
} Window;

typedef struct
{
  WeftHeldHistory *history;
  Lives lives;
  GHashTable *die_away; /* tasks whose results are on disk when they go */
  uint8_t *band_of;     /* by group; the last is of those without */
  uint32_t n_groups;
  uint64_t *counts; /* events by step */
  Event *events;
  Event *scratch;
  int64_t *bytes; /* of the events: what they add */
  uint64_t n_events;
  Window window; /* of which these are */
  uint64_t total;
  uint64_t levels[WEFT_HELD_MOST_BANDS];
} Sweep;

/* ---- bands ----------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t group;
  double area; /* bytes × time */
} Area;

static uint32_t
group_of (const Sweep *sweep, uint32_t task)
{
  return MIN (weft_model_task_group (sweep->lives.model, task), sweep->n_groups);
}

static int
compare_areas (const void *a, const void *b)
{
  const Area *x = a, *y = b;

  if (x->area != y->area)
    return x->area > y->area ? -1 : 1;
  return (x->group > y->group) - (x->group < y->group);
}

static int
compare_groups (const void *a, const void *b)
{
  const Area *x = a, *y = b;

  return (x->group > y->group) - (x->group < y->group);
}

static Area *
find_areas (const Sweep *sweep)
{
  const Lives *lives = &sweep->lives;
  uint32_t end = (uint32_t) (lives->end_ns >> lives->shift);
  Area *areas = g_new0 (Area, sweep->n_groups + 1);

  for (uint32_t i = 0; i <= sweep->n_groups; i++)
    areas[i].group = i;
  for (uint32_t task = 0; task < lives->n_tasks; task++)
    if (lives->births[task] != LIFE_NONE)
      areas[group_of (sweep, task)].area +=
          (double) _weft_life_bytes (lives->model, task)
          * (MIN (lives->deaths[task], end) - lives->births[task] + 1.0);
  return areas;
}

/* The largest groups get a band each, in the order of their numbers, the rest one together. */
static void
choose_bands (Sweep *sweep, uint32_t n_bands)
{
  g_autofree Area *areas = find_areas (sweep);
  WeftHeldHistory *history = sweep->history;
  uint32_t n_there = 0, n_own;

  qsort (areas, sweep->n_groups + 1, sizeof *areas, compare_areas);
  while (n_there <= sweep->n_groups && areas[n_there].area > 0)
    n_there++;
  n_own = n_there <= n_bands ? n_there : n_bands - 1;
  qsort (areas, n_own, sizeof *areas, compare_groups);
  sweep->band_of = g_malloc (sweep->n_groups + 1);
  memset (sweep->band_of, (int) n_own, sweep->n_groups + 1);
  for (uint32_t i = 0; i < n_own; i++)
    {
      history->groups[i] = areas[i].group < sweep->n_groups ? areas[i].group : WEFT_NONE;
      sweep->band_of[areas[i].group] = (uint8_t) i;
    }
  if (n_own < n_there)
    history->groups[n_own] = WEFT_NONE;
  history->steps.n_bands = n_own + (n_own < n_there);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Moments are 0 … n_moments - 1. */
static uint64_t
n_moments (const Sweep *sweep)
{
  return (uint64_t) (sweep->lives.end_ns >> sweep->lives.shift) + 1;
}

static uint32_t
step_of (const Sweep *sweep, uint32_t moment)
{
  uint64_t step = (uint64_t) moment * sweep->history->steps.n_steps / n_moments (sweep);

  return (uint32_t) MIN (step, sweep->history->steps.n_steps - 1);
}

static int64_t
ns_of (const Sweep *sweep, uint64_t moment)
{
  return (int64_t) (moment << sweep->lives.shift);
}

typedef void (*EventFunc) (Sweep *sweep, uint32_t moment, bool ends, uint32_t task);

static void
foreach_event (Sweep *sweep, EventFunc func)
{
  const Lives *lives = &sweep->lives;

  for (uint32_t task = 0; task < lives->n_tasks; task++)
    {
      if (lives->births[task] == LIFE_NONE)
        continue;
      func (sweep, lives->births[task], false, task);
      if (lives->deaths[task] != LIFE_FOR_EVER
          && (lives->moves->len == 0
              || !g_hash_table_contains (sweep->die_away, GUINT_TO_POINTER (task))))
        func (sweep, lives->deaths[task], true, task);
    }
  for (guint i = 0; i < lives->moves->len; i++)
    {
      const LifeMove *move = &g_array_index (lives->moves, LifeMove, i);

      func (sweep, move->at, !move->comes_back, move->task);
    }
}

static void
count_event (Sweep *sweep, uint32_t moment, bool ends G_GNUC_UNUSED, uint32_t task G_GNUC_UNUSED)
{
  sweep->counts[step_of (sweep, moment)]++;
}

/* By radix, from the lowest digit; it stays in `events`. */
static void
sort_events (Sweep *sweep)
{
  for (unsigned shift = 32; shift < 64; shift += RADIX_BITS)
    {
      uint64_t places[RADIX + 1] = { 0 };
      Event *sorted = sweep->scratch;

      for (uint64_t i = 0; i < sweep->n_events; i++)
        places[(sweep->events[i] >> shift) % RADIX + 1]++;
      for (unsigned digit = 0; digit < RADIX; digit++)
        places[digit + 1] += places[digit];
      for (uint64_t i = 0; i < sweep->n_events; i++)
        sorted[places[(sweep->events[i] >> shift) % RADIX]++] = sweep->events[i];
      sweep->scratch = sweep->events;
      sweep->events = sorted;
    }
}

/* ---- going through --------------------------------------------------------------------------- */

static uint32_t
task_of (Event event)
{
  return (uint32_t) event;
}

static uint32_t
moment_of (Event event)
{
  return (uint32_t) (event >> 33);
}

static void
find_bytes (Sweep *sweep)
{
  for (uint64_t i = 0; i < sweep->n_events; i++)
    {
      int64_t bytes = (int64_t) _weft_life_bytes (sweep->lives.model, task_of (sweep->events[i]));

      sweep->bytes[i] = sweep->events[i] >> 32 & 1 ? -bytes : bytes;
    }
}

static void
apply (Sweep *sweep, uint64_t first, uint64_t end)
{
  for (uint64_t i = first; i < end; i++)
    {
      uint8_t band = sweep->band_of[group_of (sweep, task_of (sweep->events[i]))];

      sweep->levels[band] += (uint64_t) sweep->bytes[i];
      sweep->total += (uint64_t) sweep->bytes[i];
    }
}

/* The events first … end - 1 are those of the step. */
static void
take_step (Sweep *sweep, uint32_t step, uint64_t first, uint64_t end)
{
  WeftHeldHistory *history = sweep->history;
  uint32_t n_steps = history->steps.n_steps;
  uint64_t total = sweep->total, most = total, best = first;

  history->at_ns[step] = ns_of (sweep, (step * n_moments (sweep) + n_steps - 1) / n_steps);
  for (uint64_t i = first; i < end; i++)
    {
      total += (uint64_t) sweep->bytes[i];
      if (total <= most)
        continue;
      most = total;
      best = i + 1;
      history->at_ns[step] = ns_of (sweep, moment_of (sweep->events[i]));
    }
  apply (sweep, first, best);
  history->totals[step] = most;
  for (uint32_t band = 0; band < history->steps.n_bands; band++)
    history->bands[(size_t) band * n_steps + step] = sweep->levels[band];
  if (most > history->steps.peak_bytes)
    {
      history->steps.peak_bytes = most;
      history->steps.peak_ns = history->at_ns[step];
    }
  apply (sweep, best, end);
}

static void
collect_event (Sweep *sweep, uint32_t moment, bool ends, uint32_t task)
{
  uint32_t step = step_of (sweep, moment);

  if (step >= sweep->window.first && step < sweep->window.end)
    sweep->events[sweep->n_events++] = (Event) moment << 33 | (Event) ends << 32 | task;
}

static void
take_window (Sweep *sweep)
{
  uint64_t first = 0;

  sweep->n_events = 0;
  foreach_event (sweep, collect_event);
  sort_events (sweep);
  find_bytes (sweep);
  for (uint32_t step = sweep->window.first; step < sweep->window.end; step++)
    {
      take_step (sweep, step, first, first + sweep->counts[step]);
      first += sweep->counts[step];
    }
}

/* Steps from the window's end on, as many as there is room for. Returns: how many events that is */
static uint64_t
next_window (Sweep *sweep)
{
  Window *window = &sweep->window;
  uint64_t n = 0;

  window->first = window->end;
  while (window->end < sweep->history->steps.n_steps
         && (window->end == window->first || n + sweep->counts[window->end] <= WINDOW_EVENTS))
    n += sweep->counts[window->end++];
  return n;
}

static void
take_all (Sweep *sweep)
{
  uint32_t n_steps = sweep->history->steps.n_steps;
  uint64_t most = 0;

  while (sweep->window.end < n_steps)
    {
      uint64_t n = next_window (sweep);

      most = MAX (most, n);
    }
  sweep->events = g_new (Event, most + 1);
  sweep->scratch = g_new (Event, most + 1);
  sweep->bytes = g_new (int64_t, most + 1);
  sweep->window = (Window){ 0, 0 };
  while (sweep->window.end < n_steps)
    {
      next_window (sweep);
      take_window (sweep);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static void
find_away (Sweep *sweep)
{
  const GArray *moves = sweep->lives.moves;

  sweep->die_away = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < moves->len; i++)
    {
      const LifeMove *move = &g_array_index (moves, LifeMove, i);

      if (!move->comes_back && (i + 1 == moves->len || (move + 1)->task != move->task))
        g_hash_table_add (sweep->die_away, GUINT_TO_POINTER (move->task));
    }
}

static void
find_on_disk (const Sweep *sweep)
{
  WeftHeldHistory *history = sweep->history;
  g_autofree uint64_t *on_disk = g_new (uint64_t, history->steps.n_steps);
  bool any = false;

  for (uint32_t step = 0; step < history->steps.n_steps; step++)
    {
      on_disk[step] =
          MIN (_weft_lives_told_away (&sweep->lives, history->at_ns[step]), history->totals[step]);
      any |= on_disk[step] > 0;
    }
  if (any)
    history->on_disk = g_steal_pointer (&on_disk);
}

static void
sweep_clear (Sweep *sweep)
{
  g_hash_table_unref (sweep->die_away);
  g_free (sweep->band_of);
  g_free (sweep->counts);
  g_free (sweep->events);
  g_free (sweep->scratch);
  g_free (sweep->bytes);
  _weft_lives_clear (&sweep->lives);
}

WeftHeldHistory *
weft_held_history_new (const WeftModel *model, const WeftModelSnapshot *snapshot, uint32_t n_steps,
                       uint32_t n_bands)
{
  WeftHeldHistory *history = g_new0 (WeftHeldHistory, 1);
  Sweep sweep = { .history = history, .n_groups = snapshot->n_groups };

  n_steps = MAX (n_steps, 1);
  _weft_lives_init (&sweep.lives, model, snapshot);
  find_away (&sweep);
  history->steps = (WeftHeldSteps){ .end_ns = sweep.lives.end_ns,
                                    .n_steps = n_steps,
                                    .n_results = sweep.lives.n_results };
  choose_bands (&sweep, CLAMP (n_bands, 1, WEFT_HELD_MOST_BANDS));
  history->at_ns = g_new0 (int64_t, n_steps);
  history->totals = g_new0 (uint64_t, n_steps);
  history->bands = g_new0 (uint64_t, (size_t) n_steps * MAX (history->steps.n_bands, 1));
  sweep.counts = g_new0 (uint64_t, n_steps);
  foreach_event (&sweep, count_event);
  take_all (&sweep);
  find_on_disk (&sweep);
  sweep_clear (&sweep);
  return history;
}

void
weft_held_history_free (WeftHeldHistory *history)
{
  if (history == NULL)
    return;
  g_free (history->at_ns);
  g_free (history->totals);
  g_free (history->bands);
  g_free (history->on_disk);
  g_free (history);
}

void
weft_held_history_steps (const WeftHeldHistory *history, WeftHeldSteps *steps)
{
  *steps = history->steps;
  steps->groups = history->groups;
  steps->at_ns = history->at_ns;
  steps->totals = history->totals;
  steps->bands = history->bands;
  steps->on_disk = history->on_disk;
}

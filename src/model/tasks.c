/* tasks.c: tasks of all segments, numbered as they were announced
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A segment's tasks are one range of numbers, or several where it grew. From a number to its
 * segment leads a binary search through the ranges; the other way a segment's ranges are a list,
 * mostly of one.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------- */

WeftModelSegment *
_weft_model_segment (const WeftModel *model, uint32_t number)
{
  _Atomic (WeftModelSegment *) *place;

  if (number >= WEFT_MODEL_MAX_SEGMENTS)
    return NULL;
  place = _weft_blocks_peek (&model->segments, number, sizeof *place);
  return place != NULL ? atomic_load_explicit (place, memory_order_acquire) : NULL;
}

uint32_t
_weft_segment_task (const WeftModel *model, const WeftModelSegment *segment, uint32_t number)
{
  uint32_t next = segment->first_range + 1;

  while (next != 0)
    {
      const WeftTaskRange *range = _weft_model_range (model, next - 1);

      if (number - range->number < range->n)
        return range->first + (number - range->number);
      next = atomic_load_explicit (&range->next, memory_order_acquire);
    }
  return WEFT_NONE;
}

/* The last range that begins at the task or before it. */
static const WeftTaskRange *
find_range (const WeftModel *model, uint32_t task)
{
  uint32_t low = 0, high = atomic_load_explicit (&model->n_ranges, memory_order_acquire);

  while (high - low > 1)
    {
      uint32_t middle = low + (high - low) / 2;

      if (_weft_model_range (model, middle)->first <= task)
        low = middle;
      else
        high = middle;
    }
  return _weft_model_range (model, low);
}

uint32_t
_weft_model_number (const WeftModel *model, uint32_t task, uint32_t *segment)
{
  const WeftTaskRange *range = find_range (model, task);

  *segment = range->segment;
  return range->number + (task - range->first);
}

/* ---- columns --------------------------------------------------------------------------------- */

static WeftTaskPage *
make_page (WeftModel *model, uint32_t task)
{
  _Atomic (WeftTaskPage *) *place =
      _weft_blocks_grow (&model->pages, task / WEFT_TASK_PAGE, sizeof *place);
  WeftTaskPage *page = atomic_load_explicit (place, memory_order_relaxed);

  if (page == NULL)
    {
      /* written before anything of it is read: memory of which zeros were read has to be exchanged
       * when it is written, which all processors are told of */
      page = memset (_weft_arena_take (model->arena, sizeof *page), 0, sizeof *page);
      page->group = WEFT_NO_GROUP;
      atomic_store_explicit (place, page, memory_order_release);
    }
  return page;
}

void
_weft_task_page_clear (WeftTaskPage *page)
{
  if (page == NULL)
    return;
  g_free (_weft_get (page->groups));
  g_free (_weft_get (page->attempts));
}

/* A column of the page, which begins with what there was. */
static _Atomic uint16_t *
make_groups (WeftTaskPage *page)
{
  _Atomic uint16_t *groups = _weft_get (page->groups);

  if (groups != NULL)
    return groups;
  groups = g_new (_Atomic uint16_t, WEFT_TASK_PAGE);
  for (uint32_t i = 0; i < WEFT_TASK_PAGE; i++)
    atomic_init (&groups[i], _weft_task_page_group (page, i));
  atomic_store_explicit (&page->groups, groups, memory_order_release);
  return groups;
}

/* The tasks first … first + n - 1 of a page are of the group. */
static void
set_groups (WeftTaskPage *page, uint32_t first, uint32_t n, uint16_t group)
{
  uint32_t n_alike = _weft_get (page->n_alike);
  _Atomic uint16_t *groups;

  if (_weft_get (page->groups) == NULL && first == n_alike && (first == 0 || group == page->group))
    {
      if (first == 0)
        page->group = group; /* nobody reads it yet */
      atomic_store_explicit (&page->n_alike, first + n, memory_order_release);
      return;
    }
  groups = make_groups (page);
  for (uint32_t i = first; i < first + n; i++)
    _weft_set (groups[i], group);
}

/* The tasks are told of: they are of this group. */
void
_weft_model_grow_tasks (WeftModel *model, uint32_t first, uint32_t n, uint16_t group)
{
  while (n > 0)
    {
      uint32_t from = first % WEFT_TASK_PAGE, here = MIN (n, WEFT_TASK_PAGE - from);
      WeftTaskPage *page = make_page (model, first);

      if (group != WEFT_NO_GROUP)
        set_groups (page, from, here, group);
      first += here;
      n -= here;
    }
}

void
_weft_task_set_state (WeftModel *model, uint32_t task, WeftModelState state)
{
  WeftTaskPage *page = _weft_model_page (model, task);
  uint32_t i = task % WEFT_TASK_PAGE;
  WeftModelState before;
  uint16_t group;
  uint8_t all;

  if (page == NULL)
    return;
  all = _weft_get (page->states[i]);
  before = all & WEFT_TASK_STATE_MASK;
  if (before == state)
    return;
  group = _weft_task_page_group (page, i);
  model->took_back |= _weft_state_went_well (before) && !_weft_state_went_well (state);
  _weft_set (page->states[i], (uint8_t) ((all & ~WEFT_TASK_STATE_MASK) | state));
  _weft_add (model->n_states[before], -1u);
  _weft_add (model->n_states[state], 1u);
  if (group == WEFT_NO_GROUP)
    return;
  _weft_add (_weft_model_group (model, group)->n_states[before], -1u);
  _weft_add (_weft_model_group (model, group)->n_states[state], 1u);
}

void
_weft_tally_flush (WeftModel *model, WeftTally *tally)
{
  WeftModelGroupData *group =
      tally->group != WEFT_NO_GROUP ? _weft_model_group (model, tally->group) : NULL;

  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      if (tally->n_states[state] == 0)
        continue;
      _weft_add (model->n_states[state], tally->n_states[state]);
      if (group != NULL)
        _weft_add (group->n_states[state], tally->n_states[state]);
    }
  if (group != NULL)
    {
      _weft_add (group->n_ended, tally->n_ended);
      _weft_add (group->busy_ns, tally->busy_ns);
      _weft_add (group->live_bytes, tally->live_bytes);
      if (tally->longest_ns > _weft_get (group->longest_ns))
        _weft_set (group->longest_ns, tally->longest_ns);
    }
  *tally = (WeftTally){ .group = tally->group };
}

static uint32_t
attempts_in (const WeftTaskPage *page, uint32_t i)
{
  uint8_t all = _weft_get (page->states[i]);
  const _Atomic uint16_t *attempts;

  if (WEFT_LIKELY ((all & WEFT_TASK_RETRIED) == 0))
    return (all & WEFT_TASK_TRIED) != 0;
  attempts = atomic_load_explicit (&page->attempts, memory_order_acquire);
  return attempts != NULL ? _weft_get (attempts[i]) : 1;
}

void
_weft_task_set_attempts (WeftModel *model, uint32_t task, uint64_t n)
{
  WeftTaskPage *page = _weft_model_page (model, task);
  uint32_t i = task % WEFT_TASK_PAGE;
  _Atomic uint16_t *attempts;

  if (page == NULL || n <= attempts_in (page, i))
    return;
  if (n == 1)
    {
      _weft_task_set_flags (model, task, WEFT_TASK_TRIED);
      return;
    }
  attempts = _weft_get (page->attempts);
  if (attempts == NULL)
    {
      attempts = g_new0 (_Atomic uint16_t, WEFT_TASK_PAGE);
      atomic_store_explicit (&page->attempts, attempts, memory_order_release);
    }
  _weft_set (attempts[i], (uint16_t) MIN (n, UINT16_MAX));
  _weft_task_set_flags (model, task, WEFT_TASK_TRIED | WEFT_TASK_RETRIED);
}

/* A number for the stretch of the lane that the span is in. Returns: whether there was one left */
static bool
make_stretch (WeftModel *model, WeftModelLaneData *lane, uint64_t index)
{
  WeftStretch *stretch;

  if (model->n_stretches >= WEFT_MODEL_MAX_STRETCHES || index >> WEFT_STRETCH_SHIFT > UINT32_MAX)
    return false;
  stretch = _weft_blocks_grow (&model->stretches, model->n_stretches, sizeof *stretch);
  *stretch = (WeftStretch){ lane->number, (uint32_t) (index >> WEFT_STRETCH_SHIFT) };
  lane->stretch = model->n_stretches++;
  lane->stretch_end = ((uint64_t) stretch->number + 1) << WEFT_STRETCH_SHIFT;
  return true;
}

bool
_weft_lane_reach_stretch (WeftModel *model, WeftModelLaneData *lane, uint64_t index)
{
  return index < lane->stretch_end || make_stretch (model, lane, index);
}

void
_weft_task_set_place (WeftModel *model, uint32_t task, WeftModelLaneData *lane, uint64_t index)
{
  WeftTaskPage *page = _weft_model_page (model, task);

  if (page != NULL && _weft_lane_reach_stretch (model, lane, index))
    _weft_task_page_set_place (page, task % WEFT_TASK_PAGE, lane, index);
}

/* ---- reading --------------------------------------------------------------------------------- */

uint32_t
weft_model_task_segment (const WeftModel *model, uint32_t task, uint32_t *number)
{
  uint32_t segment;

  *number = _weft_model_number (model, task, &segment);
  return segment;
}

uint32_t
weft_model_task_of (const WeftModel *model, uint32_t segment, uint32_t number)
{
  const WeftModelSegment *found = _weft_model_segment (model, segment);

  return found != NULL ? _weft_segment_task (model, found, number) : WEFT_NONE;
}

WeftGraph *
weft_model_graph (const WeftModel *model, uint32_t segment)
{
  const WeftModelSegment *found = _weft_model_segment (model, segment);

  return found != NULL ? atomic_load_explicit (&found->graph, memory_order_acquire) : NULL;
}

uint32_t
weft_model_segment_parent (const WeftModel *model, uint32_t segment)
{
  const WeftModelSegment *found = _weft_model_segment (model, segment);

  return found != NULL ? found->parent : WEFT_NONE;
}

bool
weft_model_segment_told (const WeftModel *model, uint32_t segment, int64_t *at_ns)
{
  const WeftModelSegment *found = _weft_model_segment (model, segment);
  int64_t told_ns = found != NULL ? _weft_get (found->told_ns) : INT64_MIN;

  if (told_ns == INT64_MIN || !_weft_get (model->is_observed))
    return false;
  *at_ns = told_ns;
  return true;
}

char *
weft_model_task_dup_key (const WeftModel *model, uint32_t task)
{
  uint32_t segment, number = _weft_model_number (model, task, &segment);
  WeftGraph *graph = weft_model_graph (model, segment);

  if (graph == NULL || number >= weft_graph_arrays (graph)->n_tasks)
    return g_strdup_printf ("%u:%u", segment, number);
  return weft_graph_dup_key (graph, number);
}

uint32_t
weft_model_task_group (const WeftModel *model, uint32_t task)
{
  const WeftTaskPage *page = _weft_model_page (model, task);

  return page != NULL ? _weft_task_page_group (page, task % WEFT_TASK_PAGE) : WEFT_NO_GROUP;
}

WeftModelState
weft_model_task_state (const WeftModel *model, uint32_t task)
{
  const WeftTaskPage *page = _weft_model_page (model, task);

  return page != NULL ? _weft_get (page->states[task % WEFT_TASK_PAGE]) & WEFT_TASK_STATE_MASK
                      : WEFT_TASK_WAITING;
}

bool
weft_model_task_span (const WeftModel *model, uint32_t task, uint32_t *lane, uint64_t *index)
{
  const WeftTaskPage *page = _weft_model_page (model, task);
  uint32_t place = 0;

  if (page != NULL)
    place = atomic_load_explicit (&page->places[task % WEFT_TASK_PAGE], memory_order_acquire);
  if (place-- == 0)
    return false;
  _weft_model_stretch (model, place >> WEFT_STRETCH_SHIFT, lane, index);
  *index += place % WEFT_STRETCH;
  return true;
}

uint32_t
weft_model_task_attempts (const WeftModel *model, uint32_t task)
{
  const WeftTaskPage *page = _weft_model_page (model, task);

  return page != NULL ? attempts_in (page, task % WEFT_TASK_PAGE) : 0;
}

uint32_t
weft_model_find_key (const WeftModel *model, const char *key)
{
  uint32_t n = atomic_load_explicit (&model->n_segments, memory_order_acquire);

  for (uint32_t i = 0; i < n; i++)
    {
      WeftGraph *graph = weft_model_graph (model, i);
      uint32_t number = graph != NULL ? weft_graph_find (graph, key, -1) : WEFT_NONE;

      if (number != WEFT_NONE)
        return weft_model_task_of (model, i, number);
    }
  return WEFT_NONE;
}

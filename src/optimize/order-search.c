/* order-search.c: looks for the best order of one part.
 *
 * The candidates and why there are several stand in order.c. They come in the
 * order of what they usually bring for their cost, and the search ends when an
 * order is as good as any can be, or when its steps are used up. Steps, not
 * time: the same graph has the same order on every machine.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <string.h>

/* Below this many tasks a part's state fits the cache however it is numbered,
 * and no candidate is spared. */
#define SMALL_TASKS 8192

/* From so many on, passes over scattered numbers miss the caches near to a
 * core, and then all. */
#define MIDDLE_TASKS 65536
#define LARGE_TASKS 262144

/* Mean distance of the numbers of tasks that run one after the other from
 * which on renumbering them is worth while. */
#define FAR_JUMP 256

/* Steps for each task and edge. A step that misses the cache takes longer, so
 * there are fewer of them where numbers jump. */
#define STEPS_NEAR 22
#define STEPS_NEAR_LARGE 14
#define STEPS_FAR 12
#define STEPS_FAR_LARGE 4
#define STEPS_SCATTERED 8

/* Steps that small parts may take on top: each, and all together. */
#define SPARE_STEPS_EACH 120
#define SPARE_STEPS 200000

static const WeftOrderLoad no_limit = { UINT64_MAX, UINT64_MAX };

static void
swap (uint32_t **a, uint32_t **b)
{
  uint32_t *kept = *a;

  *a = *b;
  *b = kept;
}

/* spare holds a complete order with that peak. */
static void
consider (WeftOrderSearch *search, WeftOrderLoad peak, bool justified)
{
  if (search->classes != NULL)
    {
      _weft_order_classes_group (search->classes, search->n_classes, search->spare,
                                 search->scratch->n_tasks, search->scratch->stack, search->counts);
      peak = _weft_order_measure (search->scratch, search->spare);
    }
  if (!weft_order_load_less (peak, search->peak))
    return;
  search->peak = peak;
  search->justified = justified;
  swap (&search->best, &search->spare);
}

static bool
goes_on (const WeftOrderSearch *search)
{
  return weft_order_load_less (search->least, search->peak)
         && search->scratch->n_steps < search->n_steps_end;
}

/* Grouping by class changes peaks, so that then no pass may give up. */
static WeftOrderLoad
limit_of (const WeftOrderSearch *search)
{
  return search->classes != NULL ? no_limit : search->peak;
}

/* What may still become the best order once it is justified. */
static WeftOrderLoad
limit_before_justifying (const WeftOrderSearch *search)
{
  WeftOrderLoad limit = search->peak;

  if (search->classes != NULL || search->scratch->n_tasks < SMALL_TASKS)
    return no_limit;
  limit.bytes += limit.bytes / 8;
  return limit;
}

static void
try_forward (WeftOrderSearch *search)
{
  WeftOrderLoad peak;

  if (_weft_order_forward (search->scratch, search->ranked, limit_of (search), search->spare,
                           &peak))
    consider (search, peak, false);
}

static void
try_backward (WeftOrderSearch *search)
{
  WeftOrderLoad peak;

  if (_weft_order_backward (search->scratch, search->ranked, limit_of (search), search->spare,
                            &peak))
    consider (search, peak, true);
}

static void
try_best_backward (WeftOrderSearch *search)
{
  if (!goes_on (search) || search->justified)
    return;
  memcpy (search->ranked, search->best, search->scratch->n_tasks * sizeof *search->ranked);
  try_backward (search);
  /* whether or not it was better: a second time would be the same */
  search->justified = true;
}

static void
try_goals (WeftOrderSearch *search, WeftOrderGoal goal, bool patient)
{
  WeftOrderLoad peak;

  if (!goes_on (search)
      || !_weft_order_goals (search->scratch, goal, patient, search->walk,
                             limit_before_justifying (search), search->spare, &peak))
    return;
  memcpy (search->ranked, search->spare, search->scratch->n_tasks * sizeof *search->ranked);
  consider (search, peak, false);
  if (goes_on (search))
    try_backward (search);
}

/* Labels of dependents are wanted here only, and last as long as the part. */
static void
try_patient_goals (WeftOrderSearch *search)
{
  if (!goes_on (search))
    return;
  if (!search->has_dependent_order)
    _weft_order_label_dependents (search->scratch);
  search->has_dependent_order = true;
  try_goals (search, WEFT_ORDER_GOAL_NEWEST, true);
}

static void
try_depth_first (WeftOrderSearch *search, const uint32_t *sinks, uint32_t n_sinks)
{
  _weft_order_depth_first (search->scratch, sinks, n_sinks, search->ranked);
  try_forward (search);
}

static void
try_cones (WeftOrderSearch *search)
{
  static const struct
  {
    WeftOrderGoal tie;
    bool sources_back;
  } ways[] = {
    { WEFT_ORDER_GOAL_NEWEST, false },
    { WEFT_ORDER_GOAL_OLDEST, false },
    { WEFT_ORDER_GOAL_OLDEST, true },
  };
  WeftOrderScratch *scratch = search->scratch;
  WeftOrderCones cones;
  uint32_t n_sinks = _weft_order_collect_sinks (scratch, search->walk, search->sinks);

  if (!goes_on (search) || n_sinks < 2
      || !_weft_order_cones_init (&cones, scratch, search->sinks, n_sinks))
    return;
  for (size_t k = 0; k < sizeof ways / sizeof *ways && goes_on (search); k++)
    if (_weft_order_cones_nearest (&cones, scratch, ways[k].tie, ways[k].sources_back,
                                   search->sinks))
      try_depth_first (search, search->sinks, n_sinks);
  _weft_order_cones_clear (&cones);
}

static void
reverse (uint32_t *sequence, uint32_t n)
{
  for (uint32_t k = 0; k < n / 2; k++)
    {
      uint32_t kept = sequence[k];

      sequence[k] = sequence[n - 1 - k];
      sequence[n - 1 - k] = kept;
    }
}

/* In the order of the caller's ids. */
static void
rank_as_given (WeftOrderSearch *search, uint32_t *sequence)
{
  const WeftOrderScratch *scratch = search->scratch;

  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    if (search->nearby.block != NULL)
      sequence[search->nearby.given[k] - search->first] = k;
    else
      sequence[k] = scratch->first + k;
}

static bool
jumps_far (const uint32_t *sequence, uint32_t n)
{
  uint64_t sum = 0;

  for (uint32_t k = 1; k < n; k++)
    sum += sequence[k] > sequence[k - 1] ? sequence[k] - sequence[k - 1]
                                         : sequence[k - 1] - sequence[k];
  return sum / n >= FAR_JUMP;
}

/* Numbers the part's tasks in the order found so far. Orders of one graph
 * resemble one another in what they touch together, and passes over a graph
 * of 100,000 tasks and random ids are two to three times as fast after. */
static bool
bring_together (WeftOrderSearch *search)
{
  WeftOrderScratch *scratch = search->scratch;

  if (!_weft_order_graph_init_part (&search->nearby, search->graph, scratch->first,
                                    scratch->n_tasks, search->best, search->spare))
    return false;
  scratch->graph = &search->nearby;
  _weft_order_scratch_set_part (scratch, 0);
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    search->best[k] = k;
  return true;
}

static void
set_apart (WeftOrderSearch *search)
{
  WeftOrderScratch *scratch = search->scratch;

  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    search->best[k] = search->nearby.given[search->best[k]];
  _weft_order_graph_clear (&search->nearby);
  scratch->graph = search->graph;
}

static uint64_t
size_of (const WeftOrderScratch *scratch)
{
  return (uint64_t) scratch->n_tasks + scratch->n_edges;
}

static uint64_t
spare_steps (const WeftOrderSearch *search)
{
  uint64_t wanted = SPARE_STEPS_EACH * size_of (search->scratch);

  if (search->scratch->n_tasks >= SMALL_TASKS)
    return 0;
  return wanted < search->n_steps_spare ? wanted : search->n_steps_spare;
}

/* What the part took beyond its own is gone for those after it. */
static void
account_spare (WeftOrderSearch *search)
{
  uint64_t own_end = search->n_steps_begin + STEPS_NEAR * size_of (search->scratch);
  uint64_t n_steps = search->scratch->n_steps;

  if (n_steps <= own_end)
    return;
  if (n_steps - own_end < search->n_steps_spare)
    search->n_steps_spare -= n_steps - own_end;
  else
    search->n_steps_spare = 0;
}

/* Knows a first order, and by it how far the numbers jump. */
static bool
prepare (WeftOrderSearch *search)
{
  WeftOrderScratch *scratch = search->scratch;
  bool far = !search->scattered && scratch->n_tasks >= SMALL_TASKS
             && jumps_far (search->best, scratch->n_tasks);
  uint64_t factor = STEPS_NEAR;

  if (search->scattered)
    factor = scratch->n_tasks >= LARGE_TASKS ? STEPS_FAR_LARGE : STEPS_SCATTERED;
  else if (scratch->n_tasks >= LARGE_TASKS)
    factor = far ? STEPS_FAR_LARGE : STEPS_NEAR_LARGE;
  else if (scratch->n_tasks >= MIDDLE_TASKS && far)
    factor = STEPS_FAR;
  search->n_steps_end = search->n_steps_begin + factor * size_of (scratch) + spare_steps (search);
  return !far || search->classes != NULL || bring_together (search);
}

/* Sinks in the order of the walk, and by cones; at least the former. */
static void
try_sinks (WeftOrderSearch *search)
{
  uint32_t n_sinks = _weft_order_collect_sinks (search->scratch, search->walk, search->sinks);

  try_depth_first (search, search->sinks, n_sinks);
  try_cones (search);
}

static void
try_all_goals (WeftOrderSearch *search)
{
  try_goals (search, WEFT_ORDER_GOAL_NEWEST, false);
  try_best_backward (search);
  try_goals (search, WEFT_ORDER_GOAL_OLDEST, false);
  try_patient_goals (search);
  try_best_backward (search);
}

static void
try_ids (WeftOrderSearch *search)
{
  rank_as_given (search, search->ranked);
  try_forward (search);
}

static void
try_walks (WeftOrderSearch *search)
{
  _weft_order_label_deps (search->scratch);
  rank_as_given (search, search->walk);
  try_sinks (search);
  if (search->nearby.block != NULL || search->scattered)
    {
      /* scattered ids do not tell what is next to what */
      _weft_order_sweep (search->scratch, search->walk);
      try_sinks (search);
      rank_as_given (search, search->walk);
    }
  if (search->scattered)
    try_ids (search);
  try_all_goals (search);
  for (int way = 0; way < 3 && goes_on (search); way++)
    {
      if (way == 0)
        _weft_order_sweep (search->scratch, search->walk);
      else if (way == 2)
        rank_as_given (search, search->walk);
      if (way > 0)
        reverse (search->walk, search->scratch->n_tasks);
      try_sinks (search);
      try_all_goals (search);
    }
}

void
_weft_order_search_init (WeftOrderSearch *search, const WeftOrderGraph *graph,
                         WeftOrderScratch *scratch)
{
  *search = (WeftOrderSearch){
    .graph = graph,
    .scratch = scratch,
    .n_steps_spare = SPARE_STEPS,
  };
}

/* Leaves the part's order in best. False if memory is out. */
bool
_weft_order_search_part (WeftOrderSearch *search, uint32_t part)
{
  WeftOrderScratch *scratch = search->scratch;

  search->n_steps_begin = scratch->n_steps;
  _weft_order_scratch_set_part (scratch, part);
  search->first = scratch->first;
  search->best[0] = scratch->first;
  if (scratch->n_tasks == 1)
    return true;

  search->peak = no_limit;
  search->justified = false;
  search->has_dependent_order = false;
  search->least = _weft_order_least (scratch);
  /* without structure other walks do better than the ids, which then give up early */
  search->scattered = search->classes == NULL && scratch->n_tasks >= MIDDLE_TASKS
                      && _weft_order_is_scattered (scratch);
  if (!search->scattered)
    try_ids (search);
  if (!weft_order_load_less (search->least, search->peak))
    return true;
  if (!prepare (search))
    return false;
  try_walks (search);
  account_spare (search);
  if (search->nearby.block != NULL)
    set_apart (search);
  return true;
}

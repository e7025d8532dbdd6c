/* progress-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-source.h"

#include <string.h>

#define LOOK_NS INT64_C (250000000) /* between two looks that are kept */
#define WINDOW_NS INT64_C (3000000000)

/* ---- rates ----------------------------------------------------------------------------------- */

/* How many had ended at a moment, by group. */
typedef struct
{
  int64_t at_ns;
  uint32_t n_groups;
  uint32_t n_ended[];
} Look;

static void
look_free (void *look)
{
  g_free (look);
}

static uint32_t
n_ended (const WeftlineProgressGroup *group)
{
  return group->n_states[WEFT_TASK_MEMORY] + group->n_states[WEFT_TASK_RELEASED]
         + group->n_states[WEFT_TASK_ERRED];
}

static void
keep_look (WeftlineProgressSource *source, int64_t at_ns)
{
  uint32_t n = source->groups->len;
  Look *look = g_malloc (sizeof *look + n * sizeof look->n_ended[0]);

  look->at_ns = at_ns;
  look->n_groups = n;
  for (uint32_t i = 0; i < n; i++)
    look->n_ended[i] = n_ended (&g_array_index (source->groups, WeftlineProgressGroup, i));
  g_queue_push_tail (&source->looks, look);
}

/* Looks are kept from just before the window on. (nullable): what to compare with; NULL: the start
 */
static const Look *
look_back (WeftlineProgressSource *source, const WeftModelSnapshot *snapshot)
{
  const Look *first = g_queue_peek_head (&source->looks);
  const Look *last = g_queue_peek_tail (&source->looks);

  if (last != NULL && (snapshot->last_ns < last->at_ns || source->groups->len < last->n_groups))
    {
      g_queue_clear_full (&source->looks, look_free);
      first = last = NULL;
    }
  if (last == NULL || snapshot->last_ns >= last->at_ns + LOOK_NS)
    keep_look (source, snapshot->last_ns);
  while ((first = g_queue_peek_nth (&source->looks, 1)) != NULL
         && first->at_ns <= snapshot->last_ns - WINDOW_NS)
    g_free (g_queue_pop_head (&source->looks));
  first = g_queue_peek_head (&source->looks);
  return snapshot->phase < WEFT_RUN_DONE && first->at_ns <= snapshot->last_ns - LOOK_NS ? first
                                                                                        : NULL;
}

/* @since: (nullable): so long ago; NULL: the start was */
static void
set_rates (WeftlineProgressSource *source, const Look *since, int64_t elapsed_ns)
{
  double seconds = (double) MAX (elapsed_ns, 1) / 1e9, sum = 0;

  g_array_set_size (source->rates, source->groups->len + 1);
  for (uint32_t i = 0; i < source->groups->len; i++)
    {
      uint32_t n = n_ended (&g_array_index (source->groups, WeftlineProgressGroup, i));
      uint32_t before = since != NULL && i < since->n_groups ? since->n_ended[i] : 0;
      double rate = elapsed_ns > 0 && n > before ? (n - before) / seconds : 0;

      g_array_index (source->rates, double, i) = rate;
      sum += rate;
    }
  g_array_index (source->rates, double, source->groups->len) = sum;
}

void
weftline_progress_source_rate (WeftlineProgressSource *source, const WeftModelSnapshot *snapshot)
{
  const Look *since = look_back (source, snapshot);

  set_rates (source, since,
             since != NULL ? snapshot->last_ns - since->at_ns : weft_model_elapsed (snapshot));
  source->elapsed_ns = snapshot->phase >= WEFT_RUN_DONE ? weft_model_elapsed (snapshot) : 0;
}

/* Counts of the past are no looks at what goes on. */
static void
rate_then (WeftlineProgressSource *source, const WeftModelSnapshot *snapshot,
           const WeftMoment *moment)
{
  set_rates (source, NULL, weft_model_elapsed_then (snapshot, moment->at_ns));
  source->elapsed_ns = 0;
}

/* ---- groups ---------------------------------------------------------------------------------- */

void
weftline_progress_source_init (WeftlineProgressSource *source)
{
  *source = (WeftlineProgressSource){
    .groups = g_array_new (FALSE, TRUE, sizeof (WeftlineProgressGroup)),
    .colors = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
    .order = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
    .rates = g_array_new (FALSE, TRUE, sizeof (double)),
    .looks = G_QUEUE_INIT,
    .slot_of_group = g_array_new (FALSE, FALSE, sizeof (unsigned)),
    .slots = weftline_group_colors_new (),
  };
}

void
weftline_progress_source_clear (WeftlineProgressSource *source)
{
  g_array_unref (source->groups);
  g_array_unref (source->colors);
  g_array_unref (source->order);
  g_array_unref (source->rates);
  g_queue_clear_full (&source->looks, look_free);
  g_array_unref (source->slot_of_group);
  weftline_group_colors_free (source->slots);
}

/* Tasks that are known since then have waited then. What ran when the run was interrupted does so
 * no more. */
static void
take_states (WeftlineProgressGroup *group, const WeftModelGroup *info, bool interrupted,
             const WeftMoment *moment)
{
  uint32_t n_then = 0;

  if (moment == NULL)
    {
      memcpy (group->n_states, info->n_states, sizeof group->n_states);
      if (interrupted)
        {
          group->n_states[WEFT_TASK_CANCELLED] += group->n_states[WEFT_TASK_RUNNING];
          group->n_states[WEFT_TASK_RUNNING] = 0;
        }
      return;
    }
  for (unsigned state = 0; group->number < moment->n_groups && state < WEFT_TASK_N_STATES; state++)
    {
      group->n_states[state] = moment->groups[group->number].n_states[state];
      n_then += group->n_states[state];
    }
  group->n_states[WEFT_TASK_WAITING] += info->n_tasks - MIN (n_then, info->n_tasks);
}

void
weftline_progress_source_take (WeftlineProgressSource *source, const WeftModel *model,
                               const WeftModelSnapshot *snapshot, const WeftMoment *moment)
{
  uint32_t n_groups = model != NULL ? snapshot->n_groups : 0;

  g_array_set_size (source->groups, n_groups);
  for (uint32_t i = 0; i < n_groups; i++)
    {
      WeftlineProgressGroup *group = &g_array_index (source->groups, WeftlineProgressGroup, i);
      WeftModelGroup info;

      weft_model_group (model, i, &info);
      *group = (WeftlineProgressGroup){ .name = info.name,
                                        .number = i,
                                        .n_tasks = info.n_tasks,
                                        .busy_ns = info.busy_ns,
                                        .n_ended = info.n_ended };
      take_states (group, &info, snapshot->phase == WEFT_RUN_INTERRUPTED, moment);
      if (i >= source->slot_of_group->len)
        {
          unsigned slot = weftline_group_colors_add (source->slots, info.name);

          g_array_append_val (source->slot_of_group, slot);
        }
    }
  if (moment != NULL)
    rate_then (source, snapshot, moment);
  else if (model != NULL)
    weftline_progress_source_rate (source, snapshot);
}

void
weftline_progress_source_color (WeftlineProgressSource *source, const WeftlinePalette *palette)
{
  g_array_set_size (source->colors, source->groups->len);
  for (guint i = 0; i < source->groups->len; i++)
    g_array_index (source->colors, uint32_t, i) = weftline_palette_group (
        palette, g_array_index (source->groups, WeftlineProgressGroup, i).name,
        g_array_index (source->slot_of_group, unsigned, i));
}

void
weftline_progress_source_layout (WeftlineProgressSource *source, WeftlineProgressSort sort,
                                 int width, int height, int scroll, WeftlineProgressLayout *layout)
{
  const WeftlineProgressGroup *groups = (const void *) source->groups->data;

  g_array_set_size (source->order, source->groups->len);
  weftline_progress_sort (groups, source->groups->len, sort,
                          (uint32_t *) (void *) source->order->data);
  weftline_progress_layout (layout, groups, source->groups->len,
                            (const uint32_t *) (void *) source->order->data, width, height, scroll);
}

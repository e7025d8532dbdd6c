/* progress-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-source.h"

#include <string.h>

void
weftline_progress_source_init (WeftlineProgressSource *source)
{
  *source = (WeftlineProgressSource){
    .groups = g_array_new (FALSE, TRUE, sizeof (WeftlineProgressGroup)),
    .colors = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
    .order = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
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
  g_array_unref (source->slot_of_group);
  weftline_group_colors_free (source->slots);
}

/* Tasks that are known since then have waited then. */
static void
take_states (WeftlineProgressGroup *group, const WeftModelGroup *info, const WeftMoment *moment)
{
  uint32_t n_then = 0;

  if (moment == NULL)
    {
      memcpy (group->n_states, info->n_states, sizeof group->n_states);
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
      take_states (group, &info, moment);
      if (i >= source->slot_of_group->len)
        {
          unsigned slot = weftline_group_colors_add (source->slots, info.name);

          g_array_append_val (source->slot_of_group, slot);
        }
    }
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

/* timeline-links.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-links.h"

void
weftline_timeline_links_init (WeftlineTimelineLinks *links)
{
  *links = (WeftlineTimelineLinks){
    .arrows = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineArrow)),
    .lineage = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineMark)),
  };
}

void
weftline_timeline_links_clear (WeftlineTimelineLinks *links)
{
  g_array_unref (links->arrows);
  g_array_unref (links->lineage);
}

/* The lane that is in the task now. */
static bool
find_now (const WeftlineTimelineSource *source, uint32_t task, WeftlineTimelineMark *mark)
{
  for (guint i = 0; i < source->lanes->len; i++)
    {
      const WeftlineTimelineLane *lane = &g_array_index (source->lanes, WeftlineTimelineLane, i);

      if (lane->now_kind == WEFT_RECORD_TASK && lane->now_task == task)
        {
          *mark = (WeftlineTimelineMark){ i, WEFTLINE_TIMELINE_NOW };
          return true;
        }
    }
  return false;
}

/* Where its last span is, if that came before the lanes were taken. */
static bool
find_span (const WeftlineTimelineSource *source, const WeftModel *model, uint32_t task,
           WeftlineTimelineMark *mark)
{
  WeftlineTimelineMark found;
  uint32_t lane;

  if (!weft_model_task_span (model, task, &lane, &found.index)
      || !weftline_timeline_source_find (source, lane, &found.lane)
      || found.index >= g_array_index (source->lanes, WeftlineTimelineLane, found.lane).n)
    return false;
  *mark = found;
  return true;
}

bool
weftline_timeline_find_task (const WeftlineTimelineSource *source, const WeftModel *model,
                             uint32_t task, WeftlineTimelineMark *mark)
{
  return find_now (source, task, mark) || find_span (source, model, task, mark);
}

/* ---- arrows ---------------------------------------------------------------------------------- */

/* Each once: what is read twice has one arrow. */
static void
remove_doubles (GArray *tasks)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      uint32_t task = g_array_index (tasks, uint32_t, i);

      if (g_hash_table_add (seen, GUINT_TO_POINTER (task)))
        g_array_index (tasks, uint32_t, n++) = task;
    }
  g_array_set_size (tasks, n);
}

static void
add_arrow (WeftlineTimelineLinks *links, const WeftlineTimelineMark *from,
           const WeftlineTimelineMark *to)
{
  WeftlineTimelineArrow arrow = { *from, *to };

  /* what runs has no end yet */
  if (links->arrows->len < WEFTLINE_TIMELINE_MAX_ARROWS && from->index != WEFTLINE_TIMELINE_NOW)
    g_array_append_val (links->arrows, arrow);
}

void
weftline_timeline_links_find_arrows (WeftlineTimelineLinks *links, const WeftModel *model,
                                     const WeftlineTimelineSource *source,
                                     const WeftlineLinks *graph, uint32_t task)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  WeftlineTimelineMark here, there;
  bool is_here;

  g_array_set_size (links->arrows, 0);
  links->n_arrows = 0;
  if (task == WEFT_NONE || graph == NULL)
    return;
  weftline_links_inputs (graph, task, inputs);
  weftline_links_dependents (graph, task, dependents);
  remove_doubles (inputs);
  remove_doubles (dependents);
  links->n_arrows = inputs->len + dependents->len;
  is_here = weftline_timeline_find_task (source, model, task, &here);
  for (guint i = 0; is_here && i < inputs->len; i++)
    if (weftline_timeline_find_task (source, model, g_array_index (inputs, uint32_t, i), &there))
      add_arrow (links, &there, &here);
  for (guint i = 0; is_here && i < dependents->len; i++)
    if (weftline_timeline_find_task (source, model, g_array_index (dependents, uint32_t, i),
                                     &there))
      add_arrow (links, &here, &there);
}

/* ---- lineage --------------------------------------------------------------------------------- */

static bool
has_task (const WeftlineTaskSet *set, uint32_t task)
{
  return task < set->n_tasks && weftline_task_set_has (set, task);
}

/* Those with pixels of their own. @taken: [lane][pixel] */
static void
add_rects (WeftlineTimelineLinks *links, const WeftlineTimelineLayout *layout, unsigned lane,
           const WeftlineTaskSet *set, uint8_t *taken)
{
  const WeftlineTimelineRect *rects;
  unsigned n;

  rects = weftline_timeline_rects (layout, lane, &n);
  for (unsigned i = 0; i < n; i++)
    {
      WeftlineTimelineMark mark = { lane, rects[i].index };

      for (int x = rects[i].x0; x < rects[i].x1; x++)
        taken[x] = 1;
      if (has_task (set, rects[i].task))
        g_array_append_val (links->lineage, mark);
    }
}

/* One that shares its pixel with others: the first of them stands for all. */
static void
add_member (WeftlineTimelineLinks *links, const WeftModel *model,
            const WeftlineTimelineSource *source, const WeftlineTimelineLayout *layout,
            uint32_t task, uint8_t *taken)
{
  WeftlineTimelineMark mark;
  const WeftSpan *span;
  uint8_t *pixel;
  int x;

  if (!find_span (source, model, task, &mark) || mark.lane < layout->first_lane
      || mark.lane - layout->first_lane >= layout->n_lanes)
    return;
  span = weft_spans_get (g_array_index (source->lanes, WeftlineTimelineLane, mark.lane).spans,
                         mark.index);
  if (span->start_ns >= layout->view.t1_ns || span->end_ns < layout->view.t0_ns)
    return;
  x = CLAMP (weftline_timeline_x (layout, span->start_ns), 0, layout->area_width - 1);
  pixel =
      &taken[(size_t) (mark.lane - layout->first_lane) * (size_t) layout->area_width + (size_t) x];
  if (*pixel != 0)
    return;
  *pixel = 1;
  g_array_append_val (links->lineage, mark);
}

static void
add_members (WeftlineTimelineLinks *links, const WeftModel *model,
             const WeftlineTimelineSource *source, const WeftlineTimelineLayout *layout,
             const WeftlineTaskSet *set, uint8_t *taken)
{
  for (uint32_t word = 0; word < (set->n_tasks + 63) / 64; word++)
    for (uint64_t bits = set->bits[word]; bits != 0; bits &= bits - 1)
      {
        if (links->n_looked_at == WEFTLINE_TIMELINE_MAX_MEMBERS)
          return;
        links->n_looked_at++;
        add_member (links, model, source, layout, word * 64 + (uint32_t) __builtin_ctzll (bits),
                    taken);
      }
}

void
weftline_timeline_links_find_lineage (WeftlineTimelineLinks *links, const WeftModel *model,
                                      const WeftlineTimelineSource *source,
                                      const WeftlineTimelineLayout *layout,
                                      const WeftlineTaskSet *set)
{
  size_t width = (size_t) MAX (layout->area_width, 0);
  g_autofree uint8_t *taken = NULL;

  g_array_set_size (links->lineage, 0);
  links->n_members = set != NULL ? set->n_members : 0;
  links->n_looked_at = 0;
  if (set == NULL || width == 0)
    return;
  taken = g_new0 (uint8_t, width * layout->n_lanes + 1);
  for (unsigned i = 0; i < layout->n_lanes; i++)
    add_rects (links, layout, layout->first_lane + i, set, taken + i * width);
  add_members (links, model, source, layout, set, taken);
}

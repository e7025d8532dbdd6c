/* timeline-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-source.h"

#include "canvas/lane-gone.h"
#include "canvas/lane-text.h"
#include "canvas/short-name.h"

#include <string.h>

void
weftline_timeline_source_init (WeftlineTimelineSource *source)
{
  *source = (WeftlineTimelineSource){
    .lanes = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineLane)),
    .lane_ids = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
    .groups = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineGroup)),
    .names = g_ptr_array_new_with_free_func (g_free),
    .short_names = g_ptr_array_new_with_free_func (g_free),
    .colors = weftline_group_colors_new (),
  };
}

void
weftline_timeline_source_clear (WeftlineTimelineSource *source)
{
  g_array_unref (source->lanes);
  g_array_unref (source->lane_ids);
  g_array_unref (source->groups);
  g_ptr_array_unref (source->names);
  g_ptr_array_unref (source->short_names);
  weftline_group_colors_free (source->colors);
}

static void
add_groups (WeftlineTimelineSource *source, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  for (uint32_t i = source->groups->len; i < snapshot->n_groups; i++)
    {
      WeftlineTimelineGroup group;
      WeftModelGroup info;

      weft_model_group (model, i, &info);
      group.name = info.name;
      group.slot = weftline_group_colors_add (source->colors, info.name);
      g_array_append_val (source->groups, group);
    }
}

/* (transfer none) */
static const char *
lane_name (WeftlineTimelineSource *source, uint32_t lane, const WeftModelLane *info)
{
  if (lane >= source->names->len)
    g_ptr_array_set_size (source->names, (int) lane + 1);
  if (source->names->pdata[lane] == NULL)
    source->names->pdata[lane] = weftline_lane_text (info->name, info->worker, info->nth);
  return source->names->pdata[lane];
}

/* By worker; those that have none, and later lanes of the same worker, in the order they came. */
static int
compare_lanes (const void *a, const void *b, void *data)
{
  WeftModel *model = data;
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
  WeftModelLane one, other;

  weft_model_lane (model, x, &one);
  weft_model_lane (model, y, &other);
  if (one.worker != other.worker)
    return one.worker < other.worker ? -1 : 1;
  return (x > y) - (x < y);
}

/* Workers only: other lanes tell of the process and the run. */
static void
find_lanes (WeftlineTimelineSource *source, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  uint32_t n_before = source->lane_ids->len;

  for (; source->n_lanes_seen < snapshot->n_lanes; source->n_lanes_seen++)
    {
      WeftModelLane info;

      weft_model_lane (model, source->n_lanes_seen, &info);
      if (info.kind == WEFT_LANE_THREAD || info.kind == WEFT_LANE_UNPLACED)
        g_array_append_val (source->lane_ids, source->n_lanes_seen);
    }
  if (source->lane_ids->len > n_before)
    g_array_sort_with_data (source->lane_ids, compare_lanes, model);
}

/* What is the same of all names says nothing, and takes the room of what does. */
static void
shorten_names (WeftlineTimelineSource *source, WeftModel *model)
{
  WeftlineShared shared = { 0 };

  if (source->short_names->len == source->lane_ids->len)
    return;
  for (guint i = 0; i < source->lane_ids->len; i++)
    {
      uint32_t id = g_array_index (source->lane_ids, uint32_t, i);
      WeftModelLane info;

      weft_model_lane (model, id, &info);
      weftline_shared_add (&shared, lane_name (source, id, &info));
    }
  g_ptr_array_set_size (source->short_names, 0);
  for (guint i = 0; i < source->lane_ids->len; i++)
    {
      uint32_t id = g_array_index (source->lane_ids, uint32_t, i);

      g_ptr_array_add (source->short_names,
                       weftline_shared_short (&shared, source->names->pdata[id]));
    }
  weftline_shared_clear (&shared);
}

static void
add_lanes (WeftlineTimelineSource *source, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  find_lanes (source, model, snapshot);
  shorten_names (source, model);
  g_array_set_size (source->lanes, 0);
  for (guint i = 0; i < source->lane_ids->len; i++)
    {
      uint32_t id = g_array_index (source->lane_ids, uint32_t, i);
      WeftlineTimelineLane lane = { 0 };
      WeftModelLane info;
      WeftModelNow now;

      weft_model_lane (model, id, &info);
      lane.name = source->short_names->pdata[i];
      lane.spans = info.spans;
      lane.n = weft_spans_n (info.spans);
      lane.gone_ns = weftline_lane_gone (model, id, INT64_MAX);
      lane.gone = lane.gone_ns != WEFTLINE_NOT_GONE;
      if (weft_model_now (model, id, &now))
        {
          lane.now_kind = now.kind;
          lane.now_start_ns = now.start_ns;
          lane.now_task = now.task;
          lane.now_group = now.group;
        }
      g_array_append_val (source->lanes, lane);
    }
}

void
weftline_timeline_source_take (WeftlineTimelineSource *source, WeftModel *model,
                               const WeftModelSnapshot *snapshot, WeftlineTimelineInput *input)
{
  bool interrupted = snapshot->phase == WEFT_RUN_INTERRUPTED;

  if (model != NULL)
    {
      add_groups (source, model, snapshot);
      add_lanes (source, model, snapshot);
    }
  *input = (WeftlineTimelineInput){
    .lanes = (const WeftlineTimelineLane *) (void *) source->lanes->data,
    .groups = (const WeftlineTimelineGroup *) (void *) source->groups->data,
    .n_lanes = source->lanes->len,
    .n_groups = source->groups->len,
    .now_ns = weft_model_has_nows (snapshot) ? snapshot->last_ns : INT64_MIN,
    .interrupted = interrupted,
  };
}

bool
weftline_timeline_source_find (const WeftlineTimelineSource *source, uint32_t id, unsigned *lane)
{
  for (unsigned i = 0; i < source->lane_ids->len; i++)
    if (g_array_index (source->lane_ids, uint32_t, i) == id)
      {
        *lane = i;
        return true;
      }
  return false;
}

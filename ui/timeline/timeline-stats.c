/* timeline-stats.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Two passes: the first counts, from nodes where they are inside; so the second knows whether all
 * can be looked at. A sample is the spans whose numbers are multiples of k: nothing between is
 * touched.
 */
#include "config.h"

#include "canvas/number-format.h"
#include "timeline/timeline-forest.h"
#include "timeline/timeline-stats.h"

#include <glib/gi18n.h>

#define STATS_NAMED 3 /* groups in words */

typedef struct
{
  const WeftSpans *spans;
  int64_t t0, t1;
  bool looking; /* the second pass */
  uint64_t stride;
  uint64_t n_tasks;
  int64_t busy_ns;
  int64_t looked_busy_ns;
  GArray *durations;          /* of int64_t */
  WeftlineStatsGroup *groups; /* [n_groups + 1]: the last is of no group */
  unsigned n_groups;
} Count;

static bool
counts (const Count *count, const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_TASK && span->depth == 0 && span->start_ns < count->t1
         && (span->end_ns > count->t0
             || (span->end_ns == count->t0 && span->start_ns == count->t0));
}

static void
look_at (Count *count, const WeftSpan *span, int64_t inside)
{
  int64_t ns = span->end_ns - span->start_ns;
  WeftlineStatsGroup *group = &count->groups[MIN (span->group, count->n_groups)];

  g_array_append_val (count->durations, ns);
  count->looked_busy_ns += inside;
  group->busy_ns += inside;
  group->n++;
}

static void
count_spans (Count *count, uint64_t first, uint64_t n)
{
  uint64_t end = first + n;
  uint64_t i = count->looking ? (first + count->stride - 1) / count->stride * count->stride : first;

  for (; i < end; i += count->looking ? count->stride : 1)
    {
      const WeftSpan *span = weft_spans_get (count->spans, i);
      int64_t inside;

      if (!counts (count, span))
        continue;
      inside = MIN (span->end_ns, count->t1) - MAX (span->start_ns, count->t0);
      if (count->looking)
        look_at (count, span, inside);
      else
        {
          count->n_tasks++;
          count->busy_ns += inside;
        }
    }
}

static void count_nodes (Count *count, unsigned level, uint64_t first, unsigned n);

/* Returns: whether a node's children need not be looked at */
static bool
count_node (Count *count, const WeftSpanNode *node, unsigned level, uint64_t index)
{
  uint64_t n = WEFT_SPANS_FAN;

  if (node->n_tasks == 0 || node->start_ns >= count->t1 || node->end_ns < count->t0)
    return true;
  if (node->start_ns < count->t0 || node->end_ns > count->t1)
    return false;
  if (node->end_ns == count->t1) /* a moment at the end is outside */
    return false;
  if (!count->looking)
    {
      count->n_tasks += node->n_tasks;
      count->busy_ns += node->busy_ns;
      return true;
    }
  for (; level > 0; level--)
    n *= WEFT_SPANS_FAN;
  count_spans (count, index * n, n);
  return true;
}

static void
count_nodes (Count *count, unsigned level, uint64_t first, unsigned n)
{
  for (uint64_t i = first; i < first + n; i++)
    {
      WeftSpanNode node = weft_spans_node (count->spans, level, i);

      if (count_node (count, &node, level, i))
        continue;
      if (level == 0)
        count_spans (count, i * WEFT_SPANS_FAN, WEFT_SPANS_FAN);
      else
        count_nodes (count, level - 1, i * WEFT_SPANS_FAN, WEFT_SPANS_FAN);
    }
}

static void
count_lanes (Count *count, const WeftlineTimelineInput *input, const unsigned *lanes,
             unsigned n_lanes)
{
  for (unsigned i = 0; i < n_lanes; i++)
    {
      const WeftlineTimelineLane *lane = &input->lanes[lanes != NULL ? lanes[i] : i];
      WeftlineForest forest;

      count->spans = lane->spans;
      weftline_forest_begin (&forest, lane->spans != NULL ? lane->n : 0);
      while (weftline_forest_next (&forest))
        if (forest.is_spans)
          count_spans (count, forest.first, forest.n);
        else
          count_nodes (count, forest.level, forest.first, forest.n);
    }
}

/* ---- quantiles and groups -------------------------------------------------------------------- */

/* Puts in place k what would be there if [low, high] were sorted, smaller ones before it (Hoare,
 * “Find”, 1961; the pivot is the middle of three). */
static int64_t
select_kth (int64_t *values, int64_t low, int64_t high, int64_t k)
{
  while (low < high)
    {
      int64_t a = values[low], b = values[low + (high - low) / 2], c = values[high];
      int64_t pivot = MAX (MIN (a, b), MIN (MAX (a, b), c));
      int64_t left = low, right = high;

      while (left <= right)
        {
          while (values[left] < pivot)
            left++;
          while (values[right] > pivot)
            right--;
          if (left <= right)
            {
              int64_t other = values[left];

              values[left++] = values[right];
              values[right--] = other;
            }
        }
      if (k <= right)
        high = right;
      else if (k >= left)
        low = left;
      else
        break;
    }
  return values[k];
}

static int64_t
rank_of (int64_t n, int64_t percent)
{
  return CLAMP ((n * percent + 99) / 100 - 1, 0, n - 1);
}

static void
take_quantiles (WeftlineTimelineStats *stats, GArray *durations)
{
  int64_t *values = (int64_t *) (void *) durations->data, n = durations->len;

  if (n == 0)
    return;
  stats->p50_ns = select_kth (values, 0, n - 1, rank_of (n, 50));
  stats->p90_ns = select_kth (values, rank_of (n, 50), n - 1, rank_of (n, 90));
  stats->p99_ns = select_kth (values, rank_of (n, 90), n - 1, rank_of (n, 99));
}

static int
compare_groups (const void *a, const void *b)
{
  const WeftlineStatsGroup *first = a, *second = b;

  if (first->busy_ns != second->busy_ns)
    return first->busy_ns > second->busy_ns ? -1 : 1;
  return (first->group > second->group) - (first->group < second->group);
}

static void
take_groups (WeftlineTimelineStats *stats, const Count *count)
{
  unsigned n = 0;

  for (unsigned i = 0; i <= count->n_groups; i++)
    if (count->groups[i].n > 0)
      {
        count->groups[n] = count->groups[i];
        count->groups[n++].group = i < count->n_groups ? (uint16_t) i : WEFT_NO_GROUP;
      }
  qsort (count->groups, n, sizeof *count->groups, compare_groups);
  stats->n_top = MIN (n, WEFTLINE_STATS_GROUPS);
  memcpy (stats->top, count->groups, stats->n_top * sizeof *stats->top);
  if (stats->n_looked_at < stats->n_tasks && count->looked_busy_ns > 0)
    for (unsigned i = 0; i < stats->n_top; i++)
      stats->top[i].busy_ns = (int64_t) ((double) stats->top[i].busy_ns * (double) stats->busy_ns
                                         / (double) count->looked_busy_ns);
}

void
weftline_timeline_stats (const WeftlineTimelineInput *input, const unsigned *lanes,
                         unsigned n_lanes, int64_t t0_ns, int64_t t1_ns, uint64_t limit,
                         WeftlineTimelineStats *stats)
{
  Count count = { .t0 = t0_ns, .t1 = t1_ns, .n_groups = input->n_groups };

  *stats = (WeftlineTimelineStats){ .t0_ns = t0_ns, .t1_ns = t1_ns };
  n_lanes = lanes != NULL ? n_lanes : input->n_lanes;
  if (t1_ns <= t0_ns || n_lanes == 0)
    return;
  count_lanes (&count, input, lanes, n_lanes);
  stats->n_tasks = count.n_tasks;
  stats->busy_ns = count.busy_ns;
  stats->share = (double) count.busy_ns / ((double) n_lanes * ((double) t1_ns - (double) t0_ns));
  count.looking = true;
  count.stride = MAX (1, (count.n_tasks + MAX (limit, 1) - 1) / MAX (limit, 1));
  count.durations = g_array_new (FALSE, FALSE, sizeof (int64_t));
  count.groups = g_new0 (WeftlineStatsGroup, count.n_groups + 1);
  count_lanes (&count, input, lanes, n_lanes);
  stats->n_looked_at = count.durations->len;
  take_quantiles (stats, count.durations);
  take_groups (stats, &count);
  g_array_unref (count.durations);
  g_free (count.groups);
}

char *
weftline_timeline_stats_line (const WeftlineTimelineStats *stats)
{
  g_autofree char *length = weftline_format_duration (stats->t1_ns - stats->t0_ns);
  g_autofree char *tasks = weftline_format_count (stats->n_tasks);
  g_autofree char *busy = weftline_format_share (stats->share);
  g_autofree char *p50 = weftline_format_duration (stats->p50_ns);
  g_autofree char *p99 = weftline_format_duration (stats->p99_ns);
  g_autofree char *looked = weftline_format_count (stats->n_looked_at);
  g_autofree char *head = g_strdup_printf (
      ngettext ("%s · %s task · %s busy", "%s · %s tasks · %s busy", (gulong) stats->n_tasks),
      length, tasks, busy);

  if (stats->n_looked_at == 0)
    return g_steal_pointer (&head);
  if (stats->n_looked_at < stats->n_tasks)
    return g_strdup_printf (_ ("%s · p50 ≈ %s · p99 ≈ %s (%s tasks sampled)"), head, p50, p99,
                            looked);
  return g_strdup_printf (_ ("%s · p50 %s · p99 %s"), head, p50, p99);
}

char *
weftline_timeline_stats_groups (const WeftlineTimelineStats *stats,
                                const WeftlineTimelineInput *input)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < MIN (stats->n_top, STATS_NAMED); i++)
    {
      const WeftlineStatsGroup *group = &stats->top[i];
      g_autofree char *share = NULL;

      if (group->group >= input->n_groups || group->busy_ns <= 0)
        continue;
      share = weftline_format_share ((double) group->busy_ns / (double) stats->busy_ns);
      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "",
                              input->groups[group->group].name, share);
    }
  if (text->len == 0)
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  /* Translators: groups of tasks with their shares of the time, such as “inc 62 %, add 30 %” */
  g_string_prepend (text, _ ("most: "));
  return g_string_free (text, FALSE);
}

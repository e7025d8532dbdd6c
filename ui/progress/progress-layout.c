/* progress-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
weftline_progress_layout_init (WeftlineProgressLayout *layout)
{
  *layout = (WeftlineProgressLayout){ 0 };
  layout->rows = g_array_new (FALSE, TRUE, sizeof (WeftlineProgressRow));
}

void
weftline_progress_layout_clear (WeftlineProgressLayout *layout)
{
  g_clear_pointer (&layout->rows, g_array_unref);
}

/* ---- order ----------------------------------------------------------------------------------- */

typedef struct
{
  const WeftlineProgressGroup *groups;
  WeftlineProgressSort sort;
} Sorting;

static uint32_t
n_unfinished (const WeftlineProgressGroup *group)
{
  return group->n_states[WEFT_TASK_WAITING] + group->n_states[WEFT_TASK_QUEUED]
         + group->n_states[WEFT_TASK_RUNNING];
}

/* What is sorted by, largest first. */
static int64_t
weight (const WeftlineProgressGroup *group, WeftlineProgressSort sort)
{
  switch (sort)
    {
    case WEFTLINE_PROGRESS_BY_REST:
      return n_unfinished (group);
    case WEFTLINE_PROGRESS_BY_TIME:
      return group->busy_ns;
    case WEFTLINE_PROGRESS_BY_ERRORS:
      return group->n_states[WEFT_TASK_ERRED];
    default:
      return 0;
    }
}

static int
compare_groups (const void *a, const void *b, void *data)
{
  const Sorting *sorting = data;
  uint32_t i = *(const uint32_t *) a, k = *(const uint32_t *) b;
  const WeftlineProgressGroup *x = &sorting->groups[i], *y = &sorting->groups[k];
  int64_t one = weight (x, sorting->sort), other = weight (y, sorting->sort);

  if ((x->n_tasks == 0) != (y->n_tasks == 0))
    return x->n_tasks == 0 ? 1 : -1;
  if (one != other)
    return one > other ? -1 : 1;
  if (sorting->sort == WEFTLINE_PROGRESS_BY_NAME && strcmp (x->name, y->name) != 0)
    return strcmp (x->name, y->name);
  return (i > k) - (i < k);
}

void
weftline_progress_sort (const WeftlineProgressGroup *groups, uint32_t n_groups,
                        WeftlineProgressSort sort, uint32_t *order)
{
  Sorting sorting = { groups, sort };

  for (uint32_t i = 0; i < n_groups; i++)
    order[i] = i;
  if (n_groups > 0) /* order may be NULL */
    qsort_r (order, n_groups, sizeof *order, compare_groups, &sorting);
}

/* ---- a bar ----------------------------------------------------------------------------------- */

/* What a part gets at least. */
static int
least (WeftlineProgressPart part, uint32_t n)
{
  if (n == 0)
    return 0;
  return part == WEFTLINE_PROGRESS_ERRED ? 2 : 1;
}

/* Hands out what is left over to the parts that were cut most, and takes back what is too much from
 * the widest. */
static void
settle (const double *exact, const uint32_t *n_parts, WeftlineProgressPiece *pieces, int rest)
{
  while (rest != 0)
    {
      int best = -1;
      double most = -INFINITY;

      for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
        {
          double over = rest > 0 ? exact[part] - pieces[part].width : pieces[part].width;

          if (n_parts[part] > 0 && over > most && (rest > 0 || pieces[part].width > 0))
            {
              best = part;
              most = over;
            }
        }
      if (best < 0)
        return;
      pieces[best].width += rest > 0 ? 1 : -1;
      rest += rest > 0 ? -1 : 1;
    }
}

void
weftline_progress_divide (const uint32_t *n_parts, int width, WeftlineProgressPiece *pieces)
{
  double exact[WEFTLINE_PROGRESS_N_PARTS];
  uint64_t sum = 0;
  int used = 0, x = 0;

  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    sum += n_parts[part];
  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    {
      exact[part] = sum > 0 ? (double) width * n_parts[part] / (double) sum : 0;
      pieces[part].width =
          MAX ((int) exact[part], least ((WeftlineProgressPart) part, n_parts[part]));
      used += pieces[part].width;
    }
  if (sum > 0)
    settle (exact, n_parts, pieces, MAX (width, 0) - used);
  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    {
      pieces[part].x = x;
      x += pieces[part].width;
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const WeftlineProgressPart part_of_state[WEFT_TASK_N_STATES] = {
  [WEFT_TASK_WAITING] = WEFTLINE_PROGRESS_WAITING,
  [WEFT_TASK_QUEUED] = WEFTLINE_PROGRESS_QUEUED,
  [WEFT_TASK_RUNNING] = WEFTLINE_PROGRESS_RUNNING,
  [WEFT_TASK_MEMORY] = WEFTLINE_PROGRESS_MEMORY,
  [WEFT_TASK_RELEASED] = WEFTLINE_PROGRESS_RELEASED,
  [WEFT_TASK_ERRED] = WEFTLINE_PROGRESS_ERRED,
  [WEFT_TASK_CANCELLED] = WEFTLINE_PROGRESS_CANCELLED,
};

static void
add_states (WeftlineProgressRow *row, const WeftlineProgressGroup *group)
{
  row->n_tasks += group->n_tasks;
  row->n_finished += group->n_tasks - n_unfinished (group);
  for (int state = 0; state < WEFT_TASK_N_STATES; state++)
    row->n_parts[part_of_state[state]] += group->n_states[state];
}

static void
add_row (WeftlineProgressLayout *layout, WeftlineProgressRow *row)
{
  weftline_progress_divide (row->n_parts, layout->width, row->pieces);
  g_array_append_val (layout->rows, *row);
}

static void
add_total (WeftlineProgressLayout *layout, const WeftlineProgressGroup *groups, uint32_t n_groups)
{
  WeftlineProgressRow row = { .group = WEFT_NONE };

  for (uint32_t i = 0; i < n_groups; i++)
    add_states (&row, &groups[i]);
  add_row (layout, &row);
}

static int
whole_rows (int units)
{
  return (units + WEFTLINE_PROGRESS_ROW - 1) / WEFTLINE_PROGRESS_ROW * WEFTLINE_PROGRESS_ROW;
}

void
weftline_progress_layout (WeftlineProgressLayout *layout, const WeftlineProgressGroup *groups,
                          uint32_t n_groups, const uint32_t *order, int width, int height,
                          int scroll)
{
  int room = MAX (height - WEFTLINE_PROGRESS_HEAD, 0);
  int all = (int) MIN ((int64_t) n_groups * WEFTLINE_PROGRESS_ROW, G_MAXINT / 2);
  int first;

  g_array_set_size (layout->rows, 0);
  layout->width = width;
  layout->height = height;
  layout->content_height = all + WEFTLINE_PROGRESS_HEAD;
  layout->n_groups = n_groups;
  layout->n_shown = 0;
  layout->has_foot = all > room;
  room -= layout->has_foot ? MIN (WEFTLINE_PROGRESS_FOOT, room) : 0;
  layout->most_scroll = whole_rows (MAX (all - room, 0));
  add_total (layout, groups, n_groups);
  scroll = whole_rows (CLAMP (scroll, 0, layout->most_scroll));
  first = scroll / WEFTLINE_PROGRESS_ROW;
  for (uint32_t i = (uint32_t) first; i < n_groups; i++)
    {
      int y = (int) i * WEFTLINE_PROGRESS_ROW - scroll;
      WeftlineProgressRow row = { .group = order[i], .y = WEFTLINE_PROGRESS_HEAD + y };

      if (y + WEFTLINE_PROGRESS_ROW > room)
        break;
      add_states (&row, &groups[order[i]]);
      add_row (layout, &row);
      layout->n_shown++;
    }
}

int
weftline_progress_reveal (const WeftlineProgressLayout *layout, uint32_t index, int scroll)
{
  int foot = layout->has_foot ? WEFTLINE_PROGRESS_FOOT : 0;
  int room = MAX (layout->height - WEFTLINE_PROGRESS_HEAD - foot, WEFTLINE_PROGRESS_ROW);
  int top = (int) MIN ((int64_t) index * WEFTLINE_PROGRESS_ROW, G_MAXINT / 2);

  scroll = MIN (whole_rows (MAX (scroll, 0)), top);
  return CLAMP (MAX (scroll, whole_rows (top + WEFTLINE_PROGRESS_ROW - room)), 0,
                layout->most_scroll);
}

int
weftline_progress_hit (const WeftlineProgressLayout *layout, int x, int y)
{
  if (x < 0 || x >= layout->width || y < 0 || y >= layout->height)
    return -1;
  if (y < WEFTLINE_PROGRESS_HEAD)
    return layout->rows->len > 0 ? 0 : -1;
  if (layout->has_foot && y >= layout->height - WEFTLINE_PROGRESS_FOOT)
    return -1;
  for (guint i = 1; i < layout->rows->len; i++)
    {
      int top = g_array_index (layout->rows, WeftlineProgressRow, i).y;

      if (y >= top && y < top + WEFTLINE_PROGRESS_ROW)
        return (int) i;
    }
  return -1;
}

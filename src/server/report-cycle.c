/* report-cycle.c: tasks that were said to read each other in a circle
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: R. E. Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing
 * 1, 1972: tasks that reach each other are a component, and in circles where there are several. The
 * search keeps its own stack, as a chain of tasks may be as long as the batch.
 */
#include "config.h"

#include "server/weft-report-data-private.h"

typedef struct
{
  const WeftReport *report;
  uint32_t first, n;  /* of the batch: tasks here are numbers in it */
  uint32_t *offsets;  /* of each task's edges */
  uint32_t *next;     /* the edge that it goes on with */
  uint32_t *found;    /* when it was found, from 1 on; 0: not yet */
  uint32_t *earliest; /* of those still open that it reaches */
  bool *open, *in_circle;
  GArray *path, *opened; /* uint32_t */
  uint32_t n_found;
} Search;

static void
push (GArray *stack, uint32_t task)
{
  g_array_append_val (stack, task);
}

static uint32_t
pop (GArray *stack)
{
  uint32_t task = g_array_index (stack, uint32_t, stack->len - 1);

  g_array_set_size (stack, stack->len - 1);
  return task;
}

static void
enter (Search *search, uint32_t task)
{
  search->found[task] = search->earliest[task] = ++search->n_found;
  search->next[task] = search->offsets[task];
  search->open[task] = true;
  push (search->path, task);
  push (search->opened, task);
}

/* Nothing more can be reached from it: those behind it are a component if it is their first. */
static void
leave (Search *search, uint32_t task)
{
  uint32_t other;
  bool several;

  pop (search->path);
  if (search->path->len > 0)
    {
      other = g_array_index (search->path, uint32_t, search->path->len - 1);
      search->earliest[other] = MIN (search->earliest[other], search->earliest[task]);
    }
  if (search->earliest[task] != search->found[task])
    return;
  several = g_array_index (search->opened, uint32_t, search->opened->len - 1) != task;
  do
    {
      other = pop (search->opened);
      search->open[other] = false;
      search->in_circle[other] = several;
    }
  while (other != task);
}

/* One edge on from the path's last task, or back. */
static void
step (Search *search)
{
  uint32_t task = g_array_index (search->path, uint32_t, search->path->len - 1), input;

  if (search->next[task] == search->offsets[task + 1])
    {
      leave (search, task);
      return;
    }
  input = g_array_index (search->report->edges, WeftReportEdge, search->next[task]++).input;
  if (input < search->first) /* of an earlier segment */
    return;
  input -= search->first;
  if (search->found[input] == 0)
    enter (search, input);
  else if (search->open[input])
    search->earliest[task] = MIN (search->earliest[task], search->found[input]);
}

static void
search_all (Search *search)
{
  const GArray *edges = search->report->edges;

  for (guint i = 0; i < edges->len; i++)
    search->offsets[g_array_index (edges, WeftReportEdge, i).task - search->first + 1]++;
  for (uint32_t task = 0; task < search->n; task++)
    search->offsets[task + 1] += search->offsets[task];
  for (uint32_t task = 0; task < search->n; task++)
    if (search->found[task] == 0)
      for (enter (search, task); search->path->len > 0;)
        step (search);
}

static void
drop_edges (WeftReport *report, const Search *search)
{
  guint n = 0;

  for (guint i = 0; i < report->edges->len; i++)
    {
      WeftReportEdge edge = g_array_index (report->edges, WeftReportEdge, i);

      if (!search->in_circle[edge.task - search->first])
        g_array_index (report->edges, WeftReportEdge, n++) = edge;
    }
  g_array_set_size (report->edges, n);
}

void
_weft_report_drop_cycles (WeftReport *report)
{
  uint32_t n = report->keys.n - report->n_written;
  Search search = { .report = report,
                    .first = report->n_written,
                    .n = n,
                    .offsets = g_new0 (uint32_t, (size_t) n + 1),
                    .next = g_new (uint32_t, n),
                    .found = g_new0 (uint32_t, n),
                    .earliest = g_new (uint32_t, n),
                    .open = g_new0 (bool, n),
                    .in_circle = g_new0 (bool, n),
                    .path = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                    .opened = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };

  search_all (&search);
  drop_edges (report, &search);
  g_free (search.offsets);
  g_free (search.next);
  g_free (search.found);
  g_free (search.earliest);
  g_free (search.open);
  g_free (search.in_circle);
  g_array_unref (search.path);
  g_array_unref (search.opened);
}

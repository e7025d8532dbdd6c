/* order-bench.c: orders one graph and tells peaks and time.
 *
 * A graph comes as text: a line "weft-csr n_tasks n_edges", then one line for
 * each task with the bytes of its result, the number of its dependencies and
 * their ids. Output lines are "name value"; --order adds the order itself.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "shapes.h"
#include "optimize/weft-order-private.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static gchar *opt_shape;
static gchar *opt_emit;
static gint opt_repeat = 1;
static gboolean opt_no_bytes;
static gboolean opt_hold_sinks;
static gboolean opt_order;

static const GOptionEntry entries[] = {
  { "shape", 0, 0, G_OPTION_ARG_STRING, &opt_shape, "Order this shape", "NAME:SIZES" },
  { "emit", 0, 0, G_OPTION_ARG_STRING, &opt_emit, "Write this shape as text", "NAME:SIZES" },
  { "repeat", 0, 0, G_OPTION_ARG_INT, &opt_repeat, "Time so many runs", "N" },
  { "no-bytes", 0, 0, G_OPTION_ARG_NONE, &opt_no_bytes, "Order as if sizes were not known", NULL },
  { "hold-sinks", 0, 0, G_OPTION_ARG_NONE, &opt_hold_sinks,
    "Results of tasks without dependents are outputs", NULL },
  { "order", 0, 0, G_OPTION_ARG_NONE, &opt_order, "Print the order", NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static void
emit_shape (const WeftShape *shape)
{
  printf ("weft-csr %u %u\n", shape->n_tasks, shape->n_edges);
  for (guint32 t = 0; t < shape->n_tasks; t++)
    {
      guint32 first = shape->dep_offsets[t];
      guint32 end = shape->dep_offsets[t + 1];

      printf ("%" G_GUINT64_FORMAT " %u", shape->bytes[t], end - first);
      for (guint32 e = first; e < end; e++)
        printf (" %u", shape->deps[e]);
      putchar ('\n');
    }
}

static void
fill_dependents (WeftShape *shape)
{
  guint32 *offsets = g_new0 (guint32, (gsize) shape->n_tasks + 2);

  shape->dependents = g_new (guint32, shape->n_edges);
  for (guint32 e = 0; e < shape->n_edges; e++)
    offsets[shape->deps[e] + 2]++;
  for (guint32 t = 1; t < shape->n_tasks; t++)
    offsets[t + 1] += offsets[t];
  for (guint32 t = 0; t < shape->n_tasks; t++)
    for (guint32 e = shape->dep_offsets[t]; e < shape->dep_offsets[t + 1]; e++)
      shape->dependents[offsets[shape->deps[e] + 1]++] = t;
  shape->dependent_offsets = offsets;
}

static gboolean
read_tasks (FILE *file, WeftShape *shape)
{
  guint32 n_edges = 0;

  for (guint32 t = 0; t < shape->n_tasks; t++)
    {
      guint n_deps;

      if (fscanf (file, "%" G_GUINT64_FORMAT " %u", &shape->bytes[t], &n_deps) != 2
          || n_deps > shape->n_edges - n_edges)
        return FALSE;
      shape->dep_offsets[t] = n_edges;
      for (; n_deps > 0; n_deps--, n_edges++)
        if (fscanf (file, "%u", &shape->deps[n_edges]) != 1
            || shape->deps[n_edges] >= shape->n_tasks)
          return FALSE;
    }
  shape->dep_offsets[shape->n_tasks] = n_edges;
  return n_edges == shape->n_edges;
}

static WeftShape *
read_shape (FILE *file)
{
  g_autoptr (WeftShape) shape = g_new0 (WeftShape, 1);

  if (fscanf (file, "weft-csr %u %u", &shape->n_tasks, &shape->n_edges) != 2)
    return NULL;
  shape->dep_offsets = g_new (guint32, (gsize) shape->n_tasks + 1);
  shape->deps = g_new (guint32, shape->n_edges);
  shape->bytes = g_new (guint64, shape->n_tasks);
  if (!read_tasks (file, shape))
    return NULL;
  fill_dependents (shape);
  return g_steal_pointer (&shape);
}

static guint8 *
mark_sinks (const WeftShape *shape)
{
  guint8 *sinks = g_new (guint8, shape->n_tasks);

  for (guint32 t = 0; t < shape->n_tasks; t++)
    sinks[t] = shape->dependent_offsets[t] == shape->dependent_offsets[t + 1];
  return sinks;
}

static int
compare_times (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a;
  gint64 y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gboolean
measure (const WeftOrderInput *input, guint32 *order)
{
  g_autofree gint64 *times_us = g_new (gint64, opt_repeat);
  WeftOrderStats stats;

  for (gint k = 0; k < opt_repeat; k++)
    {
      gint64 begin_us = g_get_monotonic_time ();

      if (!_weft_order_compute_full (input, order, &stats))
        return FALSE;
      times_us[k] = g_get_monotonic_time () - begin_us;
    }
  qsort (times_us, opt_repeat, sizeof *times_us, compare_times);
  printf ("min_us %" G_GINT64_FORMAT "\nmedian_us %" G_GINT64_FORMAT "\n", times_us[0],
          times_us[opt_repeat / 2]);
  printf ("steps %" G_GUINT64_FORMAT "\nparts %u\n", stats.n_steps, stats.n_parts);
  return TRUE;
}

static gboolean
report (WeftOrderInput *input, const WeftShape *shape)
{
  g_autofree guint32 *order = g_new0 (guint32, (gsize) input->n_tasks + 1);
  WeftOrderPeak peak;

  printf ("tasks %u\nedges %u\n", shape->n_tasks, shape->n_edges);
  if (!measure (input, order))
    return FALSE;
  input->bytes = shape->bytes;
  if (!_weft_order_simulate (input, order, &peak))
    return FALSE;
  printf ("peak_results %" G_GUINT64_FORMAT "\npeak_bytes %" G_GUINT64_FORMAT
          "\npeak_position %u\n",
          peak.peak_results, peak.peak_bytes, peak.peak_position);
  if (opt_order)
    {
      printf ("order");
      for (guint32 k = 0; k < input->n_tasks; k++)
        printf (" %u", order[k]);
      putchar ('\n');
    }
  return TRUE;
}

static gboolean
run (void)
{
  g_autoptr (WeftShape) shape = NULL;
  g_autofree guint8 *sinks = NULL;
  WeftOrderInput input;

  if (opt_emit != NULL || opt_shape != NULL)
    shape = weft_shape_new_from_spec (opt_emit != NULL ? opt_emit : opt_shape);
  else
    shape = read_shape (stdin);
  if (shape == NULL)
    return FALSE;
  if (opt_emit != NULL)
    {
      emit_shape (shape);
      return TRUE;
    }
  if (opt_hold_sinks)
    sinks = mark_sinks (shape);
  input = (WeftOrderInput){
    .n_tasks = shape->n_tasks,
    .dep_offsets = shape->dep_offsets,
    .deps = shape->deps,
    .dependent_offsets = shape->dependent_offsets,
    .dependents = shape->dependents,
    .bytes = opt_no_bytes ? NULL : shape->bytes,
    .is_output = sinks,
  };
  return report (&input, shape);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "C");
  g_option_context_set_summary (context, "Orders a shape, or the graph on standard input.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  opt_repeat = MAX (opt_repeat, 1);
  if (!run ())
    {
      g_printerr ("not a graph, or out of memory\n");
      return 1;
    }
  return 0;
}

/* resource-layout.c: what was measured of a run's process, as small charts over one time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A rate is that of the interval that ends at its point, so it holds backwards; what is measured at
 * a moment holds until the next.
 */
#include "config.h"

#include "canvas/number-format.h"
#include "resources/resource-layout.h"

#include <glib/gi18n.h>
#include <math.h>

#define GAP 6

static const WeftModelSeries series_of[WEFTLINE_RESOURCE_N_CHARTS][WEFTLINE_RESOURCE_N_LINES] = {
  { WEFT_SERIES_CPU, WEFT_SERIES_CHILDREN_CPU },
  { WEFT_SERIES_RESIDENT, WEFT_SERIES_CHILDREN },
  { WEFT_SERIES_READ, WEFT_SERIES_WRITTEN },
};

void
weftline_resource_layout_clear (WeftlineResourceLayout *layout)
{
  for (unsigned chart = 0; chart < WEFTLINE_RESOURCE_N_CHARTS; chart++)
    for (unsigned line = 0; line < WEFTLINE_RESOURCE_N_LINES; line++)
      g_clear_pointer (&layout->charts[chart].columns[line], g_free);
}

double
weftline_resource_round_up (double value)
{
  double power;

  if (!(value > 0))
    return 1;
  power = pow (10, floor (log10 (value)));
  for (; power <= value; power *= 10)
    if (value <= power)
      return power;
    else if (value <= 2 * power)
      return 2 * power;
    else if (value <= 5 * power)
      return 5 * power;
  return power;
}

/* ---- columns --------------------------------------------------------------------------------- */

static void
widen (WeftlineResourceColumn *column, double value)
{
  column->low = column->low < 0 ? value : MIN (column->low, value);
  column->high = MAX (column->high, value);
}

static int
column_of (const WeftlineResourceLayout *layout, int64_t at_ns)
{
  double share = (double) at_ns / (double) MAX (layout->end_ns, 1);

  return (int) CLAMP (share * layout->width, 0, layout->width - 1);
}

/* All that the line was in each column. Returns: the greatest value */
static double
fill_columns (const WeftlineResourceLayout *layout, const WeftModel *model, WeftModelSeries series,
              WeftlineResourceColumn *columns, double *last)
{
  bool is_rate = series >= WEFT_SERIES_CPU;
  uint64_t n = weft_model_series_n (model, series);
  double highest = 0;
  int before = is_rate ? 0 : -1;

  *last = -1;
  for (uint64_t i = 0; i < n; i++)
    {
      WeftModelPoint point = weft_model_series_get (model, series, i);
      int column = column_of (layout, point.at_ns);
      double held = is_rate ? point.value : *last;

      for (int x = before; x >= 0 && x <= column; x++)
        widen (&columns[x], held);
      widen (&columns[column], point.value);
      highest = MAX (highest, point.value);
      *last = point.value;
      before = column;
    }
  for (int x = before; n > 0 && !is_rate && x >= 0 && x < layout->width; x++)
    widen (&columns[x], *last);
  return highest;
}

static void
lay_out_chart (WeftlineResourceLayout *layout, const WeftModel *model, WeftlineResource resource)
{
  WeftlineResourceChart *chart = &layout->charts[resource];
  int room = MAX (layout->height - WEFTLINE_RESOURCE_AXIS, 0) / WEFTLINE_RESOURCE_N_CHARTS;
  double highest = 0;

  chart->y = (int) resource * room + WEFTLINE_RESOURCE_HEAD;
  chart->height = MAX (room - WEFTLINE_RESOURCE_HEAD - GAP, 0);
  for (unsigned line = 0; line < WEFTLINE_RESOURCE_N_LINES; line++)
    {
      WeftlineResourceColumn *columns = g_new (WeftlineResourceColumn, MAX (layout->width, 1));

      for (int x = 0; x < layout->width; x++)
        columns[x] = (WeftlineResourceColumn){ -1, -1 };
      chart->columns[line] = columns;
      chart->last[line] = -1;
      if (model != NULL && layout->width > 0)
        highest = MAX (highest, fill_columns (layout, model, series_of[resource][line], columns,
                                              &chart->last[line]));
    }
  chart->top = weftline_resource_round_up (highest);
}

void
weftline_resource_layout (WeftlineResourceLayout *layout, const WeftModel *model, int64_t end_ns,
                          int width, int height)
{
  weftline_resource_layout_clear (layout);
  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->end_ns = MAX (end_ns, 1);
  for (unsigned resource = 0; resource < WEFTLINE_RESOURCE_N_CHARTS; resource++)
    lay_out_chart (layout, model, (WeftlineResource) resource);
}

/* ---- words ----------------------------------------------------------------------------------- */

char *
weftline_resource_value_text (WeftlineResource resource, double value)
{
  g_autofree char *bytes = NULL;

  if (value < 0)
    return g_strdup ("–");
  if (resource == WEFTLINE_RESOURCE_CPU)
    /* Translators: how many processor cores are kept busy */
    return g_strdup_printf (_ ("%.2f cores"), value);
  bytes = weftline_format_bytes (weftline_whole (value), WEFTLINE_BYTES_DECIMAL);
  if (resource == WEFTLINE_RESOURCE_MEMORY)
    return g_steal_pointer (&bytes);
  /* Translators: bytes a second */
  return g_strdup_printf (_ ("%s/s"), bytes);
}

char *
weftline_resource_text (const WeftlineResourceLayout *layout, WeftlineResource resource)
{
  const double *last = layout->charts[resource].last;
  g_autofree char *first = weftline_resource_value_text (resource, last[0]);
  g_autofree char *second = weftline_resource_value_text (resource, last[1]);

  switch (resource)
    {
    case WEFTLINE_RESOURCE_CPU:
      /* Translators: processor time of a process; of the processes it started */
      return g_strdup_printf (_ ("CPU: %s, children %s"), first, second);
    case WEFTLINE_RESOURCE_MEMORY:
      /* Translators: memory of a process; of the processes it started */
      return g_strdup_printf (_ ("Memory: %s, children %s"), first, second);
    case WEFTLINE_RESOURCE_IO:
    default:
      /* Translators: bytes a second */
      return g_strdup_printf (_ ("Read %s, written %s"), first, second);
    }
}

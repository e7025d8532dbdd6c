/* occupancy-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "occupancy/occupancy-words.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

static const char *const names[WEFTLINE_OCCUPANCY_N_USES] = {
  [WEFTLINE_OCCUPANCY_RUNNING] = N_ ("running"),
  /* Translators: results are written to disk or read back, moved between workers, packed */
  [WEFTLINE_OCCUPANCY_SPILL] = N_ ("spill and transfer"),
  /* Translators: what is needed between tasks */
  [WEFTLINE_OCCUPANCY_OVERHEAD] = N_ ("overhead"),
  /* Translators: a worker that tries to take tasks from others, and finds none */
  [WEFTLINE_OCCUPANCY_STEALING] = N_ ("looking for work"),
  /* Translators: paused, short of memory, slow motion */
  [WEFTLINE_OCCUPANCY_HELD] = N_ ("held back"),
  /* Translators: a worker that has nothing to do */
  [WEFTLINE_OCCUPANCY_PARKED] = N_ ("asleep"),
};

const char *
weftline_occupancy_use_name (WeftlineOccupancyUse use)
{
  return _ (names[use]);
}

static const WeftlineOccupancyStrip *
total_of (const WeftlineOccupancyLayout *layout)
{
  return &g_array_index (layout->strips, WeftlineOccupancyStrip, 0);
}

/* (transfer full) */
static char *
stolen_text (uint64_t n_stolen)
{
  g_autofree char *stolen = weftline_format_count (n_stolen);
  gulong n = n_stolen;

  return g_strdup_printf (ngettext ("%s task stolen", "%s tasks stolen", n), stolen);
}

char *
weftline_occupancy_figures (const WeftlineOccupancyLayout *layout)
{
  g_autofree char *shown = weftline_format_count (layout->n_shown);
  g_autofree char *all = weftline_format_count (layout->n_workers);
  uint64_t n_stolen = layout->strips->len > 0 ? total_of (layout)->sum.n_stolen : 0;
  g_autofree char *workers = NULL;
  g_autofree char *tasks = NULL;

  if (layout->n_shown == layout->n_workers)
    workers = g_strdup_printf (ngettext ("%s worker", "%s workers", layout->n_workers), all);
  else
    /* Translators: so many of so many */
    workers = g_strdup_printf (ngettext ("%s of %s worker", "%s of %s workers", layout->n_workers),
                               shown, all);
  if (n_stolen == 0)
    return g_steal_pointer (&workers);
  tasks = stolen_text (n_stolen);
  return g_strconcat (workers, ", ", tasks, NULL);
}

double
weftline_occupancy_part (const WeftlineOccupancyShare *share, WeftlineOccupancyUse use)
{
  int64_t all_ns = 0;

  for (unsigned i = 0; i < WEFTLINE_OCCUPANCY_N_USES; i++)
    all_ns += share->ns[i];
  return all_ns > 0 ? (double) share->ns[use] / (double) all_ns : 0;
}

static void
append_shares (GString *text, const WeftlineOccupancyShare *share, const char *between)
{
  for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
    {
      g_autofree char *part =
          weftline_format_share (weftline_occupancy_part (share, (WeftlineOccupancyUse) use));

      if (share->ns[use] == 0)
        continue;
      g_string_append (text, between);
      /* Translators: a use of time, and its share */
      g_string_append_printf (text, _ ("%s: %s"),
                              weftline_occupancy_use_name ((WeftlineOccupancyUse) use), part);
    }
}

char *
weftline_occupancy_summary (const WeftlineOccupancyLayout *layout)
{
  GString *text = g_string_new (NULL);

  if (layout->strips->len == 0 || layout->n_workers == 0)
    g_string_append (text, _ ("Nothing has run yet"));
  else
    {
      g_autofree char *figures = weftline_occupancy_figures (layout);

      g_string_append (text, figures);
      append_shares (text, &total_of (layout)->sum, ", ");
    }
  return g_string_free (text, FALSE);
}

/* (transfer full): “worker 3, 1.20 s – 1.21 s” */
static char *
title_of (const WeftlineOccupancyLayout *layout, const WeftlineOccupancySource *source,
          const WeftlineOccupancyStrip *strip, int column, WeftlineTimeForm form)
{
  const char *name = _ ("all workers");
  int64_t wall_ns = source->model != NULL ? weft_model_wall_ns (source->model) : 0;
  unsigned n = (unsigned) MAX (layout->columns, 1), first = (unsigned) MAX (column, 0);
  unsigned end = column >= 0 ? first + 1 : n;
  g_autofree char *from = weftline_format_moment (
      weftline_occupancy_edge (layout->t0_ns, layout->t1_ns, n, first), form, wall_ns);
  g_autofree char *to = weftline_format_moment (
      weftline_occupancy_edge (layout->t0_ns, layout->t1_ns, n, end), form, wall_ns);

  if (strip->row != WEFT_NONE)
    name = g_array_index (source->workers, WeftlineOccupancyWorker, strip->row).name;
  /* Translators: a worker, and a time from … to … */
  return g_strdup_printf (_ ("%s, %s – %s"), name, from, to);
}

char *
weftline_occupancy_explain (const WeftlineOccupancyLayout *layout,
                            const WeftlineOccupancySource *source,
                            const WeftlineOccupancyStrip *strip, int column, WeftlineTimeForm form)
{
  const WeftlineOccupancyShare *share = column >= 0 ? &strip->shares[column] : &strip->sum;
  g_autofree char *title = title_of (layout, source, strip, column, form);
  GString *text = g_string_new (title);

  append_shares (text, share, "\n");
  if (share->n_stolen > 0)
    {
      g_autofree char *stolen = stolen_text (share->n_stolen);

      g_string_append_printf (text, "\n%s", stolen);
    }
  return g_string_free (text, FALSE);
}

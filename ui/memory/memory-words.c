/* memory-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-words.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

#define MOST_TOLD 16 /* workers, in a sentence */

const char *
weftline_memory_bar_name (WeftlineMemoryBarKind kind)
{
  static const char *const names[] = {
    [WEFTLINE_MEMORY_RESULTS] = N_ ("managed"),
    [WEFTLINE_MEMORY_DISK] = N_ ("on disk"),
    [WEFTLINE_MEMORY_PROCESS] = N_ ("process"),
  };

  return _ (names[kind]);
}

const char *
weftline_memory_mark_name (WeftlineMemoryMarkKind kind)
{
  static const char *const names[] = {
    [WEFTLINE_MARK_TARGET] = N_ ("target"),
    [WEFTLINE_MARK_SPILL] = N_ ("spill"),
    [WEFTLINE_MARK_PAUSE] = N_ ("pause"),
    [WEFTLINE_MARK_LIMIT] = N_ ("limit"),
  };

  return _ (names[kind]);
}

static char *
bytes_text (uint64_t bytes)
{
  return weftline_format_bytes (bytes, WEFTLINE_BYTES_DECIMAL);
}

static char *
name_and_bytes (const char *name, uint64_t n_bytes)
{
  g_autofree char *bytes = bytes_text (n_bytes);

  return g_strdup_printf ("%s" WEFTLINE_NO_BREAK_SPACE "%s", name, bytes);
}

char *
weftline_memory_figures (const WeftlineMemoryLayout *layout)
{
  g_autofree char *managed = bytes_text (layout->managed);
  g_autofree char *limit = bytes_text (layout->limit);

  if (!layout->has_any)
    return NULL;
  if (!layout->has_managed)
    return name_and_bytes (weftline_memory_bar_name (WEFTLINE_MEMORY_PROCESS), layout->process);
  if (layout->limit == 0)
    return g_steal_pointer (&managed);
  /* Translators: so many bytes of so many */
  return g_strdup_printf (_ ("%s of %s"), managed, limit);
}

/* ---- workers, and what else there is --------------------------------------------------------- */

const char *
weftline_memory_caption (const WeftlineMemoryInput *input)
{
  for (uint32_t i = 0; i < input->n_workers; i++)
    if (input->workers[i].is_process)
      return _ ("results by the worker that holds them");
  return _ ("results by the worker that made them");
}

char *
weftline_memory_count (const WeftlineMemoryLayout *layout)
{
  g_autofree char *shown = weftline_format_count (layout->n_shown);
  g_autofree char *all = weftline_format_count (layout->n_workers);

  if (layout->n_shown >= layout->n_workers)
    return NULL;
  return g_strdup_printf (ngettext ("%s of %s worker", "%s of %s workers", layout->n_workers),
                          shown, all);
}

char *
weftline_memory_total (const WeftlineMemoryLayout *layout, WeftlineMemoryBarKind kind, bool brief)
{
  const char *name = weftline_memory_bar_name (kind);

  if (kind == WEFTLINE_MEMORY_PROCESS)
    return layout->has_process ? name_and_bytes (name, layout->process) : NULL;
  if (brief)
    /* Translators: so many bytes are on disk, where room is short */
    name = _ ("disk");
  return layout->has_spilled ? name_and_bytes (name, layout->spilled) : NULL;
}

char *
weftline_memory_unmanaged (const WeftlineMemoryLayout *layout)
{
  return layout->has_process && layout->has_managed
             ? name_and_bytes (_ ("unmanaged"), layout->unmanaged)
             : NULL;
}

static void
append_worker (GString *text, const WeftlineMemoryWorker *worker)
{
  g_autofree char *live = bytes_text (worker->live);
  g_autofree char *spilled = bytes_text (worker->spilled);

  g_string_append_printf (text, "%s %s", worker->name, live);
  if (worker->spilled > 0)
    g_string_append_printf (text, _ (", on disk %s"), spilled);
  if (worker->gone)
    g_string_append_printf (text, ", %s", _ ("gone"));
}

/* What Dask calls unmanaged is what the process takes and no result does. */
static void
append_process (GString *text, const WeftlineMemoryWorker *worker)
{
  g_autofree char *process = bytes_text (worker->process);
  g_autofree char *unmanaged = bytes_text (worker->process - MIN (worker->live, worker->process));
  g_autofree char *limit = bytes_text (worker->limit);

  /* Translators: how much the process takes, and how much of that are no results */
  if (worker->process > 0)
    g_string_append_printf (text, _ (", process %s, unmanaged %s"), process, unmanaged);
  if (worker->limit > 0)
    g_string_append_printf (text, _ (", limit %s"), limit);
}

char *
weftline_memory_worker_text (const WeftlineMemoryWorker *worker)
{
  GString *text = g_string_new (NULL);

  append_worker (text, worker);
  if (worker->is_process)
    {
      append_process (text, worker);
      return g_string_free (text, FALSE);
    }
  g_string_append_printf (text, "\n%s",
                          _ ("Results that it made. All workers share the memory of one process; "
                             "the bar is drawn against an even share of it."));
  return g_string_free (text, FALSE);
}

char *
weftline_memory_workers_text (const WeftlineMemoryInput *input)
{
  GString *text;

  if (input->n_workers == 0)
    return NULL;
  text = g_string_new (weftline_memory_caption (input));
  for (uint32_t i = 0; i < MIN (input->n_workers, MOST_TOLD); i++)
    {
      g_string_append (text, i == 0 ? ": " : "; ");
      append_worker (text, &input->workers[i]);
    }
  if (input->n_workers > MOST_TOLD)
    g_string_append (text, "; …");
  return g_string_free (text, FALSE);
}

/* ---- the pool -------------------------------------------------------------------------------- */

static const char *
level_words (WeftlineMemoryLevel level)
{
  switch (level)
    {
    case WEFTLINE_MEMORY_PAUSING:
      return _ ("above pause: no source is started");
    case WEFTLINE_MEMORY_SPILLING:
      return _ ("above target: results go to disk");
    case WEFTLINE_MEMORY_FINE:
    default:
      return NULL;
    }
}

char *
weftline_memory_summary (const WeftlineMemoryLayout *layout)
{
  g_autofree char *figures = weftline_memory_figures (layout);
  g_autofree char *process = bytes_text (layout->process);
  g_autofree char *unmanaged = bytes_text (layout->unmanaged);
  g_autofree char *spilled = bytes_text (layout->spilled);
  GString *text;

  if (figures == NULL)
    return g_strdup (_ ("Nothing was measured yet"));
  if (!layout->has_managed)
    /* Translators: how much a process takes; results in it are called managed memory */
    return g_strdup_printf (_ ("process %s, managed: not known"), process);
  text = g_string_new (NULL);
  /* Translators: how much memory results take, and values that are made for calls */
  g_string_append_printf (text, _ ("managed %s"), figures);
  if (level_words (layout->level) != NULL)
    g_string_append_printf (text, " (%s)", level_words (layout->level));
  if (layout->spilled > 0)
    g_string_append_printf (text, _ (", on disk %s"), spilled);
  if (layout->has_process)
    /* Translators: how much the process takes, and how much of that are no results */
    g_string_append_printf (text, _ (", process %s, unmanaged %s"), process, unmanaged);
  return g_string_free (text, FALSE);
}

static void
append_at (GString *text, const WeftlineMemorySeries *series, int64_t at_ns, const char *name)
{
  uint64_t n = weftline_memory_at (series, at_ns);
  g_autofree char *bytes = bytes_text (n);

  if (series->n > 0 && (n > 0 || text->len == 0))
    g_string_append_printf (text, "\n%s %s", name, bytes);
}

char *
weftline_memory_text_at (const WeftlineMemoryInput *input, int64_t at_ns)
{
  uint64_t managed = weftline_memory_at (&input->managed, at_ns);
  uint64_t process =
      weftline_memory_at (&input->resident, at_ns) + weftline_memory_at (&input->children, at_ns);
  g_autofree char *unmanaged = bytes_text (process - MIN (process, managed));
  char *at = weftline_clock_moment (&input->clock, at_ns);
  GString *text = g_string_new (at);

  append_at (text, &input->managed, at_ns, weftline_memory_bar_name (WEFTLINE_MEMORY_RESULTS));
  append_at (text, &input->spilled, at_ns, weftline_memory_bar_name (WEFTLINE_MEMORY_DISK));
  append_at (text, &input->resident, at_ns, weftline_memory_bar_name (WEFTLINE_MEMORY_PROCESS));
  append_at (text, &input->children, at_ns, _ ("programs it started"));
  if (input->resident.n > 0 && input->managed.n > 0)
    g_string_append_printf (text, "\n%s %s", _ ("unmanaged"), unmanaged);
  g_free (at);
  return g_string_free (text, FALSE);
}

char *
weftline_memory_explain (const WeftlineMemoryLayout *layout)
{
  g_autofree char *summary = weftline_memory_summary (layout);
  GString *text = g_string_new (summary);

  if (layout->has_any && !layout->has_managed)
    return g_string_free (text, FALSE);
  if (layout->limit > 0)
    for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
      {
        g_autofree char *bytes = bytes_text (layout->marks[i].bytes);

        g_string_append_printf (text, "\n%s %s", weftline_memory_mark_name (i), bytes);
      }
  g_string_append (text, "\n");
  g_string_append (text,
                   _ ("Managed is all that the engine has charged: results, and values made for "
                      "calls, such as lists, also while they are kept for the next call. So it "
                      "may be more than what is held, which is results in use."));
  g_string_append (text, "\n");
  g_string_append (text, layout->limit > 0
                             ? _ ("Above “spill” results go to disk until “target” is reached; "
                                  "above “pause” no source is started.")
                             : _ ("There is no limit: nothing goes to disk."));
  return g_string_free (text, FALSE);
}

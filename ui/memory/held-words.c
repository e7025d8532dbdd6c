/* held-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-words.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

static char *
bytes_text (uint64_t bytes)
{
  return weftline_format_bytes (bytes, WEFTLINE_BYTES_DECIMAL);
}

static uint32_t
peak_step (const WeftHeldSteps *steps)
{
  uint32_t step = 0;

  while (step + 1 < steps->n_steps && steps->totals[step] < steps->peak_bytes)
    step++;
  return step;
}

/* With what of it is on disk. @words: (transfer full). (transfer full) */
static char *
add_on_disk (char *words, uint64_t on_disk)
{
  g_autofree char *before = words;
  g_autofree char *bytes = bytes_text (on_disk);

  if (on_disk == 0)
    return g_steal_pointer (&before);
  /* Translators: what is held, then so many bytes */
  return g_strdup_printf (_ ("%s, %s of it on disk"), before, bytes);
}

static uint64_t
on_disk_at (const WeftHeldSteps *steps, uint32_t step)
{
  return steps->on_disk != NULL ? steps->on_disk[step] : 0;
}

char *
weftline_held_figures (const WeftHeldSteps *steps, const WeftlineClock *clock)
{
  g_autofree char *bytes = bytes_text (steps->peak_bytes);
  g_autofree char *at = weftline_clock_moment (clock, steps->peak_ns);

  if (steps->n_results == 0)
    return NULL;
  /* Translators: so many bytes, after so long */
  return add_on_disk (g_strdup_printf (_ ("peak %s at %s"), bytes, at),
                      on_disk_at (steps, peak_step (steps)));
}

char *
weftline_held_moment_text (uint64_t n_bytes, int64_t at_ns, const WeftlineClock *clock)
{
  g_autofree char *bytes = bytes_text (n_bytes);
  g_autofree char *at = weftline_clock_moment (clock, at_ns);

  /* Translators: so many bytes, after so long */
  return g_strdup_printf (_ ("%s at %s"), bytes, at);
}

static void
append_bands (GString *text, const WeftHeldSteps *steps, uint32_t step, const char *const *names,
              const char *between)
{
  for (uint32_t band = steps->n_bands; band-- > 0;)
    {
      uint64_t bytes = steps->bands[(size_t) band * steps->n_steps + step];
      g_autofree char *amount = bytes_text (bytes);

      if (bytes > 0)
        g_string_append_printf (text, "%s%s %s", between, names[band], amount);
    }
}

char *
weftline_held_step_text (const WeftHeldSteps *steps, uint32_t step, const char *const *names,
                         const WeftlineClock *clock)
{
  char *total =
      add_on_disk (weftline_held_moment_text (steps->totals[step], steps->at_ns[step], clock),
                   on_disk_at (steps, step));
  GString *text = g_string_new (total);

  g_free (total);
  append_bands (text, steps, step, names, "\n");
  return g_string_free (text, FALSE);
}

bool
weftline_held_has_results (const WeftModelSnapshot *snapshot)
{
  return snapshot->n_states[WEFT_TASK_MEMORY] + snapshot->n_states[WEFT_TASK_RELEASED] > 0;
}

char *
weftline_held_summary (const WeftHeldSteps *steps, const char *const *names, bool small,
                       const WeftlineClock *clock)
{
  char *figures = weftline_held_figures (steps, clock);
  GString *text;

  if (figures == NULL)
    return g_strdup (small ? _ ("No result takes memory of its own")
                           : _ ("No result has taken memory yet"));
  text = g_string_new (figures);
  append_bands (text, steps, peak_step (steps), names, ", ");
  g_free (figures);
  return g_string_free (text, FALSE);
}

char *
weftline_held_explain (const char *summary)
{
  const char *words =
      _ ("Held are results in use: from the end of the task that made them until the "
         "last that reads them has ended. “Managed” may be more: values made for "
         "calls are in it, too.");

  return summary != NULL ? g_strconcat (summary, "\n", words, NULL) : g_strdup (words);
}

char *
weftline_held_title (const WeftHeldSum *sum, int64_t at_ns, const WeftlineClock *clock)
{
  g_autofree char *bytes = bytes_text (sum->bytes);
  g_autofree char *count = weftline_format_count (sum->n);
  g_autofree char *at = weftline_clock_moment (clock, at_ns);
  gulong n = (gulong) sum->n;

  /* Translators: so many bytes in so many results, after so long */
  return add_on_disk (
      g_strdup_printf (ngettext ("%s in %s result at %s", "%s in %s results at %s", n), bytes,
                       count, at),
      sum->on_disk);
}

char *
weftline_held_keeper (const WeftModel *model, const WeftHeld *held, int64_t at_ns)
{
  g_autofree char *key = NULL;
  g_autofree char *later = NULL;

  if (held->keeper == WEFT_NONE)
    return g_strdup (held->until_ns == INT64_MAX ? _ ("asked for") : _ ("read by nobody"));
  key = weft_model_task_dup_key (model, held->keeper);
  if (held->until_ns == INT64_MAX)
    /* Translators: a task that reads a result */
    return g_strdup_printf (_ ("for %s, which has not ended"), key);
  if (held->until_ns <= at_ns)
    return g_strdup_printf (_ ("for %s, which ended then"), key);
  later = weftline_format_duration (held->until_ns - at_ns);
  /* Translators: a task that reads a result, and how much later it ended */
  return g_strdup_printf (_ ("for %s, ended %s later"), key, later);
}

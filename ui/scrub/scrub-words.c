/* scrub-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "scrub/scrub-words.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* ---- when ------------------------------------------------------------------------------------ */

#define MINUTE INT64_C (60000000000)
#define HOUR (60 * MINUTE)

char *
weftline_scrub_moment (int64_t at_ns, int64_t end_ns, WeftlineTimeForm form, int64_t wall_ns)
{
  static const char *const units[] = { "ns", "µs", "ms", "s" };
  int64_t unit_ns = 1, step_ns, left_ns = at_ns;
  unsigned unit = 0, decimals = 0;
  GString *text;

  if (form == WEFTLINE_TIME_OF_DAY && wall_ns != 0)
    return weftline_format_moment (at_ns, form, wall_ns);
  for (; unit + 1 < G_N_ELEMENTS (units) && end_ns >= unit_ns * 1000; unit++)
    unit_ns *= 1000;
  for (step_ns = unit_ns; step_ns > MAX (end_ns / 100000, 1); decimals++)
    step_ns /= 10;
  text = g_string_new (NULL);
  if (at_ns >= HOUR)
    g_string_append_printf (text, "%" PRId64 WEFTLINE_NO_BREAK_SPACE "h" WEFTLINE_NO_BREAK_SPACE,
                            at_ns / HOUR);
  if (at_ns >= MINUTE)
    g_string_append_printf (text, "%" PRId64 WEFTLINE_NO_BREAK_SPACE "m" WEFTLINE_NO_BREAK_SPACE,
                            at_ns % HOUR / MINUTE);
  left_ns = at_ns % MINUTE / step_ns * step_ns; /* cut off: a minute is never full */
  g_string_append_printf (text, "%0*.*f" WEFTLINE_NO_BREAK_SPACE "%s",
                          at_ns >= MINUTE ? (int) decimals + (decimals > 0 ? 3 : 2) : 0,
                          (int) decimals, (double) left_ns / (double) unit_ns, units[unit]);
  return g_string_free (text, FALSE);
}

/* ---- how many -------------------------------------------------------------------------------- */

/* @format: of a count in words; nothing is said of none. */
static void
append (GString *text, const char *format, uint32_t n)
{
  g_autofree char *count = weftline_format_count (n);
  g_auto (GStrv) parts = g_strsplit (format, "%s", 2);

  if (n == 0)
    return;
  g_string_append (text, " · ");
  g_string_append (text, parts[0]);
  g_string_append (text, count);
  g_string_append (text, parts[0] != NULL && parts[1] != NULL ? parts[1] : "");
}

static void
append_states (GString *text, const WeftMoment *moment)
{
  const uint32_t *n = moment->n_states;
  g_autofree char *bytes = weftline_format_bytes (moment->live_bytes, WEFTLINE_BYTES_DECIMAL);

  /* Translators: so many tasks, also in the four that follow */
  append (text, ngettext ("%s running", "%s running", n[WEFT_TASK_RUNNING]), n[WEFT_TASK_RUNNING]);
  append (text, ngettext ("%s queued", "%s queued", n[WEFT_TASK_QUEUED]), n[WEFT_TASK_QUEUED]);
  append (text, ngettext ("%s waiting", "%s waiting", n[WEFT_TASK_WAITING]), n[WEFT_TASK_WAITING]);
  append (text, ngettext ("%s in memory", "%s in memory", n[WEFT_TASK_MEMORY]),
          n[WEFT_TASK_MEMORY]);
  append (text, ngettext ("%s erred", "%s erred", n[WEFT_TASK_ERRED]), n[WEFT_TASK_ERRED]);
  if (moment->live_bytes > 0)
    g_string_append_printf (text, " · %s", bytes);
}

char *
weftline_scrub_words (int64_t at_ns, int64_t end_ns, const WeftMoment *moment,
                      WeftlineTimeForm form, int64_t wall_ns)
{
  g_autofree char *at = NULL;
  GString *text;

  if (at_ns == INT64_MAX)
    return g_strdup (_ ("Tasks running over time: drag to see how it was"));
  at = weftline_scrub_moment (at_ns, end_ns, form, wall_ns);
  text = g_string_new (NULL);
  g_string_append_printf (text, _ ("as of %s"), at);
  if (moment != NULL && moment->at_ns == at_ns)
    append_states (text, moment);
  else
    g_string_append_printf (text, " · %s", _ ("finding out how it was"));
  return g_string_free (text, FALSE);
}

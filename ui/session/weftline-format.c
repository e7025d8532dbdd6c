/* weftline-format.c: times, bytes and counts as people read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-format.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Three figures: 1.21, 12.1, 121. */
static char *
three_figures (double value, const char *unit)
{
  int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

  /* U+202F: a narrow space that does not break */
  return g_strdup_printf ("%.*f\u202f%s", digits, value, unit);
}

char *
weftline_format_duration (int64_t ns)
{
  double seconds = (double) ns / 1e9;

  if (ns < 0)
    ns = 0;
  if (ns < 1000)
    return g_strdup_printf ("%" PRId64 "\u202fns", ns);
  if (ns < 999500)
    return three_figures ((double) ns / 1e3, "µs");
  if (ns < 999500000)
    return three_figures ((double) ns / 1e6, "ms");
  if (seconds < 59.95)
    return three_figures (seconds, "s");
  if (seconds < 3599.5)
    {
      int64_t whole = (int64_t) (seconds + 0.5);

      return g_strdup_printf ("%" PRId64 "\u202fm %02" PRId64 "\u202fs", whole / 60, whole % 60);
    }
  else
    {
      int64_t minutes = (int64_t) (seconds / 60 + 0.5);

      return g_strdup_printf ("%" PRId64 "\u202fh %02" PRId64 "\u202fm", minutes / 60,
                              minutes % 60);
    }
}

char *
weftline_format_bytes (uint64_t n_bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  double value = (double) n_bytes;
  unsigned unit = 0;

  if (n_bytes < 1000)
    return g_strdup_printf ("%" PRIu64 "\u202fB", n_bytes);
  for (value /= 1000; value >= 999.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    value /= 1000;
  return three_figures (value, units[unit]);
}

char *
weftline_format_count (uint64_t n)
{
  return g_strdup_printf ("%'" PRIu64, n);
}

static bool
unit_factor (const char *unit, double *factor)
{
  static const struct
  {
    const char *name;
    double factor;
  } units[] = {
    { "", 1 },       { "b", 1 },        { "k", 1e3 },      { "kb", 1e3 },
    { "m", 1e6 },    { "mb", 1e6 },     { "g", 1e9 },      { "gb", 1e9 },
    { "t", 1e12 },   { "tb", 1e12 },    { "pb", 1e15 },    { "eb", 1e18 },
    { "kib", 1024 }, { "mib", 0x1p20 }, { "gib", 0x1p30 }, { "tib", 0x1p40 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_ascii_strcasecmp (unit, units[i].name) == 0)
      {
        *factor = units[i].factor;
        return true;
      }
  return false;
}

gboolean
weftline_parse_bytes (const char *text, uint64_t *n_bytes)
{
  g_autofree char *clean = g_strstrip (g_strdup (text));
  char *end = clean;
  double value, factor;

  if (*clean == '\0' || g_ascii_strcasecmp (clean, "none") == 0 || strcmp (clean, _ ("none")) == 0)
    {
      *n_bytes = 0;
      return TRUE;
    }
  for (char *at = clean; *at != '\0'; at++)
    if (*at == ',')
      *at = '.';
  value = g_ascii_strtod (clean, &end);
  if (end == clean || !isfinite (value) || value < 0)
    return FALSE;
  while (g_ascii_isspace (*end) || g_str_has_prefix (end, "\u202f"))
    end += g_ascii_isspace (*end) ? 1 : (int) strlen ("\u202f");
  if (!unit_factor (end, &factor) || value * factor >= 9e18)
    return FALSE;
  *n_bytes = (uint64_t) (value * factor + 0.5);
  return TRUE;
}

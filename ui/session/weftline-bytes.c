/* weftline-bytes.c: sizes as people write them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-bytes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

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
  /* Also the spaces that do not break, which are printed. */
  while (g_unichar_isspace (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  if (!unit_factor (end, &factor) || value * factor >= 9e18)
    return FALSE;
  *n_bytes = (uint64_t) (value * factor + 0.5);
  return TRUE;
}

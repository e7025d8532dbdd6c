/* number-format.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/number-format.h"

#include <inttypes.h>
#include <math.h>

#define SECOND INT64_C (1000000000)

/* Three figures: 3.41, 34.1, 341; none behind the point where it says nothing. */
static char *
three_figures (double value, const char *unit)
{
  int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

  return g_strdup_printf ("%.*f" WEFTLINE_NO_BREAK_SPACE "%s", decimals, value, unit);
}

static char *
format_parts (int64_t large, const char *large_unit, int64_t small, const char *small_unit)
{
  return g_strdup_printf ("%" PRId64 WEFTLINE_NO_BREAK_SPACE "%s" WEFTLINE_NO_BREAK_SPACE
                          "%02" PRId64 WEFTLINE_NO_BREAK_SPACE "%s",
                          large, large_unit, small, small_unit);
}

static char *
format_positive (uint64_t ns)
{
  int64_t seconds;

  if (ns < 1000)
    return g_strdup_printf ("%" PRIu64 WEFTLINE_NO_BREAK_SPACE "ns", ns);
  if (ns < 999500)
    return three_figures ((double) ns / 1e3, "µs");
  if (ns < 999500000)
    return three_figures ((double) ns / 1e6, "ms");
  if (ns < 59950000000)
    return three_figures ((double) ns / 1e9, "s");
  seconds = (int64_t) ((ns + SECOND / 2) / SECOND);
  if (seconds < 3600)
    return format_parts (seconds / 60, "m", seconds % 60, "s");
  return format_parts (seconds / 3600, "h", seconds / 60 % 60, "m");
}

char *
weftline_format_duration (int64_t ns)
{
  g_autofree char *positive = NULL;

  if (ns >= 0)
    return format_positive ((uint64_t) ns);
  positive = format_positive (-(uint64_t) ns);
  return g_strconcat ("−", positive, NULL);
}

/* Seconds in tens of their minutes, then minutes: the last figure is not to be believed anyway. */
static int64_t
round_to (int64_t ns, int64_t seconds)
{
  int64_t step = seconds * SECOND;

  return (ns / step + (ns % step >= step / 2)) * step;
}

char *
weftline_format_rough_duration (int64_t ns)
{
  ns = MAX (ns, 0);
  if (ns < 9950000000)
    return g_strdup_printf ("%.1f" WEFTLINE_NO_BREAK_SPACE "s", (double) ns / 1e9);
  if (ns < 59500000000)
    return g_strdup_printf ("%.0f" WEFTLINE_NO_BREAK_SPACE "s", (double) ns / 1e9);
  if (ns < INT64_C (600) * SECOND)
    return weftline_format_duration (MAX (round_to (ns, 5), 60 * SECOND));
  if (ns < INT64_C (3600) * SECOND)
    return weftline_format_duration (round_to (ns, 30));
  return weftline_format_duration (ns);
}

uint64_t
weftline_whole (double value)
{
  if (!(value > 0))
    return 0;
  return value < 0x1p64 ? (uint64_t) value : UINT64_MAX;
}

char *
weftline_format_bytes (uint64_t bytes, WeftlineBytesForm form)
{
  static const char *const decimal[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  static const char *const binary[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  double base = form == WEFTLINE_BYTES_BINARY ? 1024 : 1000;
  double value = (double) bytes / base;
  unsigned unit = 0;

  if (bytes < (uint64_t) base)
    return g_strdup_printf ("%" PRIu64 WEFTLINE_NO_BREAK_SPACE "B", bytes);
  for (; value >= base - 0.5 && unit + 1 < G_N_ELEMENTS (decimal); unit++)
    value /= base;
  return three_figures (value, form == WEFTLINE_BYTES_BINARY ? binary[unit] : decimal[unit]);
}

char *
weftline_format_count (uint64_t count)
{
  g_autofree char *digits = g_strdup_printf ("%" PRIu64, count);
  size_t n = strlen (digits);
  GString *text;

  if (n < 5)
    return g_steal_pointer (&digits);
  text = g_string_sized_new (n * 2);
  for (size_t i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append (text, WEFTLINE_NARROW_SPACE);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

char *
weftline_format_share (double share)
{
  double percent = share * 100;
  int decimals = percent < 0.995 ? 2 : percent < 9.95 ? 1 : percent < 99 ? 0 : 1;
  double step = pow (10, -decimals);

  if (!(percent > 0))
    return g_strdup ("0" WEFTLINE_NO_BREAK_SPACE "%");
  if (percent >= 100)
    return g_strdup_printf ("%.0f" WEFTLINE_NO_BREAK_SPACE "%%", percent);
  percent = CLAMP (percent, step, 100 - step);
  return g_strdup_printf ("%.*f" WEFTLINE_NO_BREAK_SPACE "%%", decimals, percent);
}

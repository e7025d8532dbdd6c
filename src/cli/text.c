/* text.c: sizes, times and keys as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <inttypes.h>
#include <string.h>

/* Three digits: 1.23, 12.3, 123. */
static char *
three_digits (double number, const char *unit)
{
  int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

  return g_strdup_printf ("%.*f %s", decimals, number, unit);
}

char *
_weft_cli_bytes_text (uint64_t n_bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  double number = (double) n_bytes;
  size_t unit = 0;

  if (n_bytes < 1024)
    return g_strdup_printf ("%" PRIu64 " B", n_bytes);
  for (number /= 1024; number >= 1023.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    number /= 1024;
  return three_digits (number, units[unit]);
}

char *
_weft_cli_time_text (int64_t ns)
{
  int64_t seconds = (ns + 500000000) / 1000000000;

  if (ns < 1000)
    return g_strdup_printf ("%" PRId64 " ns", ns);
  if (ns < 999500)
    return three_digits ((double) ns / 1e3, "µs");
  if (ns < 999500000)
    return three_digits ((double) ns / 1e6, "ms");
  if (seconds < 100)
    return three_digits ((double) ns / 1e9, "s");
  if (seconds < 3600)
    return g_strdup_printf ("%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
  return g_strdup_printf ("%" PRId64 " h %02" PRId64 " min", seconds / 3600, seconds / 60 % 60);
}

char *
_weft_cli_count_text (uint64_t n)
{
  char digits[24];
  int n_digits = g_snprintf (digits, sizeof digits, "%" PRIu64, n);
  GString *text = g_string_new (NULL);

  for (int i = 0; i < n_digits; i++)
    {
      if (i > 0 && (n_digits - i) % 3 == 0)
        g_string_append_c (text, ',');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

char *
_weft_cli_plural (uint64_t n, const char *singular)
{
  g_autofree char *count = _weft_cli_count_text (n);

  return g_strdup_printf ("%s %s%s", count, singular, n == 1 ? "" : "s");
}

static void
append_escaped (GString *json, const char *at, const char *next)
{
  static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = strchr (plain, *at);

  if (found != NULL)
    g_string_append_printf (json, "\\%c", letters[found - plain]);
  else if ((unsigned char) *at < 0x20 || *at == 0x7f)
    g_string_append_printf (json, "\\u%04x", (unsigned char) *at);
  else
    g_string_append_len (json, at, next - at);
}

void
_weft_cli_json_string (GString *json, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (json, '"');
  for (const char *at = valid, *next; *at != 0; at = next)
    {
      next = g_utf8_next_char (at);
      append_escaped (json, at, next);
    }
  g_string_append_c (json, '"');
}

static uint32_t
char_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c) || g_unichar_iscntrl (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

uint32_t
_weft_cli_columns (const char *text)
{
  uint32_t n = 0;

  for (const char *at = text; *at != 0; at = g_utf8_next_char (at))
    n += char_columns (g_utf8_get_char (at));
  return n;
}

/* Bytes of @text that take at most @columns. */
static size_t
bytes_within (const char *text, uint32_t columns, uint32_t *taken)
{
  const char *at = text;

  *taken = 0;
  while (*at != 0 && *taken + char_columns (g_utf8_get_char (at)) <= columns)
    {
      *taken += char_columns (g_utf8_get_char (at));
      at = g_utf8_next_char (at);
    }
  return (size_t) (at - text);
}

/* Control characters would move the cursor. */
static char *
printable (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);

  for (char *at = valid; *at != 0; at++)
    if ((unsigned char) *at < 0x20 || *at == 0x7f)
      *at = '?';
  return valid;
}

char *
_weft_cli_fit (const char *text, uint32_t columns, bool pad)
{
  g_autofree char *clean = printable (text);
  GString *fitted = g_string_new (NULL);
  uint32_t taken = 0;

  if (_weft_cli_columns (clean) <= columns)
    {
      g_string_append (fitted, clean);
      taken = _weft_cli_columns (clean);
    }
  else if (columns > 0)
    {
      g_string_append_len (fitted, clean, (gssize) bytes_within (clean, columns - 1, &taken));
      g_string_append (fitted, "…");
      taken++;
    }
  for (; pad && taken < columns; taken++)
    g_string_append_c (fitted, ' ');
  return g_string_free (fitted, FALSE);
}

/* From its end: where what takes at most @columns begins. */
static const char *
end_within (const char *text, uint32_t columns)
{
  const char *at = text + strlen (text);
  uint32_t taken = 0;

  while (at > text)
    {
      const char *before = g_utf8_prev_char (at);

      taken += char_columns (g_utf8_get_char (before));
      if (taken > columns)
        break;
      at = before;
    }
  return at;
}

char *
_weft_cli_fit_ends (const char *text, uint32_t columns)
{
  g_autofree char *clean = printable (text);
  g_autofree char *cut = NULL;
  uint32_t taken, n_end = columns > 0 ? (columns - 1) / 2 : 0;

  if (_weft_cli_columns (clean) <= columns || columns == 0)
    return _weft_cli_fit (clean, columns, true);
  cut = g_strdup_printf ("%.*s…%s", (int) bytes_within (clean, columns - 1 - n_end, &taken), clean,
                         end_within (clean, n_end));
  return _weft_cli_fit (cut, columns, true);
}

/* arguments.c: options and operands of the subcommands
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The command line's error becomes one line that names the command's help. */
static void
say_usage (const char *name, const char *message)
{
  _weft_cli_say ("%s: %s (see weftline %s --help)", name, message, name);
}

bool
_weft_cli_parse (const char *name, const char *operands, const char *summary,
                 const char *description, const GOptionEntry *entries, int *argc, char ***argv,
                 int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (operands);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("weftline %s", name);
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL }, { NULL }
  };

  g_set_prgname (program);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, help_entry, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      say_usage (name, error->message);
      *status = WEFT_EXIT_INPUT;
      return false;
    }
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      fputs (text, stdout);
      *status = _weft_cli_finish (WEFT_EXIT_DONE);
      return false;
    }
  (*argc)--;
  (*argv)++;
  if (*argc > 0 && strcmp ((*argv)[0], "--") == 0)
    {
      (*argc)--;
      (*argv)++;
    }
  return true;
}

bool
_weft_cli_operands (const char *name, int argc, char **argv, int n_min, int n_max)
{
  return _weft_cli_operands_of (name, argc, argv, n_min, n_max,
                                n_min == 1 ? "a file is" : "two files are");
}

bool
_weft_cli_operands_of (const char *name, int argc, char **argv, int n_min, int n_max,
                       const char *expected)
{
  g_autofree char *message = NULL;

  if (argc >= n_min && argc <= n_max)
    return true;
  if (argc > n_max)
    message = g_strdup_printf ("unexpected argument “%s”", argv[n_max]);
  else
    message = g_strdup_printf ("%s expected, %d given", expected, argc);
  say_usage (name, message);
  return false;
}

static void
set_bad (GError **error, const char *what, const char *text, const char *expected)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s “%s”: %s expected", what, text,
               expected);
}

/* 0: no such unit. */
static double
unit_bytes (const char *unit)
{
  static const char letters[] = "kmgtp";
  g_autofree char *lower = g_ascii_strdown (unit, -1);
  const char *letter;
  double power = 1024;

  if (lower[0] == 0 || strcmp (lower, "b") == 0)
    return 1;
  letter = strchr (letters, lower[0]);
  if (letter == NULL)
    return 0;
  if (strcmp (lower + 1, "b") == 0)
    power = 1000;
  else if (lower[1] != 0 && strcmp (lower + 1, "i") != 0 && strcmp (lower + 1, "ib") != 0)
    return 0;
  return pow (power, (double) (letter - letters + 1));
}

bool
_weft_cli_size (const char *text, uint64_t *n_bytes, GError **error)
{
  char *end;
  double number, unit;

  errno = 0;
  number = g_ascii_strtod (text, &end);
  while (g_ascii_isspace (*end))
    end++;
  unit = unit_bytes (end);
  if (end == text || errno != 0 || !isfinite (number) || number < 0 || unit == 0
      || number * unit >= 9e18)
    {
      set_bad (error, "size", text, "a number of bytes such as 512M, 1.5GiB or 2000000");
      return false;
    }
  *n_bytes = (uint64_t) (number * unit + 0.5);
  return true;
}

bool
_weft_cli_number (const char *what, const char *text, int64_t least, int64_t most, int64_t *number,
                  GError **error)
{
  g_autofree char *expected = NULL;
  char *end;
  int64_t parsed;

  errno = 0;
  parsed = g_ascii_strtoll (text, &end, 10);
  if (end != text && *end == 0 && errno == 0 && parsed >= least && parsed <= most)
    {
      *number = parsed;
      return true;
    }
  expected = g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                              least, most);
  set_bad (error, what, text, expected);
  return false;
}

bool
_weft_cli_positive (const char *what, const char *text, bool zero_too, double *number,
                    GError **error)
{
  char *end;
  double parsed;

  errno = 0;
  parsed = g_ascii_strtod (text, &end);
  if (end == text || *end != 0 || errno != 0 || !isfinite (parsed) || parsed < 0
      || (parsed == 0 && !zero_too))
    {
      set_bad (error, what, text, zero_too ? "a number of at least 0" : "a number above 0");
      return false;
    }
  *number = parsed;
  return true;
}

bool
_weft_cli_duration (const char *what, const char *text, int64_t *ns, GError **error)
{
  static const struct
  {
    const char *unit;
    double ns;
  } units[] = { { "", 1e9 },   { "s", 1e9 },    { "ms", 1e6 }, { "us", 1e3 },
                { "µs", 1e3 }, { "min", 6e10 }, { "ns", 1 } };
  char *end;
  double number = g_ascii_strtod (text, &end);
  double factor = 0;

  while (g_ascii_isspace (*end))
    end++;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].unit) == 0)
      factor = units[i].ns;
  if (end == text || factor == 0 || !isfinite (number) || number < 0 || number * factor > 3e18)
    {
      set_bad (error, what, text, "a duration such as 10ms or 1.5s");
      return false;
    }
  *ns = (int64_t) (number * factor + 0.5);
  return true;
}

int
_weft_cli_choice (const char *what, const char *text, const char *const *words, GError **error)
{
  g_autofree char *list = NULL;

  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], text) == 0)
      return i;
  list = g_strjoinv (", ", (char **) words);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s “%s”: one of %s expected", what,
               text, list);
  return -1;
}

int
_weft_cli_format (const char *what, const char *text, GError **error)
{
  static const char *const words[] = { "auto", "native", "wfcommons", "dot", "dagman", NULL };

  return text != NULL ? _weft_cli_choice (what, text, words, error) : WEFT_GRAPH_FORMAT_AUTO;
}

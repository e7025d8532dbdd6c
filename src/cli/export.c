/* export.c: `weftline export`: a view of a run as a picture
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is asked for is checked here; drawing is another program's, so that this one does not load
 * what it takes each time it runs a graph.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DRAWING_PROGRAM "weftline-export"
#define MAX_SIZE 16384

static const char *const views[] = { "stream", "graph", "progress", "occupancy", NULL };
static const char *const formats[] = { "png", "svg", "pdf", NULL };
static const char *const styles[] = { "light", "dark", NULL };
static const char *const palettes[] = { "safe", "classic", NULL };

typedef struct
{
  int view, format, style, palette;
  int width, height; /* 0: as the view needs */
  char *output;
} Wishes;

static bool
parse_size (const char *text, Wishes *wishes, GError **error)
{
  int end = 0;

  if (text == NULL
      || (sscanf (text, "%5dx%5d%n", &wishes->width, &wishes->height, &end) == 2
          && text[end] == '\0' && wishes->width >= 1 && wishes->height >= 1
          && wishes->width <= MAX_SIZE && wishes->height <= MAX_SIZE))
    return true;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--size: “%s” is not WIDTHxHEIGHT, each from 1 to %d", text, MAX_SIZE);
  return false;
}

/* By the ending of the output's name, where no format is said. */
static int
format_of (const char *format, const char *output, GError **error)
{
  const char *ending = output != NULL ? strrchr (output, '.') : NULL;

  if (format != NULL)
    return _weft_cli_choice ("--format", format, formats, error);
  for (int i = 0; ending != NULL && formats[i] != NULL; i++)
    if (g_ascii_strcasecmp (ending + 1, formats[i]) == 0)
      return i;
  return 0;
}

/* “run.weft” → “run-stream.svg”, in the current folder. (transfer full) */
static char *
default_output (const char *run, const Wishes *wishes)
{
  g_autofree char *name = g_path_get_basename (run);
  char *ending = strrchr (name, '.');

  if (ending != NULL && ending != name)
    *ending = '\0';
  return g_strdup_printf ("%s-%s.%s", name, views[wishes->view], formats[wishes->format]);
}

static bool
take_wishes (const char *view, const char *format, const char *size, const char *style,
             const char *palette, const char *output, const char *run, Wishes *wishes,
             GError **error)
{
  wishes->view = _weft_cli_choice ("--view", view != NULL ? view : views[0], views, error);
  if (wishes->view < 0)
    return false;
  wishes->format = format_of (format, output, error);
  if (wishes->format < 0)
    return false;
  wishes->style = style != NULL ? _weft_cli_choice ("--style", style, styles, error) : 0;
  if (wishes->style < 0)
    return false;
  wishes->palette = palette != NULL ? _weft_cli_choice ("--palette", palette, palettes, error) : 0;
  if (wishes->palette < 0 || !parse_size (size, wishes, error))
    return false;
  wishes->output = output != NULL ? g_strdup (output) : default_output (run, wishes);
  return true;
}

static int
draw (const Wishes *wishes, const char *run)
{
  g_autofree char *program = _weft_cli_find_program (DRAWING_PROGRAM, "../../ui");
  g_autofree char *size = g_strdup_printf ("%dx%d", wishes->width, wishes->height);

  if (program == NULL)
    {
      _weft_cli_say ("export: %s is not installed", DRAWING_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  execl (program, program, views[wishes->view], formats[wishes->format], size,
         styles[wishes->style], palettes[wishes->palette], wishes->output, run, NULL);
  _weft_cli_say ("export: %s: %s", program, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}

int
_weft_cli_export (int argc, char **argv)
{
  g_autofree char *view = NULL, *format = NULL, *size = NULL, *style = NULL, *palette = NULL;
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "view", 0, 0, G_OPTION_ARG_STRING, &view, "stream, graph, progress or occupancy (stream)",
      "VIEW" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &format,
      "png, svg or pdf (what FILE ends with, else png)", "FORMAT" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &size, "Size in pixels, of PDF in points (as needed)",
      "WxH" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &style, "light or dark (light)", "STYLE" },
    { "palette", 0, 0, G_OPTION_ARG_STRING, &palette, "safe or classic (safe)", "PALETTE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Where to; - is standard output (RUN-VIEW.FORMAT)", "FILE" },
    { NULL },
  };
  Wishes wishes = { 0 };
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("export", "RUN", "Draws a view of a run file into a picture.",
                        "No display is needed. Of a run that is still being written, what is "
                        "there is drawn.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("export", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  if (!take_wishes (view, format, size, style, palette, output, argv[0], &wishes, &error))
    return _weft_cli_report (error);
  status = draw (&wishes, argv[0]);
  g_free (wishes.output);
  return status;
}

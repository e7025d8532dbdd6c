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

static const char *const views[] = { "stream", "graph",  "progress",  "memory",
                                     "held",   "where",  "resources", "occupancy",
                                     "tasks",  "events", "inspector", NULL };
static const char *const formats[] = { "png", "svg", "pdf", "csv", "txt", NULL };
#define FIRST_LIST 8 /* of the views: these are no pictures */
#define FIRST_TEXT 3 /* of the formats */
static const char *const styles[] = { "light", "dark", NULL };
static const char *const palettes[] = { "safe", "classic", NULL };
static const char *const colors[] = {
  "state", "order", "age", "freed", "memorypressure", "memoryincreases", "memorydecreases", NULL
};
static const char *const layouts[] = { "layers", "dot", NULL };
static const char *const lineages[] = { "none", "ancestors", "descendants", "both", NULL };

/* As they were written. */
typedef struct
{
  char *view, *format, *size, *style, *palette, *color, *layout, *select, *lineage, *output;
} Words;

typedef struct
{
  int view, format, style, palette, color, layout, lineage;
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
format_of (const char *format, const char *output, int view, GError **error)
{
  const char *ending = output != NULL ? strrchr (output, '.') : NULL;

  if (format != NULL)
    return _weft_cli_choice ("--format", format, formats, error);
  for (int i = 0; ending != NULL && formats[i] != NULL; i++)
    if (g_ascii_strcasecmp (ending + 1, formats[i]) == 0)
      return i;
  return view >= FIRST_LIST ? FIRST_TEXT : 0;
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

/* Returns: the word's index, that of the first where there is none; -1 with an error */
static int
choose (const char *what, const char *word, const char *const *words, GError **error)
{
  return word != NULL ? _weft_cli_choice (what, word, words, error) : 0;
}

/* Whether each wish is one of that view. */
static bool
check_view (const Words *words, const Wishes *wishes, GError **error)
{
  const char *view = views[wishes->view];
  bool is_graph = strcmp (view, "graph") == 0;
  bool is_inspector = strcmp (view, "inspector") == 0;
  bool has_tasks = is_graph || is_inspector || strcmp (view, "stream") == 0;
  bool is_list = wishes->view >= FIRST_LIST, is_text = wishes->format >= FIRST_TEXT;

  if (words->color != NULL && !is_graph)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--color: of the view “graph” only, not of “%s”", view);
  else if (words->layout != NULL && !is_graph)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--layout: of the view “graph” only, not of “%s”", view);
  else if (words->select != NULL && !has_tasks)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--select: of the views “stream”, “graph” and “inspector” only, not of “%s”",
                 view);
  else if (is_list != is_text || (strcmp (view, "tasks") == 0 && wishes->format > FIRST_TEXT))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--format: of the view “%s” there is %s, not %s", view,
                 !is_list                      ? "png, svg and pdf"
                 : strcmp (view, "tasks") == 0 ? "csv"
                                               : "csv and txt",
                 formats[wishes->format]);
  else if (is_list && (words->size != NULL || words->style != NULL || words->palette != NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--size, --style and --palette are of pictures, which “%s” is not", view);
  else if (is_inspector && words->select == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--view inspector: of which task is to be said with --select");
  else if (wishes->lineage > 0 && words->select == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--lineage: of which task is to be said with --select");
  else
    return true;
  return false;
}

static bool
take_wishes (const Words *words, const char *run, Wishes *wishes, GError **error)
{
  if ((wishes->view = choose ("--view", words->view, views, error)) < 0
      || (wishes->format = format_of (words->format, words->output, wishes->view, error)) < 0
      || (wishes->style = choose ("--style", words->style, styles, error)) < 0
      || (wishes->palette = choose ("--palette", words->palette, palettes, error)) < 0
      || (wishes->color = choose ("--color", words->color, colors, error)) < 0
      || (wishes->layout = choose ("--layout", words->layout, layouts, error)) < 0
      || (wishes->lineage = choose ("--lineage", words->lineage, lineages, error)) < 0
      || !parse_size (words->size, wishes, error) || !check_view (words, wishes, error))
    return false;
  wishes->output = words->output != NULL ? g_strdup (words->output) : default_output (run, wishes);
  return true;
}

static int
draw (const Words *words, const Wishes *wishes, const char *run)
{
  g_autofree char *program = _weft_cli_find_program (DRAWING_PROGRAM, "../../ui");
  g_autofree char *size = g_strdup_printf ("%dx%d", wishes->width, wishes->height);

  if (program == NULL)
    {
      _weft_cli_say ("export: %s is not installed", DRAWING_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  execl (program, program, views[wishes->view], formats[wishes->format], size,
         styles[wishes->style], palettes[wishes->palette], colors[wishes->color],
         layouts[wishes->layout], words->select != NULL ? words->select : "",
         lineages[wishes->lineage], wishes->output, run, NULL);
  _weft_cli_say ("export: %s: %s", program, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}

static void
words_clear (Words *words)
{
  g_free (words->view);
  g_free (words->format);
  g_free (words->size);
  g_free (words->style);
  g_free (words->palette);
  g_free (words->color);
  g_free (words->layout);
  g_free (words->select);
  g_free (words->lineage);
  g_free (words->output);
}

static int
export_run (const Words *words, const char *run)
{
  Wishes wishes = { 0 };
  GError *error = NULL;
  int status;

  if (take_wishes (words, run, &wishes, &error)
      && _weft_cli_spare (run, "run", "--output", wishes.output, &error))
    status = draw (words, &wishes, run);
  else
    status = _weft_cli_report (error);
  g_free (wishes.output);
  return status;
}

int
_weft_cli_export (int argc, char **argv)
{
  Words words = { 0 };
  const GOptionEntry entries[] = {
    { "view", 0, 0, G_OPTION_ARG_STRING, &words.view,
      "stream, graph, progress, memory, held, where, resources or occupancy (stream); as lists: "
      "tasks, events or inspector",
      "VIEW" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &words.format,
      "png, svg or pdf (what FILE ends with, else png); of lists csv, or txt but for tasks (csv)",
      "FORMAT" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &words.size,
      "Size in pixels, of PDF in points (as needed)", "WxH" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &words.style, "light or dark (light)", "STYLE" },
    { "palette", 0, 0, G_OPTION_ARG_STRING, &words.palette, "safe or classic (safe)", "PALETTE" },
    { "color", 0, 0, G_OPTION_ARG_STRING, &words.color,
      "What colours of the graph tell: state, order, age, freed, memorypressure, memoryincreases "
      "or memorydecreases (state)",
      "VALUE" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &words.layout,
      "layers, or dot for Graphviz's of up to 1,000 tasks (layers)", "LAYOUT" },
    { "select", 0, 0, G_OPTION_ARG_STRING, &words.select,
      "Task to select, in stream and graph: arrows to its neighbours; what inspector tells of",
      "KEY" },
    { "lineage", 0, 0, G_OPTION_ARG_STRING, &words.lineage,
      "What of that task stands out: none, ancestors, descendants or both (none)", "WHICH" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &words.output,
      "Where to; - is standard output (RUN-VIEW.FORMAT)", "FILE" },
    { NULL },
  };
  int status;

  if (!_weft_cli_parse ("export", "RUN", "Draws a view of a run file into a picture.",
                        "No display is needed. Of a run that is still being written, what is "
                        "there is drawn.",
                        entries, &argc, &argv, &status))
    return status;
  status = _weft_cli_operands ("export", argc, argv, 1, 1) ? export_run (&words, argv[0])
                                                           : WEFT_EXIT_INPUT;
  words_clear (&words);
  return status;
}

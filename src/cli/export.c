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

/* First those that are drawn only, then lists, which are drawn or written; but for the table a list
 * is what one gets where nothing is said. */
static const char *const views[] = { "stream",    "graph",     "progress",  "memory", "held",
                                     "where",     "resources", "occupancy", "output", "run",
                                     "results",   "workers",   "transfers", "table",  "events",
                                     "inspector", "tasks",     NULL };
static const char *const formats[] = { "png", "svg", "pdf", "csv", "txt", NULL };
#define FIRST_LIST 13 /* of the views: these can be written */
#define FIRST_TEXT 3  /* of the formats: in these */
static const char *const styles[] = { "light", "dark", NULL };
static const char *const palettes[] = { "safe", "classic", NULL };
static const char *const colors[] = {
  "state", "order", "age", "freed", "memorypressure", "memoryincreases", "memorydecreases", NULL
};
static const char *const layouts[] = { "layers", "dot", NULL };
static const char *const columns[] = { "key",      "group", "state", "worker",   "start",
                                       "duration", "wait",  "bytes", "attempts", NULL };
static const char *const lineages[] = { "none", "ancestors", "descendants", "both", NULL };

/* As they were written. */
typedef struct
{
  char *view, *format, *size, *style, *palette, *color, *layout, *select, *lineage, *at, *sort,
      *filter, *output;
  gboolean descending;
} Words;

typedef struct
{
  int view, format, style, palette, color, layout, lineage, column;
  int width, height; /* 0: as the view needs */
  int64_t at_ns;
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
  return view > FIRST_LIST ? FIRST_TEXT : 0;
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

static bool
is_one_of (const char *view, const char *const *some)
{
  for (; *some != NULL; some++)
    if (strcmp (*some, view) == 0)
      return true;
  return false;
}

/* In which formats a view is, in words. */
static const char *
formats_of (const Wishes *wishes)
{
  const char *view = views[wishes->view];

  if (wishes->view < FIRST_LIST)
    return "png, svg and pdf";
  if (strcmp (view, "tasks") == 0)
    return "csv";
  return strcmp (view, "table") == 0 ? "png, svg, pdf and csv" : "png, svg, pdf, csv and txt";
}

static bool
check_format (const Words *words, const Wishes *wishes, GError **error)
{
  const char *view = views[wishes->view], *format = formats[wishes->format];
  bool is_text = wishes->format >= FIRST_TEXT;

  if (strstr (formats_of (wishes), format) == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--format: of the view “%s” there is %s, not %s", view, formats_of (wishes),
                 format);
  else if (is_text && (words->size != NULL || words->style != NULL || words->palette != NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--size, --style and --palette are of pictures, which “%s” in %s is not", view,
                 format);
  else
    return true;
  return false;
}

/* Whether each wish is one of that view. */
static bool
check_view (const Words *words, const Wishes *wishes, GError **error)
{
  const struct
  {
    const char *option;
    bool is_there;
    const char *some[6];
    const char *of;
  } options[] = {
    { "--color", words->color != NULL, { "graph" }, "the view “graph”" },
    { "--layout", words->layout != NULL, { "graph" }, "the view “graph”" },
    { "--select",
      words->select != NULL,
      { "stream", "graph", "table", "inspector" },
      "the views “stream”, “graph”, “table” and “inspector”" },
    { "--sort", words->sort != NULL, { "table", "tasks" }, "the views “table” and “tasks”" },
    { "--descending", words->descending, { "table", "tasks" }, "the views “table” and “tasks”" },
    { "--filter", words->filter != NULL, { "table", "tasks" }, "the views “table” and “tasks”" },
  };
  const char *view = views[wishes->view];

  for (unsigned i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].is_there && !is_one_of (view, options[i].some))
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: of %s only, not of “%s”",
                     options[i].option, options[i].of, view);
        return false;
      }
  if (strcmp (view, "inspector") == 0 && words->select == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--view inspector: of which task is to be said with --select");
  else if (wishes->lineage > 0 && words->select == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--lineage: of which task is to be said with --select");
  else if (words->descending && words->sort == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--descending: by what is to be said with --sort");
  else
    return check_format (words, wishes, error);
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
      || (wishes->column = choose ("--sort", words->sort, columns, error)) < 0
      || (words->at != NULL && !_weft_cli_duration ("--at", words->at, &wishes->at_ns, error))
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
  g_autofree char *at =
      words->at != NULL ? g_strdup_printf ("%" G_GINT64_FORMAT, wishes->at_ns) : g_strdup ("");
  g_autofree char *sort = words->sort != NULL ? g_strconcat (words->descending ? "-" : "+",
                                                             columns[wishes->column], NULL)
                                              : g_strdup ("");

  if (program == NULL)
    {
      _weft_cli_say ("export: %s is neither installed nor built; `ninja weftline-programs` in the "
                     "build's folder builds it",
                     DRAWING_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  execl (program, program, views[wishes->view], formats[wishes->format], size,
         styles[wishes->style], palettes[wishes->palette], colors[wishes->color],
         layouts[wishes->layout], words->select != NULL ? words->select : "",
         lineages[wishes->lineage], at, sort, words->filter != NULL ? words->filter : "",
         wishes->output, run, NULL);
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
  g_free (words->at);
  g_free (words->sort);
  g_free (words->filter);
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
      "stream, graph, progress, memory, held, where, resources, occupancy, table, inspector, "
      "events, output, run, results or workers (stream); tasks is the table as a list",
      "VIEW" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &words.format,
      "png, svg or pdf (what FILE ends with, else png); of table csv too, of events and inspector "
      "csv or txt too (csv)",
      "FORMAT" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &words.size,
      "Size in pixels, of PDF in points (as needed, up to 8,000 high)", "WxH" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &words.style, "light or dark (light)", "STYLE" },
    { "palette", 0, 0, G_OPTION_ARG_STRING, &words.palette, "safe or classic (safe)", "PALETTE" },
    { "color", 0, 0, G_OPTION_ARG_STRING, &words.color,
      "What colours of the graph tell: state, order, age, freed, memorypressure, memoryincreases "
      "or memorydecreases (state)",
      "VALUE" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &words.layout,
      "layers, or dot for Graphviz's of up to 1,000 tasks (layers)", "LAYOUT" },
    { "select", 0, 0, G_OPTION_ARG_STRING, &words.select,
      "Task to select, in stream, graph and table; what inspector tells of", "KEY" },
    { "lineage", 0, 0, G_OPTION_ARG_STRING, &words.lineage,
      "What of that task stands out: none, ancestors, descendants or both (none)", "WHICH" },
    { "at", 0, 0, G_OPTION_ARG_STRING, &words.at,
      "As it was so long after the start, such as 1.5s (as it is)", "TIME" },
    { "sort", 0, 0, G_OPTION_ARG_STRING, &words.sort,
      "Order of table: key, group, state, worker, start, duration, wait, bytes or attempts (as in "
      "the graph)",
      "COLUMN" },
    { "descending", 0, 0, G_OPTION_ARG_NONE, &words.descending, "The largest first", NULL },
    { "filter", 0, 0, G_OPTION_ARG_STRING, &words.filter,
      "Only tasks with that in their key or group, in table", "TEXT" },
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

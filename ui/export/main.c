/* main.c: `weftline-export`: draws a view of a run file into a picture file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A program of its own so that `weftline`, which starts it and has checked what it was told, does
 * not load libraries for drawing each time it runs a graph. It waits for no display and needs none.
 *
 * In CSV and as text, lists take no notice of how a picture looks.
 *
 * weftline-export VIEW FORMAT WIDTHxHEIGHT light|dark safe|classic COLOR LAYOUT TASK
 *   LINEAGE MOMENT SORT FILTER OUTPUT RUN
 *
 * COLOR is a value's name, or state; LAYOUT is layers or dot; LINEAGE is none, ancestors,
 * descendants or both; MOMENT is nanoseconds since the run's start; SORT is + or −, and a column.
 * Without a TASK, a MOMENT, a column or a FILTER these are empty words.
 *
 * Exit status: 0 written, 2 no good run file, 3 the machine would not.
 */
#include "config.h"

#include "export/export-data.h"
#include "export/export.h"
#include "session/weftline-writer.h"
#include "table/task-rows.h"
#include "table/task-words.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum
{
  EXIT_DONE = 0,
  EXIT_INPUT = 2,
  EXIT_SYSTEM = 3,
};

static int
say (int status, const char *text)
{
  fprintf (stderr, "weftline: %s\n", text);
  return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct
{
  GMutex lock;
  GCond changed;
  WeftModelFeedState state;
} Reading;

static void
changed_cb (WeftModelFeed *feed, void *data)
{
  Reading *reading = data;

  g_mutex_lock (&reading->lock);
  reading->state = weft_model_feed_state (feed);
  g_cond_signal (&reading->changed);
  g_mutex_unlock (&reading->lock);
}

/* Where nobody can be asked, what was written so long ago is taken for all there is. */
#define QUIET_S 2

static bool
goes_on (WeftModel *model, const char *path)
{
  struct stat file;

  if (stat (path, &file) != 0)
    return false;
  switch (weftline_writer_look (weftline_writer_pid (model), &file))
    {
    case WEFTLINE_WRITER_GONE:
      return false;
    case WEFTLINE_WRITER_HAS_IT:
      return true;
    case WEFTLINE_WRITER_UNKNOWN:
    default:
      return time (NULL) - file.st_mtime <= QUIET_S;
    }
}

/* Until all that is there now has been read. A run that goes on is left as it is at this moment. */
static void
read_all (WeftModelFeed *feed, Reading *reading, WeftModel *model, const char *path)
{
  g_mutex_lock (&reading->lock);
  while (reading->state == WEFT_FEED_READING)
    g_cond_wait (&reading->changed, &reading->lock);
  g_mutex_unlock (&reading->lock);
  if (goes_on (model, path))
    weft_model_feed_enough (feed);
  else
    weft_model_feed_no_more (feed);
  g_mutex_lock (&reading->lock);
  while (reading->state < WEFT_FEED_ENDED)
    g_cond_wait (&reading->changed, &reading->lock);
  g_mutex_unlock (&reading->lock);
}

/* What is in the file now. (transfer full) (nullable): NULL: it was said why */
static WeftModel *
read_run (const char *path)
{
  WeftModel *model = weft_model_new ();
  Reading reading = { .state = WEFT_FEED_READING };
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;
  WeftModelFeed *feed;

  g_mutex_init (&reading.lock);
  g_cond_init (&reading.changed);
  feed = weft_model_feed_new (model, path, -1, changed_cb, &reading, &error);
  if (feed != NULL)
    {
      read_all (feed, &reading, model, path);
      if (reading.state == WEFT_FEED_BROKEN)
        why = weft_model_feed_dup_error (feed);
      weft_model_feed_free (feed);
    }
  g_mutex_clear (&reading.lock);
  g_cond_clear (&reading.changed);
  if (feed != NULL && reading.state != WEFT_FEED_BROKEN)
    return model;
  say (EXIT_INPUT, error != NULL ? error->message : why != NULL ? why : path);
  weft_model_unref (model);
  return NULL;
}

/* ---- what was asked for ---------------------------------------------------------------------- */

enum
{
  VIEW = 1,
  FORMAT,
  SIZE,
  STYLE,
  PALETTE,
  COLOR,
  LAYOUT,
  TASK,
  LINEAGE,
  MOMENT,
  SORT,
  FILTER,
  OUTPUT,
  RUN,
  N_ARGUMENTS,
};

/* @data: what a list is, where @is_data */
typedef struct
{
  WeftlineExport export;
  WeftlineExportTable table;
  WeftlineTaskRows rows;
  WeftlineTaskQuery query;
  bool is_data;
  WeftlineData data;
} Wishes;

/* Returns: its index, or -1 */
static int
index_of (const char *const *names, const char *name)
{
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

static bool
parse_picture (char **arguments, WeftlineExport *export)
{
  static const char *const lineages[] = { "none", "ancestors", "descendants", "both", NULL };
  int format = index_of (weftline_export_format_names (), arguments[FORMAT]);
  int lineage = index_of (lineages, arguments[LINEAGE]);

  if (!weftline_export_find_view (arguments[VIEW], &export->view) || format < 0 || lineage < 0
      || sscanf (arguments[SIZE], "%dx%d", &export->width, &export->height) != 2)
    return false;
  export->has_value = weftline_graph_value_find (arguments[COLOR], &export->value);
  export->dot = strcmp (arguments[LAYOUT], "dot") == 0;
  export->lineage = (WeftlineLineage) lineage;
  export->format = (WeftlineExportFormat) format;
  export->dark = strcmp (arguments[STYLE], "dark") == 0;
  export->palette = strcmp (arguments[PALETTE], "classic") == 0 ? WEFTLINE_PALETTE_CLASSIC
                                                                : WEFTLINE_PALETTE_SAFE;
  return true;
}

static bool
parse (char **arguments, Wishes *wishes)
{
  const char *sort = arguments[SORT];
  int64_t at_ns;

  wishes->query = (WeftlineTaskQuery){ .column = WEFTLINE_TASK_N_COLUMNS,
                                       .states = WEFTLINE_TASK_ALL_STATES,
                                       .text = arguments[FILTER] };
  wishes->is_data = weftline_data_find_view (arguments[VIEW], &wishes->data.view)
                    && weftline_data_find_format (arguments[FORMAT], &wishes->data.format);
  if (*sort != '\0' && !weftline_task_column_find (sort + 1, &wishes->query.column))
    return false;
  wishes->query.descending = *sort == '-';
  if (sscanf (arguments[MOMENT], "%" G_GINT64_FORMAT, &at_ns) == 1)
    {
      wishes->export.has_time = true;
      wishes->export.at_ns = at_ns;
    }
  return wishes->is_data || parse_picture (arguments, &wishes->export);
}

/* The key that was meant, perhaps. (transfer full) (nullable) */
static char *
suggest (WeftModel *model, const WeftModelSnapshot *snapshot, const char *key)
{
  char *nearest = NULL;

  for (uint32_t i = 0; i < snapshot->n_segments && nearest == NULL; i++)
    {
      WeftGraph *graph = weft_model_graph (model, i);

      if (graph != NULL)
        nearest = weft_graph_suggest (graph, key);
    }
  return nearest;
}

/* Returns: false: there is none of that key, which was said */
static bool
select_task (Wishes *wishes, WeftModel *model, const WeftModelSnapshot *snapshot, char **arguments)
{
  const char *key = arguments[TASK];
  g_autofree char *nearest = NULL;
  g_autofree char *text = NULL;

  wishes->data.task = WEFT_NONE;
  if (*key == '\0')
    return true;
  wishes->data.task = wishes->export.task = weft_model_find_key (model, key);
  wishes->export.has_task = wishes->export.task != WEFT_NONE;
  if (wishes->export.has_task)
    return true;
  nearest = suggest (model, snapshot, key);
  text = nearest != NULL ? g_strdup_printf (_ ("%s: there is no task “%s”; did you mean “%s”?"),
                                            arguments[RUN], key, nearest)
                         : g_strdup_printf (_ ("%s: there is no task “%s”"), arguments[RUN], key);
  say (EXIT_INPUT, text);
  return false;
}

/* Which tasks a table has, in what order; the selected one is in sight. */
static void
make_rows (Wishes *wishes, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  weftline_task_rows_make_at (model, snapshot, wishes->data.moment, &wishes->query, NULL,
                              &wishes->rows);
  weftline_export_table_init (&wishes->table, &wishes->rows, &wishes->query,
                              wishes->export.has_task ? wishes->export.task : WEFT_NONE);
  wishes->export.table = &wishes->table;
  wishes->data.rows = wishes->rows.tasks;
  wishes->data.n_rows = wishes->rows.n;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Returns: whether all of it went to standard output */
static bool
print (const char *bytes, size_t n_bytes, GError **error)
{
  if (fwrite (bytes, 1, n_bytes, stdout) == n_bytes && fflush (stdout) == 0)
    return true;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, _ ("standard output: writing failed"));
  return false;
}

static bool
write_picture (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
               const char *output, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (strcmp (output, "-") != 0)
    return weftline_export_file (export, model, snapshot, output, error);
  bytes = weftline_export_bytes (export, model, snapshot, error);
  if (bytes == NULL)
    return false;
  return print (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

static bool
write_data (const WeftlineData *data, WeftModel *model, const WeftModelSnapshot *snapshot,
            const char *output, GError **error)
{
  GString *text;

  if (strcmp (output, "-") != 0)
    return weftline_data_file (data, model, snapshot, output, error);
  text = weftline_data_text (data, model, snapshot);
  print (text->str, text->len, error);
  g_string_free (text, TRUE);
  return *error == NULL;
}

static int
write_view (Wishes *wishes, WeftModel *model, char **arguments)
{
  bool has_rows = wishes->is_data ? wishes->data.view == WEFTLINE_DATA_TASKS
                                  : wishes->export.view == WEFTLINE_EXPORT_TABLE;
  g_autoptr (GError) error = NULL;
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  /* as in the window: there is no time after the last thing that is known */
  wishes->export.at_ns = MIN (wishes->export.at_ns, snapshot.complete_ns);
  if (!select_task (wishes, model, &snapshot, arguments))
    return EXIT_INPUT;
  wishes->data.moment = weftline_export_moment (&wishes->export, model, &snapshot);
  if (has_rows)
    make_rows (wishes, model, &snapshot);
  if (wishes->is_data)
    write_data (&wishes->data, model, &snapshot, arguments[OUTPUT], &error);
  else
    write_picture (&wishes->export, model, &snapshot, arguments[OUTPUT], &error);
  weft_moment_unref (wishes->data.moment);
  weftline_task_rows_clear (&wishes->rows);
  return error == NULL ? EXIT_DONE : say (EXIT_SYSTEM, error->message);
}

int
main (int argc, char **argv)
{
  Wishes wishes = { .is_data = false };
  WeftModel *model;
  int status;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, WEFTLINE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (argc != N_ARGUMENTS || !parse (argv, &wishes))
    return say (EXIT_INPUT, _ ("weftline-export is started by “weftline export”"));
  model = read_run (argv[RUN]);
  if (model == NULL)
    return EXIT_INPUT;
  status = write_view (&wishes, model, argv);
  weft_model_unref (model);
  return status;
}
